// A document with everything that is needed to apply it on hosts in memory.
#include "tests/support/model_stack.hpp"

#include "apply/inputs/desired_state.hpp"
#include "plan/guard.hpp"
#include "secrets/sealing.hpp"
#include "source/directory.hpp"
#include "spec/users.hpp"
#include "tests/support/golden.hpp"

#include <set>
#include <stdexcept>

namespace vigie::tests {
namespace {

/// The user's compose file: what the document's applications and exporters speak of, and a database.
std::string usersCompose(const spec::Stack& stack, const spec::Project& project,
                         std::set<std::string>& services, std::set<std::string>& images) {
    std::map<std::string, bool> built{{"db", false}};
    for (const auto& application : stack.applications) {
        if (application.project == project.name) {
            built[application.service] = !application.rebuild.empty();
        }
    }
    for (const auto& exporter : stack.exporters) {
        if (exporter.project == project.name) {
            if (!exporter.observedService().empty()) {
                built.emplace(exporter.observedService(), false);
            }
            for (const auto& service :
                 exporter.custom ? exporter.custom->dependsOn : std::vector<std::string>{}) {
                built.emplace(service, false);
            }
        }
    }
    std::string out = "services:\n";
    for (const auto& [service, own] : built) {
        out += "  " + service + ":\n";
        out += own ? "    build: .\n" : "    image: users/" + service + ":1\n";
        out += "    restart: always\n    environment:\n      - MODE=production\n";
        images.insert(own ? project.name + "-" + service : "users/" + service + ":1");
        services.insert(service);
    }
    return out;
}

}  // namespace

source::Loaded loadedFrom(const ModelStack& document) {
    source::Loaded out;
    out.document = spec::Document{"stack.yaml", {}, document.stack};
    out.files = document.files;
    out.sources["stack.yaml"] = "kind: MonitoringStack\n";
    return out;
}

bool isPresharedKey(const spec::Stack& stack, const std::string& secret) {
    return std::any_of(stack.wireguard.presharedKeys.begin(), stack.wireguard.presharedKeys.end(),
                       [&](const auto& key) { return key.from.secret == secret; }) ||
           std::any_of(stack.wireguard.guests.begin(), stack.wireguard.guests.end(), [&](const auto& guest) {
               return guest.presharedKeyFrom && guest.presharedKeyFrom->secret == secret;
           });
}

ModelStack exampleStack(const std::string& name) {
    const auto loaded = source::loadDirectory(sourcePath("examples/" + name));
    if (!loaded.usable()) {
        throw std::runtime_error("examples/" + name + " has mistakes");
    }
    ModelStack out;
    out.stack = loaded.document->stack;
    out.files = loaded.files;
    for (auto& host : out.stack.hosts) {
        out.identities[host.name] = secrets::generateIdentity();
        out.keys[host.name] = secrets::generateWireguardKey();
        host.sealingKey = out.identities[host.name].publicKey;
        host.publicKey = out.keys[host.name].publicKey;
    }
    for (auto& secret : out.stack.secrets) {
        const auto value = isPresharedKey(out.stack, secret.name) ? secrets::generateWireguardKey().privateKey
                                                                  : secureBytes("password-of-" + secret.name);
        for (auto& [host, ciphertext] : secret.sealed) {
            ciphertext = secrets::seal(view(value), {out.stack.name, secret.name, host},
                                       out.stack.host(host)->sealingKey);
        }
    }
    return out;
}

void installHost(ModelHost& host, const ModelStack& document, const std::string& name) {
    for (const auto& check : document.stack.healthChecks) {
        if (!check.url.empty()) {
            host.programs.others[check.url] = check.expectStatus;
        }
    }
    const auto paths = apply::keyPaths(ModelHost::kState, document.stack.wireguard.interface);
    host.files.directories("/etc/wireguard", 0700);
    host.files.put(paths.identity, std::string(view(secrets::encodeIdentity(document.identities.at(name)))),
                   0600);
    host.files.put(paths.wireguard, std::string(view(document.keys.at(name).privateKey)) + "\n", 0600);
    for (const auto& project : document.stack.projects) {
        if (project.host != name || project.ours()) {
            continue;
        }
        std::set<std::string> services;
        std::set<std::string> images;
        const std::string text = usersCompose(document.stack, project, services, images);
        host.files.put(project.directory + "/" + project.composeFiles.front(), text);
        for (std::size_t i = 1; i < project.composeFiles.size(); ++i) {
            host.files.put(project.directory + "/" + project.composeFiles[i], "services: {}\n");
        }
        host.files.put(project.directory + "/.env", "MODE=production\n", 0600);
        for (const auto& image : images) {
            host.engine.addImage(image);
        }
        for (const auto& service : services) {
            host.engine.upByHand(project.name, project.directory, project.composeFiles, service);
        }
    }
}

apply::DesiredState targetOn(const ModelHost& host, const ModelStack& document, const std::string& name,
                             const std::string& revision, plan::Activation activation) {
    plan::Options options;
    options.activation = activation;
    options.allowRemoval = plan::everyGuardedComponent();  // documents become any other one here
    return apply::makeDesiredState(loadedFrom(document), {name, revision, ModelHost::kState, false, options},
                                   host.files);
}

apply::DesiredState targetOn(ModelHost& host, const ModelStack& document, const std::string& name,
                             const std::string& revision, const state::Inventory& inventory) {
    plan::Options options;
    options.activation = plan::Activation::all;
    options.allowRemoval = plan::everyGuardedComponent();
    return apply::makeDesiredState(loadedFrom(document), {name, revision, ModelHost::kState, false, options},
                                   inventory, host.system());
}

apply::DesiredState formerTargetOn(const ModelHost& host, const ModelStack& document, const std::string& name,
                                   const std::string& revision) {
    apply::DesiredStateRequest request{name, revision, ModelHost::kState, false, {}};
    request.options.activation = plan::Activation::all;
    for (const auto& program : spec::programsOn(document.stack, *document.stack.host(name))) {
        if (program.keeps) {
            request.keepUser.insert(program.name);
        }
    }
    return apply::makeDesiredState(loadedFrom(document), request, host.files);
}

void copyHost(const ModelHost& from, ModelHost& to) {
    to.files.entries = from.files.entries;
    to.files.mutations.clear();
    to.clock.milliseconds = from.clock.milliseconds;
    to.clock.bootedAt = from.clock.bootedAt;
    to.clock.boots = from.clock.boots;
    to.tunnel.interfaces = from.tunnel.interfaces;
    to.tunnel.kernelModule = from.tunnel.kernelModule;
    to.tunnel.hooks = from.tunnel.hooks;
    to.engine.containers = from.engine.containers;
    to.engine.names = from.engine.names;
    to.engine.images = from.engine.images;
    to.engine.made = from.engine.made;
    to.programs.loaded = from.programs.loaded;
    to.programs.others = from.programs.others;
    to.processes.activeUnits = from.processes.activeUnits;
}

}  // namespace vigie::tests
