// Asks vigie-attach.
#pragma once

#include "system/attach.hpp"
#include "system/attach_protocol.hpp"
#include "system/stop.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace vigie::system {

/// Where vigie-attach is had: systemd starts one for each connection to `socket`. Where nothing listens
/// there, it is started from here, which needs root's rights; `socket` empty: always.
struct AttachReach {
    std::string socket = kAttachSocket;
    std::string helper;  ///< the program: `helperPath("vigie-attach")`
};

/// Each call has a helper of its own, and a deadline.
class RealAttach : public Attach {
public:
    RealAttach(AttachReach reach, const Stop& stop) : reach_(std::move(reach)), stop_(stop) {}

    attach::Processes find(const std::string& group, const std::string& program) override;
    attach::PathsSeen stat(const attach::ProcessId& process, const std::vector<std::string>& inside,
                           const std::vector<std::string>& host) override;
    Descriptor connect(const attach::ProcessId& process, const std::string& address, std::uint16_t port,
                       std::chrono::milliseconds timeout) override;
    HttpResponse send(const AttachedAddress& to, const HttpRequest& request) override;
    void signal(const attach::ProcessId& process, Signal signal) override;

private:
    struct Answered;
    [[nodiscard]] Answered ask(AttachRequest request, std::chrono::milliseconds timeout) const;

    AttachReach reach_;
    const Stop& stop_;
};

}  // namespace vigie::system
