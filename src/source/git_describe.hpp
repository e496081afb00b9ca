// What a commit says of itself, for people.
#pragma once

#include "source/git_protocol.hpp"

#include <cstdint>
#include <string>

namespace vigie::source {

/// Of a commit (40 hexadecimal digits) in a bare repository. Throws GitError when it is not there.
Description describeCommit(const std::string& repository, const std::string& commit);

}  // namespace vigie::source
