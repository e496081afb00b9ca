#include "lint/suppress.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace vigie::lint {
namespace {

using Codes = std::set<std::string, std::less<>>;

/// The codes that a line's comment names.
Codes codesIn(std::string_view line) {
    constexpr std::string_view kMark = "# vigie: disable=";
    const auto at = line.find(kMark);
    if (at == std::string_view::npos) {
        return {};
    }
    Codes out;
    const auto rest = line.substr(at + kMark.size());
    for (const auto code : split(rest.substr(0, rest.find_first_of(" \t\r#")), ',')) {
        out.emplace(code);
    }
    return out;
}

/// What is disabled on each line, counted from 1.
std::map<std::uint32_t, Codes> disabledOn(std::string_view source) {
    std::map<std::uint32_t, Codes> out;
    std::uint32_t number = 0;
    for (const auto line : splitLines(source)) {
        ++number;
        auto codes = codesIn(line);
        if (!codes.empty()) {
            const bool alone = trim(line).front() == '#';
            out[alone ? number + 1 : number].merge(codes);
        }
    }
    return out;
}

}  // namespace

void suppress(const spec::Stack& stack, const std::map<std::string, std::string>& sources,
              const spec::Reporter& report, spec::Diagnostics& diagnostics) {
    std::map<std::string, std::map<std::uint32_t, Codes>> files;
    for (const auto& [name, text] : sources) {
        files[name] = disabledOn(text);
    }
    Codes useful;
    diagnostics.removeIf([&](const spec::Diagnostic& each) {
        if (each.severity == spec::Severity::error) {
            return false;
        }
        const auto& everywhere = stack.lintDisable;
        if (std::find(everywhere.begin(), everywhere.end(), each.code) != everywhere.end()) {
            useful.insert(each.code);
            return true;
        }
        const auto& lines = files[each.file];
        const auto line = lines.find(each.at.line);
        return line != lines.end() && line->second.count(each.code) != 0;
    });
    for (std::size_t i = 0; i < stack.lintDisable.size(); ++i) {
        if (useful.count(stack.lintDisable[i]) == 0) {
            report.info("VG0110", spec::FieldPath{"spec", "lint", "disable"}[i],
                        "nothing in this document is a warning `" + stack.lintDisable[i] + "`",
                        "remove it; errors cannot be disabled");
        }
    }
}

}  // namespace vigie::lint
