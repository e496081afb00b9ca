#pragma once

#include "base/file_info.hpp"
#include "base/secure.hpp"
#include "render/resource.hpp"
#include "state/inventory.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace vigie::plan {

/// What lies at the path of a file or directory.
struct ObservedFile {
    FileInfo info;
    SecureBytes bytes;  ///< of regular files
};

/// What a running program has loaded.
struct ObservedReload {
    bool answered = false;          ///< false: it does not run, or not where it should
    std::string digest;             ///< of the render that it has loaded; empty: none of ours
    std::vector<std::string> jobs;  ///< Prometheus: the jobs that it has loaded, in order
    std::string problem;            ///< why it did not answer
};

/// The host as it is, as far as the desired resources and the inventory ask. By resource id.
struct Observed {
    std::map<std::string, ObservedFile> files;
    std::map<std::string, ObservedReload> reloads;
    bool canChown = true;
};

enum class Action : std::uint8_t { none, create, update, remove, reload, adopt, refuse };

std::string_view toText(Action action);

/// What happens to one resource.
struct Change {
    std::string id;
    Action action = Action::none;
    std::string reason;  ///< in words
    std::string diff;    ///< unified, secrets masked; may be empty
};

struct Plan {
    std::string stack;
    std::string host;
    std::string revision;         ///< a commit, or empty for a plain directory
    std::vector<Change> changes;  ///< in the order in which they are made
    std::vector<std::string> notes;
    std::string digest;  ///< of the compared fields; equal plans have equal digests

    [[nodiscard]] bool empty() const;
    [[nodiscard]] bool refused() const;
    [[nodiscard]] std::size_t count(Action action) const;
};

/// How far beyond files a plan goes.
enum class Activation : std::uint8_t { none, reload };

struct Options {
    Activation activation = Activation::none;
    /// Ids that may be taken over although they exist and differ.
    std::set<std::string> adopt;
    /// The host has no identity: secrets are written as `***`, to try things out.
    bool masked = false;
};

/// Desired against observed. Pure. Resources of the inventory that are no longer desired are removed last.
Plan makePlan(const std::vector<render::Resource>& desired, const Observed& observed,
              const state::Inventory& inventory, const Options& options);

/// Rendered against rendered, for review before a push: what of `head` is not in `base`.
Plan compare(const std::vector<render::Resource>& base, const std::vector<render::Resource>& head);

}  // namespace vigie::plan
