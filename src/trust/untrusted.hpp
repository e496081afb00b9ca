// Why a revision is not followed.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vigie::trust {

/// Why a revision is not followed.
enum class Reason : std::uint8_t {
    notSigned,
    unsupportedSignature,  ///< GPG, X.509, or a key that is not Ed25519
    malformed,             ///< an object or signature that git and ssh-keygen do not write
    badSignature,          ///< does not fit what it stands on
    unknownSigner,         ///< a key that is not among the allowed signers
    signerNotAllowed,      ///< the key is there, but not for git, or not at that time
    signersUnusable,       ///< the file of allowed signers itself
    rewound,               ///< the tip is older than what was applied
    replaced,              ///< the tip's history does not contain what was applied
};

/// One word, as a condition's reason: `NotSigned`.
std::string name(Reason reason);
std::optional<Reason> reasonFrom(std::string_view name);

/// Thrown for a revision that must be neither rendered nor loaded nor parsed.
class Untrusted : public Error {
public:
    Untrusted(Reason reason, const std::string& message, std::string hint)
        : Error(message, std::move(hint)), reason_(reason) {}

    [[nodiscard]] Reason reason() const noexcept { return reason_; }

private:
    Reason reason_;
};

}  // namespace vigie::trust
