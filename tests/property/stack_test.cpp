// Properties of the whole pure core over generated stacks.

#include "apply/apply.hpp"
#include "base/error.hpp"
#include "lint/lint.hpp"
#include "render/host.hpp"
#include "render/yaml_writer.hpp"
#include "secrets/sealing.hpp"
#include "spec/check_schema.hpp"
#include "spec/codec.hpp"
#include "spec/load.hpp"
#include "spec/read_yaml.hpp"
#include "spec/schema.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "system/real_clock.hpp"
#include "tests/property/generators.hpp"
#include "tests/property/holds.hpp"
#include "tests/support/catch.hpp"

#include <cstdio>
#include <set>

namespace vigie::tests {
namespace {

render::Inputs inputsFor(const Generated& generated, const spec::Host& host) {
    render::Inputs out;
    out.files = generated.files;
    for (const auto& secret : generated.stack.secrets) {
        if (const auto it = secret.sealed.find(host.name); it != secret.sealed.end()) {
            auto value = secrets::open(it->second, {generated.stack.name, secret.name, host.name},
                                       generated.identities.at(host.name));
            out.secrets[secret.name] = {secrets::secretId(it->second),
                                        std::make_shared<const SecureBytes>(std::move(value))};
        }
    }
    const auto& key = generated.keys.at(host.name);
    out.wireguardPrivateKey = {"wireguard:" + key.publicKey,
                               std::make_shared<const SecureBytes>(key.privateKey)};
    return out;
}

std::string yamlOf(const spec::Stack& stack) {
    render::YamlWriter yaml;
    for (const auto& entry : spec::encode(stack).entries) {
        yaml.node(entry.key, entry.value);
    }
    return yaml.result().masked();
}

class NoHttp : public system::Http {
public:
    system::HttpResponse send(const system::HttpRequest& /*request*/) override { return {}; }
};

TEST_CASE("a generated stack round-trips through encode and decode, also as text, and passes schema and lint",
          "[property]") {
    holds([] {
        const Generated generated = *genStack();
        RC_ASSERT(spec::decode(spec::encode(generated.stack)) == generated.stack);
        spec::Diagnostics diagnostics;
        const auto document =
            spec::loadStack(yamlOf(generated.stack), "generated.yaml", "0.1.0", diagnostics);
        RC_ASSERT(document.has_value());
        lint::lint(document->stack, spec::Reporter(diagnostics, "generated.yaml", &document->root));
        for (const auto& diagnostic : diagnostics.all()) {
            RC_LOG() << spec::format(diagnostic, "", false);
        }
        RC_ASSERT(!diagnostics.hasErrors());
        RC_ASSERT(document->stack == generated.stack);
    });
}

TEST_CASE("render is deterministic, in topological order, and free of secrets where it is masked",
          "[property]") {
    holds([] {
        const Generated generated = *genStack();
        for (const auto& host : generated.stack.hosts) {
            const auto inputs = inputsFor(generated, host);
            const auto first = renderHost(generated.stack, host, inputs);
            const auto second = renderHost(generated.stack, host, inputs);
            RC_ASSERT(digestOf(first) == digestOf(second));
            std::set<std::string> earlier;
            for (std::size_t i = 0; i < first.size(); ++i) {
                for (const auto& id : first[i].dependsOn) {
                    RC_ASSERT(earlier.count(id) == 1);
                }
                RC_ASSERT(earlier.insert(first[i].id).second);
                const auto* file = std::get_if<render::File>(&first[i].what);
                if (file != nullptr) {
                    const auto& again = std::get<render::File>(second[i].what);
                    RC_ASSERT(file->content.reveal() == again.content.reveal());
                    const auto masked = file->content.masked();
                    RC_ASSERT(masked.find(view(*inputs.wireguardPrivateKey.value)) == std::string::npos);
                }
            }
        }
    });
}

TEST_CASE("every rendered YAML file can be parsed as YAML", "[property]") {
    holds([] {
        const Generated generated = *genStack();
        for (const auto& host : generated.stack.hosts) {
            for (const auto& resource : renderHost(generated.stack, host, inputsFor(generated, host))) {
                const auto* file = std::get_if<render::File>(&resource.what);
                if (file == nullptr || file->path.find(".y") == std::string::npos) {
                    continue;
                }
                spec::Diagnostics diagnostics;
                const auto text = file->content.reveal();
                RC_ASSERT(spec::readYaml(view(text), file->path, diagnostics).has_value());
                RC_ASSERT(diagnostics.empty());
            }
        }
    });
}

TEST_CASE("a plan after an apply is empty, and a second apply makes no mutating call", "[property]") {
    holds([] {
        const Generated generated = *genStack();
        for (const auto& host : generated.stack.hosts) {
            system::MemoryFiles files;
            system::MemoryProcesses processes;
            NoHttp http;
            system::RealClock clock;
            system::MemoryNames names;
            system::MemoryAttach attach;
            const system::System system{files, processes, http, http, clock, names, attach};
            auto store = state::Store::open(":memory:");
            apply::DesiredState target{generated.stack.name,
                                       host.name,
                                       "",
                                       renderHost(generated.stack, host, inputsFor(generated, host)),
                                       {}};
            files.makeDirectory("/var", 0755, {});
            apply::Settings settings;
            settings.stateDirectory = "/var";

            apply::apply(target, apply::planFor(target, store.inventory(), system), store, settings, system);
            const auto plan = apply::planFor(target, store.inventory(), system);
            RC_ASSERT(plan.empty());

            files.mutations.clear();
            processes.commands.clear();
            apply::apply(target, plan, store, settings, system);
            RC_ASSERT(files.mutations.empty());
            RC_ASSERT(processes.commands.empty());
        }
    });
}

TEST_CASE("an apply that fails at any mutation leaves every byte as it was", "[property]") {
    std::size_t points = 0;
    holds([&points] {
        const Generated generated = *genStack();
        const auto& host = generated.stack.hosts[0];
        const auto desired = renderHost(generated.stack, host, inputsFor(generated, host));
        for (int n = 1;; ++n) {
            system::MemoryFiles files;
            system::MemoryProcesses processes;
            NoHttp http;
            system::RealClock clock;
            system::MemoryNames names;
            system::MemoryAttach attach;
            const system::System system{files, processes, http, http, clock, names, attach};
            auto store = state::Store::open(":memory:");
            files.makeDirectory("/var", 0755, {});
            const apply::DesiredState target{generated.stack.name, host.name, "", desired, {}};
            const auto plan = apply::planFor(target, store.inventory(), system);
            const auto before = files.entries;
            files.failAt = n;
            try {
                apply::Settings settings;
                settings.stateDirectory = "/var";
                apply::apply(target, plan, store, settings, system);
            } catch (const Error&) {
                ++points;
                files.failAt = 0;
                for (const auto& [path, entry] : before) {
                    RC_ASSERT(files.entries.count(path) == 1);
                    RC_ASSERT(files.entries.at(path).bytes == entry.bytes);
                }
                for (const auto& [path, entry] : files.entries) {
                    RC_ASSERT((before.count(path) == 1 || path.substr(0, 4) == "/var"));
                }
                RC_ASSERT(store.inventory().empty());
                continue;
            }
            RC_ASSERT(apply::planFor(target, store.inventory(), system).empty());
            break;
        }
    });
    std::printf("failures of a mutation tried: %zu\n", points);
    CHECK(points > 100);
}

}  // namespace
}  // namespace vigie::tests
