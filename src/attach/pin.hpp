// What was believed of an attached program when it was adopted; a later different answer is not followed.
#pragma once

#include "attach/attachment.hpp"
#include "spec/describable.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace vigie::attach {

/// Named fields, for the state database. The container's id is not among them: a new container of the same
/// service is only news.
struct Pin {
    std::string program = {};   ///< the base name of its file
    std::string inside = {};    ///< the configuration in the container
    std::string mount = {};     ///< where what has it is mounted
    std::string source = {};    ///< and what of the host that is
    std::string host = {};      ///< the configuration on the host
    std::string resolved = {};  ///< the same without links
    std::uint32_t uid = 0;      ///< who reads it; of a program that did not run: `unknownUid`

    static constexpr std::uint32_t unknownUid = 0xFFFFFFFFU;
    bool operator==(const Pin&) const = default;
};

VIGIE_DESCRIBE(Pin) {
    io.field("program", value.program);
    io.field("inside", value.inside);
    io.field("mount", value.mount);
    io.field("source", value.source);
    io.field("host", value.host);
    io.field("resolved", value.resolved);
    io.field("uid", value.uid);
}

Pin pinOf(const Attachment& attachment);

/// What is another than was believed, a clause each: `it reads /etc/passwd, not
/// /etc/prometheus/prometheus.yml`. Empty: nothing. A user who was not known, or is not now, is no
/// difference.
std::vector<std::string> differences(const Pin& believed, const Pin& now);

}  // namespace vigie::attach
