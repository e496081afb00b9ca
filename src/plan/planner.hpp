#pragma once

#include "plan/plan.hpp"

#include <string>

namespace vigie::plan {

/// What a plan is computed from, for one resource after the other.
struct Context {
    const Observed& observed;
    const state::Inventory& inventory;
    const Options& options;

    [[nodiscard]] bool ours(const std::string& id) const { return inventory.count(id) != 0; }
    /// It was applied as the document still has it: a difference is drift.
    [[nodiscard]] bool applied(const render::Resource& resource) const;
    /// The fields of a resource that are not compared; none when nothing is said of it.
    [[nodiscard]] const std::set<std::string>& ignoredOf(const std::string& id) const;
    [[nodiscard]] bool mayAdopt(const std::string& id) const { return options.adopt.count(id) != 0; }
};

// One function for each kind of resource; each fills in action, reason and diff.
void planFile(const Context& context, const render::Resource& resource, const render::File& file,
              Change& out);
void planDirectory(const Context& context, const render::Resource& resource,
                   const render::Directory& directory, Change& out);
void planReload(const Context& context, const render::Resource& resource, const render::Reload& reload,
                Change& out);
void planWireguard(const Context& context, const render::Resource& resource,
                   const render::WireguardInterface& wireguard, Change& out);
void planFirewall(const Context& context, const render::Resource& resource, const render::FirewallRule& rule,
                  Change& out);
void planSysctl(const Context& context, const render::Resource& resource, const render::Sysctl& sysctl,
                Change& out);
void planUnit(const Context& context, const render::Resource& resource, const render::Unit& unit,
              Change& out);
void planContainer(const Context& context, const render::Resource& resource,
                   const render::ComposeService& compose, Change& out);
void planRebuild(const Context& context, const render::Resource& resource, const render::Rebuild& rebuild,
                 Change& out);

void planSilence(const Context& context, const render::Resource& resource, const render::Silence& silence,
                 Change& out);

/// Silences of an Alertmanager that is started by this very plan.
void silenceOnceItRuns(const std::vector<render::Resource>& desired, const Observed& observed, Plan& plan);

/// A program whose container starts reads its configuration without being told. `plan.changes` begins with
/// those of `desired`, in its order.
void reloadWhatStarts(const std::vector<render::Resource>& desired, Plan& plan);

/// What is no longer desired, behind everything else.
void planRemovals(const Context& context, const std::vector<render::Resource>& desired, Plan& plan);

constexpr const char* kIgnored = "ignored (spec.ignore)";
constexpr const char* kKept = "no longer in the document; kept (spec.prune)";
constexpr const char* kHostsOwn = "is the host's own from now on; kept";
constexpr const char* kNowhere = "/dev/null";

}  // namespace vigie::plan
