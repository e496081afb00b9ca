// One transaction on one host, whatever happens to it.

#include "apply/recover.hpp"
#include "base/error.hpp"
#include "tests/property/holds.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/model_stack.hpp"

namespace vigie::tests {
namespace {

TEST_CASE("smoke", "[model]") {
    for (const std::string name : {"vps", "vm"}) {
        const auto document = exampleStack("moments");
        ModelHost host;
        installHost(host, document, name);
        auto store = state::Store::open(":memory:");
        apply::Settings settings;
        settings.stateDirectory = ModelHost::kState;
        settings.reloadTimeout = std::chrono::seconds(2);
        settings.settle = std::chrono::seconds(1);
        settings.progress = [](const std::string& line) { std::cout << line << "\n"; };
        const auto target = targetOn(host, document, name, "r1");
        const auto plan = apply::planFor(target, store.inventory(), host.system());
        CHECK(host.mutations() == 0);
        try {
            apply::apply(target, plan, store, settings, host.system());
        } catch (const Error& error) {
            FAIL(error.what());
        }
        for (const auto& each : host.processes.unknown) {
            FAIL_CHECK(each);
        }
        const auto again = apply::planFor(target, store.inventory(), host.system());
        for (const auto& change : again.changes) {
            INFO(change.id << " " << change.reason);
            CHECK(!change.acts());
        }
        for (const auto& each : host.fuse.mutations) std::cout << each << "\n";
        std::cout << host.mutations() << " " << host.fuse.operations << "\n";
        for (const auto& [key, value] : host.snapshot()) std::cout << "== " << key << " " << value << "\n";
    }
}

}  // namespace
}  // namespace vigie::tests
