#include "render/host.hpp"

#include "render/builder.hpp"
#include "spec/registry.hpp"
#include "spec/topology.hpp"

#include <algorithm>

namespace vigie::render {

std::string Builder::add(Resource resource) {
    if (ids_.insert(resource.id).second) {
        resources_.push_back(std::move(resource));
        return resources_.back().id;
    }
    return resource.id;
}

std::string Builder::directory(const std::string& path, const std::string& purpose) {
    return add({"directory:" + path, Directory{path, 0755, {}, false}, {}, Effect::none, purpose});
}

std::string Builder::exactDirectory(const std::string& path, unsigned mode, Owner owner,
                                    const std::string& purpose) {
    return add({"directory:" + path, Directory{path, mode, owner, true}, {}, Effect::none, purpose});
}

std::string Builder::file(File file, Effect effect, const std::string& purpose,
                          std::vector<std::string> dependsOn) {
    const std::string id = "file:" + file.path;
    return add({id, std::move(file), std::move(dependsOn), effect, purpose});
}

SecretValue Builder::secret(const std::string& name) const {
    const auto it = inputs.secrets.find(name);
    return it == inputs.secrets.end() ? SecretValue{"missing:" + name, nullptr} : it->second;
}

std::vector<Resource> renderHost(const spec::Stack& stack, const spec::Host& host, const Inputs& inputs) {
    Builder builder(stack, host, inputs);
    renderFirewall(builder);
    renderRegistries(builder);
    renderWireguard(builder);
    renderPrometheus(builder);
    renderAlertmanager(builder);
    renderExporters(builder);
    renderCompose(builder);
    renderReloads(builder);
    return builder.take();
}

std::vector<std::string> secretsUsedBy(const spec::Stack& stack, const spec::Host& host) {
    std::vector<std::string> out;
    for (const auto& exporter : stack.exporters) {
        if (stack.hostOf(exporter.project) == &host) {
            out.push_back(exporter.pgbouncer.passwordFrom.secret);
        }
    }
    if (stack.alertmanager && stack.alertmanager->smtp && stack.alertmanager->smtp->passwordFrom &&
        stack.hostOf(stack.alertmanager->project) == &host) {
        out.push_back(stack.alertmanager->smtp->passwordFrom->secret);
    }
    for (const auto* registry : spec::registriesOf(stack, host)) {
        out.push_back(registry->passwordFrom.secret);
    }
    for (const auto& other : stack.hosts) {
        if (const auto* key = spec::presharedKeyOf(stack, host, other)) {
            out.push_back(key->from.secret);
        }
    }
    return out;
}

std::vector<std::string> secretsNeededBy(const spec::Stack& stack, const spec::Host& host) {
    const auto used = secretsUsedBy(stack, host);
    std::vector<std::string> out;
    for (const auto& secret : stack.secrets) {
        if (std::find(used.begin(), used.end(), secret.name) != used.end()) {
            out.push_back(secret.name);
        }
    }
    return out;
}

}  // namespace vigie::render
