// Where the document wants a server that vigie renders: its networks, its data, and further keys of compose.
#pragma once

#include "render/service.hpp"
#include "spec/stack.hpp"

#include <string>
#include <string_view>

namespace vigie::render {

/// The directory of a server below its project's: `prometheus`, or `vigie-prometheus` in a project of the
/// user's, who may have one of that name.
std::string serverDirectory(const spec::Project& project, std::string_view server);

/// What a server keeps at `target` in its container: in `own`, which is below the project's directory, unless
/// the document names data that are there already.
Mount dataMount(const spec::Had& had, const std::string& own, const std::string& target);

/// Adds what the document says of the container, behind everything else: single values take the place of
/// ours, lists and mappings unite.
void place(Service& service, const spec::Had& had);

}  // namespace vigie::render
