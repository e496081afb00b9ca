// Tests spec/settings: The settings that vigie passes through to Prometheus and Alertmanager.

#include "spec/settings.hpp"

#include "spec/schema.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>

namespace vigie::spec {
namespace {

std::string named(Program program, const char* where, const char* field,
                  std::optional<ImageVersion> version = {}) {
    return nameOf(program, where, field, version);
}

TEST_CASE("a setting is rendered under the program's own name", "[spec][settings]") {
    const auto p = Program::prometheus;
    const auto a = Program::alertmanager;
    CHECK(named(p, "scrapeConfigs", "bodySizeLimit") == "body_size_limit");
    CHECK(named(p, "scrapeConfigs", "fileSDConfigs") == "file_sd_configs");
    CHECK(named(p, "scrapeConfigs", "relabelings") == "relabel_configs");
    CHECK(named(p, "scrapeConfigs", "enableHTTP2") == "enable_http2");
    CHECK(named(p, "oauth2", "clientSecretFrom") == "client_secret");
    CHECK(named(p, "scrapeConfigs", "convertClassicHistogramsToNHCB") ==
          "convert_classic_histograms_to_nhcb");
    CHECK(named(a, "receivers", "msteamsv2Configs") == "msteamsv2_configs");
    CHECK(named(a, "global", "opsgenieAPIURL") == "opsgenie_api_url");
    CHECK(named(a, "global", "opsgenieAPIKeyFrom") == "opsgenie_api_key");
    CHECK(named(a, "smtp", "hello") == "smtp_hello");
    CHECK(named(a, "emailConfigs", "hello") == "hello");
}

TEST_CASE("a renamed setting is rendered under the name of the image's version", "[spec][settings]") {
    const auto name = [](std::optional<ImageVersion> version) {
        return named(Program::prometheus, "scrapeConfigs", "scrapeClassicHistograms", version);
    };
    CHECK(name(ImageVersion{2, 55}) == "scrape_classic_histograms");
    CHECK(name(ImageVersion{3, 0}) == "always_scrape_classic_histograms");
    CHECK(name(std::nullopt) == "always_scrape_classic_histograms");
}

/// Whether some object of the schema has the field, below one that is called `where`.
bool inSchema(const Schema& schema, std::string_view name, std::string_view where, std::string_view field,
              int depth) {
    if (depth > 30) {
        return false;
    }
    const bool here = where.empty() || name == where;
    for (const auto& property : schema.properties) {
        if ((here && property.name == field) ||
            inSchema(*property.schema, property.name, where, field, depth + 1)) {
            return true;
        }
    }
    return (schema.items != nullptr && inSchema(*schema.items, name, where, field, depth + 1));
}

TEST_CASE("sampled settings of the table exist in the schema", "[spec][settings]") {
    // Spot checks of both ends of the table, and of fields that only one place has.
    CHECK(inSchema(stackSchema(), "", "scrapeConfigs", "fallbackScrapeProtocol", 0));
    CHECK(inSchema(stackSchema(), "", "metadataConfig", "maxSamplesPerSend", 0));
    CHECK(inSchema(stackSchema(), "", "rocketchatConfigs", "tokenIDFrom", 0));
    CHECK_FALSE(inSchema(stackSchema(), "", "rocketchatConfigs", "noSuchField", 0));
}

TEST_CASE("references to secrets are found at every depth of the settings", "[spec][settings]") {
    auto stack = tests::moments();
    const auto secret = [](const char* name) {
        Node out;
        out.kind = Node::Kind::map;
        out.entries.push_back({"secret", {}, Node::text(name)});
        return out;
    };
    const auto in = [](const char* key, Node value) {
        Node out;
        out.kind = Node::Kind::map;
        out.entries.push_back({key, {}, std::move(value)});
        return out;
    };
    ScrapeConfig job;
    job.jobName = "a";
    job.settings = in("oauth2", in("tlsConfig", in("keyFrom", secret("deep"))));
    stack.prometheus->scrapeConfigs.push_back(job);
    stack.prometheus->remoteWrite.push_back(in("authorization", in("credentialsFrom", secret("token"))));
    const auto uses = secretsOf(stack, Program::prometheus);
    REQUIRE(uses.size() == 2);
    CHECK(uses[0].secret == "token");
    CHECK(uses[0].at.text() == "spec.prometheus.remoteWrite[0].authorization.credentialsFrom.secret");
    CHECK(uses[1].secret == "deep");
    CHECK(secretsOf(stack, Program::alertmanager).size() == 1);
}

}  // namespace
}  // namespace vigie::spec
