// The scrape jobs of a server.
#pragma once

#include "render/settings.hpp"
#include "spec/stack.hpp"

namespace vigie::render {

/// The items of `scrape_configs` of one server: what is derived, in the order of `scrapeJobs`, and what the
/// document says itself.
void scrapeConfigs(YamlWriter& yaml, const spec::Stack& stack, const spec::Replica& server,
                   SettingsWriter& settings);

}  // namespace vigie::render
