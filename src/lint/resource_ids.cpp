// Ids of resources that a document names: in `adopt`, `driftPolicies` and `ignore`.
#include "base/text.hpp"
#include "lint/rules.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace vigie::lint {
namespace {

using spec::FieldPath;

/// The names that ids of this kind can have in the document; nullopt for kinds whose ids depend on the host.
std::optional<std::vector<std::string>> namesFor(const spec::Stack& stack, std::string_view kind) {
    if (kind == "compose" || kind == "rebuild") {
        return spec::namesIn(stack.projects);
    }
    if (kind == "wireguard") {
        return stack.wireguard.exists() ? std::vector{stack.wireguard.interface} : std::vector<std::string>{};
    }
    if (kind == "silence") {
        return stack.alertmanager ? spec::namesIn(stack.alertmanager->silences) : std::vector<std::string>{};
    }
    if (kind == "reload") {
        std::vector<std::string> out;
        if (stack.prometheus) {
            out.emplace_back("prometheus");
        }
        if (stack.alertmanager) {
            out.emplace_back("alertmanager");
        }
        return out;
    }
    return std::nullopt;
}

void lintId(const spec::Stack& stack, const std::string& id, const FieldPath& at,
            const spec::Reporter& report) {
    const auto colon = id.find(':');
    if (colon == std::string::npos || report.refused(at)) {
        return;
    }
    const auto kind = id.substr(0, colon);
    const auto known = namesFor(stack, kind);
    const auto rest = id.substr(colon + 1);
    const auto name = rest.substr(0, rest.find('/'));
    if (!known || std::find(known->begin(), known->end(), name) != known->end()) {
        return;
    }
    const auto close = nearest(name, *known);
    report.warning(code::VG0112, at, "the document has no resource `" + id + "`",
                   close.empty() ? "remove it, or copy the id from `vigie plan`"
                                 : "did you mean `" + kind + ":" + close + rest.substr(name.size()) + "`?");
}

}  // namespace

void lintResourceIds(const spec::Stack& stack, const spec::Reporter& report) {
    const FieldPath spec{"spec"};
    for (std::size_t i = 0; i < stack.adopt.size(); ++i) {
        lintId(stack, stack.adopt[i], (spec / "adopt")[i], report);
    }
    for (std::size_t i = 0; i < stack.driftPolicies.size(); ++i) {
        lintId(stack, stack.driftPolicies[i].resource, (spec / "driftPolicies")[i] / "resource", report);
    }
    for (std::size_t i = 0; i < stack.ignore.size(); ++i) {
        lintId(stack, stack.ignore[i].resource, (spec / "ignore")[i] / "resource", report);
    }
}

}  // namespace vigie::lint
