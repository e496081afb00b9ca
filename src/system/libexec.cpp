// Finds helper programs beside this one.

#include "system/libexec.hpp"

#include <filesystem>

namespace vigie::system {

std::string helperPath(const std::string& name) {
    const auto self = std::filesystem::read_symlink("/proc/self/exe");
    const auto directory = self.parent_path();
    // The controller is a helper itself and sits beside the others.
    const auto beside = directory / name;
    return directory.filename() == "vigie" ? beside.string()
                                           : (directory.parent_path() / "libexec/vigie" / name).string();
}

}  // namespace vigie::system
