// Names of labels and metrics, by the program's version.

#include "spec/names.hpp"

#include "spec/image_version.hpp"

#include <algorithm>

namespace vigie::spec {
namespace {

constexpr ImageVersion kPrometheus{3, 0};
constexpr ImageVersion kAlertmanager{0, 27};
constexpr ImageVersion kSchemeOfTargets{3, 7};

bool letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool digit(char c) {
    return c >= '0' && c <= '9';
}

bool word(char c) {
    return letter(c) || digit(c);
}

bool saysLegacy(const Node* settings) {
    const auto* scheme = settings == nullptr ? nullptr : settings->find("nameValidationScheme");
    return scheme != nullptr && scheme->scalar == "legacy";
}

bool says(const Node* settings) {
    return settings != nullptr && settings->find("nameValidationScheme") != nullptr;
}

/// The offset behind `$1`, `$name` or `${name}` at `at`; `at` when there is none.
std::size_t behindReference(std::string_view text, std::size_t at) {
    const bool braces = text.substr(at, 2) == "${";
    const auto begin = at + (braces ? 2 : 1);
    auto end = begin;
    while (end < text.size() && word(text[end])) {
        ++end;
    }
    if (end == begin || (braces && text.substr(end, 1) != "}")) {
        return at;
    }
    return end + (braces ? 1 : 0);
}

}  // namespace

Names namesOf(Program program, std::string_view image) {
    const auto version = imageVersion(image);
    const auto since = program == Program::prometheus ? kPrometheus : kAlertmanager;
    return version && *version < since ? Names::legacy : Names::any;
}

Names namesOfTargets(std::string_view image, const Node* settings, const Node* global) {
    const auto version = imageVersion(image);
    const bool legacy = saysLegacy(says(settings) ? settings : global);
    if (version && *version >= kSchemeOfTargets && legacy) {
        return Names::legacy;
    }
    return namesOf(Program::prometheus, image);
}

bool isLabelName(std::string_view name, Names names) {
    return !name.empty() &&
           (names == Names::any || (letter(name.front()) && std::all_of(name.begin(), name.end(), word)));
}

bool isMetricName(std::string_view name, Names names) {
    const auto first = [](char c) { return letter(c) || c == ':'; };
    return !name.empty() &&
           (names == Names::any || (first(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
                                        return first(c) || digit(c);
                                    })));
}

// The expression of Prometheus 2 (`relabelTarget`): ^(?:(?:[a-zA-Z_]|\$(?:\{\w+\}|\w+))+\w*)+$
bool isLabelTemplate(std::string_view text, Names names) {
    if (text.empty() || names == Names::any) {
        return !text.empty();
    }
    bool begun = false;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] == '$') {
            const auto end = behindReference(text, i);
            if (end == i) {
                return false;
            }
            i = end;
        } else if (letter(text[i]) || (begun && digit(text[i]))) {
            ++i;
        } else {
            return false;
        }
        begun = true;
    }
    return true;
}

std::string nameHint(Program program, Names names) {
    if (names == Names::any) {
        return "a name has at least one character";
    }
    return program == Program::prometheus
               ? "use letters, digits and `_`, not beginning with a digit; Prometheus 3 allows any name"
               : "use letters, digits and `_`, not beginning with a digit; Alertmanager 0.27 allows any name";
}

}  // namespace vigie::spec
