// Doubles and documents that many unit tests share.
#pragma once

#include "spec/diagnostics.hpp"
#include "spec/load.hpp"
#include "system/clock.hpp"
#include "system/http.hpp"
#include "tests/support/golden.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

/// What several unit tests need: time that does not pass by itself, HTTP without a network, a directory that
/// goes away.
namespace vigie::tests {

/// Time passes only in `sleep`.
class FakeClock : public system::Clock {
public:
    [[nodiscard]] std::int64_t now() const override { return milliseconds; }
    [[nodiscard]] std::int64_t monotonic() const override { return milliseconds; }
    [[nodiscard]] std::int64_t sinceBoot() const override { return milliseconds; }
    [[nodiscard]] std::string bootId() const override { return boot; }
    void sleep(std::chrono::milliseconds time) override { milliseconds += time.count(); }

    std::int64_t milliseconds = 1'000'000;
    std::string boot = "boot-1";
};

/// Answers as the test says and remembers every request as `POST http://…`.
class FakeHttp : public system::Http {
public:
    system::HttpResponse send(const system::HttpRequest& request) override {
        requests.push_back(request.method + " " + request.url);
        return answer(request);
    }
    [[nodiscard]] std::size_t posts() const {
        std::size_t n = 0;
        for (const auto& request : requests) {
            n += request.substr(0, 5) == "POST " ? 1U : 0U;
        }
        return n;
    }

    std::function<system::HttpResponse(const system::HttpRequest&)> answer = [](const system::HttpRequest&) {
        return system::HttpResponse{404, ""};
    };
    std::vector<std::string> requests;
};

/// A new directory below /tmp.
class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string name = "/tmp/vigie-unit-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("mkdtemp");
        }
        path = name;
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    TemporaryDirectory(TemporaryDirectory&&) = delete;
    TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
    ~TemporaryDirectory() { std::filesystem::remove_all(path); }

    [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(path + "/" + name, std::ios::binary) << text;
        return path + "/" + name;
    }

    std::string path;
};

inline std::vector<std::string> codesOf(const spec::Diagnostics& diagnostics) {
    std::vector<std::string> out;
    for (const auto& diagnostic : diagnostics.all()) {
        out.push_back(diagnostic.code);
    }
    return out;
}

/// examples/moments, which has no mistakes.
inline spec::Stack moments() {
    spec::Diagnostics diagnostics;
    const auto document =
        spec::loadStack(readSource("examples/moments/stack.yaml"), "stack.yaml", "0.1.0", diagnostics);
    if (!document || !diagnostics.empty()) {
        throw std::runtime_error("examples/moments has mistakes");
    }
    return document->stack;
}

/// The same numbers in every run.
class Dice {
public:
    std::size_t below(std::size_t n) { return engine_() % n; }

private:
    std::minstd_rand engine_{20240501};
};

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace vigie::tests
