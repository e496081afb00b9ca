// Keeps the documents that were applied, to roll back to.

#include "apply/transaction/generations.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace vigie::apply {

std::string generationDirectory(const std::string& stateDirectory, const std::string& name) {
    return stateDirectory + "/generations/" + name;
}

void keepGeneration(const DesiredState& target, const std::string& stateDirectory,
                    const system::System& system) {
    const std::string directory =
        generationDirectory(stateDirectory, state::generationName(target.revision, renderDigest(target)));
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

void forgetGenerations(const state::Store& store, const std::string& stateDirectory,
                       const system::System& system) {
    const auto known = store.generations();
    const std::string all = stateDirectory + "/generations";
    if (!system.files.inspect(all).exists()) {
        return;
    }
    for (const auto& each : system.files.list(all)) {
        const bool kept = std::any_of(known.begin(), known.end(),
                                      [&](const auto& generation) { return generation.directory == each; });
        if (!kept) {
            system::removeTree(system.files, generationDirectory(stateDirectory, each));
        }
    }
}

bool isApplied(const state::Generation& generation, const state::Store& store) {
    return generation.directory ==
           state::generationName(store.lastAppliedRevision(), store.lastRenderDigest());
}

std::string wentBackTo(const state::Generation& generation) {
    return "rolled back by the operator to generation " + std::to_string(generation.number);
}

state::Generation chooseGeneration(const std::vector<state::Generation>& generations,
                                   const std::string& wanted) {
    if (wanted.empty() && generations.size() > 1) {
        return generations[1];
    }
    // The number counts first: many a revision begins with it.
    for (const bool number : {true, false}) {
        for (const auto& each : generations) {
            if (!wanted.empty() && (number ? std::to_string(each.number) == wanted
                                           : each.revision.compare(0, wanted.size(), wanted) == 0)) {
                return each;
            }
        }
    }
    throw Error(
        wanted.empty() ? "there is nothing older to go back to" : "there is no generation `" + wanted + "`",
        "`vigie rollback --list` shows what there is");
}

}  // namespace vigie::apply
