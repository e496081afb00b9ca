// Masks what may be a secret in what a program says about a configuration.

#include "base/complaint.hpp"

#include "base/redact.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace vigie {
namespace {

/// The end of a text that began before `at`: its quote, which Go escapes inside of it; or the end of the
/// line.
std::size_t endOfQuoted(std::string_view line, std::size_t at, char quote) {
    while (at < line.size() && line[at] != quote) {
        at += line[at] == '\\' && quote == '"' ? 2U : 1U;
    }
    return std::min(at, line.size());
}

/// Masks every quoted text behind `word`: the reason repeats parts of the value.
std::string masked(std::string_view line, std::string_view word, char quote) {
    auto at = line.find(word);
    if (at == std::string_view::npos) {
        return std::string(line);
    }
    std::string out(line.substr(0, at));
    while (at < line.size()) {
        const char c = line[at++];
        out += c;
        if (c == quote) {
            at = endOfQuoted(line, at, quote);
            out += kSecretMask;
            if (at < line.size()) {
                out += line[at++];
            }
        }
    }
    return out;
}

}  // namespace

std::string showableComplaint(std::string_view said) {
    std::string out;
    for (const auto line : splitLines(said)) {
        out += redactLine(masked(masked(line, "parse \"", '"'), "cannot unmarshal ", '`')) + "\n";
    }
    if (!out.empty() && (said.empty() || said.back() != '\n')) {
        out.pop_back();
    }
    return out;
}

}  // namespace vigie
