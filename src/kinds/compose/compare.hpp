// What is said of a container that runs and is not as it should be.

#pragma once

#include "kinds/views.hpp"
#include "plan/context.hpp"
#include "plan/observed.hpp"

#include <set>
#include <string>

namespace vigie::plan {

/// Of a container that has mounted directories which are no longer there (`staleMounts` is not empty).
std::string staleMountReason(const ObservedContainer& container);

/// Why a container cannot be made or started just now, in words that say what to do.
struct Lacking {
    std::string network;  ///< one that it joins is not there
    std::string data;     ///< what was there before it is gone, or belongs to somebody else

    [[nodiscard]] std::string text() const;
};

Lacking lacking(const render::Container& compose, const Observed& observed);

/// The fields of a container that differ: their names, and one below the other as a diff.
struct Differing {
    std::string names;
    std::string diff;
};

/// What differs in the container of `wanted` while it is still as it was made from `was`, as a host compares
/// it with the running one. Secrets are told apart by their ids. `ignored` are fields of `spec.ignore`.
Differing differing(const render::Container& was, const render::Container& wanted,
                    const std::set<std::string>& ignored);

/// The container that runs against `compose`, the one that `resource` is: fills in what is to change.
void planContainer(const Context& context, const render::Resource& resource, const render::Container& compose,
                   Change& out);

constexpr const char* kMemoryIsLost = "; what it holds in memory is lost";

}  // namespace vigie::plan
