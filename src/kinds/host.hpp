// What the half of a kind that touches the host consists of, as a contract that the compiler holds.
#pragma once

#include "kinds/before_images.hpp"
#include "kinds/models.hpp"
#include "plan/change.hpp"
#include "plan/observed.hpp"
#include "state/inventory.hpp"
#include "system/system.hpp"

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vigie::kinds {

/// What is looked at: nothing is changed.
struct Looking {
    const std::vector<render::Resource>& desired;
    const state::Inventory& inventory;
    const plan::Options& options;
    const system::System& system;
};

/// What has to be so before anything is changed.
struct Preparing {
    const std::vector<render::Resource>& desired;
    const plan::Plan& plan;
    const state::Inventory& inventory;
    std::string stateDirectory;
    std::function<void(const std::string&)> progress;  ///< may be empty
    bool attended = false;                             ///< somebody stands by to confirm the change
    const system::System& system;
    const system::System& patient;  ///< for what takes long and changes nothing that runs: may be interrupted
    std::vector<std::string> alsoNeeded = {};  ///< images that are needed though their containers stay

    [[nodiscard]] bool acts(std::string_view id) const;
    void tell(const std::string& line) const;
};

enum class PreparationTurn : std::uint8_t {
    requirements,  ///< what is installed
    kernelWays,    ///< ways that the host has now, and that no confirmation would bring back
    tunnelWays,
    doors,  ///< ways in that would be closed; only when a change may cut somebody off
    tools,
    images,
    builds,
};

struct Preparation {
    PreparationTurn turn;
    void (*run)(const Preparing& preparing);
};

/// A container of the user's that goes on without what vigie had added.
struct Part {
    render::ComposeProject project;
    std::string service;
};

/// A transaction: what it is made from, and what has come of it so far.
struct Transaction {
    const std::vector<render::Resource>& desired;
    const plan::Plan& plan;
    const plan::Options& options;
    std::string stateDirectory;
    std::chrono::milliseconds timeout;  ///< until a program must have answered
    std::function<void(const std::string&)> progress;
    const system::System& system;
    state::Inventory before;

    state::Inventory inventory = before;
    std::map<std::string_view, const render::Resource*> byId = {};
    std::set<std::pair<std::string, std::string>> started = {};  ///< containers: project and service
    std::vector<const render::Resource*> unproven = {};          ///< to be proven once containers stay up
    std::int64_t newestHandshake = 0;  ///< Unix seconds, before the tunnel was changed
    std::vector<Part> parts = {};
    bool unitFilesGone = false;

    [[nodiscard]] const render::Resource* resource(std::string_view id) const;
    /// What to give as an owner, where this process may change owners.
    [[nodiscard]] std::optional<Owner> ownerOf(Owner owner) const;
    void tell(const std::string& line) const;
};

/// What a change captures of before.
struct Capturing {
    const plan::Change& change;
    const state::Inventory& before;
    const plan::Options& options;
    const system::System& system;

    /// What the inventory remembers of it; empty: nothing.
    [[nodiscard]] std::string record() const;
};

/// What is asked of a resource that does not act itself.
struct Concern {
    const std::set<Kind>& acting;  ///< the kinds of which something acts
    bool ours = false;
};

/// When a resource becomes ours.
enum class Owning : std::uint8_t {
    always,
    whenMade,       ///< only what we made
    whenActivated,  ///< what is as it should be, where the kind is looked at
    never,          ///< unless it was ours before
};

/// What is about to change at a path that others use.
enum class Touch : std::uint8_t { bytes, owner };

enum class AfterRemovalTurn : std::uint8_t { parts, unitFiles };

struct AfterRemoval {
    AfterRemovalTurn turn;
    void (*run)(Transaction& transaction);
};

/// How a restore ended.
struct Restored {
    std::vector<std::string> problems = {};  ///< what could not be put back
    /// Paths that somebody else has directed elsewhere meanwhile: nothing is written there, now or later.
    std::vector<std::string> abandoned = {};
    std::vector<std::string> notes = {};  ///< what could not be proven, and mends itself
};

/// A restore on its way, and what its steps tell those behind them.
struct Undoing {
    const system::System& system;
    std::chrono::milliseconds timeout;
    Restored& out;
    bool rulesMoved = false;            ///< a rule was put back: those behind it may stand elsewhere
    bool copied = false;                ///< the tree is a copy of the host: its inodes are others
    std::set<std::string> remade = {};  ///< directories which the transaction may have removed
    bool unitFiles = false;
};

/// The order in which everything is put back. It is the product's safety: what let somebody in comes back
/// first, and what was let in additionally goes last; files come back before what reads them; containers need
/// the tunnel's addresses to start, so that it comes up before them and goes down behind them.
enum class UndoTurn : std::uint8_t {
    newContainersGo,
    entrancesBack,
    origin,
    paths,
    owners,
    unitFiles,
    settings,
    tunnelsUp,
    units,
    entrancesGo,
    containers,
    mounts,
    programs,
    silences,
    tunnelsDown,
};

enum class Direction : std::uint8_t { forward, backward, once };

/// One pass over the images of one name.
struct UndoStep {
    UndoTurn turn;
    std::string_view image;  ///< `state::BeforeImage::kind`
    Direction direction;     ///< of the pass; `once`: without an image, behind those before it
    bool lasting;            ///< what it puts back is more than a program's state of running
    /// An error of one image does not keep the others from being put back.
    void (*one)(Undoing& undoing, const std::string& id, std::string_view data);
};

inline constexpr Nothing<bool> concernsItselfOnly;
inline constexpr Nothing<void> startsNothingOfOthers;
inline constexpr Nothing<void> holdsNothing;
inline constexpr Nothing<void> isProvenByLooking;
inline constexpr Nothing<bool> settlesAtOnce;
inline constexpr Nothing<std::string> tellsNoCause;
inline constexpr Nothing<std::vector<std::string>> warnsOfNothing;
inline constexpr Nothing<void> staysBehind;
inline constexpr std::array<Preparation, 0> preparesNothing{};
inline constexpr std::array<AfterRemoval, 0> tidiesNothing{};
inline constexpr std::array<UndoStep, 0> nothingToUndo{};

/// The half of a kind that touches the host: a struct of static functions.
template <class H>
concept Host = Model<typename H::Model> &&
    requires(const typename H::Model::Desired& desired, const typename H::Model::Desired* perhaps,
             const render::Resource& resource, const std::vector<render::Resource>& resources,
             const Looking& looking, plan::Observed& observed, const Capturing& capturing,
             BeforeImages& images, const Concern& concern, Transaction& transaction,
             const plan::Change& change, const state::Owned& owned, const std::string& path, Touch touch,
             const system::System& system) {
    { H::owning } -> std::convertible_to<Owning>;
    /// Looks at all of the kind, and at what is ours of it and no longer desired.
    {H::observe(looking, observed)};
    /// Whether it is captured although it does not act itself.
    { H::concerned(concern) } -> std::same_as<bool>;
    /// Takes the before-image of a change that acts, or that is concerned. Null: not desired.
    {H::capture(capturing, perhaps, images)};
    {H::make(transaction, change, resource, desired)};
    /// A change of the plan to something of somebody else's.
    {H::makeOfOthers(transaction, change)};
    /// What has to let go before something changes at a path, because of its own change.
    {H::letGo(transaction, change, desired, path, touch)};
    /// Of what `make` put into `unproven`. Throws Rejected.
    {H::prove(transaction, desired)};
    /// Follows what moved by itself while the transaction ran; whether something was done.
    { H::settle(transaction, change, desired) } -> std::same_as<bool>;
    {H::remove(transaction, change, owned)};
    /// Why this host, and not what was rendered, makes it fail; empty: nothing is seen.
    { H::cause(desired, system) } -> std::same_as<std::string>;
    /// What a plan says of all of the kind beside what changes.
    { H::warnings(resources, system.files) } -> std::same_as<std::vector<std::string>>;
    { H::preparations.size() } -> std::convertible_to<std::size_t>;
    { H::afterRemovals.size() } -> std::convertible_to<std::size_t>;
    { H::undo.size() } -> std::convertible_to<std::size_t>;
};

/// Calls `function` with the resource and the desired form of every resource of the kind.
template <class M, class Function>
void each(const std::vector<render::Resource>& desired, Function function) {
    for (const auto& resource : desired) {
        if (const auto* form = std::get_if<typename M::Desired>(&resource.what)) {
            function(resource, *form);
        }
    }
}

}  // namespace vigie::kinds
