// Writes the report of an import.

#include "import/report.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace vigie::imports {
namespace {

std::string place(const Finding& finding) {
    return printable(finding.file) + (finding.line == 0 ? "" : ":" + std::to_string(finding.line));
}

void findings(const Draft& draft, const std::string& kind, const std::string& title, std::string& out) {
    std::vector<std::string> lines;
    for (const auto& each : draft.findings) {
        const std::string line = "  " + place(each) + "\n    " + each.what + "\n    → " + each.cure + "\n";
        if (each.kind == kind && std::find(lines.begin(), lines.end(), line) == lines.end()) {
            lines.push_back(line);
        }
    }
    if (!lines.empty()) {
        out += title + "\n";
        for (const auto& line : lines) {
            out += line;
        }
        out += "\n";
    }
}

std::string shown(const std::string& value) {
    return value.empty() ? "(absent)" : printable(value);
}

std::string changeText(const Difference& each) {
    // Digests say nothing to a person.
    constexpr std::string_view kProof = "vigie-render-info/";
    if (const auto proof = each.path.find(kProof); proof != std::string::npos) {
        return each.path.substr(0, proof + kProof.size()) + "…]: a name";
    }
    if (each.path.find(".labels.dev.vigie.") != std::string::npos) {
        return each.path + ": a digest";
    }
    return each.path + ": " + shown(each.before) + " → " + shown(each.after);
}

void improvements(const std::vector<Difference>& all, std::string& out) {
    std::vector<std::string> reasons;
    for (const auto& each : all) {
        if (!each.reason.empty() && std::find(reasons.begin(), reasons.end(), each.reason) == reasons.end()) {
            reasons.push_back(each.reason);
        }
    }
    if (reasons.empty()) {
        return;
    }
    out += "Differences on purpose\n";
    for (const auto& reason : reasons) {
        const auto first =
            std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.reason == reason; });
        out += "  " + reason + " (" + first->page + ")\n";
        for (const auto& each : all) {
            if (each.reason == reason) {
                out += "    " + each.host + ":" + each.file + " " + changeText(each) + "\n";
            }
        }
    }
    out += "\n";
}

void others(const std::vector<Difference>& all, std::string& out) {
    const bool any =
        std::any_of(all.begin(), all.end(), [](const auto& each) { return each.reason.empty(); });
    if (!any) {
        return;
    }
    out += "Differences that the document cannot avoid: review each of them before the first apply\n";
    for (const auto& each : all) {
        if (each.reason.empty()) {
            out += "  " + each.host + ":" + each.file + " " + changeText(each) + "\n";
        }
    }
    out += "\n";
}

void firstPlan(const FirstPlan& first, const std::vector<Difference>& all, std::string& out) {
    out += "First plan for " + first.host + "\n";
    for (const auto& change : first.plan.changes) {
        if (!change.acts() && change.action != plan::Action::refuse) {
            continue;
        }
        const std::string path = change.id.substr(change.id.find(':') + 1);
        const auto improved = std::count_if(all.begin(), all.end(), [&](const auto& each) {
            return each.host == first.host && each.replaces == path && !each.reason.empty();
        });
        const auto open = std::count_if(all.begin(), all.end(), [&](const auto& each) {
            return each.host == first.host && each.replaces == path && each.reason.empty();
        });
        const bool taken = change.action == plan::Action::refuse;
        out += "  " + std::string(taken ? "take over" : plan::toText(change.action)) + " " + change.id;
        if (taken) {
            out += improved == 0 && open == 0 ? ": same meaning, written differently"
                   : open == 0                ? ": with the differences on purpose above"
                               : ": with differences on purpose, and with the unavoidable differences above";
        }
        out += (taken ? "" : ": " + change.reason) + "\n";
    }
    const auto adopt = toAdopt(first.plan);
    if (!adopt.empty()) {
        out += "  to allow this, write into the document:\n    adopt:\n";
        for (const auto& id : adopt) {
            out += "      - " + id + "\n";
        }
    }
    out += "\n";
}

}  // namespace

std::vector<std::string> toAdopt(const plan::Plan& plan) {
    std::vector<std::string> out;
    for (const auto& change : plan.changes) {
        if (change.action == plan::Action::refuse) {
            out.push_back(change.id);
        }
    }
    return out;
}

std::string report(const Draft& draft, const std::vector<Difference>& differences,
                   const std::vector<FirstPlan>& plans) {
    std::string out;
    findings(draft, "by hand", "To do by hand", out);
    findings(draft, "lost", "What the document cannot express", out);
    others(differences, out);
    improvements(differences, out);
    findings(draft, "note", "Assumptions to review", out);
    for (const auto& each : plans) {
        firstPlan(each, differences, out);
    }
    return out;
}

}  // namespace vigie::imports
