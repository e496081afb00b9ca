// Everything that a host must have, rendered from the document.
#pragma once

#include "render/resource.hpp"
#include "spec/stack.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace vigie::render {

/// What the renderer may know beside the document. It reads nothing itself.
struct Inputs {
    /// The files that the document names (`spec::namedFiles`), by path.
    std::map<std::string, std::string> files;
    /// The secrets, by name. One that is missing here is rendered as sealed elsewhere.
    std::map<std::string, SecretValue> secrets;
    /// The host's own WireGuard private key; its id is the public key. Of a host that changes its key, the
    /// next one, once it has it.
    SecretValue wireguardPrivateKey;
    /// What belongs to it.
    std::string wireguardPublicKey;
    /// Programs (`spec::ProgramUser::name`) that keep the user of 0.1 although they have one of their own by
    /// now.
    std::set<std::string> keepUser = {};
};

/// Everything that `host` must have, in an order in which it can be made: what a resource depends on comes
/// before it. Pure: the same input gives the same bytes. The document must have passed validation,
/// `checkPlaces` (render/places.hpp) as well: throws Error where two of its parts want the same place.
std::vector<Resource> renderHost(const spec::Stack& stack, const spec::Host& host, const Inputs& inputs);

/// The names that the components of `host` refer to, also those that `spec.secrets` does not have yet.
std::vector<std::string> secretsUsedBy(const spec::Stack& stack, const spec::Host& host);

/// Of these, the ones that exist, in the document's order: what `host` must be able to open.
std::vector<std::string> secretsNeededBy(const spec::Stack& stack, const spec::Host& host);

}  // namespace vigie::render
