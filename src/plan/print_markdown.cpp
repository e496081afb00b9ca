// A plan for a comment in a code review, which has a greatest length.

#include "base/text.hpp"
#include "plan/print.hpp"
#include "plan/print_words.hpp"

#include <algorithm>
#include <cctype>

namespace vigie::plan {
namespace {

/// Whether a forge would make a mention of what begins at `i`, and tell somebody.
bool mentions(std::string_view text, std::size_t i) {
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : ' ';
    return text[i] == '@' ? std::isalnum(next) != 0
                          : (text[i] == '#' || text[i] == '!') && std::isdigit(next) != 0;
}

/// Text in which nothing is markup but code between backticks, on one line: no HTML, no link, no picture, no
/// code that does not end, and nobody and nothing of the forge that it mentions (`@name`, `#12`, `!12`).
std::string escaped(std::string_view text) {
    const std::string shown = printable(text);
    const bool pairs = std::count(shown.begin(), shown.end(), '`') % 2 == 0;
    bool code = false;
    std::string out;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const char each = shown[i];
        code = each == '`' ? pairs && !code : code;
        // Before anything but punctuation it is a backslash: CommonMark 0.31, section 2.4.
        const bool escapes = each == '\\' && (i + 1 == shown.size() ||
                                              std::ispunct(static_cast<unsigned char>(shown[i + 1])) != 0);
        if (each == '|' || (each == '`' && !pairs) || ((each == '[' || escapes) && !code)) {
            out += '\\';
            out += each;
        } else if (each == '<') {
            out += "&lt;";
        } else if (each == '&' && !code) {
            out += "&amp;";
        } else if (!code && mentions(shown, i)) {
            out += each;
            out += "&#8203;";  // a space without width: forges look for mentions in what is rendered
        } else {
            out += each;
        }
    }
    return out;
}

/// Longer than any run of backticks in `text`, which could otherwise end it.
std::string fenceFor(std::string_view text) {
    std::size_t longest = 3;
    std::size_t run = 0;
    for (const char each : text) {
        run = each == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    std::string out(longest + 1, '`');
    return out;
}

std::string rowOf(const Change& change) {
    const std::string action(toText(change.action));
    return "| " + (change.destructive() ? "**" + action + "**" : action) + " | " +
           escaped("`" + change.id + "`") + " | " + escaped(change.reason) +
           (change.reversible() ? "" : " (not reversible)") + " |\n";
}

std::string diffOf(const Change& change) {
    const std::string fence = fenceFor(change.diff.text());
    std::string out = "\n<details><summary><code>" + escaped(change.id) + "</code></summary>\n\n" + fence;
    out += "diff\n";
    for (const auto line : splitLines(change.diff.text())) {
        out += printable(line) + "\n";
    }
    return out + fence + "\n</details>\n";
}

/// Parts of one kind, of which those that fit are shown.
struct Parts {
    std::vector<std::string> all;
    std::string shown = {};
    std::size_t cut = 0;

    /// Adds part `i` if it fits into `room`, which it then takes.
    void add(std::size_t i, std::size_t& room) {
        if (all[i].size() > room) {
            ++cut;
            return;
        }
        room -= all[i].size();
        shown += all[i];
    }
    void addAll(std::size_t& room) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            add(i, room);
        }
    }
};

/// What is said of one host.
struct Section {
    std::string head;
    Parts notes;
    Parts rows;
    std::size_t destructive = 0;  ///< so many of the rows, the first ones
    Parts diffs;
};

constexpr std::string_view kTableHead = "| action | resource | reason |\n|---|---|---|\n";
/// More than a table's head and what is said of cut parts take for one host.
constexpr std::size_t kFrame = 300;

Section sectionOf(const Plan& plan, Unchanged unchanged) {
    const bool nothing = plan.empty() && !plan.drifted();
    Section out;
    out.head = "### " + escaped(title(plan)) + "\n\n" +
               (nothing ? "Nothing to do (" + count(plan.changes.size(), "resource") + " looked at)."
                        : summary(plan)) +
               "\n\n";
    for (const auto& note : plan.notes) {
        out.notes.all.push_back("> " + escaped(note) + "\n\n");
    }
    if (!nothing) {
        for (const auto* change : listed(plan)) {
            out.rows.all.push_back(rowOf(*change));
            out.destructive += change->destructive() ? 1U : 0U;
            if (!change->diff.empty()) {
                out.diffs.all.push_back(diffOf(*change));
            }
        }
    }
    if (unchanged == Unchanged::list) {
        for (const auto* change : unlisted(plan)) {
            out.rows.all.push_back(rowOf(*change));
        }
    }
    return out;
}

/// First what matters most on any of the hosts.
void fill(std::vector<Section>& sections, std::size_t room) {
    for (auto& section : sections) {
        for (std::size_t i = 0; i < section.destructive; ++i) {
            section.rows.add(i, room);
        }
    }
    for (auto& section : sections) {
        section.notes.addAll(room);
    }
    for (auto& section : sections) {
        for (std::size_t i = section.destructive; i < section.rows.all.size(); ++i) {
            section.rows.add(i, room);
        }
    }
    for (auto& section : sections) {
        section.diffs.addAll(room);
    }
}

std::string cutOf(const Section& section) {
    std::vector<std::string> parts;
    for (const auto& [cut, what] : {std::pair{section.notes.cut, "note"}, std::pair{section.rows.cut, "row"},
                                    std::pair{section.diffs.cut, "diff"}}) {
        if (cut != 0) {
            parts.push_back(count(cut, what));
        }
    }
    return parts.empty() ? ""
                         : "\n> Cut to fit into a comment: " + join(parts, ", ") +
                               ". `vigie plan --all-hosts` shows all of it.\n";
}

std::string written(const Section& section) {
    return section.head + section.notes.shown +
           (section.rows.shown.empty() ? "" : std::string(kTableHead) + section.rows.shown) +
           section.diffs.shown + cutOf(section);
}

}  // namespace

std::string toMarkdown(const std::vector<Plan>& plans, Unchanged unchanged, std::size_t longest) {
    std::string out = total(plans);
    out = out.empty() ? "" : "**" + out + "**\n\n";
    std::size_t room = longest - std::min(longest, out.size() + kFrame);
    std::vector<Section> sections;
    for (const auto& plan : plans) {
        auto section = sectionOf(plan, unchanged);
        const std::size_t needed = section.head.size() + kFrame;
        if (needed > room) {
            break;
        }
        room -= needed;
        sections.push_back(std::move(section));
    }
    fill(sections, room);
    for (std::size_t i = 0; i < sections.size(); ++i) {
        out += (i == 0 ? "" : "\n") + written(sections[i]);
    }
    if (sections.size() < plans.size()) {
        out += "\n> Cut to fit into a comment: " + count(plans.size() - sections.size(), "host") +
               ". `vigie plan --all-hosts` shows all of them.\n";
    }
    return out;
}

}  // namespace vigie::plan
