// Who may sign, as OpenSSH's allowed_signers says it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::trust {

/// A moment as somebody writes it, in whatever time zone.
struct CivilTime {
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
};

/// Unix seconds of a moment in this host's time zone: ssh-keygen reads dates without a `Z` so.
using LocalTime = std::function<std::int64_t(const CivilTime&)>;

/// One line of an allowed-signers file (ssh-keygen(1), ALLOWED SIGNERS).
struct AllowedSigner {
    std::size_t line = 0;
    std::string principals;   ///< as written: patterns between commas
    std::string key;          ///< 32 bytes; empty when it can not be the signer
    std::string blob;         ///< the whole public key
    std::string unsupported;  ///< why this line never counts; empty when it does
    std::optional<std::string> namespaces;
    std::optional<std::int64_t> validAfter;   ///< Unix seconds
    std::optional<std::int64_t> validBefore;  ///< Unix seconds
};

using AllowedSigners = std::vector<AllowedSigner>;

/// Reads the file of `git config gpg.ssh.allowedSignersFile`. Lines that are well-formed and that vigie does
/// not support (other kinds of keys, certificate authorities) are kept, to be named when they would be the
/// signer. Throws Untrusted (`signersUnusable`) with every mistake, and when nobody is left.
AllowedSigners parseAllowedSigners(std::string_view text, const LocalTime& local);

/// OpenSSH's patterns: `*` and `?`, several between commas, `!` in front excludes.
bool matchesPatterns(std::string_view text, std::string_view patterns);

}  // namespace vigie::trust
