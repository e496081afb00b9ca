#pragma once

#include "system/files.hpp"

namespace vigie::system {

/// Files below `root` on this machine.
class RealFiles : public Files {
public:
    /// `root` is `/` or an existing directory.
    explicit RealFiles(std::string root);

    [[nodiscard]] FileInfo inspect(const std::string& path) const override;
    [[nodiscard]] SecureBytes read(const std::string& path, std::uint64_t limit) const override;
    [[nodiscard]] std::vector<std::string> list(const std::string& path) const override;
    [[nodiscard]] std::string real(const std::string& path) const override;
    [[nodiscard]] bool canChown() const override;
    void write(const std::string& path, std::string_view bytes, unsigned mode,
               std::optional<Owner> owner) override;
    void makeDirectory(const std::string& path, unsigned mode, std::optional<Owner> owner) override;
    void setAttributes(const std::string& path, unsigned mode, std::optional<Owner> owner) override;
    bool cleanUp(const std::string& path) override;
    void remove(const std::string& path) override;

private:
    std::string root_;  ///< without a trailing slash; empty for `/`
};

/// `root` as an absolute path without links, dots and double slashes, so that every spelling of `/` is `/`.
std::string normalRoot(const std::string& root);

}  // namespace vigie::system
