// The words for why a revision is not trusted.

#include "trust/untrusted.hpp"

#include "base/enum_text.hpp"

#include <array>

namespace vigie::trust {
namespace {

constexpr std::array<EnumText<Reason>, 9> kNames = {{
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
    return std::string(textIn(kNames, reason));
}

std::optional<Reason> reasonFrom(std::string_view name) {
    return valueIn(kNames, name);
}

}  // namespace vigie::trust
