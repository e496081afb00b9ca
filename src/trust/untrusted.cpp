// The words for why a revision is not trusted.

#include "trust/untrusted.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace vigie::trust {
namespace {

constexpr std::array<std::pair<Reason, std::string_view>, 9> kNames = {{
    {Reason::notSigned, "NotSigned"},
    {Reason::unsupportedSignature, "UnsupportedSignature"},
    {Reason::malformed, "Malformed"},
    {Reason::badSignature, "BadSignature"},
    {Reason::unknownSigner, "UnknownSigner"},
    {Reason::signerNotAllowed, "SignerNotAllowed"},
    {Reason::signersUnusable, "SignersUnusable"},
    {Reason::rewound, "Rewound"},
    {Reason::replaced, "Replaced"},
}};

}  // namespace

std::string name(Reason reason) {
    const auto* const found =
        std::find_if(kNames.begin(), kNames.end(), [&](const auto& known) { return known.first == reason; });
    return std::string(found->second);
}

std::optional<Reason> reasonFrom(std::string_view name) {
    for (const auto& [reason, known] : kNames) {
        if (known == name) {
            return reason;
        }
    }
    return std::nullopt;
}

}  // namespace vigie::trust
