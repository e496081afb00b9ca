// A directory for what a command needs only while it runs.

#pragma once

#include "base/error.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

namespace vigie::cli {

/// A new directory that only we can enter; it goes away with this object. Throws Error.
class TemporaryDirectory {
public:
    TemporaryDirectory() : path_((std::filesystem::temp_directory_path() / "vigie-XXXXXX").string()) {
        if (::mkdtemp(path_.data()) == nullptr) {
            throw Error("cannot create a temporary directory " + path_);
        }
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    TemporaryDirectory(TemporaryDirectory&&) = delete;
    TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace vigie::cli
