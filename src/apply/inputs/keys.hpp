// Where a host's keys are, and what they open.
#pragma once

#include "kinds/wireguard/key_files.hpp"
#include "render/host.hpp"
#include "spec/stack.hpp"
#include "system/files.hpp"

#include <string>

namespace vigie::apply {

/// Where a host keeps its keys, as the host sees it.
struct KeyPaths {
    std::string identity;   ///< the host's own X25519 key
    std::string wireguard;  ///< the private key of the tunnel
    std::string next;       ///< the one that replaces it, while it is changed over
    std::string config;     ///< the tunnel's configuration, which has the key as well
};

KeyPaths keyPaths(const std::string& stateDirectory, const std::string& interface);

/// Opens the secrets that `host` needs and its tunnel's key, and puts them into `inputs`. Throws Error when
/// keys are missing, are not those of the document, or when a program could not read a secret.
void openKeys(const spec::Stack& stack, const spec::Host& host, const KeyPaths& paths,
              const system::Files& files, render::Inputs& inputs);

}  // namespace vigie::apply
