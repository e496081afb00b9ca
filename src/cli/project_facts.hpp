// The facts of the compose projects of this host.
#pragma once

#include "system/system.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace vigie::cli {

/// An answer of the engine, or null when there is none.
nlohmann::json engineAnswer(system::Http& engine, const std::string& path);

/// The compose projects that have containers, each as its files say it is, without those that vigie writes
/// and those called like one of `without`. Null when the engine does not answer; a project that compose
/// cannot read has `services: null`. Starts `docker compose config` for each.
nlohmann::ordered_json projectFacts(system::System here, const std::vector<std::string>& without);

/// The networks of the host's interfaces, but `tunnel`, and of the engine. Null unless both are known.
nlohmann::ordered_json networkFacts(system::System here, const std::string& tunnel);

}  // namespace vigie::cli
