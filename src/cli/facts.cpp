#include "spec/facts.hpp"

#include "apply/http_api.hpp"
#include "apply/target.hpp"
#include "apply/tools.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/compose_facts.hpp"
#include "cli/host_keys.hpp"
#include "cli/host_system.hpp"
#include "cli/terminal.hpp"
#include "cli/tool_check.hpp"
#include "plan/ufw.hpp"
#include "render/builder.hpp"
#include "spec/read_yaml.hpp"
#include "version.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <map>

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

/// An answer of the engine, or null when there is none.
json engine(HostSystem& here, const std::string& path) {
    try {
        constexpr auto kDeadline = std::chrono::seconds(10);
        constexpr int kFine = 200;
        const auto response = here.engine.send({"GET", "http://docker" + path, {}, kDeadline});
        auto out = json::parse(response.body, nullptr, false);
        return response.status == kFine && !out.is_discarded() ? out : json();
    } catch (const Error&) {
        return nullptr;
    }
}

ordered_json images(HostSystem& here) {
    const auto known = engine(here, "/images/json");
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

struct Project {
    std::string directory;
    std::string files;     ///< with commas
    std::string envFiles;  ///< likewise
};

/// The compose files of a project without those that vigie writes: the others are what is to be known.
std::vector<std::string> filesOf(const HostSystem& here, const Project& project,
                                 const std::vector<std::string>& without) {
    const std::string managed = "# " + std::string(render::kManaged);
    std::vector<std::string> out;
    for (const auto each : split(project.files, ',')) {
        const std::string path(each);
        const std::string name = path.substr(path.rfind('/') + 1);
        const bool readable = here.files.inspect(path).type == FileInfo::Type::regular;
        if (!path.empty() && std::find(without.begin(), without.end(), name) == without.end() &&
            !(readable && view(here.files.read(path, kLargest)).substr(0, managed.size()) == managed)) {
            out.push_back(path);
        }
    }
    return out;
}

ordered_json digestsOf(const HostSystem& here, const std::vector<std::string>& files) {
    ordered_json out = ordered_json::object();
    for (const auto& path : files) {
        if (here.files.inspect(path).type == FileInfo::Type::regular) {
            out[path] = spec::composeFileDigest(view(here.files.read(path, kLargest)));
        }
    }
    return out;
}

ordered_json projectFacts(HostSystem& here, const std::string& name, const Project& project,
                          const std::vector<std::string>& files) {
    ordered_json out = {{"name", name}, {"directory", project.directory}, {"files", files}};
    system::Command command;
    command.argv = {"docker", "compose", "--project-name", name, "--project-directory", project.directory};
    for (const auto& file : files) {
        command.argv.insert(command.argv.end(), {"--file", file});
    }
    out["envFiles"] = ordered_json::array();
    for (const auto each : split(project.envFiles, ',')) {
        if (!each.empty()) {
            command.argv.insert(command.argv.end(), {"--env-file", std::string(each)});
            out["envFiles"].push_back(std::string(each));
        }
    }
    out["digests"] = digestsOf(here, files);
    // Not interpolated: values of the environment files stay where they are.
    command.argv.insert(command.argv.end(), {"config", "--format", "json", "--no-interpolate"});
    const auto result = here.processes.run(command);
    const auto model = json::parse(result.out, nullptr, false);
    if (!result.ok() || !model.is_object()) {
        out["services"] = nullptr;  // not known, which is not the same as none
        return out;
    }
    out["services"] = ordered_json::object();
    if (member(model, "services").is_object()) {
        for (const auto& [service, content] : member(model, "services").items()) {
            out["services"][service] = serviceFacts(content, here.files);
        }
    }
    return out;
}

ordered_json projects(HostSystem& here, const std::vector<std::string>& without) {
    const auto containers = engine(here, "/containers/json?all=1");
    if (!containers.is_array()) {
        return nullptr;
    }
    std::map<std::string, Project> found;
    for (const auto& container : containers) {
        const auto& labels = member(container, "Labels");
        const auto name = text(labels, "com.docker.compose.project");
        if (!name.empty()) {
            found[name] = {text(labels, "com.docker.compose.project.working_dir"),
                           text(labels, "com.docker.compose.project.config_files"),
                           text(labels, "com.docker.compose.project.environment_file")};
        }
    }
    ordered_json out = ordered_json::array();
    for (const auto& [name, project] : found) {
        if (const auto files = filesOf(here, project, without); !files.empty()) {
            out.push_back(projectFacts(here, name, project, files));
        }
    }
    return out;
}

ordered_json networks(HostSystem& here, const std::string& tunnel) {
    system::Command command;
    command.argv = {"ip", "-json", "address"};
    const auto interfaces =
        here.processes.find("ip") ? json::parse(here.processes.run(command).out, nullptr, false) : json();
    const auto docker = engine(here, "/networks");
    if (!interfaces.is_array() || !docker.is_array()) {
        return nullptr;  // half of them would look like all
    }
    return {{"interfaces", interfaceFacts(interfaces, tunnel)}, {"docker", dockerNetworkFacts(docker)}};
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
    out["networks"] = here.tryOut() ? ordered_json(nullptr) : networks(here, options.interface);
    out["projects"] = here.tryOut() ? ordered_json(nullptr) : projects(here, options.without);
    print(out.dump(2) + "\n");
    return kOk;
}

}  // namespace vigie::cli
