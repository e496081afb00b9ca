// Whatever validates without an error renders to configurations that the real promtool and amtool accept. The
// documents are generated for the versions of the tools that are installed.

#include "base/text.hpp"
#include "lint/lint.hpp"
#include "render/host.hpp"
#include "spec/load.hpp"
#include "system/real_files.hpp"
#include "system/real_processes.hpp"
#include "system/stop.hpp"
#include "tests/property/generated_document.hpp"
#include "tests/property/holds.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <functional>
#include <regex>

namespace vigie::tests {
namespace {

/// `2.42` of what a tool says about itself.
std::string installed(const std::string& tool) {
    const system::Stop stop;
    system::RealProcesses processes(stop);
    const auto result = processes.run({{tool, "--version"}, {}, {}});
    std::smatch match;
    const std::string said = result.out + result.err;
    REQUIRE(std::regex_search(said, match, std::regex("version ([0-9]+\\.[0-9]+)")));
    return match[1];
}

/// Writes what a container would see, with its mount points moved below `root`.
void writeTree(const std::vector<render::Resource>& resources, const std::string& root) {
    system::RealFiles files(root);
    for (const auto& resource : resources) {
        const auto* file = std::get_if<render::File>(&resource.what);
        if (file == nullptr || file->path.substr(0, 15) != "/opt/monitoring") {
            continue;
        }
        std::string text(view(file->content.reveal()));
        for (const char* program : {"prometheus", "alertmanager"}) {
            const std::string mount = std::string("/etc/") + program + "/";
            for (auto at = text.find(mount); at != std::string::npos; at = text.find(mount, at)) {
                text.replace(at, mount.size(), root + "/opt/monitoring/" + program + "/");
                at += root.size() + mount.size();
            }
        }
        const std::string mount = "/etc/vigie-exporter/";
        for (auto at = text.find(mount); at != std::string::npos; at = text.find(mount, at)) {
            text.replace(at, mount.size(), root + "/opt/monitoring/blackbox/");
            at += root.size() + mount.size();
        }
        system::makeParents(files, file->path);
        files.write(file->path, text, 0600, std::nullopt);
    }
}

TEST_CASE(
    "a generated document that passes validation renders to configuration that promtool and amtool accept",
    "[tools]") {
    const std::string promtool = installed("promtool");
    const std::string amtool = installed("amtool");
    int valid = 0;
    holds(
        [&] {
            const std::string text = generatedDocument(promtool, amtool);
            spec::Diagnostics diagnostics;
            const auto document = spec::loadStack(text, "generated.yaml", "0.1.0", diagnostics);
            RC_ASSERT(document.has_value());
            lint::lint(document->stack, spec::Reporter(diagnostics, "generated.yaml", &document->root));
            if (diagnostics.hasErrors()) {
                for (const auto& diagnostic : diagnostics.all()) {
                    // Only what the generator does wrong on purpose.
                    RC_LOG() << spec::format(diagnostic, text, false) << text;
                    RC_ASSERT(diagnostic.severity != spec::Severity::error || diagnostic.code == "VG0430");
                }
                return;
            }
            ++valid;
            const TemporaryDirectory directory;
            writeTree(renderHost(document->stack, document->stack.hosts[0], generatedInputs()),
                      directory.path);
            const system::Stop stop;
            system::RealProcesses processes(stop);
            const std::string here = directory.path + "/opt/monitoring/";
            const auto prometheus =
                processes.run({{"promtool", "check", "config", here + "prometheus/prometheus.yml"}, {}, {}});
            RC_LOG() << text << prometheus.out << prometheus.err;
            RC_ASSERT(prometheus.ok());
            const auto alertmanager =
                processes.run({{"amtool", "check-config", here + "alertmanager/alertmanager.yml"}, {}, {}});
            RC_LOG() << alertmanager.out << alertmanager.err;
            RC_ASSERT(alertmanager.ok());
            if (text.find("type: blackbox") == std::string::npos) {
                return;
            }
            const auto blackbox = processes.run({{"prometheus-blackbox-exporter", "--config.check",
                                                  "--config.file=" + here + "blackbox/blackbox.yml"},
                                                 {},
                                                 {}});
            RC_LOG() << blackbox.out << blackbox.err;
            RC_ASSERT(blackbox.ok());
        },
        120);
    CHECK(valid >= (effort() == Effort::shorter ? 1 : 20));
}

}  // namespace
}  // namespace vigie::tests
