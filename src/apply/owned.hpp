#pragma once

#include "render/resource.hpp"
#include "state/inventory.hpp"

#include <string>
#include <utility>

namespace vigie::apply {

// The parts of a resource's id: `kind:name`, and for containers `compose:project/service`.
std::string nameOf(const std::string& id);
std::string kindOf(const std::string& id);
std::pair<std::string, std::string> serviceOf(const std::string& id);

/// What the removal of a resource needs to know when nothing renders it any more; kept in the inventory.
std::string detailOf(const render::Resource& resource);

/// A container as the inventory remembers it.
struct OwnedContainer {
    bool whole = true;  ///< ours, not a service of the user's to which we added something
    render::ComposeProject project;
    std::string service;
};

/// Of a silence's detail: Alertmanager's address and the mark.
std::pair<std::string, std::string> silenceOf(const std::string& detail);

OwnedContainer ownedContainer(const std::string& id, const state::Owned& owned);

}  // namespace vigie::apply
