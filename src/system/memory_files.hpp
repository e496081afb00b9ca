// Files in memory, for tests.
#pragma once

#include "system/files.hpp"

#include <map>

namespace vigie::system {

/// Files in memory. Records every mutating call, so that a test can say "nothing was written".
class MemoryFiles : public Files {
public:
    MemoryFiles();

    [[nodiscard]] FileInfo inspect(const std::string& path) const override;
    [[nodiscard]] SecureBytes read(const std::string& path, std::uint64_t limit) const override;
    [[nodiscard]] std::vector<std::string> list(const std::string& path) const override;
    [[nodiscard]] std::string real(const std::string& path) const override { return path; }
    [[nodiscard]] bool canChown() const override { return chown; }
    void write(const std::string& path, std::string_view bytes, unsigned mode,
               std::optional<Owner> owner) override;
    void overwrite(const std::string& path, std::string_view bytes, std::uint64_t inode) override;
    void makeDirectory(const std::string& path, unsigned mode, std::optional<Owner> owner) override;
    void setAttributes(const std::string& path, unsigned mode, std::optional<Owner> owner) override;
    bool cleanUp(const std::string& /*path*/) override { return false; }
    void remove(const std::string& path) override;

    struct Entry {
        FileInfo info;
        std::string bytes;
    };
    std::map<std::string, Entry> entries;

    /// `write /path`, `mkdir /path`, `attributes /path`, `remove /path`, in order.
    std::vector<std::string> mutations;

    bool chown = true;
    /// The n-th mutation from now on fails, as a full disk would make it; 0: none.
    int failAt = 0;

private:
    void mutate(const std::string& verb, const std::string& path);
    void requireParent(const std::string& path) const;
};

}  // namespace vigie::system
