// `vigie explain`: the page of a code, or a field of the schema.

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/field_examples.hpp"
#include "cli/pages.hpp"
#include "cli/terminal.hpp"
#include "spec/field_help.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace vigie::cli {
namespace {

constexpr std::size_t kDigits = 4;

/// The number of `VG0101`, `vg101` or `0101`; nothing: this is no code.
std::optional<int> numberOf(const std::string& word) {
    std::string digits = word;
    if (digits.size() > 2 && std::toupper(static_cast<unsigned char>(digits[0])) == 'V' &&
        std::toupper(static_cast<unsigned char>(digits[1])) == 'G') {
        digits.erase(0, 2);
    }
    const bool number =
        !digits.empty() && digits.size() <= kDigits &&
        std::all_of(digits.begin(), digits.end(), [](unsigned char c) { return std::isdigit(c); });
    return number ? std::optional(std::stoi(digits)) : std::nullopt;
}

int numberOf(const Page& page) {
    return numberOf(std::string(page.code)).value_or(0);
}

int explainCode(const std::string& word, int number) {
    constexpr std::size_t kNear = 3;
    std::vector<const Page*> all;
    for (const auto& page : pages()) {
        if (numberOf(page) == number) {
            print(page.text);
            return kOk;
        }
        all.push_back(&page);
    }
    std::stable_sort(all.begin(), all.end(), [&](const Page* a, const Page* b) {
        return std::abs(numberOf(*a) - number) < std::abs(numberOf(*b) - number);
    });
    all.resize(std::min(all.size(), kNear));
    std::vector<std::string> near;
    near.reserve(all.size());
    for (const auto* page : all) {
        near.emplace_back(page->code);
    }
    std::sort(near.begin(), near.end());
    throw Error("there is no code `" + printable(word) + "`",
                "the nearest codes: " + join(near, ", ") + "; docs/codes/README.md lists all codes");
}

/// The example of the section that the field stands in, where the field is in it.
std::string exampleOf(const spec::FoundField& field) {
    const auto dot = field.path.find_last_of('.');
    const std::string parent = field.path.substr(0, dot);
    for (const auto& example : fieldExamples()) {
        if (example.path == field.path || example.path == field.path + "[]") {
            return std::string(example.text);
        }
    }
    for (const auto& example : fieldExamples()) {
        const bool inIt = dot != std::string::npos &&
                          example.text.find(field.path.substr(dot + 1) + ":") != std::string_view::npos;
        if (example.path == parent && inIt) {
            return std::string(example.text);
        }
    }
    return {};
}

int explainField(const std::string& word) {
    const auto field = spec::findField(spec::stackSchema(), word);
    const auto near = field ? std::vector<std::string>{} : spec::nearFields(spec::stackSchema(), word);
    if (field) {
        std::string out = spec::describeField(*field);
        if (const auto example = exampleOf(*field); !example.empty()) {
            out += "\nExample:\n" + example;
        }
        print(out);
        return kOk;
    }
    throw Error("there is no field `" + printable(word) + "`",
                near.empty() ? "write a field's path, such as spec.prometheus.web, or a code, such as "
                               "VG0201; `vigie explain spec` lists the fields of a document"
                             : "did you mean " + join(near, ", ") + "?");
}

}  // namespace

int explain(const std::string& codeOrField) {
    const auto number = numberOf(codeOrField);
    return number ? explainCode(codeOrField, *number) : explainField(codeOrField);
}

}  // namespace vigie::cli
