// Writes a service of a compose file.

#include "render/service.hpp"

#include "base/hash.hpp"
#include "render/builder.hpp"
#include "render/yaml_writer.hpp"
#include "spec/address.hpp"

#include <algorithm>
#include <set>

namespace vigie::render {
namespace {

std::string portText(const PublishedPort& port) {
    return (port.address.empty() ? std::to_string(port.hostPort)
                                 : spec::hostPort(port.address, port.hostPort)) +
           ":" + std::to_string(port.containerPort) + (port.udp ? "/udp" : "");
}

std::string mountText(const Mount& mount) {
    return mount.source + ":" + mount.target + (mount.readOnly ? ":ro" : "") +
           (mount.follows ? ",rslave" : "");
}

template <class T, class ToText>
void strings(YamlWriter& yaml, const char* key, const std::vector<T>& values, ToText toText) {
    if (!values.empty()) {
        yaml.list(key, [&] {
            for (const auto& value : values) {
                yaml.item(toText(value));
            }
        });
    }
}

void environment(YamlWriter& yaml, const Service& service) {
    if (service.environment.empty() && service.secretEnvironment.empty()) {
        return;
    }
    yaml.map("environment", [&] {
        for (const auto& [name, value] : service.environment) {
            yaml.text(name, value);
        }
        for (const auto& [name, value] : service.secretEnvironment) {
            yaml.secret(name, value);
        }
    });
}

void texts(YamlWriter& yaml, const char* key, const std::map<std::string, std::string>& values) {
    if (!values.empty()) {
        yaml.map(key, [&] {
            for (const auto& [name, value] : values) {
                yaml.text(name, value);
            }
        });
    }
}

/// Those of the document: a mapping, or items `NAME=VALUE`.
void addLabels(std::map<std::string, std::string>& labels, const spec::Node& value) {
    for (const auto& entry : value.entries) {
        labels.emplace(entry.key, entry.value.scalar);
    }
    for (const auto& item : value.items) {
        const auto equals = std::min(item.scalar.find('='), item.scalar.size());
        labels.emplace(item.scalar.substr(0, equals),
                       item.scalar.substr(std::min(equals + 1, item.scalar.size())));
    }
}

void write(YamlWriter& yaml, const Service& service) {
    yaml.optionalText("image", service.image);
    yaml.optionalText("container_name", service.containerName);
    yaml.optionalText("user", service.user);
    yaml.optionalText("restart", service.restart);
    strings(yaml, "depends_on", service.dependsOn, [](const std::string& name) { return name; });
    if (!service.command.empty()) {
        yaml.list("command", [&] {
            for (const auto& argument : service.command) {
                if (argument.hasSecrets()) {
                    yaml.secretItem(argument);
                } else {
                    yaml.item(argument.masked());
                }
            }
        });
    }
    if (service.hostNetwork) {
        yaml.text("network_mode", "host");
    }
    if (!service.networks.empty()) {
        yaml.list("networks", [&] {
            yaml.item("default");  // naming any switches the implicit one off
            for (const auto& network : service.networks) {
                yaml.item(network);
            }
        });
    }
    strings(yaml, "ports", service.ports, portText);
    if (service.hostProcesses) {
        yaml.text("pid", "host");
    }
    if (service.privileged) {
        yaml.boolean("privileged", true);
    }
    strings(yaml, "devices", service.devices,
            [](const std::string& device) { return device + ":" + device; });
    if (!service.capabilities.empty()) {
        yaml.list("cap_drop", [&] { yaml.item("ALL"); });
        strings(yaml, "cap_add", service.capabilities, [](const std::string& name) { return name; });
    }
    environment(yaml, service);
    strings(yaml, "volumes", service.mounts, mountText);
    auto labels = service.labels();
    for (const auto& entry : service.compose.entries) {
        if (entry.key == "labels") {
            addLabels(labels, entry.value);
        } else {
            yaml.node(entry.key, entry.value);
        }
    }
    texts(yaml, "labels", labels);
}

/// The networks and volumes of others that services use.
void externals(YamlWriter& yaml, const char* key, const std::set<std::string>& names) {
    if (!names.empty()) {
        yaml.map(key, [&] {
            for (const auto& name : names) {
                yaml.map(name, [&] { yaml.boolean("external", true); });
            }
        });
    }
}

}  // namespace

std::string Mount::path(const std::string& directory) const {
    if (isVolume()) {
        return {};
    }
    return source.starts_with(".") ? directory + source.substr(1) : source;
}

std::string userText(const Owner& user) {
    return std::to_string(user.uid) + ":" + std::to_string(user.gid);
}

std::string Service::digest() const {
    Sha256 hash;
    hash.field(name).field(image).field(containerName).field(user).field(restart);
    const auto list = [&](const char* what, std::size_t size) {
        hash.field(what).field(std::to_string(size));
    };
    list("dependsOn", dependsOn.size());
    for (const auto& service : dependsOn) {
        hash.field(service);
    }
    list("command", command.size());
    for (const auto& argument : command) {
        hash.field(argument.digest());
    }
    list("ports", ports.size());
    for (const auto& port : ports) {
        hash.field(portText(port));
    }
    list("environment", environment.size());
    for (const auto& [key, value] : environment) {
        hash.field(key).field(value);
    }
    list("mounts", mounts.size());
    for (const auto& mount : mounts) {
        hash.field(mountText(mount));
    }
    if (hostNetwork) {
        hash.field("hostNetwork");
    }
    for (const auto& network : networks) {
        hash.field("network").field(network);
    }
    for (const auto& [key, value] : secretEnvironment) {
        hash.field("secret").field(key).field(value.id);
    }
    if (hostProcesses) {
        hash.field("hostProcesses");
    }
    if (privileged) {
        hash.field("privileged");
    }
    for (const auto& device : devices) {
        hash.field("device").field(device);
    }
    for (const auto& capability : capabilities) {
        hash.field("capability").field(capability);
    }
    if (!compose.entries.empty()) {
        YamlWriter further;
        further.node("compose", compose);
        hash.field("compose").field(further.result().digest());
    }
    return hash.field(contentDigest).hex();
}

std::map<std::string, std::string> Service::labels() const {
    std::map<std::string, std::string> out{{kConfigLabel, digest()}};
    if (!contentDigest.empty()) {
        out[kContentLabel] = contentDigest;
    }
    return out;
}

Text composeFile(const std::string& name, const std::vector<Service>& services) {
    YamlWriter yaml;
    yaml.escapeDollars();
    yaml.comment(kManaged);
    yaml.optionalText("name", name);
    yaml.map("services", [&] {
        for (const auto& service : services) {
            yaml.map(service.name, [&] { write(yaml, service); });
        }
    });
    std::set<std::string> networks;
    std::set<std::string> volumes;
    for (const auto& service : services) {
        networks.insert(service.networks.begin(), service.networks.end());
        for (const auto& mount : service.mounts) {
            if (mount.isVolume()) {
                volumes.insert(mount.source);
            }
        }
    }
    externals(yaml, "networks", networks);
    externals(yaml, "volumes", volumes);
    return yaml.result();
}

}  // namespace vigie::render
