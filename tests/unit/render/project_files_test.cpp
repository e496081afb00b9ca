// Tests render/project_files: further files of projects.

#include "render/host.hpp"
#include "spec/load.hpp"
#include "spec/secret_uses.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::render {
namespace {

spec::Stack withFiles() {
    spec::Diagnostics diagnostics;
    auto document = spec::loadStack(R"(apiVersion: vigie.dev/v1alpha1
kind: MonitoringStack
metadata: { name: shop }
spec:
  hosts: [{ name: vm, sealingKey: "4J7Gj0zrCIMYwfXrRIrspeEhNGu7LYtuL1SKipPa0RE=" }, { name: other }]
  projects:
    - name: shop
      host: vm
      directory: /opt/shop
      composeFiles: [compose.yml]
      files:
        - { from: blackbox.yml, to: ./blackbox/conf/blackbox.yml, mode: "0640", owner: "1000:2000" }
        - { from: plain.yml, to: plain.yml }
        - { secret: token, to: tokens/api, owner: "65534" }
    - { name: idle, host: other, directory: /opt/idle, composeFiles: [compose.yml] }
  secrets:
    - name: token
      sealed: { vm: "ShvPrDZddmgCkT30+y9n87lJehknbDSGYBDQ6PFtGC9/YZxzqK75a5njlckmMRekdc1trAneFHwrYaFcrLY2EZwdWdxfo0SN5x+LnvU9Fu4mHGzoBY63SzuFp95CoEG6ID4t29u5j9faDOYc5Y8reS3lJUY+ZIQolidYMv+AeWyVBwy1AWxI" }
)",
                                    "stack.yaml", "0.1.0", diagnostics);
    for (const auto& each : diagnostics.all()) {
        UNSCOPED_INFO(each.message);
    }
    REQUIRE(diagnostics.empty());
    return std::move(document->stack);
}

const Resource* find(const std::vector<Resource>& resources, const std::string& id) {
    for (const auto& resource : resources) {
        if (resource.id == id) {
            return &resource;
        }
    }
    return nullptr;
}

TEST_CASE("files of a project are delivered with their mode and owner, and only to its host", "[render]") {
    const auto stack = withFiles();
    Inputs inputs;
    inputs.files = {{"blackbox.yml", "modules: {}\n"}, {"plain.yml", "a: b\n"}};
    inputs.secrets["token"] = {"token-id", std::make_shared<const SecureBytes>(secureBytes("s3cret"))};
    const auto resources = renderHost(stack, stack.hosts[0], inputs);
    const auto file = [&](const std::string& path) {
        const auto* resource = find(resources, "file:" + path);
        INFO(path);
        REQUIRE(resource != nullptr);
        return std::get<File>(resource->what);
    };
    const auto blackbox = file("/opt/shop/blackbox/conf/blackbox.yml");
    CHECK(blackbox.content.masked() == "modules: {}\n");
    CHECK(blackbox.mode == 0640);
    CHECK(blackbox.owner == Owner{1000, 2000});
    CHECK(find(resources, "directory:/opt/shop/blackbox/conf") != nullptr);
    const auto plain = file("/opt/shop/plain.yml");
    CHECK(plain.mode == 0644);
    CHECK(plain.owner == Owner{});
    const auto token = file("/opt/shop/tokens/api");
    CHECK(token.content.masked() == "***");
    CHECK(view(token.content.reveal()) == "s3cret");
    CHECK(token.mode == 0400);
    CHECK(token.owner == Owner{65534, 65534});
    CHECK(find(resources, "compose:shop/blackbox") == nullptr);
    CHECK(find(renderHost(stack, stack.hosts[1], inputs), "file:/opt/shop/plain.yml") == nullptr);
}

TEST_CASE("files of a project are read from the document's directory, and sealed to its host", "[render]") {
    const auto stack = withFiles();
    std::vector<std::string> named;
    for (const auto& file : spec::namedFiles(stack)) {
        if (!file.path.empty()) {
            named.push_back(file.path);
        }
    }
    CHECK(named == std::vector<std::string>{"blackbox.yml", "plain.yml"});
    const auto recipients = spec::recipientsOf(stack, "token");
    REQUIRE(recipients.size() == 1);
    CHECK(recipients[0].name == "vm");
}

}  // namespace
}  // namespace vigie::render
