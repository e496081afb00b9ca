// Files in memory, for tests.

#include "system/memory_files.hpp"

#include "base/error.hpp"

namespace vigie::system {
namespace {

FileInfo infoOf(FileInfo::Type type, unsigned mode, std::optional<Owner> owner, std::size_t size) {
    FileInfo out;
    out.type = type;
    out.mode = mode;
    out.owner = owner.value_or(Owner{});
    out.size = size;
    return out;
}

}  // namespace

MemoryFiles::MemoryFiles() {
    entries["/"] = {infoOf(FileInfo::Type::directory, 0755, std::nullopt, 0), {}};
}

FileInfo MemoryFiles::inspect(const std::string& path) const {
    const auto it = entries.find(path);
    return it == entries.end() ? FileInfo{} : it->second.info;
}

SecureBytes MemoryFiles::read(const std::string& path, std::uint64_t limit) const {
    const auto it = entries.find(path);
    if (it == entries.end() || it->second.info.type != FileInfo::Type::regular ||
        it->second.bytes.size() > limit) {
        throw Error("cannot read " + path);
    }
    return secureBytes(it->second.bytes);
}

std::vector<std::string> MemoryFiles::list(const std::string& path) const {
    std::vector<std::string> out;
    const std::string prefix = path == "/" ? "/" : path + "/";
    for (const auto& [name, entry] : entries) {
        if (name.size() > prefix.size() && name.starts_with(prefix) &&
            name.find('/', prefix.size()) == std::string::npos) {
            out.push_back(name.substr(prefix.size()));
        }
    }
    return out;
}

void MemoryFiles::mutate(const std::string& verb, const std::string& path) {
    if (failAt > 0 && --failAt == 0) {
        throw Error("cannot " + verb + " " + path + ": No space left on device", "the disk is full");
    }
    mutations.push_back(verb + " " + path);
}

void MemoryFiles::requireParent(const std::string& path) const {
    const auto slash = path.rfind('/');
    if (inspect(slash == 0 ? "/" : path.substr(0, slash)).type != FileInfo::Type::directory) {
        throw Error("cannot create " + path + ": No such file or directory");
    }
}

void MemoryFiles::write(const std::string& path, std::string_view bytes, unsigned mode,
                        std::optional<Owner> owner) {
    requireParent(path);
    mutate("write", path);
    entries[path] = {infoOf(FileInfo::Type::regular, mode, owner, bytes.size()), std::string(bytes)};
}

void MemoryFiles::overwrite(const std::string& path, std::string_view bytes, std::uint64_t inode) {
    if (inspect(path).type != FileInfo::Type::regular || inspect(path).inode != inode) {
        throw WayChanged(path + " was replaced by another process meanwhile");
    }
    mutate("overwrite", path);
    auto& entry = entries.at(path);
    entry.bytes = bytes;
    entry.info.size = bytes.size();
}

void MemoryFiles::makeDirectory(const std::string& path, unsigned mode, std::optional<Owner> owner) {
    requireParent(path);
    mutate("mkdir", path);
    if (!entries.try_emplace(path, Entry{infoOf(FileInfo::Type::directory, mode, owner, 0), {}}).second) {
        throw Error("cannot create the directory " + path + ": File exists");
    }
}

void MemoryFiles::setAttributes(const std::string& path, unsigned mode, std::optional<Owner> owner) {
    mutate("attributes", path);
    auto& info = entries.at(path).info;
    info.mode = mode;
    info.owner = owner.value_or(info.owner);
}

void MemoryFiles::remove(const std::string& path) {
    if (inspect(path).type == FileInfo::Type::directory && !list(path).empty()) {
        throw Error("cannot remove " + path + ": Directory not empty");
    }
    mutate("remove", path);
    entries.erase(path);
}

}  // namespace vigie::system
