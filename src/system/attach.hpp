// Looks at, asks and signals programs of others in their containers: the interface to vigie-attach.
#pragma once

#include "attach/process.hpp"
#include "base/error.hpp"
#include "system/descriptor.hpp"
#include "system/http.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace vigie::system {

/// Why vigie-attach did not do what was asked.
class AttachError : public Error {
public:
    enum class Kind : std::uint8_t {
        gone,         ///< the process ended
        changed,      ///< under that number, or in that process, runs something else
        refused,      ///< the request is none, or the caller may not
        unreachable,  ///< nothing listens there, or nobody answers
        unavailable   ///< vigie-attach cannot be had, or has not the rights
    };

    AttachError(Kind kind, const std::string& message, std::string hint = {})
        : Error(message, std::move(hint)), kind_(kind) {}

    [[nodiscard]] Kind kind() const noexcept { return kind_; }

private:
    Kind kind_;
};

/// One of the addresses at which a program can be asked from inside of its own network.
struct AttachedAddress {
    attach::ProcessId process;
    std::string address;  ///< a number
    std::uint16_t port = 0;
    std::string authorization = {};  ///< the header; empty: none
};

/// Programs of others, in their containers or units. Each call names the process as it was found; it is
/// refused, `gone` or `changed`, when that is no longer the same one. All throw AttachError; Interrupted
/// passes through.
class Attach {
public:
    enum class Signal : std::uint8_t { hup, usr1, usr2 };

    Attach() = default;
    Attach(const Attach&) = delete;
    Attach& operator=(const Attach&) = delete;
    Attach(Attach&&) = delete;
    Attach& operator=(Attach&&) = delete;
    virtual ~Attach() = default;

    /// All processes of a container (its id, 64 digits) or of a unit (`NAME.service`); what `Process` says of
    /// them in full, only of those whose program has the base name `program`. None: an empty list.
    virtual attach::Processes find(const std::string& group, const std::string& program) = 0;

    /// What the process sees at the absolute paths `inside`, the host at `host`, and the process' mounts.
    /// With pid 0 the host only. Opens no file.
    virtual attach::PathsSeen stat(const attach::ProcessId& process, const std::vector<std::string>& inside,
                                   const std::vector<std::string>& host) = 0;

    /// A connection, made in the network of that process, to one of its own addresses; a number. It does not
    /// block. Whoever answers there may be anybody.
    virtual Descriptor connect(const attach::ProcessId& process, const std::string& address,
                               std::uint16_t port, std::chrono::milliseconds timeout) = 0;

    /// HTTP over such a connection. The host part of the URL is ignored; each request has a connection of its
    /// own, and the process is looked at anew for each. Whatever answers is not believed. Also throws Error
    /// where no answer comes.
    virtual HttpResponse send(const AttachedAddress& to, const HttpRequest& request) = 0;

    /// By a descriptor of the process, so that nobody else can get it; never through the engine, which would
    /// switch the container's restart policy off.
    virtual void signal(const attach::ProcessId& process, Signal signal) = 0;
};

/// Where systemd listens for vigie-attach (vigie-attach.socket).
constexpr const char* kAttachSocket = "/run/vigie/attach.sock";

}  // namespace vigie::system
