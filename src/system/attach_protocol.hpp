// What is asked of vigie-attach and what it answers: the structs of both ends, described once.
#pragma once

#include "attach/process.hpp"
#include "base/enum_text.hpp"
#include "system/attach.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// A connection carries one request, a line of JSON, and its answer, another line: an `AttachAnswer`. The
/// descriptor of `connect` comes with the answer's first byte (SCM_RIGHTS).
namespace vigie::system {

constexpr int kAttachVersion = 1;
constexpr std::size_t kMostRequest = 512U << 10U;
constexpr std::size_t kMostAnswer = 16U << 20U;
constexpr std::size_t kMostPaths = 512;
constexpr std::size_t kLongestPath = 4096;

struct AttachRequest {
    int version = 0;
    std::string op = {};  ///< `find`, `stat`, `connect`, `signal`
    attach::ProcessId process = {};
    std::string program = {};  ///< of `find`
    std::vector<std::string> inside = {};
    std::vector<std::string> host = {};
    std::string address = {};
    std::uint16_t port = 0;
    std::string signal = {};  ///< `HUP`, `USR1`, `USR2`
    std::int64_t timeoutMs = 0;
};

VIGIE_DESCRIBE(AttachRequest) {
    io.field("version", value.version);
    io.field("op", value.op);
    io.field("process", value.process);
    io.field("program", value.program);
    io.field("inside", value.inside);
    io.field("host", value.host);
    io.field("address", value.address);
    io.field("port", value.port);
    io.field("signal", value.signal);
    io.field("timeoutMs", value.timeoutMs);
}

struct AttachAnswer {
    int version = 0;
    std::string failure = {};  ///< an `AttachError::Kind`; empty: it was done
    std::string error = {};
    std::string hint = {};
    attach::Processes found = {};
    attach::PathsSeen seen = {};
};

VIGIE_DESCRIBE(AttachAnswer) {
    io.field("version", value.version);
    io.field("failure", value.failure);
    io.field("error", value.error);
    io.field("hint", value.hint);
    io.field("found", value.found);
    io.field("seen", value.seen);
}

constexpr std::array<EnumText<AttachError::Kind>, 5> kAttachFailures = {
    {{AttachError::Kind::gone, "gone"},
     {AttachError::Kind::changed, "changed"},
     {AttachError::Kind::refused, "refused"},
     {AttachError::Kind::unreachable, "unreachable"},
     {AttachError::Kind::unavailable, "unavailable"}}};

constexpr std::array<EnumText<Attach::Signal>, 3> kAttachSignals = {
    {{Attach::Signal::hup, "HUP"}, {Attach::Signal::usr1, "USR1"}, {Attach::Signal::usr2, "USR2"}}};

}  // namespace vigie::system
