// Files in memory as text that can be compared.
#pragma once

#include "system/memory_files.hpp"

#include <map>
#include <string>

namespace vigie::tests {

/// Everything below `/` but `without`, as text that can be compared and printed: type, mode, owner and bytes
/// by path.
inline std::map<std::string, std::string> snapshot(const system::MemoryFiles& files,
                                                   const std::string& without = "//") {
    std::map<std::string, std::string> out;
    for (const auto& [path, entry] : files.entries) {
        if (path.substr(0, without.size()) != without) {
            const auto& info = entry.info;
            out[path] = std::to_string(static_cast<int>(info.type)) + " " + std::to_string(info.mode) + " " +
                        std::to_string(info.owner.uid) + ":" + std::to_string(info.owner.gid) + " " +
                        entry.bytes;
        }
    }
    return out;
}

}  // namespace vigie::tests
