#include "plan/plan.hpp"

#include "base/hash.hpp"
#include "base/text.hpp"
#include "plan/diff.hpp"
#include "plan/redact.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace vigie::plan {
namespace {

using render::Resource;

constexpr const char* kNowhere = "/dev/null";

std::string octal(unsigned mode) {
    std::array<char, 8> out{};
    static_cast<void>(std::snprintf(out.data(), out.size(), "%04o", mode));
    return out.data();
}

std::string ownerText(const Owner& owner) {
    return std::to_string(owner.uid) + ":" + std::to_string(owner.gid);
}

std::string typeText(FileInfo::Type type) {
    switch (type) {
        case FileInfo::Type::missing:
            return "nothing";
        case FileInfo::Type::regular:
            return "a file";
        case FileInfo::Type::directory:
            return "a directory";
        case FileInfo::Type::symlink:
            return "a symbolic link";
        case FileInfo::Type::other:
            break;
    }
    return "something else than a file";
}

/// What of mode and owner differs, in words; empty when nothing does.
std::string attributesDiffer(const FileInfo& is, unsigned mode, const Owner& owner, bool canChown) {
    std::vector<std::string> out;
    if (is.mode != mode) {
        out.push_back("mode is " + octal(is.mode) + ", wanted " + octal(mode));
    }
    if (canChown && is.owner != owner) {
        out.push_back("owner is " + ownerText(is.owner) + ", wanted " + ownerText(owner));
    }
    return join(out, "; ");
}

class Planner {
public:
    Planner(const Observed& observed, const state::Inventory& inventory, const Options& options)
        : observed_(observed), inventory_(inventory), options_(options) {}

    Change change(const Resource& resource) const {
        Change out{resource.id, Action::none, {}, {}};
        if (const auto* file = std::get_if<render::File>(&resource.what)) {
            planFile(resource, *file, out);
        } else if (const auto* directory = std::get_if<render::Directory>(&resource.what)) {
            planDirectory(resource, *directory, out);
        } else if (const auto* reload = std::get_if<render::Reload>(&resource.what);
                   reload != nullptr && options_.activation == Activation::reload) {
            planReload(resource, *reload, out);
        } else {
            out.reason = "not activated here: " + resource.purpose;
        }
        return out;
    }

    Change removal(const std::string& id) const {
        Change out{id, Action::remove, "no longer in the document", {}};
        const auto it = observed_.files.find(id);
        if (it != observed_.files.end() && it->second.info.type == FileInfo::Type::regular) {
            // What it held is not known any more: whether a line was a secret cannot be told. Show none.
            out.diff = "--- " + id.substr(id.find(':') + 1) + "\n+++ " + kNowhere + "\n";
        }
        return out;
    }

private:
    [[nodiscard]] const ObservedFile& found(const Resource& resource) const {
        static const ObservedFile kNothing;
        const auto it = observed_.files.find(resource.id);
        return it == observed_.files.end() ? kNothing : it->second;
    }

    [[nodiscard]] bool mayAdopt(const std::string& id) const { return options_.adopt.count(id) != 0; }

    void planFile(const Resource& resource, const render::File& file, Change& out) const {
        const ObservedFile& is = found(resource);
        const bool ours = inventory_.count(resource.id) != 0;
        const std::string masked = file.content.masked();
        if (!is.info.exists()) {
            out.action = Action::create;
            out.reason = resource.purpose + (ours ? ": was removed on the host" : ": does not exist yet");
            out.diff = unifiedDiff("", masked, kNowhere, file.path);
            return;
        }
        if (is.info.type != FileInfo::Type::regular) {
            out.action = Action::refuse;
            out.reason = resource.purpose + ": " + typeText(is.info.type) + " is in the way; move it away";
            return;
        }
        const bool sameBytes =
            options_.masked ? view(is.bytes) == masked : view(is.bytes) == view(file.content.reveal());
        const std::string attributes = attributesDiffer(is.info, file.mode, file.owner, observed_.canChown);
        if (sameBytes && attributes.empty()) {
            out.action = ours ? Action::none : Action::adopt;
            out.reason = ours ? "as it should be" : resource.purpose + ": identical already, taken over";
            return;
        }
        if (!sameBytes) {
            out.diff = unifiedDiff(showable(view(is.bytes), file.content), masked, file.path, file.path);
            if (out.diff.empty()) {
                out.diff = "a secret in it differs; it is not shown\n";
            }
        }
        if (!ours && !sameBytes && !mayAdopt(resource.id)) {
            out.action = Action::refuse;
            out.reason =
                "exists already and is not ours; name it in `spec.adopt` or with --adopt to take it over";
            return;
        }
        out.action = ours ? Action::update : Action::adopt;
        out.reason = resource.purpose + ": " + whyDifferent(resource, ours, sameBytes, attributes);
    }

    [[nodiscard]] std::string whyDifferent(const Resource& resource, bool ours, bool sameBytes,
                                           const std::string& attributes) const {
        if (sameBytes) {
            return attributes;
        }
        if (!ours) {
            return "taken over; a backup is kept";
        }
        const bool drift = inventory_.at(resource.id).digest == digestOf(resource);
        const std::string why = drift ? "was edited on the host" : "changed in the document";
        return attributes.empty() ? why : why + "; " + attributes;
    }

    void planDirectory(const Resource& resource, const render::Directory& directory, Change& out) const {
        const ObservedFile& is = found(resource);
        if (!is.info.exists()) {
            out.action = Action::create;
            out.reason = resource.purpose + ": does not exist yet";
            return;
        }
        if (is.info.type != FileInfo::Type::directory) {
            out.action = Action::refuse;
            out.reason = resource.purpose + ": " + typeText(is.info.type) + " is in the way; move it away";
            return;
        }
        const std::string attributes =
            directory.exact ? attributesDiffer(is.info, directory.mode, directory.owner, observed_.canChown)
                            : "";
        if (!attributes.empty()) {
            out.action = Action::update;
            out.reason = resource.purpose + ": " + attributes;
            return;
        }
        out.reason = "as it should be";
    }

    void planReload(const Resource& resource, const render::Reload& reload, Change& out) const {
        const auto it = observed_.reloads.find(resource.id);
        if (it == observed_.reloads.end() || !it->second.answered) {
            out.reason =
                "does not answer at " + reload.baseUrl + "; it reads the configuration when it starts";
            return;
        }
        const ObservedReload& is = it->second;
        if (is.digest == reload.digest && is.jobs == reload.jobs) {
            out.reason = "has loaded this configuration";
            return;
        }
        out.action = Action::reload;
        if (is.digest.empty()) {
            out.reason = "has loaded a configuration that is not ours";
        } else if (is.digest != reload.digest) {
            out.reason = "has loaded another configuration";
        } else {
            out.reason = "has loaded our rules, but other scrape jobs";
        }
    }

    const Observed& observed_;
    const state::Inventory& inventory_;
    const Options& options_;
};

/// A program that runs may have loaded an edited file already: whenever one of its files is written, it
/// reloads.
void reloadWhatChanges(const std::vector<Resource>& desired, const Observed& observed, Plan& plan) {
    for (std::size_t i = 0; i < desired.size(); ++i) {
        const auto* reload = std::get_if<render::Reload>(&desired[i].what);
        const auto seen = observed.reloads.find(desired[i].id);
        if (reload == nullptr || plan.changes[i].action != Action::none || seen == observed.reloads.end() ||
            !seen->second.answered) {
            continue;
        }
        const std::string directory = reload->configPath.substr(0, reload->configPath.rfind('/') + 1);
        for (std::size_t j = 0; j < desired.size(); ++j) {
            const auto* file = std::get_if<render::File>(&desired[j].what);
            if (file != nullptr && plan.changes[j].action != Action::none &&
                file->path.substr(0, directory.size()) == directory) {
                plan.changes[i].action = Action::reload;
                plan.changes[i].reason = "its files are written anew";
                break;
            }
        }
    }
}

/// Of what was compared and what follows from it; no clocks, no counters.
std::string digestOfPlan(const Plan& plan, const std::vector<Resource>& desired) {
    Sha256 hash;
    for (const auto& change : plan.changes) {
        hash.field(change.id).field(toText(change.action)).field(change.reason).field(change.diff);
    }
    return hash.field(digestOf(desired)).hex();
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
        case Action::reload:
            return "reload";
        case Action::adopt:
            return "adopt";
        case Action::refuse:
            return "refuse";
    }
    return {};
}

bool Plan::empty() const {
    return std::all_of(changes.begin(), changes.end(),
                       [](const Change& c) { return c.action == Action::none; });
}

bool Plan::refused() const {
    return count(Action::refuse) != 0;
}

std::size_t Plan::count(Action action) const {
    return static_cast<std::size_t>(
        std::count_if(changes.begin(), changes.end(), [&](const Change& c) { return c.action == action; }));
}

Plan makePlan(const std::vector<Resource>& desired, const Observed& observed,
              const state::Inventory& inventory, const Options& options) {
    const Planner planner(observed, inventory, options);
    Plan out;
    std::set<std::string_view> wanted;
    for (const auto& resource : desired) {
        wanted.insert(resource.id);
        out.changes.push_back(planner.change(resource));
    }
    reloadWhatChanges(desired, observed, out);
    // A directory's id sorts before those of what lies in it, so the reverse order empties directories first;
    // files have their own prefix and are removed before all directories.
    std::vector<std::string> gone;
    for (const auto& [id, owned] : inventory) {
        if (wanted.count(id) == 0) {
            gone.push_back(id);
        }
    }
    std::sort(gone.begin(), gone.end(), [](const std::string& a, const std::string& b) {
        const bool directoryA = a.substr(0, 10) == "directory:";
        const bool directoryB = b.substr(0, 10) == "directory:";
        return directoryA != directoryB ? directoryB : a > b;
    });
    for (const auto& id : gone) {
        out.changes.push_back(planner.removal(id));
    }
    if (!observed.canChown) {
        out.notes.emplace_back("without the right to change owners, owners are neither applied nor compared");
    }
    if (options.masked) {
        out.notes.emplace_back(
            "this root has no identity (`vigie keys init`): secrets are written as ***, to look at and not "
            "to run");
    }
    out.digest = digestOfPlan(out, desired);
    return out;
}

Plan compare(const std::vector<Resource>& base, const std::vector<Resource>& head) {
    std::map<std::string_view, const Resource*> before;
    for (const auto& resource : base) {
        before[resource.id] = &resource;
    }
    const auto contentOf = [](const Resource* resource) {
        return resource == nullptr ? std::string() : describe(*resource);
    };
    const auto pathOf = [](const Resource& resource) {
        return resource.id.substr(resource.id.find(':') + 1);
    };
    Plan out;
    for (const auto& resource : head) {
        const auto it = before.find(resource.id);
        const Resource* old = it == before.end() ? nullptr : it->second;
        Change change{resource.id, Action::none, "unchanged", {}};
        if (old == nullptr) {
            change.action = Action::create;
            change.reason = resource.purpose;
        } else if (digestOf(*old) != digestOf(resource)) {
            const bool reload = std::holds_alternative<render::Reload>(resource.what);
            change.action = reload ? Action::reload : Action::update;
            change.reason = resource.purpose + ": changed in the document";
        }
        if (change.action != Action::none) {
            change.diff = unifiedDiff(contentOf(old), contentOf(&resource),
                                      old == nullptr ? kNowhere : pathOf(resource), pathOf(resource));
            if (change.diff.empty() && old != nullptr &&
                std::holds_alternative<render::File>(resource.what)) {
                change.diff = "a secret, the mode or the owner changes\n";
            }
        }
        out.changes.push_back(std::move(change));
        before.erase(resource.id);
    }
    for (auto it = base.rbegin(); it != base.rend(); ++it) {
        if (before.count(it->id) != 0) {
            out.changes.push_back({it->id, Action::remove, "no longer in the document",
                                   unifiedDiff(contentOf(&*it), "", pathOf(*it), kNowhere)});
        }
    }
    out.digest = digestOfPlan(out, head);
    return out;
}

}  // namespace vigie::plan
