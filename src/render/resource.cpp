// The ids, texts and hashes of resources.

#include "render/resource.hpp"

#include "base/hash.hpp"
#include "kinds/models.hpp"

namespace vigie::render {

std::vector<std::string> ComposeProject::paths() const {
    std::vector<std::string> out{directory};
    for (const auto* names : {&files, &envFiles}) {
        for (const auto& file : *names) {
            out.push_back(file.starts_with('/') ? file : directory + "/" + file);
        }
    }
    return out;
}

std::string digestOf(const Resource& resource) {
    Sha256 hash;
    hash.field(resource.id);
    kinds::hash(resource, hash);
    return hash.hex();
}

std::string digestOf(const std::vector<Resource>& resources) {
    Sha256 hash;
    for (const auto& resource : resources) {
        hash.field(digestOf(resource));
    }
    return hash.hex();
}

}  // namespace vigie::render
