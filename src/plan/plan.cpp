#include "plan/plan.hpp"

#include "plan/compare.hpp"
#include "plan/own_state.hpp"
#include "plan/planner.hpp"
#include "plan/wireguard.hpp"

#include <algorithm>

namespace vigie::plan {
namespace {

using render::Resource;

/// Whatever was planned for what is left alone is dropped.
void leaveAlone(Change& change) {
    change = Change{change.id, Action::none, kIgnored, {}, {}};
    change.ownable = false;  // and what was ours before stays so
}

Change changeOf(const Context& context, const Resource& resource) {
    Change out{resource.id, Action::none, {}, {}, {}};
    if (context.options.leavesAlone(resource.id)) {
        leaveAlone(out);
        return out;
    }
    const bool reloads = context.options.activation != Activation::none;
    const bool all = context.options.activation == Activation::all;
    if (const auto* file = std::get_if<render::File>(&resource.what)) {
        planFile(context, resource, *file, out);
    } else if (const auto* directory = std::get_if<render::Directory>(&resource.what)) {
        planDirectory(context, resource, *directory, out);
    } else if (const auto* reload = std::get_if<render::Reload>(&resource.what); reload && reloads) {
        planReload(context, resource, *reload, out);
    } else if (const auto* silence = std::get_if<render::Silence>(&resource.what); silence && reloads) {
        planSilence(context, resource, *silence, out);
    } else if (const auto* wireguard = std::get_if<render::WireguardInterface>(&resource.what);
               wireguard && all) {
        planWireguard(context, resource, *wireguard, out);
    } else if (const auto* rule = std::get_if<render::FirewallRule>(&resource.what); rule && all) {
        planFirewall(context, resource, *rule, out);
    } else if (const auto* sysctl = std::get_if<render::Sysctl>(&resource.what); sysctl && all) {
        planSysctl(context, resource, *sysctl, out);
    } else if (const auto* unit = std::get_if<render::Unit>(&resource.what); unit && all) {
        planUnit(context, resource, *unit, out);
    } else if (const auto* compose = std::get_if<render::ComposeService>(&resource.what); compose && all) {
        planContainer(context, resource, *compose, out);
    } else if (const auto* rebuild = std::get_if<render::Rebuild>(&resource.what); rebuild && all) {
        planRebuild(context, resource, *rebuild, out);
    } else {
        out.reason = "not activated here: " + resource.purpose;
    }
    return out;
}

/// Somebody's change by hand is undone, told or passed over, as the document says.
void heedDriftPolicy(const Context& context, const Resource& resource, Change& change) {
    if (!change.acts() || !context.applied(resource)) {
        return;
    }
    const auto it = context.options.driftOf.find(resource.id);
    const auto policy = it == context.options.driftOf.end() ? context.options.drift : it->second;
    if (policy == DriftPolicy::report) {
        change.action = Action::drift;
        change.reason += "; only reported (driftPolicy)";
    } else if (policy == DriftPolicy::ignore) {
        change.action = Action::none;
        change.diff.clear();
        change.reason += "; ignored (driftPolicy)";
    }
}

/// A program that runs may have loaded an edited file already: whenever one of its files is written, it
/// reloads.
void reloadWhatChanges(const std::vector<Resource>& desired, const Observed& observed, Plan& plan) {
    for (std::size_t i = 0; i < desired.size(); ++i) {
        const auto* reload = std::get_if<render::Reload>(&desired[i].what);
        if (reload == nullptr) {
            continue;
        }
        Change& change = plan.changes[i];
        const auto seen = observed.reloads.find(desired[i].id);
        if (change.action != Action::none || seen == observed.reloads.end() || !seen->second.answered) {
            continue;
        }
        for (std::size_t j = 0; j < desired.size(); ++j) {
            const auto* file = std::get_if<render::File>(&desired[j].what);
            if (file != nullptr && plan.changes[j].acts() && reload->loads(file->path)) {
                change.action = Action::reload;
                change.reason = "its files are written anew";
                break;
            }
        }
    }
}

/// A file that is mounted alone is seen anew only by a container that is started again.
void restartForOwnFile(const std::vector<Resource>& desired, Plan& plan) {
    for (std::size_t i = 0; i < desired.size(); ++i) {
        const auto* reload = std::get_if<render::Reload>(&desired[i].what);
        if (reload == nullptr || reload->hosts != render::Reload::Hosts::singleFile ||
            plan.changes[i].action != Action::reload) {
            continue;
        }
        for (auto& change : plan.changes) {
            const auto& after = desired[i].dependsOn;
            if (change.id.compare(0, 8, "compose:") == 0 && change.action == Action::none &&
                !change.unobserved && std::find(after.begin(), after.end(), change.id) != after.end()) {
                change.action = Action::restart;
                change.reason = "mounts " + reload->configPath +
                                " alone and would go on seeing the old file; put it into a directory";
            }
        }
    }
}

/// Without the host's own configuration no container is started for the first time. One that is applied runs
/// on with what it has loaded: the file may be missing while an editor saves it, which must not keep the rest
/// of the host from being repaired.
void waitForOwnFile(const Context& context, const std::vector<Resource>& desired, Plan& plan) {
    for (std::size_t i = 0; i < desired.size(); ++i) {
        const auto* reload = std::get_if<render::Reload>(&desired[i].what);
        const auto seen = context.observed.reloads.find(desired[i].id);
        if (reload == nullptr || reload->hosts == render::Reload::Hosts::no ||
            seen == context.observed.reloads.end() || !seen->second.wanted.empty()) {
            continue;
        }
        const std::string missing = "there is no file " + reload->configPath +
                                    ", which `configFile` says is this host's own (a link is not followed)";
        bool applied = false;
        for (std::size_t j = 0; j < desired.size(); ++j) {
            const auto& after = desired[i].dependsOn;
            if (std::holds_alternative<render::ComposeService>(desired[j].what) &&
                std::find(after.begin(), after.end(), desired[j].id) != after.end()) {
                applied = context.applied(desired[j]);
                if (applied && plan.changes[j].acts()) {
                    plan.changes[j].action = Action::drift;
                    plan.changes[j].reason += "; waits: " + missing;
                }
            }
        }
        plan.changes[i].action = applied ? Action::drift : Action::refuse;
        plan.changes[i].reason = missing + (applied ? "; only reported" : "");
    }
}

/// A file that is mounted alone into a container of the user's is not seen there once it was replaced: the
/// container keeps the old one until it is started again.
void restartSingleFileMounts(const std::vector<Resource>& desired, const Observed& observed, Plan& plan) {
    std::map<std::string, std::string> written;  // path → id
    for (std::size_t i = 0; i < desired.size(); ++i) {
        const auto* file = std::get_if<render::File>(&desired[i].what);
        if (file != nullptr && plan.changes[i].acts()) {
            written[file->path] = desired[i].id;
        }
    }
    for (const auto& [name, project] : observed.projects) {
        for (const auto& container : project.containers) {
            for (const auto& bind : container.binds) {
                const std::string id = "compose:" + name + "/" + container.service;
                const bool acted = std::any_of(plan.changes.begin(), plan.changes.end(),
                                               [&](const Change& c) { return c.id == id && c.acts(); });
                if (written.count(bind.source) != 0 && !acted && container.state == "running") {
                    const std::string reason =
                        "mounts " + bind.source +
                        " alone and would go on seeing the old file; mount its directory";
                    const auto known = std::find_if(plan.changes.begin(), plan.changes.end(),
                                                    [&](const Change& c) { return c.id == id; });
                    if (known == plan.changes.end()) {
                        plan.changes.push_back({id, Action::restart, reason, {}, {}});
                    } else {
                        known->action = Action::restart;
                        known->reason = reason;
                    }
                }
            }
        }
    }
}

void addNotes(const std::vector<Resource>& desired, const Observed& observed, const Options& options,
              Plan& plan) {
    if (!observed.canChown) {
        plan.notes.emplace_back(
            "without the right to change owners, owners are neither applied nor compared");
    }
    if (options.masked) {
        plan.notes.emplace_back(
            "this root has no identity (`vigie keys init`): secrets are written as ***, to look at and not "
            "to run");
    }
    plan.notes.insert(plan.notes.end(), options.notes.begin(), options.notes.end());
    if (!options.suspended.empty()) {
        plan.notes.push_back("suspended: nothing is changed here as long as the document says " +
                             options.suspended);
    }
    if (observed.firewall && observed.firewall->problem.empty() && !observed.firewall->enabled) {
        plan.notes.emplace_back(
            "ufw is not enabled: its rules count once it is (vigie never switches it on or off)");
    }
    for (const auto& resource : desired) {
        const auto* wireguard = std::get_if<render::WireguardInterface>(&resource.what);
        const auto it = observed.wireguard.find(resource.id);
        if (wireguard != nullptr && it != observed.wireguard.end()) {
            if (auto problem = keyFileProblem(*wireguard, it->second); !problem.empty()) {
                plan.notes.push_back(std::move(problem));
            }
        }
    }
    for (const auto& [name, project] : observed.projects) {
        if (!project.problem.empty()) {
            plan.notes.emplace_back("the containers of " + name + " were not looked at: " + project.problem);
        }
    }
}

}  // namespace

std::string_view toText(Action action) {
    switch (action) {
        case Action::none:
            return "none";
        case Action::create:
            return "create";
        case Action::update:
            return "update";
        case Action::remove:
            return "delete";
        case Action::release:
            return "release";
        case Action::reload:
            return "reload";
        case Action::recreate:
            return "recreate";
        case Action::restart:
            return "restart";
        case Action::adopt:
            return "adopt";
        case Action::refuse:
            return "refuse";
        case Action::drift:
            return "drift";
    }
    return {};
}

std::string_view toText(Activation activation) {
    switch (activation) {
        case Activation::none:
            return "none";
        case Activation::reload:
            return "reload";
        case Activation::all:
            return "all";
    }
    return {};
}

std::optional<Activation> activationFrom(std::string_view text) {
    for (const auto each : {Activation::none, Activation::reload, Activation::all}) {
        if (toText(each) == text) {
            return each;
        }
    }
    return std::nullopt;
}

bool Change::acts() const {
    return action != Action::none && action != Action::refuse && action != Action::drift;
}

bool Change::reversible() const {
    const bool gone = action == Action::remove || action == Action::release;
    return action != Action::recreate && action != Action::restart &&
           !(gone && id.compare(0, 8, "compose:") == 0);
}

bool Change::destructive() const {
    return action == Action::remove || !reversible();
}

bool Options::leavesAlone(const std::string& id) const {
    const auto it = ignored.find(id);
    return it != ignored.end() && it->second.empty();
}

const std::set<std::string>& Context::ignoredOf(const std::string& id) const {
    static const std::set<std::string> kNone;
    const auto it = options.ignored.find(id);
    return it == options.ignored.end() ? kNone : it->second;
}

bool Context::applied(const Resource& resource) const {
    const auto it = inventory.find(resource.id);
    return it != inventory.end() && it->second.digest == digestOf(resource);
}

bool Plan::empty() const {
    return std::all_of(changes.begin(), changes.end(),
                       [](const Change& c) { return !c.acts() && c.action != Action::refuse; });
}

bool Plan::drifted() const {
    return count(Action::drift) != 0;
}

bool Plan::refused() const {
    return count(Action::refuse) != 0;
}

std::size_t Plan::count(Action action) const {
    return static_cast<std::size_t>(
        std::count_if(changes.begin(), changes.end(), [&](const Change& c) { return c.action == action; }));
}

void reloadWhatStarts(const std::vector<Resource>& desired, Plan& plan) {
    std::set<std::string_view> started;
    for (const auto& change : plan.changes) {
        if (change.id.compare(0, 8, "compose:") == 0 &&
            (change.action == Action::create || change.action == Action::recreate ||
             change.action == Action::restart)) {
            started.insert(change.id);
        }
    }
    for (std::size_t i = 0; i < desired.size(); ++i) {
        const auto& after = desired[i].dependsOn;
        if (std::holds_alternative<render::Reload>(desired[i].what) &&
            std::any_of(after.begin(), after.end(), [&](const auto& id) { return started.count(id) != 0; })) {
            // Its proof is still asked for, once it runs.
            plan.changes[i].action = Action::reload;
            plan.changes[i].reason = "reads its configuration when its container starts";
        }
    }
}

Plan makePlan(const std::vector<Resource>& desired, const Observed& observed,
              const state::Inventory& inventory, const Options& options) {
    const Context context{observed, inventory, options};
    Plan out;
    for (const auto& resource : desired) {
        out.changes.push_back(changeOf(context, resource));
        heedDriftPolicy(context, resource, out.changes.back());
    }
    restartForOwnFile(desired, out);
    reloadWhatChanges(desired, observed, out);
    reloadWhatStarts(desired, out);
    silenceOnceItRuns(desired, observed, out);
    restartSingleFileMounts(desired, observed, out);
    waitForOwnFile(context, desired, out);
    planRemovals(context, desired, out);
    refuseInOwnState(desired, options, out);
    for (auto& change : out.changes) {  // also what others would have done to it
        if (options.leavesAlone(change.id)) {
            leaveAlone(change);
        }
    }
    addNotes(desired, observed, options, out);
    noteIgnored(options, out);
    noteKept(out);
    out.digest = digestOfPlan(out, desired);
    return out;
}

}  // namespace vigie::plan
