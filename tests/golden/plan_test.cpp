// What a reviewer reads of a change of the first example, offline: text and Markdown, for both hosts.

#include "apply/inputs/desired_state.hpp"
#include "plan/compare.hpp"
#include "plan/print.hpp"
#include "source/directory.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"
#include "tests/unit/doubles.hpp"

#include <filesystem>
#include <fstream>

namespace vigie::tests {
namespace {

struct Edit {
    std::string from;
    std::string to;
};

source::Loaded moments(const std::vector<Edit>& edits) {
    const TemporaryDirectory directory;
    std::filesystem::copy(sourcePath("examples/moments"), directory.path + "/moments",
                          std::filesystem::copy_options::recursive);
    std::string text = readSource("examples/moments/stack.yaml");
    for (const auto& edit : edits) {
        const auto at = text.find(edit.from);
        INFO(edit.from);
        REQUIRE(at != std::string::npos);
        text.replace(at, edit.from.size(), edit.to);
    }
    std::ofstream(directory.path + "/moments/stack.yaml") << text;
    auto out = source::loadDirectory(directory.path + "/moments");
    REQUIRE(out.usable());
    return out;
}

std::vector<plan::Plan> compared(const std::optional<source::Loaded>& base, const source::Loaded& head) {
    std::vector<plan::Plan> out;
    for (const auto& host : head.document->stack.hosts) {
        const auto target = apply::makeSealedDesiredState(head, host.name);
        out.push_back(plan::compare(
            base ? apply::makeSealedDesiredState(*base, host.name).desired : std::vector<render::Resource>{},
            target.desired, target.options));
        out.back().stack = target.stack;
        out.back().host = host.name;
    }
    return out;
}

void check(const std::string& name, const std::vector<plan::Plan>& plans) {
    checkGolden("plan/" + name + ".txt", toText(plans, false));
    checkGolden("plan/" + name + ".md", plan::toMarkdown(plans));
}

TEST_CASE("plans of examples/moments match their golden files", "[golden][plan]") {
    const auto base = moments({});
    const Edit traces{"\n      traces: { variable: OTEL_ENDPOINT, protocol: http }", ""};
    const Edit exporter{
        "    - name: pgbouncer_exporter\n      type: pgbouncer\n      project: moments\n      port: 9127\n"
        "      pgbouncer: { service: pgbouncer, port: 6432, user: stats, passwordFrom: { secret: "
        "pgbouncer-stats } }\n",
        ""};
    const Edit exporters{"  exporters:\n", "  exporters: []\n"};
    const Edit prune{"spec:\n", "spec:\n  prune: false\n"};
    check("first", compared(std::nullopt, base));
    check("unchanged", compared(base, base));
    check("image", compared(base, moments({{"prom/prometheus:v3.5.0", "prom/prometheus:v3.5.1"}})));
    check("given-back", compared(base, moments({traces})));
    check("removed", compared(base, moments({exporter, exporters})));
    check("kept", compared(base, moments({exporter, exporters, prune})));
}

}  // namespace
}  // namespace vigie::tests
