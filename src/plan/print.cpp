#include "plan/print.hpp"

#include "base/text.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace vigie::plan {
namespace {

struct Style {
    Action action;
    const char* sign;
    const char* colour;
    const char* summary;
};

constexpr std::array kStyles = {Style{Action::create, "+", "\x1b[32m", "to create"},
                                Style{Action::update, "~", "\x1b[33m", "to update"},
                                Style{Action::adopt, "=", "\x1b[36m", "to adopt"},
                                Style{Action::reload, "@", "\x1b[35m", "to reload"},
                                Style{Action::recreate, "#", "\x1b[33m", "to recreate"},
                                Style{Action::restart, "#", "\x1b[33m", "to restart"},
                                Style{Action::drift, "?", "\x1b[33m", "only reported"},
                                Style{Action::remove, "-", "\x1b[31m", "to delete"},
                                Style{Action::refuse, "!", "\x1b[1;31m", "refused"},
                                Style{Action::none, " ", "", "unchanged"}};

const Style& styleOf(Action action) {
    for (const auto& style : kStyles) {
        if (style.action == action) {
            return style;
        }
    }
    return kStyles.back();
}

std::string coloured(std::string_view line, bool colour) {
    const char* code = "";
    if (line.substr(0, 1) == "+") {
        code = "\x1b[32m";
    } else if (line.substr(0, 1) == "-") {
        code = "\x1b[31m";
    } else if (line.substr(0, 2) == "@@") {
        code = "\x1b[36m";
    }
    const std::string text = printable(line);
    return colour && *code != '\0' ? code + text + "\x1b[0m" : text;
}

std::string title(const Plan& plan) {
    std::string out = "host " + plan.host + ", stack " + plan.stack;
    if (!plan.revision.empty()) {
        constexpr std::size_t kShort = 12;
        out += ", revision " + plan.revision.substr(0, kShort);
    }
    return out;
}

std::string padded(std::string_view text, std::size_t width) {
    std::string out(text);
    out.resize(std::max(width, out.size()), ' ');
    return out;
}

constexpr std::size_t kActionWidth = 9;

}  // namespace

std::string summary(const Plan& plan) {
    std::vector<std::string> parts;
    for (const auto& style : kStyles) {
        if (const auto n = plan.count(style.action); n != 0) {
            parts.push_back(std::to_string(n) + " " + style.summary);
        }
    }
    return parts.empty() ? "nothing" : join(parts, ", ");
}

std::string toText(const Plan& plan, bool colour, Unchanged unchanged) {
    std::string out;
    if (!plan.empty() || plan.drifted()) {
        out += title(plan) + "\n\n";
        for (const auto& change : plan.changes) {
            const Style& style = styleOf(change.action);
            if (change.action == Action::none) {
                continue;
            }
            out += colour ? style.colour : "";
            out += std::string(style.sign) + " " + padded(toText(change.action), kActionWidth) +
                   printable(change.id);
            out += colour ? "\x1b[0m\n" : "\n";
            out += "           " + printable(change.reason) +
                   (change.reversible() ? "" : " (not reversible)") + "\n";
            for (const auto line : splitLines(change.diff)) {
                out += "    " + coloured(line, colour) + "\n";
            }
        }
        for (const auto& change : plan.changes) {
            if (change.action == Action::none && unchanged == Unchanged::list) {
                out += "  " + padded(toText(change.action), kActionWidth) + printable(change.id) + "  (" +
                       printable(change.reason) + ")\n";
            }
        }
        out += "\n";
    }
    for (const auto& note : plan.notes) {
        out += "note: " + printable(note) + "\n";
    }
    out += plan.empty() && !plan.drifted() ? "host " + plan.host + ": nothing to do (" +
                                                 count(plan.changes.size(), "resource") + " looked at)\n"
                                           : "host " + plan.host + ": " + summary(plan) + "\n";
    return out;
}

std::string toMarkdown(const Plan& plan) {
    std::string out =
        "### " + title(plan) + "\n\n" + (plan.empty() ? "Nothing to do." : summary(plan)) + "\n\n";
    for (const auto& note : plan.notes) {
        out += "> " + note + "\n\n";
    }
    if (plan.empty()) {
        return out;
    }
    out += "| action | resource | reason |\n|---|---|---|\n";
    for (const auto& change : plan.changes) {
        out += "| " + std::string(toText(change.action)) + " | `" + printable(change.id) + "` | " +
               printable(change.reason) + " |\n";
    }
    for (const auto& change : plan.changes) {
        if (!change.diff.empty()) {
            // Four backticks: a diff may hold three.
            out += "\n<details><summary><code>" + printable(change.id) + "</code></summary>\n\n````diff\n" +
                   change.diff + "````\n</details>\n";
        }
    }
    return out;
}

std::string toJson(const std::vector<Plan>& plans) {
    using nlohmann::ordered_json;
    ordered_json hosts = ordered_json::array();
    for (const auto& plan : plans) {
        ordered_json changes = ordered_json::array();
        for (const auto& change : plan.changes) {
            changes.push_back({{"id", change.id},
                               {"kind", change.id.substr(0, change.id.find(':'))},
                               {"action", toText(change.action)},
                               {"reason", change.reason},
                               {"reversible", change.reversible()},
                               {"diff", change.diff}});
        }
        hosts.push_back({{"stack", plan.stack},
                         {"host", plan.host},
                         {"revision", plan.revision},
                         {"digest", plan.digest},
                         {"notes", plan.notes},
                         {"changes", std::move(changes)}});
    }
    return ordered_json{{"version", 1}, {"hosts", std::move(hosts)}}.dump(
               2, ' ', false, ordered_json::error_handler_t::replace) +
           "\n";
}

}  // namespace vigie::plan
