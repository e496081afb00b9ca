// Removes findings that the document disables.

#include "lint/suppress.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace vigie::lint {
namespace {

using Codes = std::set<std::string, std::less<>>;

/// The codes that a line's comment names.
std::vector<std::string_view> codesIn(std::string_view line) {
    constexpr std::string_view kMark = "# vigie: disable=";
    const auto at = line.find(kMark);
    if (at == std::string_view::npos) {
        return {};
    }
    const auto rest = line.substr(at + kMark.size());
    auto out = split(rest.substr(0, rest.find_first_of(" \t\r#")), ',');
    out.erase(std::remove(out.begin(), out.end(), ""), out.end());
    return out;
}

/// The disabled codes by line, counted from 1.
std::map<std::uint32_t, Codes> disabledOn(std::string_view source) {
    std::map<std::uint32_t, Codes> out;
    std::uint32_t number = 0;
    for (const auto line : splitLines(source)) {
        ++number;
        for (const auto code : codesIn(line)) {
            const bool alone = trim(line).front() == '#';
            out[alone ? number + 1 : number].emplace(code);
        }
    }
    return out;
}

struct Uselessness {
    std::string message;
    std::string hint;
};

/// Why `code` silences nothing, whatever there is to find; nothing when it can.
std::optional<Uselessness> uselessness(std::string_view code) {
    const auto known =
        std::find_if(code::kAll.begin(), code::kAll.end(), [&](Code each) { return code == each; });
    if (known == code::kAll.end()) {
        return Uselessness{"no finding has the code `" + std::string(code) + "`",
                           "copy the code from the output of `vigie validate`, such as `VG0406`"};
    }
    if (!known->canBeSilenced) {
        return Uselessness{"`" + std::string(code) + "` is the code of an error, and errors are always shown",
                           "remove it"};
    }
    return std::nullopt;
}

/// Comments that name what cannot be silenced.
void lintComments(const std::string& file, std::string_view source, spec::Diagnostics& diagnostics) {
    std::uint32_t number = 0;
    for (const auto line : splitLines(source)) {
        ++number;
        for (const auto code : codesIn(line)) {
            if (auto why = uselessness(code)) {
                const auto column = static_cast<std::uint32_t>(code.data() - line.data() + 1);
                diagnostics.add({spec::Severity::warning,
                                 code::VG0111.name,
                                 file,
                                 {number, column},
                                 std::move(why->message),
                                 std::move(why->hint),
                                 false});
            }
        }
    }
}

void lintDisabled(const spec::Stack& stack, const Codes& useful, const spec::Reporter& report) {
    for (std::size_t i = 0; i < stack.lintDisable.size(); ++i) {
        const auto& code = stack.lintDisable[i];
        const spec::FieldPath at = spec::FieldPath{"spec", "lint", "disable"}[i];
        if (report.refused(at)) {
            continue;
        }
        if (const auto why = uselessness(code)) {
            report.warning(code::VG0111, at, why->message, why->hint);
        } else if (useful.count(code) == 0) {
            report.info(code::VG0110, at, "this document has no warning or note with the code `" + code + "`",
                        "remove it");
        }
    }
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
    lintDisabled(stack, useful, report);
    for (const auto& [name, text] : sources) {
        lintComments(name, text, diagnostics);
    }
}

}  // namespace vigie::lint
