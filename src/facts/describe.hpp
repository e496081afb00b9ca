// The descriptions of facts: which field of facts.schema.yaml is which member.
#pragma once

#include "facts/model.hpp"
#include "spec/describable.hpp"

#include <utility>

namespace vigie::facts {

/// `8000` or `8000-8010`, as compose has it; what is no number says that the ports are not known.
void setPublished(PortFacts& port, const std::string& published);

VIGIE_DESCRIBE(PortFacts) {
    std::string published;
    io.field("host_ip", value.address);
    io.field("published", published);
    io.field("target", value.target);
    io.field("protocol", value.protocol);
    io.field("expression", value.expression);
    setPublished(value, published);
}

VIGIE_DESCRIBE(MountFacts) {
    io.field("type", value.type);
    io.field("source", value.source);
    io.field("target", value.target);
    io.field("read_only", value.readOnly);
    io.field("kind", value.kind);
    io.field("owner", value.owner);
    io.field("writable", value.writable);
}

VIGIE_DESCRIBE(ServiceFacts) {
    io.field("image", value.image);
    io.field("build", value.build);
    io.field("user", value.user);
    io.field("restart", value.restart);
    io.field("network_mode", value.networkMode);
    io.field("healthcheck", value.healthcheck);
    io.field("ports", value.ports);
    io.field("expose", value.expose);
    io.field("volumes", value.volumes);
    io.field("environment", value.environment);
    io.field("networks", value.networks);
}

VIGIE_DESCRIBE(ProjectFacts) {
    io.field("name", value.name);
    io.field("directory", value.directory);
    io.field("files", value.files);
    io.field("envFiles", value.envFiles);
    io.field("digests", value.digests);
    io.field("services", value.services);
}

/// A network of the engine with all of its subnets.
struct EngineNetwork {
    std::string name;
    std::vector<std::string> subnets;
};

VIGIE_DESCRIBE(EngineNetwork) {
    io.field("name", value.name);
    io.field("subnets", value.subnets);
}

VIGIE_DESCRIBE(NetworkFacts) {
    io.field("name", value.name);
    io.field("network", value.network);
    io.field("address", value.address);
}

VIGIE_DESCRIBE(AttachedFacts) {
    io.field("project", value.project);
    io.field("service", value.service);
    io.field("program", value.program);
    io.field("path", value.path);
    io.field("hostPath", value.hostPath);
    io.field("mount", value.mount);
    io.field("singleFile", value.singleFile);
    io.field("uid", value.uid);
    io.field("refused", value.refused);
}

VIGIE_DESCRIBE(HostFacts) {
    io.field("host", value.host);
    io.group("keys", [&](auto& keys) {
        keys.field("wireguardPublicKey", value.wireguardPublicKey);
        keys.field("sealingKey", value.sealingKey);
    });
    io.field("capabilities", value.capabilities);
    io.field("tools", value.tools);
    io.group("networks", [&](auto& networks) {
        std::vector<EngineNetwork> engine;
        networks.field("interfaces", value.networks.emplace());
        networks.field("docker", engine);
        for (auto& network : engine) {
            for (auto& subnet : network.subnets) {
                value.networks->push_back({network.name, std::move(subnet), true});
            }
        }
    });
    io.field("projects", value.projects);
    io.field("attached", value.attached);
    io.field("users", value.users);
}

}  // namespace vigie::facts
