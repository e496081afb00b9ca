// Registries of images, and the hosts that need their logins.
#pragma once

#include "spec/stack.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vigie::spec {

/// The registry that an image comes from: `registry.example.org:5000/a/b:v1` → `registry.example.org:5000`.
/// Without one in its name it is `docker.io`, as for the docker command.
std::string registryOf(std::string_view image);

/// The images of the containers that are ours on `host`.
std::vector<std::string> imagesOn(const Stack& stack, const Host& host);

/// The registries of the document that `host` pulls an image from, in the document's order.
std::vector<const Registry*> registriesOf(const Stack& stack, const Host& host);

}  // namespace vigie::spec
