#pragma once

#include "render/builder.hpp"

#include <string>

namespace vigie::render {

/// The directory on the host that Alertmanager's container sees as /etc/alertmanager.
std::string alertmanagerDirectory(const spec::Project& project);
std::string alertmanagerDataDirectory(const spec::Project& project);

/// SHA-256 over everything that Alertmanager loads; the password counts by its ciphertext.
std::string alertmanagerDigest(const spec::Stack& stack, const Inputs& inputs);

/// A receiver of this name and the digest behind it, to which nothing is routed: seen in the effective
/// configuration, it proves a reload.
constexpr const char* kAlertmanagerProof = "vigie-render-info/";

}  // namespace vigie::render
