#include "system/files.hpp"

#include <algorithm>

namespace vigie::system {

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
