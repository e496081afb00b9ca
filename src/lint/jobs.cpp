// Which jobs an expression selects.

#include "lint/jobs.hpp"

#include "spec/jobs.hpp"

#include <algorithm>
#include <utility>

namespace vigie::lint {
namespace {

constexpr std::string_view kLabel = "job";
constexpr std::string_view kBlank = " \t\r\n";

/// The words of a matcher's value: one, or the alternatives of a regular expression that is nothing else.
void addWords(std::string_view value, bool regex, std::vector<std::string>& out) {
    if (regex && value.find_first_of(".*+?()[]{}\\^$") != std::string_view::npos) {
        return;
    }
    std::size_t from = 0;
    while (from <= value.size()) {
        const auto bar = regex ? std::min(value.find('|', from), value.size()) : value.size();
        if (bar > from) {
            out.emplace_back(value.substr(from, bar - from));
        }
        from = bar + 1;
    }
}

/// The place behind the `=` or `=~` that follows at `from`, and blanks; npos when there is none.
std::size_t behindOperator(std::string_view text, std::size_t from, bool& regex) {
    const auto at = text.find_first_not_of(kBlank, from);
    if (at == std::string_view::npos || text[at] != '=') {
        return std::string_view::npos;
    }
    regex = text.substr(at, 2) == "=~";
    return text.find_first_not_of(kBlank, at + (regex ? 2 : 1));
}

}  // namespace

Jobs::Jobs(const spec::Stack& stack) {
    const auto& prometheus = *stack.prometheus;
    for (auto& name : spec::derivedJobs(stack)) {
        names_.insert(std::move(name));
    }
    for (const auto& job : prometheus.scrapeConfigs) {
        names_.insert(job.jobName);
        open_ = open_ || job.honorLabels || job.raw || job.settings.find("relabelings") != nullptr ||
                job.settings.find("metricRelabelings") != nullptr ||
                job.settings.find("fileSDConfigs") != nullptr ||
                job.settings.find("httpSDConfigs") != nullptr;
        for (const auto& group : job.staticConfigs) {
            if (const auto it = group.labels.find("job"); it != group.labels.end()) {
                names_.insert(it->second);
            }
        }
    }
    for (const auto& exporter : stack.exporters) {
        const auto& scrape = exporter.scrape;
        open_ = open_ || scrape.honorLabels.value_or(false) || !scrape.relabelings.empty() ||
                !scrape.metricRelabelings.empty();
    }
    open_ = open_ || !prometheus.remoteRead.empty() || prometheus.web.remoteWriteReceiver.value_or(false);
}

std::vector<std::string> jobsOf(std::string_view expression) {
    std::vector<std::string> out;
    for (auto at = expression.find(kLabel); at != std::string_view::npos;
         at = expression.find(kLabel, at + 1)) {
        const char before = at == 0 ? ' ' : expression[at - 1];
        bool regex = false;
        const auto i = behindOperator(expression, at + kLabel.size(), regex);
        const bool whole = std::string_view("{,").find(before) != std::string_view::npos ||
                           kBlank.find(before) != std::string_view::npos;
        if (!whole || i == std::string_view::npos ||
            std::string_view("\"'`").find(expression[i]) == std::string_view::npos) {
            continue;
        }
        const auto end = expression.find(expression[i], i + 1);
        if (end == std::string_view::npos) {
            break;
        }
        addWords(expression.substr(i + 1, end - i - 1), regex, out);
    }
    return out;
}

std::vector<std::string> jobsMentioned(std::string_view text) {
    // A quote of PromQL may be escaped or doubled by the quotes of YAML around it.
    constexpr std::string_view kQuotes = "\\\"'`";
    std::vector<std::string> out;
    for (auto at = text.find(kLabel); at != std::string_view::npos; at = text.find(kLabel, at + 1)) {
        bool regex = false;
        const auto quote = behindOperator(text, at + kLabel.size(), regex);
        if (quote == std::string_view::npos || kQuotes.find(text[quote]) == std::string_view::npos) {
            continue;
        }
        const auto begin = text.find_first_not_of(kQuotes, quote);
        if (begin == std::string_view::npos) {
            break;
        }
        addWords(text.substr(begin, text.find_first_of(kQuotes, begin) - begin), regex, out);
    }
    return out;
}

}  // namespace vigie::lint
