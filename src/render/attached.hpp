// Programs of the user's own: how they are named, and what of their texts stays.
#pragma once

#include "render/builder.hpp"
#include "spec/attached.hpp"
#include "spec/native.hpp"

#include <optional>
#include <string>

namespace vigie::render {

/// The program that `attach` means, in the project of its component.
AttachedProgram attachedProgram(const Builder& builder, const spec::Attach& attach,
                                const std::string& project);

/// The text of `merged` with as little of `text`, from which it was read, changed as possible: all of its
/// comments stay when nothing, or only further rule files, were added. Nothing: more was, or a secret stands
/// in it.
std::optional<std::string> keptText(const std::string& text, const spec::Node& merged);

}  // namespace vigie::render
