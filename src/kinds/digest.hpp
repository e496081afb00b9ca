// What several kinds put into their digests.
#pragma once

#include "base/hash.hpp"
#include "base/owner.hpp"
#include "kinds/views.hpp"

#include <string>
#include <vector>

namespace vigie::kinds {

inline void hashList(Sha256& hash, const std::vector<std::string>& values) {
    hash.field(std::to_string(values.size()));
    for (const auto& value : values) {
        hash.field(value);
    }
}

inline void hashAttributes(Sha256& hash, unsigned mode, const Owner& owner) {
    hash.field(std::to_string(mode)).field(std::to_string(owner.uid)).field(std::to_string(owner.gid));
}

inline void hashProject(Sha256& hash, const render::ComposeProject& project) {
    hash.field(project.name).field(project.directory);
    hashList(hash, project.files);
    hashList(hash, project.envFiles);
}

}  // namespace vigie::kinds
