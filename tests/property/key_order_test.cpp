// In which order the keys of a document stand never changes what is rendered.

#include "apply/inputs/desired_state.hpp"
#include "kinds/models.hpp"
#include "render/yaml_writer.hpp"
#include "source/directory.hpp"
#include "spec/load.hpp"
#include "spec/read_yaml.hpp"
#include "tests/property/generated_document.hpp"
#include "tests/property/holds.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"

#include <algorithm>
#include <filesystem>

namespace vigie::tests {
namespace {

void shuffle(spec::Node& node) {
    for (std::size_t i = node.entries.size(); i > 1; --i) {
        std::swap(node.entries[i - 1], node.entries[*rc::gen::inRange<std::size_t>(0, i)]);
    }
    for (auto& entry : node.entries) {
        shuffle(entry.value);
    }
    for (auto& item : node.items) {
        shuffle(item);
    }
}

/// As a machine rewrites it that sorts keys, such as a Kubernetes API server.
void sortKeys(spec::Node& node) {
    std::sort(node.entries.begin(), node.entries.end(),
              [](const auto& a, const auto& b) { return a.key < b.key; });
    for (auto& entry : node.entries) {
        sortKeys(entry.value);
    }
    for (auto& item : node.items) {
        sortKeys(item);
    }
}

template <class Change>
std::string changed(const std::string& text, Change change) {
    spec::Diagnostics diagnostics;
    auto root = spec::readYaml(text, "stack.yaml", diagnostics);
    RC_ASSERT(root.has_value());
    change(*root);
    render::YamlWriter yaml;
    for (const auto& entry : root->entries) {
        yaml.node(entry.key, entry.value);
    }
    return yaml.result().masked();
}

/// All that is rendered of a document, resource by resource.
std::string rendered(const std::string& text, const render::Inputs& inputs) {
    spec::Diagnostics diagnostics;
    const auto document = spec::loadStack(text, "stack.yaml", "0.1.0", diagnostics);
    RC_ASSERT(document.has_value());
    std::string out;
    for (const auto& host : document->stack.hosts) {
        for (const auto& resource : renderHost(document->stack, host, inputs)) {
            out += host.name + " " + resource.id + " " + digestOf(resource) + "\n" +
                   kinds::describe(resource) + "\n";
        }
    }
    return out;
}

TEST_CASE("an example with its keys in another order renders the same bytes", "[property]") {
    for (const auto& example : std::filesystem::directory_iterator(sourcePath("examples"))) {
        const auto loaded = source::loadDirectory(example.path());
        render::Inputs inputs;
        inputs.files = loaded.files;
        const std::string& text = loaded.sources.at(loaded.document->file);
        CAPTURE(example.path());
        holds(
            [&] {
                const auto expected = rendered(text, inputs);
                RC_ASSERT(rendered(changed(text, sortKeys), inputs) == expected);
                RC_ASSERT(rendered(changed(text, shuffle), inputs) == expected);
            },
            10);
    }
}

TEST_CASE("a generated document with its keys in another order renders the same bytes", "[property]") {
    holds([] {
        const std::string text = generatedDocument("3.5", "0.28");
        const auto inputs = generatedInputs();
        const auto expected = rendered(text, inputs);
        RC_ASSERT(rendered(changed(text, sortKeys), inputs) == expected);
        RC_ASSERT(rendered(changed(text, shuffle), inputs) == expected);
    });
}

}  // namespace
}  // namespace vigie::tests
