// The files of a modelled host, whose program may die at each change.
#pragma once

#include "base/error.hpp"
#include "system/memory_files.hpp"
#include "tests/support/fuse.hpp"

#include <functional>
#include <utility>

namespace vigie::tests {

/// The files of a host whose program may die. Whatever changes `entries` directly stands outside of it.
class ModelFiles : public system::MemoryFiles {
public:
    explicit ModelFiles(Fuse& fuse) : fuse_(fuse) {}

    [[nodiscard]] FileInfo inspect(const std::string& path) const override {
        fuse_.look();
        return MemoryFiles::inspect(path);
    }
    [[nodiscard]] SecureBytes read(const std::string& path, std::uint64_t limit) const override {
        fuse_.look();
        return MemoryFiles::read(path, limit);
    }
    [[nodiscard]] std::vector<std::string> list(const std::string& path) const override {
        fuse_.look();
        return MemoryFiles::list(path);
    }
    void write(const std::string& path, std::string_view bytes, unsigned mode,
               std::optional<Owner> owner) override {
        change("write", path, [&] { MemoryFiles::write(path, bytes, mode, owner); });
    }
    void makeDirectory(const std::string& path, unsigned mode, std::optional<Owner> owner) override {
        change("mkdir", path, [&] { MemoryFiles::makeDirectory(path, mode, owner); });
    }
    void setAttributes(const std::string& path, unsigned mode, std::optional<Owner> owner) override {
        change("attributes", path, [&] { MemoryFiles::setAttributes(path, mode, owner); });
    }
    void remove(const std::string& path) override {
        change("remove", path, [&] { MemoryFiles::remove(path); });
    }

    /// The bytes of a regular file, or nothing: as another program of the host reads it.
    [[nodiscard]] std::optional<std::string> text(const std::string& path) const {
        const auto it = entries.find(path);
        return it == entries.end() || it->second.info.type != FileInfo::Type::regular
                   ? std::nullopt
                   : std::optional(it->second.bytes);
    }
    /// Another program of the host writes a file, and the directories above it.
    void put(const std::string& path, const std::string& bytes, unsigned mode = 0644, Owner owner = {}) {
        directories(path.substr(0, path.rfind('/')));
        entries[path] = {{FileInfo::Type::regular, mode, owner, bytes.size(), 0, false}, bytes};
    }
    void directories(const std::string& path, unsigned mode = 0755, Owner owner = {}) {
        if (path.empty() || entries.count(path) != 0) {
            return;
        }
        directories(path.substr(0, path.rfind('/')));
        entries[path] = {{FileInfo::Type::directory, mode, owner, 0, 0, false}, {}};
    }

private:
    void change(const char* verb, const std::string& path, const std::function<void()>& function) {
        try {
            fuse_.mutate(std::string(verb) + " " + path);
        } catch (const Fault& fault) {
            throw Error(std::string("cannot ") + verb + " " + path + ": " + fault.why);
        }
        function();
    }

    Fuse& fuse_;
};

}  // namespace vigie::tests
