// The facts of a compose service.
#pragma once

#include "system/files.hpp"

#include <nlohmann/json.hpp>

namespace vigie::cli {

/// What may be committed of a service as `docker compose config --no-interpolate` prints it: no value of a
/// variable, no argument, no label. `files` says what mounted paths are.
nlohmann::ordered_json serviceFacts(const nlohmann::json& service, const system::Files& files);

/// The networks behind the host's own interfaces, from what `ip -json address` prints: without loopback,
/// link-local ones, `tunnel`, and those of the engine.
nlohmann::ordered_json interfaceFacts(const nlohmann::json& interfaces, const std::string& tunnel);

/// The engine's networks, from its API.
nlohmann::ordered_json dockerNetworkFacts(const nlohmann::json& networks);

}  // namespace vigie::cli
