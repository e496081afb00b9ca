// Rules in files beside the document, which Prometheus gets as they are.

#include "lint/rule_files.hpp"

#include "base/text.hpp"
#include "lint/findings.hpp"
#include "spec/read_yaml.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace vigie::lint {
namespace {

using spec::FieldPath;

/// Where a job is asked for first, and how often.
struct Asked {
    FieldPath at;
    std::size_t rules = 0;
};

std::map<std::string, Asked> asked(const spec::Node& root, const Jobs& jobs) {
    std::map<std::string, Asked> out;
    const auto* groups = root.find("groups");
    for (std::size_t i = 0; groups != nullptr && i < groups->items.size(); ++i) {
        const auto* rules = groups->items[i].find("rules");
        for (std::size_t j = 0; rules != nullptr && j < rules->items.size(); ++j) {
            const auto* expression = rules->items[j].find("expr");
            auto names = expression == nullptr ? std::vector<std::string>{} : jobsOf(expression->scalar);
            std::sort(names.begin(), names.end());
            names.erase(std::unique(names.begin(), names.end()), names.end());
            for (const auto& name : names) {
                if (jobs.provided(name)) {
                    continue;
                }
                auto& found = out[name];
                if (found.rules++ == 0) {
                    found.at = (((FieldPath{"groups"})[i] / "rules")[j]) / "expr";
                }
            }
        }
    }
    return out;
}

constexpr std::string_view kBlank = " \t";

/// The value behind `key:` at the beginning of a line; empty when the line is no such.
std::string_view valueOf(std::string_view line, std::string_view key) {
    if (!line.starts_with(key) || line.substr(key.size(), 1) != ":") {
        return {};
    }
    auto value = trim(line.substr(key.size() + 1));
    if (value.size() > 1 && (value.front() == '"' || value.front() == '\'') &&
        value.back() == value.front()) {
        value = value.substr(1, value.size() - 2);
    }
    return value;
}

/// Reports files that are obviously no rule files. Returns true if it did.
bool lintForm(const std::string& file, std::string_view text, const spec::Reporter& report) {
    if (const auto at = findNonText(text); at != std::string_view::npos) {
        report.error(code::VG0465, spec::positionIn(text, at), "the file is not UTF-8 text",
                     "save the file as UTF-8; from Latin-1: iconv -f latin1 -t utf8 FILE");
        return true;
    }
    std::uint32_t number = 0;
    spec::Position tab;
    for (const auto line : splitLines(text)) {
        ++number;
        if (valueOf(line, "kind") == "PrometheusRule") {
            report.error(code::VG0465, spec::Position{number, 1},
                         "this is a Kubernetes resource, not a Prometheus rule file",
                         "write only the content of `spec:` into the file, as `yq .spec FILE` prints it");
            return true;
        }
        const auto blank = line.substr(0, std::min(line.find_first_not_of(kBlank), line.size()));
        if (tab.line == 0 && blank.size() != line.size() && blank.find('\t') != std::string_view::npos) {
            tab = {number, static_cast<std::uint32_t>(blank.find('\t')) + 1};
        }
    }
    // Inside of a text that spans lines a tab is a character like any other.
    spec::Diagnostics unread;
    if (tab.line != 0 && !spec::readYaml(text, file, unread)) {
        report.error(code::VG0465, tab, "this line is indented with a tab, but YAML allows only spaces",
                     "replace the tab with spaces");
        return true;
    }
    return false;
}

/// True if two groups may have the same name; cheap, for files with thousands of rules.
bool mayRepeatGroups(std::string_view text) {
    if (text.find("{ name:") != std::string_view::npos || text.find("{name:") != std::string_view::npos) {
        return true;  // several may stand in one line
    }
    std::set<std::string_view> seen;
    for (const auto line : splitLines(text)) {
        const auto begin = std::min(line.find_first_not_of(" \t-"), line.size());
        const auto name = valueOf(line.substr(begin), "name");
        if (!name.empty() && !seen.insert(name).second) {
            return true;
        }
    }
    return false;
}

void lintGroupNames(const spec::Node& root, const spec::Reporter& report) {
    std::map<std::string, std::uint32_t> seen;
    const auto* groups = root.find("groups");
    for (std::size_t i = 0; groups != nullptr && i < groups->items.size(); ++i) {
        const auto* name = groups->items[i].find("name");
        if (name == nullptr || name->scalar.empty()) {
            continue;
        }
        const auto [first, inserted] = seen.emplace(name->scalar, name->at.line);
        if (!inserted) {
            report.error(code::VG0465, (FieldPath{"groups"})[i] / "name",
                         "the group `" + printable(name->scalar) + "` already exists (line " +
                             std::to_string(first->second) + ")",
                         "rename one of the two: Prometheus refuses a file with both");
        }
    }
}

}  // namespace

void lintRuleFile(const spec::Stack& stack, const std::string& file, std::string_view text,
                  spec::Diagnostics& diagnostics) {
    if (!stack.prometheus || lintForm(file, text, spec::Reporter(diagnostics, file))) {
        return;
    }
    // Thousands of rules are parsed only when something may be wrong with them.
    const Jobs jobs(stack);
    const auto mentioned = jobs.open() ? std::vector<std::string>{} : jobsMentioned(text);
    const bool known =
        std::all_of(mentioned.begin(), mentioned.end(), [&](const auto& job) { return jobs.provided(job); });
    if (known && !mayRepeatGroups(text)) {
        return;
    }
    spec::Diagnostics unread;  // promtool judges what is no rule file, before an apply
    const auto root = spec::readYaml(text, file, unread);
    if (!root) {
        return;
    }
    const spec::Reporter report(diagnostics, file, &*root);
    lintGroupNames(*root, report);
    if (known) {
        return;
    }
    for (const auto& [job, found] : asked(*root, jobs)) {
        const std::string rules = found.rules == 1
                                      ? "the rule selects"
                                      : "this and " + count(found.rules - 1, "more rule") + " select";
        reportUnknownJob(found.at, job, rules, jobs, report);
    }
}

}  // namespace vigie::lint
