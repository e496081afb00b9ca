// Reads positions and reasons out of the output of promtool and amtool.

#include "apply/probes/checker_words.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace vigie::apply {
namespace {

bool starts(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

bool takeOff(std::string_view& text, std::string_view prefix) {
    if (!starts(text, prefix)) {
        return false;
    }
    text.remove_prefix(prefix.size());
    return true;
}

/// Takes a number off the beginning.
std::optional<std::uint32_t> takeNumber(std::string_view& text) {
    std::uint32_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return out;
}

/// What a checker says about what it does, not about what is wrong.
bool isProgress(std::string_view line) {
    constexpr std::array kAmtoolFound = {"global config", "route",      " inhibit rules",
                                         " receivers",    " templates", " time intervals"};
    const bool found = starts(line, "- ") &&
                       std::any_of(kAmtoolFound.begin(), kAmtoolFound.end(),
                                   [&](auto each) { return line.find(each) != std::string_view::npos; });
    const bool checking = starts(line, "Checking ") && line.find("FAILED") == std::string_view::npos;
    return found || checking || starts(line, "SUCCESS") || line == "FAILED:" || line == "Found:" ||
           starts(line, "amtool: error: failed to validate");
}

/// Takes `line 3: ` off.
bool takeLine(std::string_view& text, Complaint& out) {
    auto rest = text;
    if (!takeOff(rest, "line ")) {
        return false;
    }
    const auto number = takeNumber(rest);
    if (!number || !takeOff(rest, ": ")) {
        return false;
    }
    out.line = *number;
    text = rest;
    return true;
}

/// Takes off `5:15: `, which may be there twice; `0:0: ` says nothing.
void takePosition(std::string_view& text, Complaint& out) {
    while (true) {
        auto rest = text;
        const auto line = takeNumber(rest);
        if (!line || !takeOff(rest, ":")) {
            return;
        }
        const auto column = takeNumber(rest);
        if (!column || !takeOff(rest, ": ")) {
            return;
        }
        if (*line != 0) {
            out.line = *line;
            out.column = *column;
        }
        text = rest;
    }
}

class Reader {
public:
    Reader(const std::string& directory, const std::string& file) : prefix_(directory + "/"), file_(file) {}

    void read(std::string_view said) {
        for (const auto line : splitLines(said)) {
            const auto text = trim(line);
            if (!text.empty() && !isProgress(text)) {
                one(text);
            }
        }
        open_ = false;
    }

    std::vector<Complaint> take() {
        std::vector<Complaint> out;
        for (auto& each : all_) {
            withoutPaths(each.reason);
            if (!each.reason.empty() && !followsKubernetes(out, each) &&
                std::find(out.begin(), out.end(), each) == out.end()) {
                out.push_back(std::move(each));
            }
        }
        return out;
    }

private:
    /// A resource of Kubernetes is one mistake, and not one for each of its fields.
    static bool followsKubernetes(const std::vector<Complaint>& before, const Complaint& each) {
        constexpr std::string_view kField = "not found in type rulefmt.RuleGroups";
        return each.reason.find(kField) != std::string::npos &&
               std::any_of(before.begin(), before.end(), [&](const Complaint& other) {
                   return other.file == each.file && starts(other.reason, "field apiVersion not found");
               });
    }

    void one(std::string_view text) {
        // amtool writes both in one line: `Checking 'PATH'  FAILED: why`.
        constexpr std::string_view kFailed = "FAILED: ";
        const bool progress = starts(text, "Checking ");
        const auto failed = progress || starts(text, kFailed) ? text.find(kFailed) : std::string_view::npos;
        if (failed != std::string_view::npos) {
            begin(text.substr(failed + kFailed.size()), file_);
        } else if (Complaint line; open_ && takeLine(text, line)) {
            line.file = all_.back().file;
            line.reason = text;
            all_.push_back(std::move(line));
        } else if (open_ && !starts(text, prefix_)) {
            all_.back().reason += (all_.back().reason.empty() ? "" : "\n") + std::string(text);
        } else {
            begin(text, "");
        }
    }

    /// Takes the file's path off, plain before a colon or in quotes.
    void takeFile(std::string_view& text, Complaint& out) const {
        const bool yaml = takeOff(text, "parsing YAML file ");
        auto rest = text;
        if (takeOff(rest, "checking SD file \"") && takeOff(rest, prefix_)) {
            const auto end = rest.find("\": ");
            if (end != std::string_view::npos) {
                out.file = rest.substr(0, end);
                text = rest.substr(end + 3);
            }
        } else if (rest = text; takeOff(rest, prefix_)) {
            const auto end = rest.find(": ");
            if (end != std::string_view::npos) {
                out.file = rest.substr(0, end);
                text = rest.substr(end + 2);
            }
        } else if (yaml) {
            out.file = file_;
        }
    }

    /// `template: a.tmpl:3: why`: by the name of the file, wherever it lies.
    static void takeTemplate(std::string_view& text, Complaint& out) {
        auto rest = text;
        if (!takeOff(rest, "template: ")) {
            return;
        }
        const auto colon = rest.find(':');
        if (colon == std::string_view::npos) {
            return;
        }
        const auto name = rest.substr(0, colon);
        rest.remove_prefix(colon + 1);
        const auto line = takeNumber(rest);
        if (!line || (!takeOff(rest, ": ") && !starts(rest, ":"))) {
            return;
        }
        out.file = name;
        out.line = *line;
        if (starts(rest, ":")) {  // and a column
            rest.remove_prefix(1);
            out.column = takeNumber(rest).value_or(0);
            takeOff(rest, ": ");
        }
        text = rest;
    }

    void begin(std::string_view text, const std::string& file) {
        Complaint out;
        out.file = file;
        takeFile(text, out);
        takePosition(text, out);
        takeTemplate(text, out);
        takeOff(text, "yaml: ");
        if (starts(text, "unmarshal errors:")) {
            text = {};  // its lines follow
        }
        takeLine(text, out);
        out.reason = text;
        all_.push_back(std::move(out));
        open_ = true;
    }

    void withoutPaths(std::string& reason) const {
        for (auto at = reason.find(prefix_); at != std::string::npos; at = reason.find(prefix_, at)) {
            reason.erase(at, prefix_.size());
        }
    }

    std::string prefix_;
    const std::string& file_;
    std::vector<Complaint> all_;
    bool open_ = false;
};

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace

std::vector<Complaint> complaintsIn(std::string_view out, std::string_view err, const std::string& directory,
                                    const std::string& file) {
    Reader reader(directory, file);
    reader.read(out);
    reader.read(err);
    return reader.take();
}

std::string toText(const Complaint& complaint) {
    std::string out = complaint.file;
    if (!out.empty() && complaint.line != 0) {
        out += ":" + std::to_string(complaint.line);
        out += complaint.column == 0 ? "" : ":" + std::to_string(complaint.column);
    }
    return out + (out.empty() ? "" : ": ") + complaint.reason;
}

bool mayBeVersion(std::string_view reason, const spec::ImageVersion& checker,
                  const spec::ImageVersion& program) {
    if (checker == program) {
        return false;
    }
    constexpr std::array kUnknown = {
        "not found in type", "unknown function", "unknown relabel action", "unknown scrape protocol",
        "unsupported",       "unknown fields",   "experimental",           "unknown fallback",
        "unknown long flag", "is not a known",   "unknown name validation"};
    // Prometheus 3 and Alertmanager 0.27 take any UTF-8 in names, and quote them in expressions and matchers.
    constexpr std::array kNames = {
        "valid label name",  "invalid label name", "invalid recording rule name", "invalid metric name",
        "unexpected string", "bad matcher format", "unexpected character",        "is not a valid hostname"};
    const auto said = [&](const auto& words) {
        return std::any_of(words.begin(), words.end(), [&](const char* each) { return has(reason, each); });
    };
    constexpr spec::ImageVersion kAlertmanager{0, 27};
    constexpr spec::ImageVersion kPrometheus{3, 0};
    const auto utf8 = program.major == 0 ? kAlertmanager : kPrometheus;
    return said(kUnknown) || (checker < utf8 && !(program < utf8) && said(kNames));
}

std::string hintFor(std::string_view reason) {
    struct Hint {
        std::string_view said;
        std::string_view hint;
    };
    static constexpr std::array kHints = {
        Hint{"parse error: unexpected \"=\"",
             "PromQL compares with `==`; a label is matched inside of braces"},
        Hint{"unknown function", "correct the function's name"},
        Hint{"could not parse expression", "correct the expression; Prometheus' page `/graph` tries one"},
        Hint{"field apiVersion not found",
             "this is a resource of Kubernetes: keep what stands below `spec:`"},
        Hint{"field kind not found", "this is a resource of Kubernetes: keep what stands below `spec:`"},
        Hint{"is repeated in the same file", "give each group of a file a name of its own"},
        Hint{"cannot start any token", "indent with blanks: YAML allows no tabs there"},
        Hint{"UTF-8", "write the file in UTF-8, not in another encoding"},
        Hint{"control characters are not allowed", "write the file as plain text in UTF-8"},
        Hint{"cannot be zero", "write a time longer than 0s, such as 5m"},
        Hint{"duration out of range", "write a shorter time: the longest is about 292y"},
        Hint{"wildcard group_by", "write `\"...\"` alone, or the labels without it"},
        Hint{"found multiple", "give each of them a name of its own"},
        Hint{"duplicate", "write it once"},
        Hint{"header must be changed via",
             "use the field for it: `authorization`, `basicAuth`, `oauth2` or `sigv4`"},
        Hint{"is a reserved header", "leave it out: the program sets it itself"},
        Hint{"cannot unmarshal", "write a value of the kind that is wanted there"},
        Hint{"not found in type", "correct the setting's name, or remove it"},
        Hint{"unexpected \"}\"", "an action of a template ends with `}}`"},
        Hint{"function \"", "templates know no such function: correct its name"},
        Hint{"template: ", "correct the template"},
        Hint{"one of 'record' or 'alert' must be set", "give the rule a name: `alert:` or `record:`"},
        Hint{"does not match valid options", "write one of these words"},
        Hint{"unknown time zone", "write a name of the time zone database, such as Europe/Berlin"},
        Hint{"error parsing regexp", "correct the regular expression"},
        Hint{"is not a valid hostname", "write HOST:PORT, without a scheme and a path"},
        Hint{"no such file", "is the file in the repository, and named in the document?"},
        Hint{"does not point to an existing file",
             "is the file in the repository, and named in the document?"},
    };
    for (const auto& each : kHints) {
        if (has(reason, each.said)) {
            return std::string(each.hint);
        }
    }
    return {};
}

}  // namespace vigie::apply
