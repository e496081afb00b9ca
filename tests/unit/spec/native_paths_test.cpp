// Tests spec/native_paths: which files of the repository native configuration names.

#include "spec/native_paths.hpp"

#include "tests/support/catch.hpp"

namespace vigie::spec {
namespace {

Node read(const std::string& text) {
    Diagnostics diagnostics;
    auto out = readNative(text, "f.yml", diagnostics);
    REQUIRE(out);
    return *out;
}

}  // namespace

TEST_CASE("patterns match as the programs match them", "[spec][native]") {
    for (const auto& [pattern, path] :
         std::vector<std::pair<std::string, std::string>>{{"*.yml", "a.yml"},
                                                          {"*", "a"},
                                                          {"a*c*.yml", "abcbc.yml"},
                                                          {"r/*.yml", "r/a.yml"},
                                                          {"*/*.yml", "r/a.yml"},
                                                          {"?.yml", "a.yml"},
                                                          {"[a-c].yml", "b.yml"},
                                                          {"[^a].yml", "b.yml"},
                                                          {"\\*.yml", "*.yml"},
                                                          {"[\\]].yml", "].yml"},
                                                          {"a", "a"},
                                                          {"**.yml", "ab.yml"}}) {
        CAPTURE(pattern, path);
        CHECK(matchesPattern(pattern, path));
    }
    for (const auto& [pattern, path] :
         std::vector<std::pair<std::string, std::string>>{{"*.yml", "r/a.yml"},
                                                          {"*", "a/b"},
                                                          {"?", "/"},
                                                          {"[^a]", "/"},
                                                          {"*.yml", "a.yaml"},
                                                          {"[a-c].yml", "d.yml"},
                                                          {"[^a].yml", "a.yml"},
                                                          {"[a", "a"},
                                                          {"a", "ab"},
                                                          {"ab", "a"},
                                                          {"a*/b", "ax/y/b"},
                                                          {"", "a"},
                                                          {"*a*b*c", "aXbXbX"},
                                                          {"[]a].yml", "].yml"},
                                                          {"[a-].yml", "a.yml"}}) {
        CAPTURE(pattern, path);
        CHECK_FALSE(matchesPattern(pattern, path));
    }
}

TEST_CASE("each pattern is the repository's, the host's, or leads out", "[spec][native]") {
    const ConfigFrom from{"prom/p.yml", {"local/*.yml"}};
    const NativeSource source{Program::prometheus, &from, {}, "prom", "/etc/prometheus"};
    const auto patterns =
        patternsOf(source, read("rule_files:\n"
                                "  - ./rules//*.yml\n"
                                "  - /etc/prometheus/more/../x/*.yml\n"
                                "  - /rules/*.yml\n"
                                "  - local/*.yml\n"
                                "  - ../up/*.yml\n"
                                "  - /etc/prometheus/../up.yml\n"
                                "alerting: { alertmanagers: [{ file_sd_configs: [{ files: [a.json] }] }] }\n"
                                "scrape_configs:\n"
                                "  - file_sd_configs: [{ files: [b.json] }]\n"
                                "    relabel_configs: [{ target_label: __address__ }]\n"
                                "  - file_sd_configs: [{ files: [c.json] }]\n"));
    REQUIRE(patterns.size() == 9);
    CHECK(patterns[0].pattern == "rules/*.yml");
    CHECK(patterns[0].at.line == 2);
    CHECK(patterns[1].pattern == "x/*.yml");
    CHECK((patterns[2].pattern.empty() && !patterns[2].listed && !patterns[2].climbs));
    CHECK((patterns[3].pattern.empty() && patterns[3].listed));
    CHECK((patterns[4].pattern.empty() && patterns[4].climbs));
    CHECK((patterns[5].pattern.empty() && patterns[5].climbs));
    CHECK((patterns[6].pattern == "a.json" && patterns[6].kind == NativeKind::targets));
    CHECK((patterns[7].anyText && !patterns[8].anyText));
}

TEST_CASE("files are found at their places, also those that further scrape configurations name",
          "[spec][native]") {
    const ConfigFrom from{"prom/p.yml"};
    const NativeSource source{Program::prometheus, &from, {}, "prom", "/etc/prometheus"};
    const std::map<std::string, std::string> files = {
        {"prom/p.yml", ""},
        {"prom/rules/a.yml", ""},
        {"prom/rules/deep/a.yml", ""},
        {"rules/a.yml", ""},
        {"prometheus/rules/a.yml", ""},
        {"prom/jobs/j.yml", "scrape_configs: [{ file_sd_configs: [{ files: [../t/*.json, own.json] }] }]"},
        {"prom/jobs/own.json", ""},
        {"prom/t/a.json", ""}};
    const auto root = read("rule_files: ['rules/*.yml', '*.yml']\nscrape_config_files: [jobs/*.yml]\n");
    std::vector<std::string> places;
    for (const auto& file : nativeFiles(source, root, files)) {
        CHECK(file.path == "prom/" + file.place);
        places.push_back(file.place);
    }
    CHECK(places == std::vector<std::string>{"jobs/j.yml", "jobs/own.json", "rules/a.yml", "t/a.json"});
    CHECK(namedAlready(source, root, NativeKind::rules, "vigie-render-info.yml"));
    CHECK_FALSE(namedAlready(source, root, NativeKind::scrapeConfigs, "vigie-render-info.yml"));
    CHECK(repositoryPath(source, "a") == "prom/a");
}

}  // namespace vigie::spec
