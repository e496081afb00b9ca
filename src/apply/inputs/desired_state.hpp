// What is to be applied on a host: a document, rendered with the host's own secrets, and its policy.
#pragma once

#include "apply/apply.hpp"
#include "apply/inputs/keys.hpp"
#include "source/directory.hpp"
#include "system/files.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace vigie::apply {

/// What `makeDesiredState` needs to know beside the document.
struct DesiredStateRequest {
    std::string host;
    std::string revision;
    std::string stateDirectory;
    /// The root is not `/`: without an identity, secrets are written as `***`.
    bool tryOut = false;
    plan::Options options;
    /// Programs that keep the user of 0.1, by name (`spec::ProgramUser`).
    std::set<std::string> keepUser = {};
};

/// Opens the host's secrets and renders what it must become. Throws Error when the host is not in the
/// document, when it has no keys, or when its keys are not those of the document.
DesiredState makeDesiredState(const source::Loaded& loaded, const DesiredStateRequest& request,
                              const system::Files& files);

/// The same for a host on which `inventory` was applied: its programs keep the users that they have there,
/// until the document says otherwise or their containers are made anew.
DesiredState makeDesiredState(const source::Loaded& loaded, const DesiredStateRequest& request,
                              const state::Inventory& inventory, const system::System& system);

/// What a host becomes while `next` waits for other hosts: as it is `applied`, with the tunnel of `next`.
DesiredState withTunnelOf(const DesiredState& next, DesiredState applied);

/// Renders `host` with every secret sealed; for reviews and for looking at it. Its programs keep the users
/// that `facts/HOST.json` says they have.
DesiredState makeSealedDesiredState(const source::Loaded& loaded, const std::string& host);

/// What `host` becomes behind `before`: the same, but that programs whose containers are made anew get the
/// users of a new installation.
DesiredState makeSealedDesiredState(const source::Loaded& loaded, const std::string& host,
                                    const std::vector<render::Resource>& before);

}  // namespace vigie::apply
