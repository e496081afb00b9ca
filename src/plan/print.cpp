// A plan for a terminal.

#include "plan/print.hpp"

#include "base/text.hpp"
#include "plan/print_words.hpp"

#include <algorithm>

namespace vigie::plan {
namespace {

const Style& styleOf(Action action) {
    const auto& all = styles();
    const auto it =
        std::find_if(all.begin(), all.end(), [&](const Style& style) { return style.action == action; });
    return it == all.end() ? all.back() : *it;
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

/// The action in its column, and the resource.
std::string head(const Change& change) {
    constexpr std::size_t kActionWidth = 9;
    std::string action(toText(change.action));
    action.resize(std::max(kActionWidth, action.size()), ' ');
    return action + printable(change.id);
}

std::string row(const Change& change, bool colour, Audience audience) {
    const Style& style = styleOf(change.action);
    std::string out = colour ? style.colour : "";
    out += std::string(style.sign) + " " + head(change);
    out += colour ? "\x1b[0m\n" : "\n";
    out += "           " + printable(change.reason) + (change.reversible() ? "" : " (not reversible)") + "\n";
    for (const auto line : splitLines(change.diff.text(audience))) {
        out += "    " + coloured(line, colour) + "\n";
    }
    return out;
}

}  // namespace

std::string toText(const Plan& plan, bool colour, Unchanged unchanged, Audience audience) {
    const bool nothing = plan.empty() && !plan.drifted();
    const std::string sum =
        nothing ? "nothing to do (" + count(plan.changes.size(), "resource") + " looked at)" : summary(plan);
    std::string out;
    if (!nothing || unchanged == Unchanged::list || !listed(plan).empty()) {
        out += title(plan) + ": " + sum + "\n\n";
    }
    for (const auto* change : listed(plan)) {
        out += row(*change, colour, audience);
    }
    if (unchanged == Unchanged::list) {
        for (const auto* change : unlisted(plan)) {
            out += "  " + head(*change) + "  (" + printable(change->reason) + ")\n";
        }
    }
    out += out.empty() ? "" : "\n";
    for (const auto& note : plan.notes) {
        out += "note: " + printable(note) + "\n";
    }
    return out + "host " + plan.host + ": " + sum + "\n";
}

std::string toText(const std::vector<Plan>& plans, bool colour, Unchanged unchanged, Audience audience) {
    std::string out = total(plans);
    out += out.empty() ? "" : "\n\n";
    for (std::size_t i = 0; i < plans.size(); ++i) {
        out += (i == 0 ? "" : "\n") + toText(plans[i], colour, unchanged, audience);
    }
    return out;
}

}  // namespace vigie::plan
