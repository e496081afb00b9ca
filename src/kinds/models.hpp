// The pure halves of all kinds: whoever asks something of a resource, and need not know of which kind it is,
// asks here.
#pragma once

#include "kinds/model.hpp"
#include "render/resource.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::kinds {

Kind kindOf(const render::Resource& resource);

/// Of an id whose kind this version does not know: those of nothing in particular.
const Traits& traitsOf(std::string_view id);
const Traits& traitsOf(const render::Resource& resource);

// For what each of these is, see `Model` in kinds/model.hpp.
void hash(const render::Resource& resource, Sha256& hash);
std::string describe(const render::Resource& resource);
bool sameState(const render::Resource& a, const render::Resource& b);
bool saysMore(const render::Resource& resource);
void difference(const plan::Context& context, const render::Resource& resource, plan::Change& out);
void changed(const Comparison& comparison, plan::Change& out);
std::string recordOf(const render::Resource& resource);
/// Of a kind that this version does not know: it goes.
Removal removalOf(std::string_view id, std::string_view record);
std::string componentOf(std::string_view id, std::string_view record);
std::vector<std::string> pathsOf(const render::Resource& resource);
std::vector<std::string> watchedOf(const render::Resource& resource, plan::Activation activation);
std::vector<std::string> notesOf(const std::vector<render::Resource>& desired,
                                 const plan::Observed& observed);
std::string usersFileOf(const render::Resource& resource);
bool exact(const render::Resource& resource);
/// Null: it is no file.
const render::Text* contentOf(const render::Resource& resource);
const render::Tunnel* tunnelOf(const render::Resource& resource);
const render::Container* containerOf(const render::Resource& resource);
const render::ConfiguredProgram* programOf(const render::Resource& resource);

/// The path that it is; empty: it is neither a file nor a directory.
std::string pathOf(const render::Resource& resource);

/// The path by which programs are asked whether they load it (`ConfiguredProgram::loads`): that on the host,
/// or the name of an attached program's file. Empty: it is no file.
std::string loadedPathOf(const render::Resource& resource);
/// Whether a resource of that id has content that a program may load.
bool hasContent(std::string_view id);

/// Those of all kinds, in their turns.
std::span<const FollowUp> followUps();

}  // namespace vigie::kinds
