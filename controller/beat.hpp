#pragma once

#include "system/clock.hpp"
#include "system/http.hpp"
#include "system/processes.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>

namespace vigie::controller {

/// Whether the reconcile thread is alive: before each thing that takes time it promises until when it is
/// back. A promise that is broken is a hang. Safe to read from any thread.
class Beat {
public:
    explicit Beat(const system::Clock& clock) : clock_(clock) { promise(std::chrono::milliseconds(0)); }

    /// What is promised beyond the deadline of whatever is waited for: killing a process group, a busy disk.
    static constexpr std::chrono::milliseconds kSlack{30'000};

    void promise(std::chrono::milliseconds time) { until_ = clock_.monotonic() + (time + kSlack).count(); }
    [[nodiscard]] bool alive() const { return clock_.monotonic() <= until_; }

private:
    const system::Clock& clock_;
    std::atomic<std::int64_t> until_{0};
};

/// A promise for as long as a call takes, however it ends.
class Promise {
public:
    Promise(Beat& beat, std::chrono::milliseconds time) : beat_(beat) { beat_.promise(time); }
    Promise(const Promise&) = delete;
    Promise& operator=(const Promise&) = delete;
    Promise(Promise&&) = delete;
    Promise& operator=(Promise&&) = delete;
    ~Promise() { beat_.promise(std::chrono::milliseconds(0)); }

private:
    Beat& beat_;
};

/// Programs, each with a promise.
class BeatingProcesses : public system::Processes {
public:
    BeatingProcesses(system::Processes& inner, Beat& beat) : inner_(inner), beat_(beat) {}

    system::ProcessResult run(const system::Command& command) override {
        const Promise promise(beat_, command.timeout);
        return inner_.run(command);
    }
    void startDetached(const std::vector<std::string>& argv) override {
        const Promise promise(beat_, system::Command{}.timeout);  // that of systemd-run
        inner_.startDetached(argv);
    }
    [[nodiscard]] std::optional<std::string> find(const std::string& program) const override {
        return inner_.find(program);
    }

private:
    system::Processes& inner_;
    Beat& beat_;
};

/// HTTP, each request with a promise.
class BeatingHttp : public system::Http {
public:
    BeatingHttp(system::Http& inner, Beat& beat) : inner_(inner), beat_(beat) {}

    system::HttpResponse send(const system::HttpRequest& request) override {
        const Promise promise(beat_, request.timeout);
        return inner_.send(request);
    }
    std::vector<system::HttpResponse> sendAll(const std::vector<system::HttpRequest>& requests) override {
        std::chrono::milliseconds whole{0};
        for (const auto& request : requests) {
            whole += request.timeout;
        }
        const Promise promise(beat_, whole);
        return inner_.sendAll(requests);
    }

private:
    system::Http& inner_;
    Beat& beat_;
};

}  // namespace vigie::controller
