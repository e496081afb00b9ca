// Every input of the corpora once more: what fuzzing has found stays mended.
#include "tests/fuzz/target.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace vigie::fuzz {
namespace {

std::vector<std::filesystem::path> inputsOf(const std::string& target) {
    std::vector<std::filesystem::path> out;
    for (const auto& entry :
         std::filesystem::directory_iterator(tests::sourcePath("tests/fuzz/corpus/" + target))) {
        out.push_back(entry.path());
    }
    std::sort(out.begin(), out.end());
    return out;
}

TEST_CASE("every fuzz target handles its corpus, whole and cut in half, without a crash", "[fuzz]") {
    for (const auto& target : targets()) {
        const auto inputs = inputsOf(target.name);
        CHECK(inputs.size() >= 2);
        target.run("");
        for (const auto& input : inputs) {
            INFO(input);
            std::ifstream in(input, std::ios::binary);
            const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
            target.run(bytes);
            target.run(std::string_view(bytes).substr(0, bytes.size() / 2));
        }
    }
}

TEST_CASE("every fuzz corpus has a target of the same name", "[fuzz]") {
    const auto& all = targets();
    for (const auto& entry : std::filesystem::directory_iterator(tests::sourcePath("tests/fuzz/corpus"))) {
        INFO(entry.path());
        CHECK(std::any_of(all.begin(), all.end(),
                          [&](const Target& each) { return each.name == entry.path().filename(); }));
    }
}

}  // namespace
}  // namespace vigie::fuzz
