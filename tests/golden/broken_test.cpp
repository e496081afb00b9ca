// Every directory of tests/golden/broken holds a document that is wrong in the way its name says;
// `expected.txt` beside it is what a user sees. VIGIE_ACCEPT=1 writes them anew.

#include "base/error.hpp"
#include "lint/facts.hpp"
#include "source/directory.hpp"
#include "tests/golden/pages.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <vector>

namespace vigie::tests {
namespace {

std::vector<std::string> caseNames() {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(sourcePath("tests/golden/broken"))) {
        if (entry.is_directory()) {
            out.push_back(entry.path().filename());
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::string replaceAll(std::string text, const std::string& what, const std::string& with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
    return text;
}

/// All diagnostics as `vigie validate` prints them, without the path of this checkout.
/// `silent` takes the codes of warnings and infos.
std::string diagnose(const std::string& name, std::set<std::string>& codes, std::set<std::string>& silent) {
    const std::string directory = sourcePath("tests/golden/broken/" + name);
    const auto loaded = source::loadDirectory(directory);
    std::string out;
    for (const auto& diagnostic : loaded.diagnostics.all()) {
        // Nearly no case has facts: the number of skipped checks is only for those that are about them.
        if (diagnostic.code == lint::kChecksSkipped && name.substr(0, 6) != "facts-") {
            continue;
        }
        codes.insert(diagnostic.code);
        if (diagnostic.severity != spec::Severity::error) {
            silent.insert(diagnostic.code);
        }
        const auto source = loaded.sources.find(diagnostic.file);
        out += spec::format(diagnostic,
                            source == loaded.sources.end() ? "" : std::string_view(source->second), false);
    }
    return replaceAll(replaceAll(out, directory + "/", ""), directory, ".");
}

TEST_CASE("each broken document in tests/golden/broken yields exactly the diagnostics in its expected file",
          "[golden][broken]") {
    const auto names = caseNames();
    REQUIRE(names.size() >= 40);
    std::set<std::string> codes;
    std::set<std::string> silent;
    for (const auto& name : names) {
        CAPTURE(name);
        const std::string actual = diagnose(name, codes, silent);
        CHECK_FALSE(actual.empty());
        checkGolden("broken/" + name + "/expected.txt", actual);
    }
    // What is said to be an error always is one: whoever disables such a code is told that it does nothing.
    for (const auto& code : code::kAll) {
        if (!code.canBeSilenced) {
            INFO(code.name);
            CHECK(silent.count(std::string(code.name)) == 0);
        }
    }
    // Every code has a page, and every page's code can be met.
    CHECK(codes == pagesOfDocuments());
}

}  // namespace
}  // namespace vigie::tests
