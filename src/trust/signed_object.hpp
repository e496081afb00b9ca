// A commit or tag as git stores it, with its signature.
#pragma once

#include "trust/allowed_signers.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::trust {

/// A commit or an annotated tag as git stores it, taken apart without libgit2: libgit2 also finds signatures
/// in messages.
struct SignedObject {
    std::string_view what;  ///< `commit` or `tag`
    std::string target;     ///< a commit's tree, or what a tag points to
    std::string tagName;
    std::string payload;    ///< what is signed
    std::string signature;  ///< armored; empty when there is none
    std::int64_t time = 0;  ///< of the committer or tagger, Unix seconds, as the object claims
};

/// Both throw Untrusted (`malformed`) for what git itself would not write.
SignedObject parseCommit(std::string_view raw);
SignedObject parseTag(std::string_view raw);

/// The principal in `signers` that signed `object`. As with git, the time at which a key must be valid is the
/// one that the object claims. Throws Untrusted.
std::string signerOf(const SignedObject& object, const AllowedSigners& signers);

}  // namespace vigie::trust
