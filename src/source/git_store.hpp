// The bare repository that is vigie's alone.
#pragma once

#include "source/git_handles.hpp"

#include <cstdint>
#include <string>

/// The bare repository that is ours alone. Not for: talking to a remote.
namespace vigie::source {

/// What was fetched last: a commit, or an annotated tag.
constexpr const char* kTip = "refs/vigie/tip";
/// What the host is kept at: it stays available whatever the remote does.
constexpr const char* kApplied = "refs/vigie/applied";

/// Opens it; makes it when missing, and anew when damaged. Removes what a killed fetch left.
GitRepository openOrMake(const std::string& directory);

/// The same, empty, beside `directory`.
GitRepository makeBeside(const std::string& directory);

/// Puts the repository that `makeBeside` made into the place of `directory`, and removes the old one. At
/// every moment there is a whole one.
void replaceByBeside(const std::string& directory);

/// Whether so much was fetched one after the other that it is worth to begin anew: more than twice `maxBytes`
/// (0: any size), or many packs. libgit2 cannot repack.
bool isOvergrown(const std::string& directory, std::uint64_t maxBytes);

/// Points a reference of ours at an object that is there.
void pointAt(git_repository& repository, const char* reference, const git_oid& oid);

bool hasCommit(git_repository& repository, const git_oid& oid);

}  // namespace vigie::source
