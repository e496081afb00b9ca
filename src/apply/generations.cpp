#include "apply/generations.hpp"

#include "base/error.hpp"
#include "base/hash.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

constexpr int kKept = 10;

std::string nameOf(const std::string& revision, const std::string& renderDigest) {
    constexpr std::size_t kShort = 16;
    return sha256Hex(revision + "\n" + renderDigest).substr(0, kShort);
}

void removeTree(system::Files& files, const std::string& path) {
    const auto type = files.inspect(path).type;
    if (type == FileInfo::Type::directory) {
        for (const auto& name : files.list(path)) {
            removeTree(files, path + "/" + name);
        }
    }
    if (type != FileInfo::Type::missing) {
        files.remove(path);
    }
}

}  // namespace

std::string generationDirectory(const std::string& stateDirectory, const std::string& name) {
    return stateDirectory + "/generations/" + name;
}

void keepGeneration(const Target& target, const std::string& stateDirectory, const system::System& system) {
    const std::string directory =
        generationDirectory(stateDirectory, nameOf(target.revision, digestOf(target.desired)));
    for (const auto& [name, text] : target.bundle) {
        const std::string path = directory + "/" + name;
        const auto is = system.files.inspect(path);
        if (is.type == FileInfo::Type::regular && is.size == text.size() &&
            view(system.files.read(path, system::kLargestFile)) == text) {
            continue;
        }
        system::makeParents(system.files, path);
        system.files.write(path, text, 0600, std::nullopt);
    }
}

void recordGeneration(const state::Applied& applied, state::Store& store, const std::string& stateDirectory,
                      const system::System& system) {
    try {
        const std::string name = nameOf(applied.revision, applied.renderDigest);
        if (!system.files.inspect(generationDirectory(stateDirectory, name)).exists()) {
            return;
        }
        store.addGeneration({0, applied.attempt.time, applied.revision, applied.renderDigest, name}, kKept);
        const auto known = store.generations();
        for (const auto& each : system.files.list(stateDirectory + "/generations")) {
            const bool kept = std::any_of(known.begin(), known.end(), [&](const auto& generation) {
                return generation.directory == each;
            });
            if (!kept) {
                removeTree(system.files, generationDirectory(stateDirectory, each));
            }
        }
    } catch (const Error&) {
        // The next apply tidies up.
    }
}

}  // namespace vigie::apply
