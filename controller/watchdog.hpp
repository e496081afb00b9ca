// Whether the reconcile thread is alive: leases, and programs and HTTP that take one for each call.
#pragma once

#include "system/attach.hpp"
#include "system/clock.hpp"
#include "system/http.hpp"
#include "system/processes.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>

namespace vigie::controller {

/// Whether the reconcile thread is alive: before each thing that takes time it takes a lease for as long as
/// it may be silent. A lease that runs out is a hang. Safe to read from any thread.
class Watchdog {
public:
    explicit Watchdog(const system::Clock& clock) : clock_(clock) { lease(std::chrono::milliseconds(0)); }

    /// What a lease has beyond the deadline of whatever is waited for: killing a process group, a busy disk.
    static constexpr std::chrono::milliseconds kSlack{30'000};

    void lease(std::chrono::milliseconds time) { until_ = clock_.monotonic() + (time + kSlack).count(); }
    [[nodiscard]] bool alive() const { return clock_.monotonic() <= until_; }

private:
    const system::Clock& clock_;
    std::atomic<std::int64_t> until_{0};
};

/// A lease for as long as a call takes, however it ends.
class WatchdogLease {
public:
    WatchdogLease(Watchdog& watchdog, std::chrono::milliseconds time) : watchdog_(watchdog) {
        watchdog_.lease(time);
    }
    WatchdogLease(const WatchdogLease&) = delete;
    WatchdogLease& operator=(const WatchdogLease&) = delete;
    WatchdogLease(WatchdogLease&&) = delete;
    WatchdogLease& operator=(WatchdogLease&&) = delete;
    ~WatchdogLease() { watchdog_.lease(std::chrono::milliseconds(0)); }

private:
    Watchdog& watchdog_;
};

/// Programs, each with a lease.
class WatchedProcesses : public system::Processes {
public:
    WatchedProcesses(system::Processes& inner, Watchdog& watchdog) : inner_(inner), watchdog_(watchdog) {}

    system::ProcessResult run(const system::Command& command) override {
        const WatchdogLease lease(watchdog_, command.timeout);
        return inner_.run(command);
    }
    void startDetached(const std::vector<std::string>& argv) override {
        const WatchdogLease lease(watchdog_, system::Command{}.timeout);  // that of systemd-run
        inner_.startDetached(argv);
    }
    [[nodiscard]] std::optional<std::string> find(const std::string& program) const override {
        return inner_.find(program);
    }

private:
    system::Processes& inner_;
    Watchdog& watchdog_;
};

/// Programs of others, each question with a lease.
class WatchedAttach : public system::Attach {
public:
    WatchedAttach(system::Attach& inner, Watchdog& watchdog) : inner_(inner), watchdog_(watchdog) {}

    attach::Processes find(const std::string& group, const std::string& program) override {
        const WatchdogLease lease(watchdog_, kLook);
        return inner_.find(group, program);
    }
    attach::PathsSeen stat(const attach::ProcessId& process, const std::vector<std::string>& inside,
                           const std::vector<std::string>& host) override {
        const WatchdogLease lease(watchdog_, kLook);
        return inner_.stat(process, inside, host);
    }
    system::Descriptor connect(const attach::ProcessId& process, const std::string& address,
                               std::uint16_t port, std::chrono::milliseconds timeout) override {
        const WatchdogLease lease(watchdog_, timeout + kLook);
        return inner_.connect(process, address, port, timeout);
    }
    system::HttpResponse send(const system::AttachedAddress& to,
                              const system::HttpRequest& request) override {
        const WatchdogLease lease(watchdog_, request.timeout + kLook);
        return inner_.send(to, request);
    }
    void signal(const attach::ProcessId& process, Signal signal) override {
        const WatchdogLease lease(watchdog_, kLook);
        inner_.signal(process, signal);
    }

private:
    static constexpr std::chrono::milliseconds kLook{20'000};  ///< as `RealAttach` waits at most
    system::Attach& inner_;
    Watchdog& watchdog_;
};

/// HTTP, each request with a lease.
class WatchedHttp : public system::Http {
public:
    WatchedHttp(system::Http& inner, Watchdog& watchdog) : inner_(inner), watchdog_(watchdog) {}

    system::HttpResponse send(const system::HttpRequest& request) override {
        const WatchdogLease lease(watchdog_, request.timeout);
        return inner_.send(request);
    }
    std::vector<system::HttpResponse> sendAll(const std::vector<system::HttpRequest>& requests) override {
        std::chrono::milliseconds whole{0};
        for (const auto& request : requests) {
            whole += request.timeout;
        }
        const WatchdogLease lease(watchdog_, whole);
        return inner_.sendAll(requests);
    }

private:
    system::Http& inner_;
    Watchdog& watchdog_;
};

}  // namespace vigie::controller
