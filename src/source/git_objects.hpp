// Reading git objects that somebody else made: how large one is is looked at before it is read.
#pragma once

#include "source/git_handles.hpp"

#include <cstddef>
#include <string>

namespace vigie::source {

/// Bytes that an object may have, unpacked. A pack of a few megabytes can hold an object of many gigabytes,
/// and libgit2 reads an object as a whole. git itself writes commits and tags of some hundred bytes; a
/// directory of 20 000 files has 5 MB at most; no file of a spec may be larger than `system::kLargestFile`.
constexpr std::size_t kLargestCommit = 1U << 20U;  // and tag
constexpr std::size_t kLargestTree = 16U << 20U;
constexpr std::size_t kLargestBlob = 64U << 20U;

/// What an object is without reading it: its header, of which next to nothing is unpacked.
struct GitHeader {
    git_object_t type = GIT_OBJECT_INVALID;
    std::size_t size = 0;
};

/// False when the object is missing or damaged; libgit2 has said why.
bool readHeader(git_repository& repository, const git_oid& oid, GitHeader& out);

/// Throws GitError when an object of this header is larger than its type may be. `what` names it: `the commit
/// 3f…`.
void demandReadable(const GitHeader& header, const std::string& what);

/// The same for an object; one that is missing is nobody's burden.
void demandReadable(git_repository& repository, const git_oid& oid, const std::string& what);

/// Looks at every commit and tag of the packs below the bare repository `directory` that it has not seen yet.
/// A pack with one that is too large is removed, and GitError thrown: nothing that walks the history of this
/// repository, libgit2 or we, meets such an object. A pack that was looked at has an empty file of its name
/// and `.seen` beside it.
void checkNewPacks(const std::string& directory);

}  // namespace vigie::source
