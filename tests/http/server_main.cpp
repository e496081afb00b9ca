// The real server with trivial handlers, for tests/http: settings as JSON on the command line, what it
// listens on as JSON on standard output, until standard input ends.

#include "base/error.hpp"
#include "base/secure.hpp"
#include "controller/metrics.hpp"
#include "controller/router.hpp"
#include "controller/server.hpp"
#include "controller/webhook.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <ctime>
#include <iostream>
#include <mutex>
#include <thread>
#include <vector>

namespace {

using namespace vigie;              // NOLINT(google-build-using-namespace)
using namespace vigie::controller;  // NOLINT(google-build-using-namespace)
using nlohmann::json;

class ErrorStream : public Log {
public:
    void info(const std::string& text) override { line("info", text); }
    void warning(const std::string& text) override { line("warning", text); }
    void error(const std::string& text) override { line("error", text); }

private:
    void line(const char* level, const std::string& text) {
        const std::lock_guard lock(mutex_);
        std::cerr << level << ": " << text << std::endl;
    }
    std::mutex mutex_;
};

void setLimits(Limits& limits, const json& from) {
    const auto set = [&](const char* name, auto& to) {
        using To = std::remove_reference_t<decltype(to)>;
        if (from.contains(name)) {
            to = To(from[name].get<long>());
        }
    };
    set("headerBytes", limits.headerBytes);
    set("bodyBytes", limits.bodyBytes);
    set("hookBodyBytes", limits.hookBodyBytes);
    set("handshake", limits.handshake);
    set("idle", limits.idle);
    set("header", limits.header);
    set("request", limits.request);
    set("answer", limits.answer);
    set("write", limits.write);
    set("linger", limits.linger);
    set("bindAgain", limits.bindAgain);
    set("connections", limits.connections);
    set("connectionsPerListener", limits.connectionsPerListener);
    set("connectionsForSocket", limits.connectionsForSocket);
    set("requestsPerConnection", limits.requestsPerConnection);
}

HttpResponse text(std::string body) {
    return {200, "text/plain; charset=utf-8", std::move(body), {}};
}

/// Replies that are given later, by a thread of their own, as the reconcile thread does.
class Later {
public:
    Later() : thread_([this] { run(); }) {}
    Later(const Later&) = delete;
    Later& operator=(const Later&) = delete;
    Later(Later&&) = delete;
    Later& operator=(Later&&) = delete;
    ~Later() {
        stop_ = true;
        thread_.join();
    }
    void put(HttpReply reply, std::chrono::milliseconds wait) {
        const std::lock_guard lock(mutex_);
        waiting_.push_back({std::move(reply), std::chrono::steady_clock::now() + wait});
    }

private:
    struct One {
        HttpReply reply;
        std::chrono::steady_clock::time_point due;
    };
    void run() {
        while (!stop_) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            std::vector<One> due;
            {
                const std::lock_guard lock(mutex_);
                for (auto at = waiting_.begin(); at != waiting_.end();) {
                    if (at->due <= std::chrono::steady_clock::now()) {
                        due.push_back(std::move(*at));
                        at = waiting_.erase(at);
                    } else {
                        ++at;
                    }
                }
            }
            for (auto& one : due) {
                one.reply(text("later\n"));
            }
        }
    }
    std::mutex mutex_;
    std::vector<One> waiting_;
    std::atomic<bool> stop_ = false;
    std::thread thread_;
};

void run(const json& settings) {
    ErrorStream log;
    Metrics metrics("test", "vm");
    Router router;
    Later later;
    std::atomic<int> wakes = 0;
    router.add("GET", "/", [](const auto& /*request*/, const HttpReply& reply) {
        reply({200, "text/html; charset=utf-8", "<!doctype html><title>vigie</title>\n", {}});
    });
    router.add("GET", "/healthz",
               [](const auto& /*request*/, const HttpReply& reply) { reply(text("ok\n")); });
    router.add("GET", "/metrics", [&](const auto& /*request*/, const HttpReply& reply) {
        reply({200, kMetricsContentType, metrics.text(), {}});
    });
    router.add("GET", "/wakes", [&](const auto& /*request*/, const HttpReply& reply) {
        reply(text(std::to_string(wakes.load()) + "\n"));
    });
    router.add("GET", "/large", [](const auto& /*request*/, const HttpReply& reply) {
        constexpr std::size_t kLarge = 12U << 20U;  // more than the kernel keeps for both ends
        reply(text(std::string(kLarge, 'x')));
    });
    router.add("GET", "/throws",
               [](const auto& /*request*/, const HttpReply& /*reply*/) { throw Error("a handler failed"); });
    router.add("GET", "/forgets", [](const auto& /*request*/, const HttpReply& /*reply*/) {});
    router.add("GET", "/splits", [](const auto& /*request*/, const HttpReply& reply) {
        reply({200, "text/plain", "", {{"X-Bad", "a\r\nSet-Cookie: b"}}});
    });
    router.add("GET", "/later", [&](const HttpRequest& request, HttpReply reply) {
        const auto wait = request.query.find("ms");
        later.put(std::move(reply),
                  std::chrono::milliseconds(wait == request.query.end() ? 0 : std::stoi(wait->second)));
    });
    router.add("POST", "/api/v1/echo", [](const HttpRequest& request, const HttpReply& reply) {
        json out = {{"path", request.path},           {"query", request.query},
                    {"size", request.body.size()},    {"local", request.local},
                    {"mayChange", request.mayChange}, {"sees", request.headers.count("authorization") != 0}};
        reply({200, "application/json", out.dump(), {}});
    });
    if (settings.contains("secretFile")) {
        addHooks(router, {settings["secretFile"], [&](const std::string& /*why*/) { ++wakes; },
                          [] { return static_cast<std::int64_t>(std::time(nullptr)); },
                          [&](std::string_view provider, std::string_view result) {
                              metrics.gotWebhook(std::string(provider), std::string(result));
                          }});
    }
    ServerSettings server;
    server.listen = settings.value("listen", std::vector<std::string>{"127.0.0.1:0"});
    server.socket = settings.value("socket", "");
    server.names = settings.value("names", std::vector<std::string>{"a"});
    server.tokenFile = settings.value("tokenFile", "");
    server.certFile = settings.value("cert", "");
    server.keyFile = settings.value("key", "");
    setLimits(server.limits, settings.value("limits", json::object()));
    server.observe = [&](const Answered& one) { metrics.answered(one.method, one.status, one.seconds); };
    Server it(
        server, [&](HttpRequest request, HttpReply reply) { router(std::move(request), std::move(reply)); },
        log);
    it.start();
    std::cout << json(it.listening()).dump() << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        json out = {{"listening", it.listening()}, {"connections", it.connections()}};
        std::cout << out.dump() << std::endl;
    }
    const auto began = std::chrono::steady_clock::now();
    it.stop();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::cout << json({{"stopped", took.count()}}).dump() << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        initialiseSodium();
        run(argc > 1 ? json::parse(argv[1]) : json::object());
        return 0;
    } catch (const Error& error) {
        std::cerr << "error: " << error.what() << "\nhint: " << error.hint() << std::endl;
    } catch (const std::exception& error) {
        std::cerr << "error: " << error.what() << std::endl;
    }
    return 2;
}
