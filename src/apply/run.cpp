// One transaction: prepare, journal, mutate, verify, commit.
#include "apply/run.hpp"

#include "apply/before.hpp"
#include "apply/containers.hpp"
#include "apply/data_tree.hpp"
#include "apply/engine.hpp"
#include "apply/firewall.hpp"
#include "apply/generations.hpp"
#include "apply/health_checks.hpp"
#include "apply/host.hpp"
#include "apply/owned.hpp"
#include "apply/prepare.hpp"
#include "apply/recover.hpp"
#include "apply/refused.hpp"
#include "apply/rejected.hpp"
#include "apply/reload.hpp"
#include "apply/silences.hpp"
#include "apply/wireguard.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

using plan::Action;
using plan::Change;
using render::Resource;

/// How long a change of the way in may take before the guard takes it back, whatever the agent does.
constexpr std::chrono::milliseconds kUnattended = std::chrono::minutes(10);
constexpr std::string_view kUnits = "/etc/systemd/system/";
/// A program that has just been started may read much of its own data before it answers.
constexpr int kPatience = 5;

/// The document's word on how long proofs may take comes before the host's own.
Settings heeding(const Target& target, Settings settings) {
    if (target.timeout.count() != 0) {
        settings.reloadTimeout = target.timeout;
    }
    return settings;
}

/// Two programs that were just started, their reloads, containers and health checks; a usual time-out leaves
/// enough of `kUnattended`.
std::chrono::milliseconds longestProofs(const Settings& settings) {
    constexpr int kOthers = 4;
    return settings.reloadTimeout > kUnattended / (2 * kPatience)
               ? (2 * kPatience + kOthers) * settings.reloadTimeout + settings.settle
               : kUnattended;
}

}  // namespace

Run::Run(const Target& target, const plan::Plan& plan, state::Store& store, const Settings& settings,
         const system::System& system)
    : target_(target),
      plan_(plan),
      store_(store),
      settings_(heeding(target, settings)),
      system_(system),
      before_(store.inventory()),
      inventory_(before_),
      renderDigest_(renderDigest(target)) {
    for (const auto& resource : target.desired) {
        byId_[resource.id] = &resource;
    }
}

Applied Run::run() {
    try {
        refuse();
        prepare(target_, plan_, before_, settings_, system_);
        if (!plan_.empty()) {
            begin();
        }
    } catch (const Error& error) {
        const bool refused = dynamic_cast<const Refused*>(&error) != nullptr || plan_.refused();
        store_.record(state::Attempt{system_.clock.now(), target_.revision,
                                     refused ? state::AttemptResult::refused : state::AttemptResult::failed,
                                     error.what(), planText()});
        throw;
    }
    if (plan_.empty()) {
        for (const auto& change : plan_.changes) {
            own(change);
        }
        if (!nothingHappened()) {
            keepGeneration(target_, settings_.stateDirectory, system_);
            store_.record(applied());
            removeLeftovers(store_, settings_.stateDirectory, system_);
        }
        return Applied::done;
    }
    try {
        makeAll();
        requireHealth();
        removeAll();
        verify();
        return finish();
    } catch (const Rejected& error) {
        fail(error, error.hint(), true);
    } catch (const Error& error) {
        fail(error, error.hint(), false);
    } catch (const std::exception& error) {
        fail(error, {}, false);
    } catch (const Interrupted&) {
        takeBack(store_, state::AttemptResult::rolledBack, "interrupted", settings_, system_);
        throw;
    }
}

void Run::progress(const std::string& line) const {
    if (settings_.progress) {
        settings_.progress(line);
    }
}

std::optional<Owner> Run::ownerOf(Owner owner) const {
    return system_.files.canChown() ? std::optional(owner) : std::nullopt;
}

void Run::begin() {
    state::OpenJournal journal;
    journal.revision = target_.revision;
    journal.renderDigest = renderDigest_;
    journal.bootId = system_.clock.bootId();
    journal.byOperator = settings_.confirmWithin.count() != 0;
    std::int64_t window = std::max({settings_.confirmWithin, kUnattended, longestProofs(settings_)}).count();
    for (const auto& resource : target_.desired) {
        if (const auto* wireguard = std::get_if<render::WireguardInterface>(&resource.what)) {
            journal.interface = wireguard->interface;
            window = std::max(window, wireguard->windowMs);
        }
    }
    journal.deadline = system_.clock.sinceBoot() + window;
    journal.images = captureAll();
    keepGeneration(target_, settings_.stateDirectory, system_);
    store_.begin(journal);
    const bool guarded =
        target_.options.activation == plan::Activation::all && (journal.byOperator || touchesTheWayIn(plan_));
    if (guarded && settings_.startGuard) {
        try {
            settings_.startGuard();
        } catch (const Error&) {
            store_.abandon();  // nothing was changed: there is nothing to put back
            throw;
        }
    }
}

void Run::makeAll() {
    for (const auto& change : plan_.changes) {
        const auto it = byId_.find(change.id);
        if (change.acts() && change.action != Action::remove && change.action != Action::release) {
            progress(std::string(toText(change.action)) + " " + change.id);
            if (it == byId_.end()) {
                restartByMount(change);
            } else {
                make(change, *it->second);
            }
        }
        own(change);
    }
    if (settings_.proveOutbound && touchesTheWayIn(plan_)) {
        settings_.proveOutbound();
    }
}

void Run::make(const Change& change, const Resource& resource) {
    if (const auto* file = std::get_if<render::File>(&resource.what)) {
        makeFile(change, *file);
    } else if (const auto* directory = std::get_if<render::Directory>(&resource.what)) {
        makeDirectory(change, *directory);
    } else if (const auto* wireguard = std::get_if<render::WireguardInterface>(&resource.what)) {
        for (const auto& peer : observeWireguard(wireguard->interface, system_).peers) {
            newestHandshake_ = std::max(newestHandshake_, peer.handshake);
        }
        convergeWireguard(*wireguard, change.dials, system_);
        renewSessions(*wireguard, change.witnesses, change.dials, system_);
        followKeys(*wireguard, system_);
    } else if (const auto* rule = std::get_if<render::FirewallRule>(&resource.what)) {
        addFirewallRule(rule->rule, rule->comment, system_);
    } else if (const auto* sysctl = std::get_if<render::Sysctl>(&resource.what)) {
        setSysctl(sysctl->key, sysctl->value, system_);
    } else if (const auto* unit = std::get_if<render::Unit>(&resource.what)) {
        enableUnit(unit->name, true, system_);
    } else if (const auto* compose = std::get_if<render::ComposeService>(&resource.what)) {
        makeContainer(change, *compose);
    } else if (const auto* rebuild = std::get_if<render::Rebuild>(&resource.what)) {
        composeUp(rebuild->project, rebuild->service, Recreate::always, system_);
        started_.insert({rebuild->project.name, rebuild->service});
    } else if (const auto* reload = std::get_if<render::Reload>(&resource.what)) {
        makeReload(resource, *reload);
    } else if (const auto* silence = std::get_if<render::Silence>(&resource.what)) {
        makeSilence(*silence, settings_.reloadTimeout, system_);
    }
}

/// What was there before we took it over is kept, with its mode and owner, as long as we own the place.
void Run::keepBackup(const std::string& id, const std::string& path) {
    constexpr std::size_t kShort = 16;
    const std::string backup = settings_.stateDirectory + "/backups/" + sha256Hex(path).substr(0, kShort) +
                               path.substr(path.rfind('/')).replace(0, 1, "-");
    const auto info = system_.files.inspect(path);
    system::makeParents(system_.files, backup);
    system_.files.write(backup, view(system_.files.read(path, system::kLargestFile)), info.mode,
                        ownerOf(info.owner));
    inventory_[id].backup = backup;
}

void Run::makeFile(const Change& change, const render::File& file) {
    for (const auto& other : plan_.changes) {
        // Hooks of the file that is there run with that file, not with ours.
        const auto it = byId_.find(other.id);
        if (other.action == Action::restart && it != byId_.end()) {
            const auto* wireguard = std::get_if<render::WireguardInterface>(&it->second->what);
            if (wireguard != nullptr && wireguard->configPath == file.path) {
                takeDownWireguard(wireguard->interface, wireguard->configPath, system_);
            }
        }
    }
    system::makeParents(system_.files, file.path);
    if (change.action == Action::adopt) {
        keepBackup(change.id, file.path);
    }
    if (change.action != Action::create && change.diff.empty()) {
        const auto info = system_.files.inspect(file.path);  // its bytes are right already
        if (info.mode != file.mode || (system_.files.canChown() && info.owner != file.owner)) {
            system_.files.setAttributes(file.path, file.mode, ownerOf(file.owner));
        }
    } else if (target_.options.masked) {
        system_.files.write(file.path, file.content.masked(), file.mode, ownerOf(file.owner));
    } else {
        system_.files.write(file.path, view(file.content.reveal()), file.mode, ownerOf(file.owner));
    }
    if (file.path.compare(0, kUnits.size(), kUnits) == 0 && systemdRuns(system_.files)) {
        reloadUnits(system_);
    }
}

void Run::makeDirectory(const Change& change, const render::Directory& directory) {
    if (change.action == Action::create) {
        system::makeParents(system_.files, directory.path);
        system_.files.makeDirectory(directory.path, directory.mode, ownerOf(directory.owner));
        return;
    }
    const auto is = system_.files.inspect(directory.path);
    if (directory.tree && system_.files.canChown() && is.owner != directory.owner) {
        stopWriters(directory.path);
        reownTree(directory.path, is.owner, directory.owner, system_.files);
    }
    system_.files.setAttributes(directory.path, directory.mode, ownerOf(directory.owner));
}

/// A program writes down what it has in memory when it ends, which it can do only as long as the directory is
/// its own: those that are made anew end before their data change the owner.
void Run::stopWriters(const std::string& directory) {
    for (const auto& change : plan_.changes) {
        const auto it = byId_.find(change.id);
        const auto* compose =
            it == byId_.end() ? nullptr : std::get_if<render::ComposeService>(&it->second->what);
        if (compose == nullptr || change.action != Action::recreate) {
            continue;
        }
        const auto& mounts = compose->service.mounts;
        const bool writes = std::any_of(mounts.begin(), mounts.end(), [&](const render::Mount& mount) {
            return !mount.readOnly && mount.path(compose->project.directory) == directory;
        });
        const auto container =
            writes ? findContainer(compose->project.name, compose->service.name, system_) : std::nullopt;
        if (container && container->state == "running") {
            stopContainer(container->id, system_);
        }
    }
}

void Run::makeContainer(const Change& change, const render::ComposeService& compose) {
    const auto& project = compose.project;
    if (change.action == Action::restart) {
        restartContainer(project.name, compose.service.name, system_);
    } else {
        composeUp(project, compose.service.name,
                  change.action == Action::recreate ? Recreate::always : Recreate::ifDifferent, system_);
    }
    started_.insert({project.name, compose.service.name});
}

void Run::restartByMount(const Change& change) {
    const auto [project, service] = serviceOf(change.id);
    restartContainer(project, service, system_);
    started_.insert({project, service});
}

void Run::makeReload(const Resource& resource, const render::Reload& reload) {
    const bool fresh = std::any_of(resource.dependsOn.begin(), resource.dependsOn.end(), [&](const auto& id) {
        return kindOf(id) == "compose" && started_.count(serviceOf(id)) != 0;
    });
    if (fresh) {
        fresh_.push_back(&reload);
    } else {
        reloadAndProve(reload, settings_.reloadTimeout, system_);
    }
}

/// What is ours from now on: what we made, and what is as we want it. A directory only when we made it.
void Run::own(const Change& change) {
    const auto it = byId_.find(change.id);
    if (it == byId_.end() || !change.ownable || change.action == Action::refuse) {
        return;
    }
    const std::string kind = kindOf(change.id);
    const bool live = kind != "file" && kind != "directory" && kind != "reload";
    const bool activated = target_.options.activation == plan::Activation::all;
    const bool silenced = kind == "silence" && target_.options.activation != plan::Activation::none;
    const bool made = kind == "directory" && change.action == Action::create;
    if (kind == "file" && change.action == Action::none && inventory_.count(change.id) == 0) {
        keepBackup(change.id, nameOf(change.id));  // somebody else wrote the same: it was his
    }
    if (kind == "file" || made || (live && activated) || silenced || inventory_.count(change.id) != 0) {
        inventory_[change.id].digest = digestOf(*it->second);
        inventory_[change.id].detail = detailOf(*it->second);
    }
}

void Run::requireHealth() {
    auto watched = started_;
    // A repair may be what mends them, and is not taken back for what was sick before.
    const bool repairs = store_.lastRenderDigest() == renderDigest_;
    const bool checks = target_.options.activation == plan::Activation::all && !repairs;
    for (const auto& check : target_.healthChecks) {
        if (checks && !check.service.empty()) {
            watched.insert({check.project, check.service});
        }
    }
    if (!watched.empty()) {
        progress("watch " + count(watched.size(), "container") + " for " +
                 std::to_string(settings_.settle.count() / 1000) + " s");
        requireStable(watched, settings_.settle, settings_.reloadTimeout, system_);
    }
    for (const auto* reload : fresh_) {
        proveLoaded(*reload, kPatience * settings_.reloadTimeout, system_);
    }
    if (checks) {
        requireAnswers(target_.healthChecks, settings_.reloadTimeout, system_);
    }
}

/// What could not be foreseen when the plan was made, because it depends on what moves by itself: a peer used
/// its next key or fell silent meanwhile, a program is reached again over the tunnel that was brought up.
/// Whether something was done.
bool Run::settle(const plan::Plan& after) {
    bool done = false;
    for (const auto& change : after.changes) {
        const auto it = byId_.find(change.id);
        if (!change.acts() || it == byId_.end()) {
            continue;
        }
        if (const auto* wireguard = std::get_if<render::WireguardInterface>(&it->second->what)) {
            convergeWireguard(*wireguard, change.dials, system_);
            done = true;
        } else if (const auto* reload = std::get_if<render::Reload>(&it->second->what)) {
            reloadAndProve(*reload, settings_.reloadTimeout, system_);
            done = true;
        }
    }
    return done;
}

/// Success is what is observed, not what was not refused.
void Run::verify() {
    auto after = lookAt(target_, inventory_, system_);
    if (settle(after.plan)) {
        after = lookAt(target_, inventory_, system_);
    }
    for (const auto& change : after.plan.changes) {
        if (!change.acts() && change.action != Action::refuse) {
            continue;
        }
        const std::string what = change.id + " is not as it should be after the apply: " + change.reason;
        if (kindOf(change.id) == "file" || kindOf(change.id) == "directory") {
            throw Error(what, "does somebody else write there?");
        }
        throw Rejected(what);
    }
    if (settings_.verified) {
        settings_.verified(std::move(after));
    }
}

}  // namespace vigie::apply
