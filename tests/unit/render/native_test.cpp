// Tests render/native: native configuration as bytes, with its secrets as segments.

#include "render/native.hpp"

#include "render/prometheus.hpp"
#include "spec/read_yaml.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::render {
namespace {

spec::Node read(const std::string& text) {
    spec::Diagnostics diagnostics;
    auto out = spec::readNative(text, "f.yml", diagnostics);
    REQUIRE(out);
    return *out;
}

Inputs withSecret(const std::string& value) {
    Inputs out;
    out.secrets["scraper"] = {"id-of-scraper",
                              std::make_shared<const SecureBytes>(value.begin(), value.end())};
    return out;
}

std::string revealed(const Text& text) {
    const auto bytes = text.reveal();
    return std::string(view(bytes));
}

}  // namespace

TEST_CASE("a secret of native configuration is masked, counted by its id and quoted when it is written",
          "[render][native]") {
    const auto root = read("a: !secret scraper\nb: ['\\x01scraper\\x01', \"\\\\x01scraper\\\\x01\"]\n");
    const auto text = nativeText(root, withSecret("p\"w\\1\n"));
    CHECK(text.hasSecrets());
    CHECK(text.masked().find("a: \"***\"\n") != std::string::npos);
    CHECK(text.masked().find("p\"w") == std::string::npos);
    // What only looks like a stand-in stays what it was.
    CHECK(text.masked().find("\"\\\\x01scraper\\\\x01\"") != std::string::npos);
    const auto back = read(revealed(text));
    CHECK(back.find("a")->scalar == "p\"w\\1\n");
    CHECK(back.find("b")->items[0].scalar == "\\x01scraper\\x01");
    CHECK(text.digest() == nativeText(root, withSecret("other")).digest());
    CHECK_FALSE(nativeText(root, {}).available());
}

TEST_CASE("whatever a configuration says is written as the same data", "[render][native]") {
    const auto root = read(
        "a: { b: [1, 0x10, -5, 1.5, .inf, true, ~, yes, '1', '~', \"\", 1e3, +1, 22:22, -, \"a\\nb\"] }\n"
        "'key: x': { '': [[1, [2]], {}, []] }\nnothing:\n? y\n: z\n");
    CHECK(spec::sameData(read(nativeText(root, {}).masked()), root));
    const auto back = read(nativeText(root, {}).masked());
    CHECK(back.find("a")->find("b")->items[0].plain);
    CHECK_FALSE(back.find("a")->find("b")->items[8].plain);
}

TEST_CASE("the configuration belongs to the program when a secret stands in it", "[render][native]") {
    auto stack = tests::moments();
    stack.prometheus->configFrom = spec::ConfigFrom{"p.yml"};
    Inputs inputs = withSecret("value");
    const auto main = [&](const std::string& text) {
        inputs.files["p.yml"] = text;
        for (const auto& resource :
             renderHost(stack, stack.hostOfProject(stack.prometheus->project), inputs)) {
            const auto* file = std::get_if<File>(&resource.what);
            if (file != nullptr && file->path.ends_with("/prometheus/prometheus.yml")) {
                return *file;
            }
        }
        return File{};
    };
    const auto open = main("scrape_configs: [{ job_name: a }]\n");
    CHECK(open.mode == 0644);
    CHECK(open.content.masked().find("vigie-render-info.yml") != std::string::npos);
    const auto secret = main("scrape_configs: [{ job_name: a, bearer_token: !secret scraper }]\n");
    CHECK(secret.mode == 0400);
    CHECK(secret.owner == spec::kPrometheusUser);
    CHECK(secret.content.hasSecrets());
}

TEST_CASE("the proof of native configuration changes with every file that it names", "[render][native]") {
    auto stack = tests::moments();
    stack.prometheus->configFrom = spec::ConfigFrom{"p/p.yml"};
    const auto server = stack.prometheus->servers().front();
    Inputs inputs;
    inputs.files["p/p.yml"] = "rule_files: [r/*.yml]\n";
    const auto before = prometheusDigest(stack, server, inputs);
    inputs.files["other.yml"] = "a";
    CHECK(prometheusDigest(stack, server, inputs) == before);
    inputs.files["p/r/a.yml"] = "a";
    const auto with = prometheusDigest(stack, server, inputs);
    CHECK(with != before);
    inputs.files["p/r/a.yml"] = "b";
    CHECK(prometheusDigest(stack, server, inputs) != with);
}

}  // namespace vigie::render
