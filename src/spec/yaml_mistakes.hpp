// What a text is that is no YAML: mistakes that have a name of their own.
#pragma once

#include "spec/node.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace vigie::spec {

struct NamedMistake {
    Position at;
    std::string message;
    std::string hint;
};

/// Where a byte of a text stands.
Position positionAt(std::string_view text, std::size_t offset);

/// Whether a file is not what it should be but what Git LFS leaves in its place. Source: git-lfs/git-lfs,
/// docs/spec.md, "The Pointer".
bool isLfsPointer(std::string_view text);
/// What to do then, whatever the file was.
constexpr const char* kLfsCure =
    "vigie does not fetch from Git LFS: run `git lfs untrack` for it, and commit the file itself";

/// What is wrong with a text in which the reader of YAML stopped at `stopped`; nothing when it can only be
/// said in its own words.
std::optional<NamedMistake> nameMistake(std::string_view text, Position stopped);

}  // namespace vigie::spec
