// What a commit says of itself, for people.
#pragma once

#include <cstdint>
#include <string>

namespace vigie::source {

/// All of it is written by whoever made the commit, and proves nothing.
struct GitDescription {
    std::string subject;    ///< one line, at most 200 characters
    std::string author;     ///< the name, without the address; at most 100 characters
    std::int64_t time = 0;  ///< Unix seconds at which it was committed
};

/// Of a commit (40 hexadecimal digits) in a bare repository. Throws GitError when it is not there.
GitDescription describeCommit(const std::string& repository, const std::string& commit);

}  // namespace vigie::source
