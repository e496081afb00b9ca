// For every code one document that has it and one that has it not, which differ in as little as can be: a
// rule that never speaks fails here, and so does one that always does.

#include "source/directory.hpp"
#include "tests/golden/pages.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"
#include "tests/unit/doubles.hpp"

#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <vector>

namespace vigie::tests {
namespace {

namespace fs = std::filesystem;

struct Change {
    std::string file;
    std::string what;
    std::string with;
};

struct Cure {
    std::string name;  ///< of the directory below broken/
    std::vector<Change> changes;
    std::vector<std::string> without;
};

std::string unescaped(std::string text) {
    for (auto at = text.find("\\n"); at != std::string::npos; at = text.find("\\n", at)) {
        text.replace(at, 2, "\n");
    }
    return text;
}

/// A file `cure-CODE.txt` beside the document of a case says what is changed in its stack.yaml so that it has
/// the code no more: `old => new`, with \n for the end of a line; a line ends behind ` =>` when there is
/// nothing instead. `old` stands there once. `in FILE: old => new` changes another file of the directory,
/// such as facts/vps.json; `without FILE` takes one away.
Cure readCure(const std::string& name, const std::string& text) {
    const std::string arrow = " =>";
    Cure cure;
    cure.name = name;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        INFO(line);
        if (line.starts_with("without ")) {
            cure.without.push_back(line.substr(line.find(' ') + 1));
            continue;
        }
        std::string file = "stack.yaml";
        if (line.starts_with("in ")) {
            const auto colon = line.find(": ");
            REQUIRE(colon != std::string::npos);
            file = line.substr(line.find(' ') + 1, colon - line.find(' ') - 1);
            line.erase(0, colon + 2);
        }
        const auto at = line.find(arrow);
        REQUIRE(at != std::string::npos);
        const auto rest = line.substr(at + arrow.size());
        cure.changes.push_back(
            {file, unescaped(line.substr(0, at)), unescaped(rest.empty() ? "" : rest.substr(1))});
    }
    return cure;
}

/// By code, each once.
std::map<std::string, Cure> readCures() {
    const std::string prefix = "cure-";
    const std::string broken = sourcePath("tests/golden/broken/");
    std::map<std::string, Cure> out;
    for (const auto& entry : fs::recursive_directory_iterator(broken)) {
        const auto stem = entry.path().stem().string();
        if (!stem.starts_with(prefix)) {
            continue;
        }
        const auto name = entry.path().parent_path().filename().string();
        INFO(entry.path().string());
        CHECK(out.emplace(stem.substr(prefix.size()),
                          readCure(name, readSource("tests/golden/broken/" + name + "/" + stem + ".txt")))
                  .second);
    }
    return out;
}

std::set<std::string> codesIn(const std::string& directory) {
    const auto codes = codesOf(source::loadDirectory(directory).diagnostics);
    return {codes.begin(), codes.end()};
}

void cureIn(const std::string& directory, const Cure& cure) {
    for (const auto& name : cure.without) {
        REQUIRE(fs::remove(directory + "/" + name));
    }
    for (const auto& change : cure.changes) {
        const std::string path = directory + "/" + change.file;
        INFO(change.file << ": " << change.what);
        std::ifstream in(path, std::ios::binary);
        std::string text{std::istreambuf_iterator<char>(in), {}};
        const auto at = text.find(change.what);
        REQUIRE(at != std::string::npos);
        REQUIRE(text.find(change.what, at + 1) == std::string::npos);
        text.replace(at, change.what.size(), change.with);
        std::ofstream(path, std::ios::binary) << text;
    }
}

TEST_CASE("each diagnostic code is given to its broken document and not to the corrected one",
          "[golden][cures]") {
    const auto cures = readCures();
    std::set<std::string> tried;
    for (const auto& [code, cure] : cures) {
        DYNAMIC_SECTION(code << " " << cure.name) {
            const TemporaryDirectory work;
            const std::string directory = work.path + "/document";
            fs::copy(sourcePath("tests/golden/broken/" + cure.name), directory,
                     fs::copy_options::recursive | fs::copy_options::copy_symlinks);
            const auto bad = codesIn(directory);
            CHECK(bad.count(code) == 1);
            cureIn(directory, cure);
            for (const auto& each : codesIn(directory)) {
                INFO(each);
                CHECK(each != code);
                // The cure makes nothing else ill; VG0350 only says that there are no facts to compare with.
                CHECK((bad.count(each) == 1 || each == "VG0350"));
            }
        }
        tried.insert(code);
    }
    CHECK(tried == pagesOfDocuments());
}

}  // namespace
}  // namespace vigie::tests
