// Checks who owns the state directory and the files in it.

#include "apply/inputs/own_state.hpp"

#include "base/error.hpp"
#include "system/own_file.hpp"

#include <string_view>

namespace vigie::apply {
namespace {

constexpr unsigned kOthers = 077;

/// The host's keys are made where their names end so; see secrets and the journal.
bool isKey(std::string_view name) {
    return name == "identity" || name.ends_with(".key");
}

}  // namespace

void requireOwnState(const std::string& stateDirectory, const system::Files& files) {
    if (files.inspect(stateDirectory).type != FileInfo::Type::directory) {
        return;
    }
    system::requireOwn("the state directory", files, stateDirectory);
    for (const auto& name : files.list(stateDirectory)) {
        const std::string path = stateDirectory + "/" + name;
        const auto info = files.inspect(path);
        if (info.type != FileInfo::Type::regular) {
            continue;
        }
        system::requireOwn("the state", files, path);
        if (isKey(name) && (info.mode & kOthers) != 0) {
            throw Error(files.real(path) + " can be read by others",
                        "chmod 600 " + files.real(path) + ", and replace the key if somebody did");
        }
    }
}

}  // namespace vigie::apply
