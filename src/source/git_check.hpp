// What is demanded of a commit before it is exported.
#pragma once

#include "source/git_protocol.hpp"

#include <git2.h>

#include <string>

namespace vigie::source {

/// Throws trust::Untrusted for a commit that must not be used. Returns the principal who signed the tag or
/// commit, empty when signatures are not looked at.
///
/// A signed tag vouches for the commit that it points to. Without an annotated tag the commit itself must be
/// signed, and every commit that it contains and `base` does not, whichever parent it came in by.
std::string checkCommit(git_repository& repository, const git_commit& commit, const Check& check);

/// The same for one object of any repository: a commit, or an annotated tag. Without history.
std::string checkObject(git_repository& repository, const git_object& object,
                        const std::string& allowedSigners);

}  // namespace vigie::source
