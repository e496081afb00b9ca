// Programs of others for tests: what they are is a table.
#pragma once

#include "system/attach.hpp"

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace vigie::system {

/// Answers from its members, and remembers what was asked as `find GROUP`, `stat PID`, `connect PID
/// ADDRESS:PORT`, `METHOD URL`, `signal PID HUP`.
class MemoryAttach : public Attach {
public:
    attach::Processes find(const std::string& group, const std::string& program) override {
        asked.push_back("find " + group + " " + program);
        const auto it = groups.find(group);
        return it == groups.end() ? attach::Processes{} : it->second;
    }

    attach::PathsSeen stat(const attach::ProcessId& process, const std::vector<std::string>& inside,
                           const std::vector<std::string>& host) override {
        asked.push_back("stat " + std::to_string(process.pid));
        if (process.pid != 0) {
            demand(process);
        }
        if (beforeStat) {
            beforeStat(++looks);
        }
        attach::PathsSeen out;
        out.mountinfo = process.pid == 0 ? std::string() : mountinfo;
        for (const auto& path : inside) {
            out.inside.push_back(factsOf(insidePaths, path));
        }
        for (const auto& path : host) {
            out.host.push_back(factsOf(hostPaths, path));
        }
        return out;
    }

    Descriptor connect(const attach::ProcessId& process, const std::string& address, std::uint16_t port,
                       std::chrono::milliseconds /*timeout*/) override {
        asked.push_back("connect " + std::to_string(process.pid) + " " + address + ":" +
                        std::to_string(port));
        demand(process);
        if (!connection) {
            throw AttachError(AttachError::Kind::unreachable, "nothing listens there");
        }
        return connection();
    }

    HttpResponse send(const AttachedAddress& to, const HttpRequest& request) override {
        asked.push_back(request.method + " " + request.url);
        demand(to.process);
        if (!answer) {
            throw AttachError(AttachError::Kind::unreachable, "nothing listens there");
        }
        return answer(to, request);
    }

    void signal(const attach::ProcessId& process, Signal signal) override {
        demand(process);
        asked.push_back("signal " + std::to_string(process.pid) + " " +
                        (signal == Signal::hup    ? "HUP"
                         : signal == Signal::usr1 ? "USR1"
                                                  : "USR2"));
        if (onSignal) {
            onSignal(process, signal);
        }
    }

    std::map<std::string, attach::Processes> groups;
    std::map<std::string, attach::PathFacts> insidePaths;
    std::map<std::string, attach::PathFacts> hostPaths;
    std::string mountinfo;
    std::function<void(int look)> beforeStat;  ///< counted from 1: what changes between two looks
    std::function<void(const attach::ProcessId&, Signal)> onSignal;
    std::function<Descriptor()> connection;
    std::function<HttpResponse(const AttachedAddress&, const HttpRequest&)> answer;
    std::vector<std::string> asked;
    int looks = 0;

private:
    void demand(const attach::ProcessId& process) const {
        for (const auto& [group, processes] : groups) {
            for (const auto& each : processes.processes) {
                if (each.id.pid == process.pid) {
                    if (each.id == process) {
                        return;
                    }
                    throw AttachError(AttachError::Kind::changed,
                                      "process " + std::to_string(process.pid) + " is another one");
                }
            }
        }
        throw AttachError(AttachError::Kind::gone, "process " + std::to_string(process.pid) + " has ended");
    }

    static attach::PathFacts factsOf(const std::map<std::string, attach::PathFacts>& all,
                                     const std::string& path) {
        const auto it = all.find(path);
        auto out = it == all.end() ? attach::PathFacts{} : it->second;
        out.path = path;
        return out;
    }
};

}  // namespace vigie::system
