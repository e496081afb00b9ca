// Runs programs of the host that must succeed, and quotes their complaints.
#pragma once

#include "base/foreign_words.hpp"
#include "base/secure.hpp"
#include "system/system.hpp"

#include <charconv>
#include <string>
#include <vector>

namespace vigie::apply {

/// A program of the host and the package that brings it.
struct Tool {
    const char* program;
    const char* package;
};

constexpr Tool kWg{"wg", "wireguard-tools"};
constexpr Tool kWgQuick{"wg-quick", "wireguard-tools"};
constexpr Tool kIp{"ip", "iproute2"};
constexpr Tool kUfw{"ufw", "ufw"};
constexpr Tool kDocker{"docker", "docker.io"};

/// Why `tool` cannot be used, with the cure; empty when it can.
std::string missing(const Tool& tool, const system::Processes& processes);

/// Runs a program that must succeed. Throws Error with its own words, secrets masked.
system::ProcessResult mustRun(const system::Command& command, system::Processes& processes);
system::ProcessResult mustRun(const std::vector<std::string>& argv, system::Processes& processes);

/// The same of a program that reads `foreign` files, of which its words quote what they like: nothing of
/// their contents is in the Error. `known` are words that may be shown wherever they stand.
system::ProcessResult mustRunOnForeign(const system::Command& command,
                                       const std::vector<std::string>& foreign, const std::string& known,
                                       const system::System& system);

/// The same with keys on its standard input, which are wiped whatever comes of it.
system::ProcessResult mustRunAndWipe(system::Command& command, system::Processes& processes);

/// Whether systemd runs this host and is told about it (not below another root).
bool systemdRuns(const system::Files& files);

/// A number in what a tool printed; 0 when it is none.
template <class Int>
Int numberIn(std::string_view text) {
    Int out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

/// What a tool printed that holds keys; wiped at the end.
class Wiped {
public:
    explicit Wiped(std::string text) : text_(std::move(text)) {}
    Wiped(const Wiped&) = delete;
    Wiped& operator=(const Wiped&) = delete;
    Wiped(Wiped&&) = delete;
    Wiped& operator=(Wiped&&) = delete;
    ~Wiped() { wipe(text_.data(), text_.size()); }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
};

}  // namespace vigie::apply
