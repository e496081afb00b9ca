// Compares what is found of an attached program with what was believed at its adoption.

#include "attach/pin.hpp"

#include "base/one_line.hpp"

namespace vigie::attach {
namespace {

std::string shown(const std::string& text) {
    constexpr std::size_t kLongest = 200;
    return oneLine(text, kLongest);
}

}  // namespace

Pin pinOf(const Attachment& attachment) {
    const auto& config = attachment.config;
    return {std::string(attachment.wanted.programName()),
            config.inside,
            config.mount,
            config.source,
            config.host,
            config.resolved,
            attachment.runs ? attachment.user.uid : Pin::unknownUid};
}

std::vector<std::string> differences(const Pin& believed, const Pin& now) {
    std::vector<std::string> out;
    const auto compare = [&](const std::string& what, const std::string& before, const std::string& after) {
        if (before != after) {
            out.push_back(what + " " + shown(after) + ", not " + shown(before));
        }
    };
    compare("the program is", believed.program, now.program);
    compare("it reads", believed.inside, now.inside);
    compare("that is mounted at", believed.mount, now.mount);
    compare("what is mounted is", believed.source, now.source);
    compare("on the host that is", believed.host, now.host);
    if (believed.host == now.host) {
        compare("its path leads to", believed.resolved, now.resolved);
    }
    if (believed.uid != Pin::unknownUid && now.uid != Pin::unknownUid) {
        compare("it is read by uid", std::to_string(believed.uid), std::to_string(now.uid));
    }
    return out;
}

}  // namespace vigie::attach
