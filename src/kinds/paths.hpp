// What files and directories have in common for a plan: attributes, and what is in the way.
#pragma once

#include "plan/context.hpp"

#include <string>

namespace vigie::kinds {

std::string ownerText(const Owner& owner);

/// In words, as the subject of a sentence.
std::string typeText(FileInfo::Type type);

/// What of mode and owner differs, in words; empty when nothing does.
std::string attributesDiffer(const plan::Context& context, const render::Resource& resource,
                             const FileInfo& is, unsigned mode, const Owner& owner);

/// What lies at its path; nothing when it was not looked at.
const plan::ObservedFile& found(const plan::Context& context, const render::Resource& resource);

/// Whether it names no single file or directory, which refuses the change. An empty name of the document
/// inside of a path must not become the directory above.
bool refusesPath(const std::string& path, plan::Change& out);

}  // namespace vigie::kinds
