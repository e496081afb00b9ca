// Where Alertmanager's files lie, and its options.
#pragma once

#include "render/builder.hpp"

#include <string>
#include <vector>

namespace vigie::render {

/// The directory on the host that Alertmanager's container sees as /etc/alertmanager.
std::string alertmanagerDirectory(const spec::Project& project);
/// The user that its container runs as.
Owner alertmanagerUser(const Builder& builder);

/// The path of its configuration on the host: ours, or the host's own.
std::string alertmanagerFile(const spec::Project& project, const spec::Alertmanager& alertmanager);
/// What of the host its container sees as its configuration.
Mount alertmanagerMount(const spec::Project& project, const spec::Alertmanager& alertmanager);

/// The options of the command line of the server on `host`.
std::vector<Text> alertmanagerArguments(const spec::Stack& stack, const spec::Host& host);

/// SHA-256 over everything that Alertmanager loads; secrets count by their ciphertexts.
std::string alertmanagerDigest(const spec::Stack& stack, const Inputs& inputs);

/// A receiver of this name and the digest behind it, to which nothing is routed: seen in the effective
/// configuration, it proves a reload.
constexpr const char* kAlertmanagerProof = "vigie-render-info/";

constexpr const char* kAlertmanagerFile = "alertmanager.yml";

/// The silences of the document, as resources of the first server; a cluster tells the others.
void renderSilences(Builder& builder);

}  // namespace vigie::render
