// The program `fuzz` of the preset of that name: libFuzzer with the target that VIGIE_FUZZ names.
#include "tests/fuzz/target.hpp"

#include <sodium.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

const vigie::fuzz::Target& chosen() {
    static const vigie::fuzz::Target& target = [] {
        const char* const name = std::getenv("VIGIE_FUZZ");  // NOLINT(concurrency-mt-unsafe)
        for (const auto& each : vigie::fuzz::targets()) {
            if (name != nullptr && each.name == name) {
                return each;
            }
        }
        std::fprintf(stderr, "VIGIE_FUZZ names no target; there are:\n");
        for (const auto& each : vigie::fuzz::targets()) {
            std::fprintf(stderr, "%s\n", each.name.c_str());
        }
        std::exit(2);  // NOLINT(concurrency-mt-unsafe)
    }();
    return target;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
    static_cast<void>(chosen());
    return sodium_init() < 0 ? 1 : 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    chosen().run(
        {reinterpret_cast<const char*>(data), size});  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
    return 0;
}
