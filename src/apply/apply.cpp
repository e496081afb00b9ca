#include "apply/apply.hpp"

#include "apply/check.hpp"
#include "apply/observe.hpp"
#include "apply/reload.hpp"
#include "apply/transaction.hpp"
#include "base/error.hpp"
#include "base/hash.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

using plan::Action;
using plan::Change;

/// One apply in progress.
class Run {
public:
    Run(const Target& target, const plan::Plan& plan, state::Store& store, const Settings& settings,
        const system::System& system)
        : target_(target),
          plan_(plan),
          store_(store),
          settings_(settings),
          system_(system),
          before_(store.inventory()),
          inventory_(before_),
          transaction_(system.files) {
        for (const auto& resource : target.desired) {
            byId_[resource.id] = &resource;
        }
    }

    void run() {
        refuse();
        prepare();
        try {
            mutate();
            verify();
            record();
        } catch (const Error& error) {
            throw Error(rollBack(error), error.hint());
        } catch (const std::exception& error) {
            throw Error(rollBack(error));
        } catch (const Interrupted&) {
            rollBack(Error("interrupted"));
            throw;
        }
        transaction_.commit();
    }

private:
    void progress(const std::string& line) const {
        if (settings_.progress) {
            settings_.progress(line);
        }
    }

    [[nodiscard]] std::optional<Owner> ownerOf(Owner owner) const {
        return system_.files.canChown() ? std::optional(owner) : std::nullopt;
    }

    /// Before anything is touched: what a plan must never do.
    void refuse() const {
        for (const auto& change : plan_.changes) {
            if (change.action == Action::refuse) {
                throw Error(change.id + ": " + change.reason, "look at the difference with `vigie plan`");
            }
        }
        if (!before_.empty() && plan_.count(Action::remove) == before_.size()) {
            throw Error("this would delete everything that vigie owns on this host",
                        "is this the right document, and the right host, for this root?");
        }
    }

    /// Checks with the real tools when what they check changes.
    void prepare() const {
        std::vector<std::string> changed;
        for (const auto& change : plan_.changes) {
            if (change.action != Action::none) {
                changed.push_back(change.id);
            }
        }
        checkWithTools(target_.desired, changed, settings_.stateDirectory + "/staging", system_,
                       settings_.progress);
    }

    void mutate() {
        for (const auto& change : plan_.changes) {
            if (change.action == Action::remove) {
                removeResource(change.id);
            } else if (change.action != Action::none) {
                progress(std::string(toText(change.action)) + " " + change.id);
                make(change, *byId_.at(change.id));
            }
            own(change);
        }
    }

    void make(const Change& change, const render::Resource& resource) {
        if (const auto* file = std::get_if<render::File>(&resource.what)) {
            keepBackup(change, file->path);
            if (change.action != Action::create && change.diff.empty()) {
                setAttributes(*file);  // its bytes are right already
            } else if (target_.options.masked) {
                transaction_.write(file->path, file->content.masked(), file->mode, ownerOf(file->owner));
            } else {
                transaction_.write(file->path, view(file->content.reveal()), file->mode,
                                   ownerOf(file->owner));
            }
        } else if (const auto* directory = std::get_if<render::Directory>(&resource.what)) {
            if (change.action == Action::create) {
                transaction_.makeDirectory(directory->path, directory->mode, ownerOf(directory->owner));
            } else {
                transaction_.setAttributes(directory->path, directory->mode, ownerOf(directory->owner));
            }
        } else if (const auto* reload = std::get_if<render::Reload>(&resource.what)) {
            reloaded_.push_back(reload->baseUrl);
            reloadAndProve(*reload, settings_.reloadTimeout, system_);
        }
    }

    void setAttributes(const render::File& file) {
        const auto info = system_.files.inspect(file.path);
        if (info.mode != file.mode || (system_.files.canChown() && info.owner != file.owner)) {
            transaction_.setAttributes(file.path, file.mode, ownerOf(file.owner));
        }
    }

    /// What was there before we took it over is kept as long as we own the place.
    void keepBackup(const Change& change, const std::string& path) {
        if (change.action != Action::adopt || change.diff.empty()) {
            return;
        }
        constexpr std::size_t kShort = 16;
        const std::string backup = settings_.stateDirectory + "/backups/" +
                                   sha256Hex(path).substr(0, kShort) +
                                   path.substr(path.rfind('/')).replace(0, 1, "-");
        transaction_.write(backup, view(system_.files.read(path, system::kLargestFile)), 0600, std::nullopt);
        inventory_[change.id].backup = backup;
    }

    void removeResource(const std::string& id) {
        const auto colon = id.find(':');
        const std::string path = id.substr(colon + 1);
        const auto info = system_.files.inspect(path);
        inventory_.erase(id);
        if (info.type == FileInfo::Type::directory && !system_.files.list(path).empty()) {
            progress("keep " + id + ": it is not empty");
            return;
        }
        if (info.type == FileInfo::Type::directory || info.type == FileInfo::Type::regular) {
            progress("delete " + id);
            transaction_.remove(path);
        }
    }

    /// Files are ours once they are as we want them; a directory only when we made it.
    void own(const Change& change) {
        const auto it = byId_.find(change.id);
        if (it == byId_.end()) {
            return;
        }
        const auto kind = render::kindOf(*it->second);
        const bool made = kind == "directory" && change.action == Action::create;
        if (kind == "file" || made || inventory_.count(change.id) != 0) {
            inventory_[change.id].digest = digestOf(*it->second);
        }
    }

    /// Success is what is observed, not what was not refused.
    void verify() const {
        const auto after = planFor(target_, inventory_, system_);
        for (const auto& change : after.changes) {
            if (change.action != Action::none) {
                throw Error(change.id + " is not as it should be after the apply: " + change.reason);
            }
        }
    }

    /// Puts everything back and returns the whole story.
    std::string rollBack(const std::exception& error) {
        std::string message = error.what();
        if (transaction_.changedAnything() || !reloaded_.empty()) {
            progress("failed: putting everything back");
            auto problems = transaction_.rollBack();
            for (const auto& url : reloaded_) {
                if (auto problem = reloadOnly(url, settings_.reloadTimeout, system_.http); !problem.empty()) {
                    problems.push_back(std::move(problem));
                }
            }
            message += problems.empty() ? "; everything was put back" : "; NOT everything could be put back";
            for (const auto& problem : problems) {
                message += ": " + problem;
            }
        }
        return message;
    }

    void record() {
        const bool repaired = store_.lastRenderDigest() == digestOf(target_.desired);
        if (plan_.empty() && repaired && inventory_ == before_ &&
            store_.lastAppliedRevision() == target_.revision) {
            return;  // nothing happened: not even the clock is worth a write
        }
        state::Applied applied;
        applied.stack = target_.stack;
        applied.revision = target_.revision;
        applied.renderDigest = digestOf(target_.desired);
        applied.inventory = inventory_;
        applied.attempt = {system_.clock.now(), target_.revision,
                           repaired && !plan_.empty() ? "Repaired" : "Applied", ""};
        store_.record(applied);
    }

    const Target& target_;
    const plan::Plan& plan_;
    state::Store& store_;
    const Settings& settings_;
    const system::System& system_;
    state::Inventory before_;
    state::Inventory inventory_;
    Transaction transaction_;
    std::map<std::string_view, const render::Resource*> byId_;
    std::vector<std::string> reloaded_;
};

}  // namespace

plan::Plan planFor(const Target& target, const state::Inventory& inventory, const system::System& system) {
    auto out = plan::makePlan(target.desired, observe(target.desired, inventory, target.options, system),
                              inventory, target.options);
    out.stack = target.stack;
    out.host = target.host;
    out.revision = target.revision;
    return out;
}

void apply(const Target& target, const plan::Plan& plan, state::Store& store, const Settings& settings,
           const system::System& system) {
    try {
        Run(target, plan, store, settings, system).run();
    } catch (const Error& error) {
        store.record(state::Attempt{system.clock.now(), target.revision,
                                    plan.refused() ? "Refused" : "Failed", error.what()});
        throw;
    }
}

}  // namespace vigie::apply
