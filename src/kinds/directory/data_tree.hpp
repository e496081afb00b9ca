// Changes the owner of a program's data tree.
#pragma once

#include "base/owner.hpp"
#include "base/secure.hpp"
#include "plan/observed.hpp"
#include "system/files.hpp"

#include <string>
#include <string_view>

/// What a program has put into its data directory, which changes its owner with the program.
namespace vigie::apply {

/// Counts what lies below `path`, without following links. Ends early when it is enough to be large.
plan::ObservedTree observeTree(const std::string& path, const system::Files& files);

/// Gives the directory, and the files and directories below it that belong to `from`, to `to`. Links are
/// neither followed nor given away. What belongs to `to` already is left alone, so that it can be done again
/// after it was interrupted; the directory itself comes last. Throws Error where directories are nested more
/// than 32 deep.
void reownTree(const std::string& path, const Owner& from, const Owner& to, system::Files& files);

/// The before-image of a tree that changes its owner, and its restoring: what belongs to the new owner, also
/// what was made since, goes back to the old one.
SecureBytes packTree(const Owner& from, const Owner& to);
void giveBackTree(const std::string& path, std::string_view packed, system::Files& files);

}  // namespace vigie::apply
