// The desired loaded configuration of a program: digest and difference.

#include "kinds/reload/model.hpp"

#include "kinds/digest.hpp"
#include "kinds/models.hpp"
#include "plan/context.hpp"

#include <algorithm>
#include <set>

namespace vigie::plan {

bool hasLoaded(const render::ConfiguredProgram& reload, const ObservedReload& is) {
    const auto& wanted = reload.provenByFile() ? is.wanted : reload.digest;
    return is.answered && is.digest == wanted && is.jobs == reload.jobs;
}

}  // namespace vigie::plan

namespace vigie::kinds {

void ReloadModel::hash(const Desired& reload, Sha256& hash) {
    hash.field(reload.baseUrl).field(reload.digest).field(reload.configPath);
    hashList(hash, reload.jobs);
    if (reload.owner != render::ConfigOwner::vigie) {
        hash.field(reload.owner == render::ConfigOwner::userDirectory ? "directory" : "single file");
    }
    if (reload.attached) {
        hash.field("attached").field(reload.attached->name());
    }
}

std::string ReloadModel::describe(const Desired& reload) {
    return "POST " + reload.baseUrl + "/-/reload\n";
}

void ReloadModel::difference(const plan::Context& context, const render::Resource& resource,
                             const Desired& reload, plan::Change& out) {
    const auto it = context.observed.reloads.find(resource.id);
    const bool hosts = reload.owner != render::ConfigOwner::vigie;
    if (reload.attached && (it == context.observed.reloads.end() || !it->second.answered)) {
        out.reason = it == context.observed.reloads.end() ? "not checked" : it->second.problem;
        return;
    }
    if (it == context.observed.reloads.end() || !it->second.answered) {
        out.reason = "does not answer at " + reload.baseUrl + "; it reads the configuration when it starts";
        return;
    }
    const auto& is = it->second;
    if (hasLoaded(reload, is)) {
        out.reason = "has loaded this configuration";
        return;
    }
    out.action = plan::Action::reload;
    if (hosts || reload.provenByFile()) {
        out.reason = reload.configPath + " is another than the one it has loaded";
    } else if (is.digest.empty()) {
        out.reason = "has loaded a configuration that is not ours";
    } else if (is.digest != reload.digest) {
        out.reason = "has loaded another configuration";
    } else {
        out.reason = "has loaded our rules, but other scrape jobs";
    }
}

void ReloadModel::changed(const Comparison& comparison, const Desired& /*reload*/, plan::Change& out) {
    changedAsDescribed(comparison, out);
    out.action = plan::Action::reload;
    if (comparison.old == nullptr) {
        out.diff.clear();  // its URL is no difference to look at
    }
}

Removal ReloadModel::removal(std::string_view /*record*/) {
    return {plan::Action::release, "no longer in the document: vigie asks it to reload no more"};
}

std::vector<std::string> ReloadModel::watched(const Desired& reload, plan::Activation /*activation*/) {
    const auto own = usersFile(reload);
    return own.empty() ? std::vector<std::string>{} : std::vector{own};
}

std::string ReloadModel::usersFile(const Desired& reload) {
    return reload.owner == render::ConfigOwner::vigie ? std::string() : reload.configPath;
}

/// A program that runs may have loaded an edited file already: whenever one of its files is written, it
/// reloads.
void ReloadModel::reloadWhatChanges(const plan::Context& context,
                                    const std::vector<render::Resource>& desired, plan::Plan& plan) {
    for (std::size_t i = 0; i < desired.size(); ++i) {
        const auto* reload = std::get_if<Desired>(&desired[i].what);
        if (reload == nullptr) {
            continue;
        }
        plan::Change& change = plan.changes[i];
        const auto seen = context.observed.reloads.find(desired[i].id);
        if (change.action != plan::Action::none || seen == context.observed.reloads.end()) {
            continue;
        }
        const bool mute = reload->attached && !seen->second.answered && !seen->second.stopped;
        if (!seen->second.answered && !mute) {
            continue;
        }
        for (std::size_t j = 0; j < desired.size(); ++j) {
            if (contentOf(desired[j]) != nullptr && plan.changes[j].acts() &&
                reload->loads(loadedPathOf(desired[j]))) {
                // Nothing could be proven of one that runs and cannot be asked.
                change.action = mute ? plan::Action::refuse : plan::Action::reload;
                change.unobserved = mute;
                change.reason = mute ? seen->second.problem : "its files are written anew";
                break;
            }
        }
    }
}

/// A file that is mounted alone is seen anew only by a container that is started again.
void ReloadModel::restartForOwnFile(const plan::Context& /*context*/,
                                    const std::vector<render::Resource>& desired, plan::Plan& plan) {
    for (std::size_t i = 0; i < desired.size(); ++i) {
        const auto* reload = std::get_if<Desired>(&desired[i].what);
        if (reload == nullptr || reload->owner != render::ConfigOwner::userFile ||
            plan.changes[i].action != plan::Action::reload) {
            continue;
        }
        for (auto& change : plan.changes) {
            const auto& after = desired[i].dependsOn;
            if (isA(Kind::compose, change.id) && change.action == plan::Action::none && !change.unobserved &&
                std::find(after.begin(), after.end(), change.id) != after.end()) {
                change.action = plan::Action::restart;
                change.reason = "mounts " + reload->configPath +
                                " alone and would go on seeing the old file; put it into a directory";
            }
        }
    }
}

void ReloadModel::reloadWhatStarts(const plan::Context& /*context*/,
                                   const std::vector<render::Resource>& desired, plan::Plan& plan) {
    std::set<std::string_view> started;
    for (const auto& change : plan.changes) {
        if (isA(Kind::compose, change.id) &&
            (change.action == plan::Action::create || change.action == plan::Action::recreate ||
             change.action == plan::Action::restart)) {
            started.insert(change.id);
        }
    }
    for (std::size_t i = 0; i < desired.size(); ++i) {
        const auto& after = desired[i].dependsOn;
        if (kindOf(desired[i]) == kind &&
            std::any_of(after.begin(), after.end(), [&](const auto& id) { return started.count(id) != 0; })) {
            // Its proof is still asked for, once it runs.
            plan.changes[i].action = plan::Action::reload;
            plan.changes[i].reason = "reads its configuration when its container starts";
        }
    }
}

/// Without the host's own configuration no container is started for the first time. One that is applied runs
/// on with what it has loaded: the file may be missing while an editor saves it, which must not keep the rest
/// of the host from being repaired.
void ReloadModel::waitForOwnFile(const plan::Context& context, const std::vector<render::Resource>& desired,
                                 plan::Plan& plan) {
    for (std::size_t i = 0; i < desired.size(); ++i) {
        const auto* reload = std::get_if<Desired>(&desired[i].what);
        const auto seen = context.observed.reloads.find(desired[i].id);
        if (reload == nullptr || reload->owner == render::ConfigOwner::vigie ||
            seen == context.observed.reloads.end() || !seen->second.wanted.empty()) {
            continue;
        }
        const std::string missing = "there is no file " + reload->configPath +
                                    ", which `configFile` says is this host's own (a link is not followed)";
        bool applied = false;
        for (std::size_t j = 0; j < desired.size(); ++j) {
            const auto& after = desired[i].dependsOn;
            if (containerOf(desired[j]) != nullptr &&
                std::find(after.begin(), after.end(), desired[j].id) != after.end()) {
                applied = context.applied(desired[j]);
                if (applied && plan.changes[j].acts()) {
                    plan.changes[j].action = plan::Action::drift;
                    plan.changes[j].reason += "; waits: " + missing;
                }
            }
        }
        plan.changes[i].action = applied ? plan::Action::drift : plan::Action::refuse;
        plan.changes[i].reason = missing + (applied ? "; only reported" : "");
    }
}

}  // namespace vigie::kinds
