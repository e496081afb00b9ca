// What all implementations of `Files` have in common.

#include "system/files.hpp"

#include <algorithm>

namespace vigie::system {

std::string parentOf(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

void Files::restore(const std::string& path, std::string_view bytes, unsigned mode,
                    std::optional<Owner> owner, std::uint64_t inode) {
    if (inspect(parentOf(path)).inode != inode) {
        throw WayChanged("the directory of " + real(path) + " was replaced by another process meanwhile");
    }
    write(path, bytes, mode, owner);
}

void Files::restoreAttributes(const std::string& path, unsigned mode, std::optional<Owner> owner,
                              std::uint64_t inode) {
    if (inspect(path).inode != inode) {
        throw WayChanged(real(path) + " was replaced by another process meanwhile");
    }
    setAttributes(path, mode, owner);
}

std::vector<std::string> makeParents(Files& files, const std::string& path) {
    std::vector<std::string> missing;
    for (auto slash = path.rfind('/'); slash != 0 && slash != std::string::npos;
         slash = path.rfind('/', slash - 1)) {
        const std::string parent = path.substr(0, slash);
        if (files.inspect(parent).exists()) {
            break;
        }
        missing.push_back(parent);
    }
    std::reverse(missing.begin(), missing.end());
    for (const auto& directory : missing) {
        files.makeDirectory(directory, 0755, std::nullopt);
    }
    return missing;
}

void removeTree(Files& files, const std::string& path) {
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

}  // namespace vigie::system
