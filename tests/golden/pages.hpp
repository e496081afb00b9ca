// The pages of docs/codes.

#pragma once

#include "tests/support/golden.hpp"

#include <filesystem>
#include <set>
#include <string>

namespace vigie::tests {

/// The codes that have a page, but for those that no document alone can have: what promtool and amtool say
/// (tests/e2e/validate_tools_test.py meets them) and what a plan refuses (tests/unit/plan/guard_test.cpp and
/// own_state_test.cpp).
inline std::set<std::string> pagesOfDocuments() {
    std::set<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(sourcePath("docs/codes"))) {
        if (const auto stem = entry.path().stem().string(); stem.substr(0, 2) == "VG") {
            out.insert(stem);
        }
    }
    for (const char* code : {"VG0601", "VG0602", "VG0603", "VG0604", "VG0475"}) {
        out.erase(code);
    }
    return out;
}

}  // namespace vigie::tests
