// Files of this machine below a root.
#pragma once

#include "system/files.hpp"
#include "system/walk.hpp"

#include <memory>

namespace vigie::system {

/// Files below `root` on this machine. The way to each is walked by descriptors, see `walk`; this is the only
/// module that reads and writes them.
class RealFiles : public Files {
public:
    /// `root` is `/` or an existing directory.
    explicit RealFiles(std::string root, Links links = Links::trusted);

    [[nodiscard]] FileInfo inspect(const std::string& path) const override;
    [[nodiscard]] SecureBytes read(const std::string& path, std::uint64_t limit) const override;
    [[nodiscard]] std::vector<std::string> list(const std::string& path) const override;
    [[nodiscard]] std::string real(const std::string& path) const override;
    [[nodiscard]] bool canChown() const override;
    void write(const std::string& path, std::string_view bytes, unsigned mode,
               std::optional<Owner> owner) override;
    void restore(const std::string& path, std::string_view bytes, unsigned mode, std::optional<Owner> owner,
                 std::uint64_t inode) override;
    void overwrite(const std::string& path, std::string_view bytes, std::uint64_t inode) override;
    void makeDirectory(const std::string& path, unsigned mode, std::optional<Owner> owner) override;
    void setAttributes(const std::string& path, unsigned mode, std::optional<Owner> owner) override;
    void restoreAttributes(const std::string& path, unsigned mode, std::optional<Owner> owner,
                           std::uint64_t inode) override;
    bool cleanUp(const std::string& path) override;
    void remove(const std::string& path) override;
    [[nodiscard]] Files& straight() override;
    [[nodiscard]] const Files& straight() const override;

private:
    struct Spot;
    [[nodiscard]] Spot spot(const std::string& path) const;
    [[nodiscard]] Spot requireSpot(const char* verb, const std::string& path) const;

    std::string root_;  ///< without a trailing slash; empty for `/`
    Links links_;
    std::unique_ptr<RealFiles> straight_;  ///< empty: these are such themselves
};

/// `root` as an absolute path without links, dots and double slashes, so that every spelling of `/` is `/`.
std::string normalRoot(const std::string& root);

}  // namespace vigie::system
