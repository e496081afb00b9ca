// `vigie plan`: what an apply would change.

#include "plan/plan.hpp"

#include "apply/inputs/desired_state.hpp"
#include "apply/probes/facts_age.hpp"
#include "apply/transaction/recover.hpp"
#include "base/error.hpp"
#include "cli/base_document.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/host_system.hpp"
#include "cli/terminal.hpp"
#include "plan/compare.hpp"
#include "plan/print.hpp"

#include <unistd.h>

#include <filesystem>

namespace vigie::cli {
namespace {

std::vector<plan::Plan> planOffline(const source::Loaded& loaded, const PlanOptions& options) {
    const auto found = options.base.empty() ? BaseDocument{} : baseDocument(options.directory, options.base);
    const auto& base = found.loaded;
    std::vector<plan::Plan> out;
    for (const auto& host : loaded.document->stack.hosts) {
        std::vector<vigie::render::Resource> before;
        if (base && base->document->stack.host(host.name) != nullptr) {
            before = apply::makeSealedDesiredState(*base, host.name).desired;
        }
        auto head = apply::makeSealedDesiredState(loaded, host.name, before);
        head.options.allowRemoval.insert(options.allowRemoval.begin(), options.allowRemoval.end());
        out.push_back(plan::compare(before, head.desired, head.options));
        out.back().stack = head.stack;
        out.back().host = host.name;
        if (!found.note.empty()) {
            out.back().notes.push_back(found.note);
        }
        if (!head.options.suspended.empty()) {
            out.back().notes.push_back(
                "suspended: vigie changes nothing on this host while the document has " +
                head.options.suspended);
        }
    }
    for (const auto& host : base ? base->document->stack.hosts : std::vector<spec::Host>{}) {
        if (loaded.document->stack.host(host.name) == nullptr) {
            out.push_back({loaded.document->stack.name,
                           host.name,
                           "",
                           {},
                           {"no longer in the document: vigie removes nothing from this host"},
                           ""});
        }
    }
    return out;
}

plan::Plan planHost(const source::Loaded& loaded, const PlanOptions& options) {
    HostSystem here(options.root);
    plan::Options planOptions;
    planOptions.activation = here.activation(options.activate);
    planOptions.adopt = {options.adopt.begin(), options.adopt.end()};
    planOptions.allowRemoval = {options.allowRemoval.begin(), options.allowRemoval.end()};
    const auto target = apply::makeDesiredState(loaded,
                                                {.host = chooseHost(loaded, options.host),
                                                 .revision = "",
                                                 .stateDirectory = options.root.state,
                                                 .tryOut = here.tryOut(),
                                                 .options = planOptions},
                                                here.inventory(), here.system());
    auto out = apply::planFor(target, here.inventory(), here.system());
    if (const auto facts = loaded.facts.find(target.host); facts != loaded.facts.end()) {
        const auto notes = apply::outdatedFacts(facts->second, target.host, here.files);
        out.notes.insert(out.notes.end(), notes.begin(), notes.end());
    }
    if (const auto store = state::Store::openReadOnly(here.statePath("vigie.db"));
        store && store->journal()) {
        const auto journal = store->journal();
        out.notes.push_back(journal->state == state::JournalState::armed
                                ? "the last applied change " + apply::waitingFor(*journal, here.clock)
                                : "run `vigie recover` first, to finish the interrupted apply");
    }
    return out;
}

void printPlans(const std::vector<plan::Plan>& plans, const PlanOptions& options) {
    if (options.output == "json") {
        print(toJson(plans));
        return;
    }
    const auto unchanged = options.all ? plan::Unchanged::list : plan::Unchanged::hide;
    print(options.output == "markdown"
              ? toMarkdown(plans, unchanged)
              : toText(plans, colourOn(STDOUT_FILENO), unchanged, audienceOf(STDOUT_FILENO)));
}

/// Whether there is a difference.
bool planAndPrint(const PlanOptions& options) {
    const auto loaded = loadUsable(options.directory);
    const auto plans =
        options.allHosts ? planOffline(loaded, options) : std::vector{planHost(loaded, options)};
    printPlans(plans, options);
    return std::any_of(plans.begin(), plans.end(),
                       [](const auto& each) { return !each.empty() || each.drifted(); });
}

/// Exit codes as terraform has them: 0 no difference, 1 an error, 2 a difference.
int planAsTerraform(const PlanOptions& options) {
    try {
        return planAndPrint(options) ? 2 : 0;
    } catch (const Error& error) {
        sayError(error.what(), error.hint());
        return 1;
    }
}

}  // namespace

int plan(const PlanOptions& options) {
    if (options.pending) {
        return pendingPlan(options);
    }
    if (options.detailedExitCode) {
        return planAsTerraform(options);
    }
    return planAndPrint(options) ? kDifference : kOk;
}

}  // namespace vigie::cli
