// What the pure half of a kind consists of, as a contract that the compiler holds.
#pragma once

#include "kinds/kind.hpp"
#include "kinds/views.hpp"
#include "plan/activation.hpp"

#include <array>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vigie {
class Sha256;
}
namespace vigie::render {
struct Resource;
}
namespace vigie::plan {
struct Change;
struct Context;
struct Observed;
struct Options;
struct Plan;
enum class Action : std::uint8_t;
}  // namespace vigie::plan

namespace vigie::kinds {

/// The turn in which what is no longer desired goes. Containers before the files that they mount, the tunnel
/// before its file, files before the directories that hold them, and what lets somebody in at the very end:
/// what it lets in must be gone first.
enum class RemovalTurn : std::uint8_t {
    silences,
    programs,
    images,
    containers,
    units,
    tunnels,
    files,
    directories,
    guests,  ///< behind the tunnel: what confines them goes when they are gone
    settings,
    entrances,
    unknown,  ///< kinds of another version
};

/// What the name of a resource is.
enum class Place : std::uint8_t { none, file, directory };

/// What is to be known of a kind, and needs no function.
struct Traits {
    plan::Activation from = plan::Activation::all;  ///< below it, nothing of the kind is looked at or made
    Place place = Place::none;                      ///< whether the name is a path, and of what
    RemovalTurn removalTurn = RemovalTurn::unknown;
    bool ofTunnel = false;     ///< without it the hosts of the tunnel do not reach one another
    bool letsIn = false;       ///< it only ever lets somebody in, who may still be there when it is dropped
    bool wayIn = false;        ///< a change of it may cut off whoever works on this host
    bool holdsMemory = false;  ///< nothing brings back what it held in memory
};

/// What becomes of a resource that is no longer desired.
struct Removal {
    plan::Action action;  ///< remove or release
    std::string reason;
};

/// One resource, rendered before and after; `old` is null for one that is new in the document.
struct Comparison {
    const render::Resource* old;
    const render::Resource& resource;
    const plan::Options& options;
};

/// The turn in which a plan is looked through again, once every resource has its own change.
enum class FollowUpTurn : std::uint8_t {
    restartForOwnFile,
    reloadWhatChanges,
    reloadWhatStarts,
    silenceOnceItRuns,
    restartSingleFileMounts,
    waitForOwnFile,
};

/// What one change of a plan means for others. `plan.changes` begins with those of `desired`, in its order.
struct FollowUp {
    FollowUpTurn turn;
    bool ofDocuments;  ///< also where two documents are compared, and nothing was observed
    void (*run)(const plan::Context& context, const std::vector<render::Resource>& desired, plan::Plan& plan);
};

/// A function that has nothing to do or to say for a kind: the kind's own `Result()`, whatever it is asked.
template <class Result>
struct Nothing {
    template <class... Arguments>
    constexpr Result operator()(const Arguments&... /*unused*/) const {
        return Result();
    }
};

inline constexpr Nothing<std::string> describesNothing;
inline constexpr Nothing<std::string> needsNoRecord;
inline constexpr Nothing<std::string> isNoComponent;
inline constexpr Nothing<std::vector<std::string>> hasNoPaths;
inline constexpr Nothing<std::vector<std::string>> watchesNothing;
inline constexpr Nothing<void> notesNothing;
inline constexpr Nothing<bool> neverSaysMore;
inline constexpr Nothing<bool> isNotExact;
inline constexpr Nothing<std::string> leavesNothingToTheUser;
inline constexpr Nothing<const render::Text*> hasNoContent;
inline constexpr Nothing<const render::Tunnel*> isNoTunnel;
inline constexpr Nothing<const render::Container*> isNoContainer;
inline constexpr Nothing<const render::ConfiguredProgram*> isNoProgram;
inline constexpr std::array<FollowUp, 0> followsUpNothing{};

/// The pure half of a kind: a struct of static functions. `Desired` is what is rendered, an alternative of
/// `render::What`.
template <class M>
concept Model = requires(const typename M::Desired& desired, const render::Resource& resource,
                         const std::vector<render::Resource>& resources, const plan::Context& context,
                         const plan::Observed& observed, const Comparison& comparison, std::string_view text,
                         plan::Activation activation, plan::Change& change, Sha256& hash,
                         std::vector<std::string>& lines) {
    { M::kind } -> std::convertible_to<Kind>;
    { M::traits } -> std::convertible_to<Traits>;
    /// Everything that makes it another resource, into its digest. Secrets count by their ids.
    {M::hash(desired, hash)};
    /// What a plan shows of it, secrets masked; empty where the id says it all.
    { M::describe(desired) } -> std::same_as<std::string>;
    /// Whether two documents' parts want the same of it.
    { M::sameState(resource, resource) } -> std::same_as<bool>;
    /// Of two that want the same: whether this one says more than another, and takes its place.
    { M::saysMore(desired) } -> std::same_as<bool>;
    /// Desired against observed: fills in action, reason and diff.
    {M::difference(context, resource, desired, change)};
    /// Desired against what another document desires.
    {M::changed(comparison, desired, change)};
    /// What the inventory keeps, for the time when nothing renders it any more (`state::Owned::detail`).
    { M::record(desired) } -> std::same_as<std::string>;
    /// What becomes of it then, as far as its record tells.
    { M::removal(text) } -> std::same_as<Removal>;
    /// The guarded component (plan/guard.hpp) that it is, by its name and record; may be empty.
    { M::component(text, text) } -> std::same_as<std::string>;
    /// Every path that it is, reads or shows to a container.
    { M::paths(desired) } -> std::same_as<std::vector<std::string>>;
    /// The paths of which a change by somebody else is to be noticed at once.
    { M::watched(desired, activation) } -> std::same_as<std::vector<std::string>>;
    /// What is to be said beside what changes, of all resources of the kind.
    {M::notes(resources, observed, lines)};
    /// The user's own file, which was vigie's before perhaps; empty: none.
    { M::usersFile(desired) } -> std::same_as<std::string>;
    /// Nobody else has a say in what is at its path and how.
    { M::exact(desired) } -> std::same_as<bool>;
    { M::content(desired) } -> std::same_as<const render::Text*>;
    { M::tunnel(desired) } -> std::same_as<const render::Tunnel*>;
    { M::container(desired) } -> std::same_as<const render::Container*>;
    { M::program(desired) } -> std::same_as<const render::ConfiguredProgram*>;
    { M::followUps.size() } -> std::convertible_to<std::size_t>;
};

/// For `sameState`: the same digest.
bool sameDigest(const render::Resource& a, const render::Resource& b);
/// For `changed`: what `describe` shows of both, as a diff.
void changedAsDescribed(const Comparison& comparison, plan::Change& out);
inline constexpr auto changesAsDescribed = [](const Comparison& comparison, const auto& /*desired*/,
                                              plan::Change& out) { changedAsDescribed(comparison, out); };
/// For `removal`: it goes.
Removal goes(std::string_view record);

}  // namespace vigie::kinds
