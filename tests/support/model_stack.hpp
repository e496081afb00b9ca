// A document with everything that is needed to apply it on hosts in memory.
#pragma once

#include "apply/apply.hpp"
#include "secrets/identity.hpp"
#include "source/directory.hpp"
#include "spec/stack.hpp"
#include "tests/support/model_host.hpp"

#include <map>
#include <string>

namespace vigie::tests {

/// A document and everything that is needed to apply it on each of its hosts.
struct ModelStack {
    spec::Stack stack;
    std::map<std::string, std::string> files;             ///< those that the document names, by path
    std::map<std::string, secrets::Identity> identities;  ///< by host
    std::map<std::string, secrets::WireguardKey> keys;    ///< by host
};

/// Whether the secret is one of `wireguard.presharedKeys`, and not a password.
bool isPresharedKey(const spec::Stack& stack, const std::string& secret);

/// A directory of examples/ with keys for its hosts, and its secrets sealed to them.
ModelStack exampleStack(const std::string& name);

/// As it is when it was loaded.
source::Loaded loadedFrom(const ModelStack& document);

/// Gives a machine its keys and the user's own projects of `name`, which run.
void installHost(ModelHost& host, const ModelStack& document, const std::string& name);

/// What `document` means on this machine.
apply::DesiredState targetOn(const ModelHost& host, const ModelStack& document, const std::string& name,
                             const std::string& revision,
                             plan::Activation activation = plan::Activation::all);

/// The same on a machine to which vigie has done something already.
apply::DesiredState targetOn(ModelHost& host, const ModelStack& document, const std::string& name,
                             const std::string& revision, const state::Inventory& inventory);

/// The same as vigie 0.1 made it, but for node and custom exporters: everything ran as one user then.
apply::DesiredState formerTargetOn(const ModelHost& host, const ModelStack& document, const std::string& name,
                                   const std::string& revision);

/// Makes `to` the same machine as `from`, as it is now.
void copyHost(const ModelHost& from, ModelHost& to);

}  // namespace vigie::tests
