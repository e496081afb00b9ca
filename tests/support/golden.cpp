// Compares texts with golden files, or accepts them.

#include "tests/support/golden.hpp"

#include "tests/support/catch.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace vigie::tests {

std::string sourcePath(const std::string& relative) {
    return std::string(VIGIE_SOURCE_DIR) + "/" + relative;
}

std::string readSource(const std::string& relative) {
    std::ifstream in(sourcePath(relative), std::ios::binary);
    if (!in) {
        throw std::runtime_error(relative + " is missing");
    }
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

void checkGolden(const std::string& name, const std::string& actual) {
    const std::string relative = "tests/golden/" + name;
    const char* accept = std::getenv("VIGIE_ACCEPT");  // NOLINT(concurrency-mt-unsafe): one thread
    if (accept != nullptr && std::string(accept) == "1") {
        std::filesystem::create_directories(std::filesystem::path(sourcePath(relative)).parent_path());
        std::ofstream(sourcePath(relative), std::ios::binary) << actual;
        return;
    }
    INFO(relative << ": run with VIGIE_ACCEPT=1 to accept, then look at the difference with git");
    CHECK(actual == readSource(relative));
}

}  // namespace vigie::tests
