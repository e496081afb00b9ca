// Tests source/native: native configuration and its files, read from a directory.

#include "source/native.hpp"

#include "source/directory.hpp"
#include "spec/native_words.hpp"
#include "spec/secret_uses.hpp"
#include "system/memory_files.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

namespace vigie::source {
namespace {

const std::string kHead =
    "apiVersion: vigie.dev/v1alpha1\nkind: MonitoringStack\nmetadata: { name: a }\nspec:\n"
    "  hosts: [{ name: vm, sealingKey: \"PjakRAGk+qnQeJED/7fHWIWsDoff+plDAOkbfHU3gjo=\" }]\n"
    "  projects: [{ name: m, host: vm, directory: /opt/m }]\n";

Loaded loadedFrom(const std::string& spec, const std::map<std::string, std::string>& files) {
    system::MemoryFiles out;
    out.write("/stack.yaml", kHead + spec, 0644, std::nullopt);
    for (const auto& [path, text] : files) {
        for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
            if (!out.inspect(path.substr(0, slash)).exists()) {
                out.makeDirectory(path.substr(0, slash), 0755, std::nullopt);
            }
        }
        out.write(path, text, 0644, std::nullopt);
    }
    return loadDirectory(out, ".");
}

std::vector<std::string> findings(const Loaded& loaded) {
    std::vector<std::string> out;
    for (const auto& each : loaded.diagnostics.all()) {
        if (each.severity != spec::Severity::info) {
            out.push_back(each.code + " " + each.file + ":" + std::to_string(each.at.line));
        }
    }
    return out;
}

const std::string kPrometheus = "  prometheus: { project: m, configFrom: { file: p/p.yml } }\n";

}  // namespace

TEST_CASE("what a native configuration names is read with it, and nothing else", "[source][native]") {
    const auto loaded = loadedFrom(kPrometheus, {{"/p/p.yml", "rule_files: ['r/*.yml', '*/x/?.yml']\n"},
                                                 {"/p/r/a.yml", "groups: []\n"},
                                                 {"/p/r/a.txt", "no"},
                                                 {"/p/q/x/1.yml", "groups: []\n"},
                                                 {"/r/b.yml", "no"}});
    CHECK(findings(loaded).empty());
    std::vector<std::string> names;
    for (const auto& [path, text] : loaded.files) {
        names.push_back(path);
    }
    CHECK(names == std::vector<std::string>{"p/p.yml", "p/q/x/1.yml", "p/r/a.yml"});
}

TEST_CASE("findings stand in the file that they are about, with its lines in their words",
          "[source][native]") {
    const auto loaded = loadedFrom(
        kPrometheus + "  alertmanager: { project: m, configFrom: { file: a.yml } }\n",
        {{"/p/p.yml", "scrape_configs:\n  - job_name: x\n    scrape_interval: 5s\n    scrape_timeout: 7s\n"},
         {"/a.yml", "receivers:\n  - name: mail\nroute:\n  receiver: male\n"}});
    CHECK(findings(loaded) == std::vector<std::string>{"VG0201 a.yml:4", "VG0405 p/p.yml:4"});
    for (const auto& each : loaded.diagnostics.all()) {
        CHECK(each.message.find(std::to_string(spec::kLinesOfAFile).substr(0, 4)) == std::string::npos);
        CHECK(loaded.sources.count(each.file) == 1);
    }
}

TEST_CASE("secrets of native configuration are sealed for the hosts of its server", "[source][native]") {
    const auto loaded =
        loadedFrom(kPrometheus + "  secrets: [{ name: s, sealed: {} }, { name: t, sealed: {} }]\n",
                   {{"/p/p.yml", "scrape_configs: [{ job_name: a, bearer_token: !secret s }]\n"}});
    REQUIRE(loaded.document);
    const auto recipients = spec::recipientsOf(loaded.document->stack, "s");
    REQUIRE(recipients.size() == 1);
    CHECK(recipients[0].name == "vm");
    CHECK(spec::recipientsOf(loaded.document->stack, "t").empty());
}

}  // namespace vigie::source
