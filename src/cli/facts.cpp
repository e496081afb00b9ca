// `vigie facts`: prints what this host is.

#include "apply/http_api.hpp"
#include "apply/inputs/desired_state.hpp"
#include "apply/inputs/users.hpp"
#include "apply/tools.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/attached_facts.hpp"
#include "cli/commands.hpp"
#include "cli/host_keys.hpp"
#include "cli/host_system.hpp"
#include "cli/project_facts.hpp"
#include "cli/terminal.hpp"
#include "cli/tool_check.hpp"
#include "kinds/firewall/ufw_rules.hpp"
#include "spec/read_yaml.hpp"
#include "version.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

namespace vigie::cli {
namespace {

using apply::member;
using apply::text;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::uint64_t kLargest = 1U << 20U;

/// The first line that a program says of itself, or null.
ordered_json versionOf(HostSystem& here, const std::vector<std::string>& argv) {
    if (!here.processes.find(argv[0])) {
        return nullptr;
    }
    system::Command command;
    command.argv = argv;
    const auto result = here.processes.run(command);
    const std::string said = result.out.empty() ? result.err : result.out;
    const auto lines = splitLines(said);
    return lines.empty() ? ordered_json(nullptr) : ordered_json(printable(lines[0]));
}

ordered_json tools(HostSystem& here) {
    ordered_json out = {{"wg", versionOf(here, {"wg", "--version"})},
                        {"ip", versionOf(here, {"ip", "-V"})},
                        {"ufw", versionOf(here, {"ufw", "version"})},
                        {"docker", versionOf(here, {"docker", "--version"})},
                        {"promtool", versionOf(here, {"promtool", "--version"})},
                        {"amtool", versionOf(here, {"amtool", "--version"})}};
    const auto compose = composeVersion(here);
    out["compose"] = compose.empty() ? ordered_json(nullptr) : ordered_json(compose);
    return out;
}

ordered_json images(HostSystem& here) {
    const auto known = engineAnswer(here.engine, "/images/json");
    if (!known.is_array()) {
        return nullptr;
    }
    ordered_json out = ordered_json::array();
    for (const auto& image : known) {
        for (const auto& tag : member(image, "RepoTags")) {
            out.push_back({{"name", tag}, {"id", text(image, "Id")}});
        }
    }
    return out;
}

/// The name that the host's own configuration has for it, or null.
ordered_json hostName(const HostSystem& here) {
    constexpr const char* kConfig = "/etc/vigie/vigie.yaml";
    if (here.files.inspect(kConfig).type != FileInfo::Type::regular) {
        return nullptr;
    }
    spec::Diagnostics mistakes;  // those of the configuration are `vigie run`'s to tell
    const auto root = spec::readYaml(view(here.files.read(kConfig, kLargest)), kConfig, mistakes);
    const auto* name = root ? root->find("host") : nullptr;
    return name == nullptr ? ordered_json(nullptr) : ordered_json(name->scalar);
}

ordered_json keys(const HostSystem& here, const FactsOptions& options) {
    const auto paths = apply::keyPaths(options.root.state, options.interface);
    if (!here.files.inspect(paths.identity).exists() || !here.files.inspect(paths.wireguard).exists()) {
        return nullptr;
    }
    const auto found = publicKeys(here, {options.root, options.interface, false});
    return {{"wireguardPublicKey", found.wireguard}, {"sealingKey", found.sealing}};
}

ordered_json capabilities(const HostSystem& here) {
    const auto contains = [&](const char* path) -> std::string {
        return here.files.inspect(path).type == FileInfo::Type::regular
                   ? std::string(view(here.files.read(path, kLargest)))
                   : std::string();
    };
    // Debian's file begins with `flush ruleset`.
    const bool nftables =
        here.files.inspect("/etc/systemd/system/sysinit.target.wants/nftables.service").exists() &&
        contains("/etc/nftables.conf").find("flush ruleset") != std::string::npos;
    return {{"root", ::geteuid() == 0},
            {"chown", here.files.canChown()},
            {"systemd", apply::systemdRuns(here.files)},
            {"engine", here.files.inspect("/var/run/docker.sock").exists() ||
                           here.files.inspect("/run/docker.sock").exists()},
            {"ufwEnabled", plan::ufwEnabled(contains("/etc/ufw/ufw.conf"))},
            {"nftablesFlushes", nftables},
            {"wireguardInKernel", here.files.inspect("/sys/module/wireguard").exists()}};
}

/// As which user the programs run that vigie made here, or null.
ordered_json users(const HostSystem& here) {
    try {
        return apply::usersWritten(here.inventory(), here.files);
    } catch (const Error&) {
        return nullptr;  // of a damaged database; everything else is known all the same
    }
}

}  // namespace

int facts(const FactsOptions& options) {
    HostSystem here(options.root);
    ordered_json out = {
        {"apiVersion", "vigie.dev/v1alpha1"}, {"kind", "HostFacts"}, {"vigie", std::string(kVersion)}};
    out["host"] = hostName(here);
    out["keys"] = keys(here, options);
    out["capabilities"] = capabilities(here);
    // The engine and the programs are this machine's, not those of a directory.
    out["tools"] = here.tryOut() ? ordered_json(nullptr) : tools(here);
    out["images"] = here.tryOut() ? ordered_json(nullptr) : images(here);
    out["networks"] = here.tryOut() ? ordered_json(nullptr) : networkFacts(here.system(), options.interface);
    out["projects"] = here.tryOut() ? ordered_json(nullptr) : projectFacts(here.system(), options.without);
    out["attached"] = here.tryOut() ? ordered_json(nullptr) : attachedFacts(here.system());
    out["users"] = users(here);
    print(out.dump(2) + "\n");
    return kOk;
}

}  // namespace vigie::cli
