#include "apply/http_api.hpp"
#include "apply/target.hpp"
#include "apply/tools.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/host_keys.hpp"
#include "cli/host_system.hpp"
#include "cli/terminal.hpp"
#include "cli/tool_check.hpp"
#include "plan/ufw.hpp"
#include "version.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

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
    ordered_json out = ordered_json::array();
    for (const auto& image : engine(here, "/images/json")) {
        for (const auto& tag : member(image, "RepoTags")) {
            out.push_back({{"name", tag}, {"id", text(image, "Id")}});
        }
    }
    return out;
}

/// What of a service may be committed: no value of a variable, no argument, no label.
ordered_json serviceFacts(const json& service) {
    ordered_json out = ordered_json::object();
    out["image"] = text(service, "image");
    out["build"] = service.contains("build");
    out["ports"] = ordered_json::array();
    for (const auto& port : member(service, "ports")) {
        ordered_json each = ordered_json::object();
        for (const char* key : {"host_ip", "published", "target", "protocol"}) {
            if (port.is_object() && port.contains(key)) {
                each[key] = port[key];
            }
        }
        out["ports"].push_back(std::move(each));
    }
    out["volumes"] = ordered_json::array();
    for (const auto& volume : member(service, "volumes")) {
        out["volumes"].push_back({{"type", text(volume, "type")},
                                  {"source", text(volume, "source")},
                                  {"target", text(volume, "target")}});
    }
    for (const char* key : {"environment", "depends_on", "networks"}) {
        out[key] = ordered_json::array();
        if (member(service, key).is_object()) {
            for (const auto& [name, value] : member(service, key).items()) {
                out[key].push_back(name);
            }
        }
    }
    return out;
}

struct Project {
    std::string directory;
    std::string files;     ///< with commas
    std::string envFiles;  ///< likewise
};

ordered_json projectFacts(HostSystem& here, const std::string& name, const Project& project) {
    ordered_json out = {{"name", name}, {"directory", project.directory}};
    system::Command command;
    command.argv = {"docker", "compose", "--project-name", name, "--project-directory", project.directory};
    for (const auto& [option, list] :
         {std::pair{"--file", project.files}, std::pair{"--env-file", project.envFiles}}) {
        for (const auto each : split(list, ',')) {
            if (!each.empty()) {
                command.argv.insert(command.argv.end(), {option, std::string(each)});
            }
        }
    }
    // Not interpolated: values of the environment files stay where they are.
    command.argv.insert(command.argv.end(), {"config", "--format", "json", "--no-interpolate"});
    out["files"] = ordered_json::array();
    for (const auto each : split(project.files, ',')) {
        out["files"].push_back(std::string(each));
    }
    const auto result = here.processes.run(command);
    const auto model = json::parse(result.out, nullptr, false);
    if (!result.ok() || !model.is_object()) {
        out["services"] = nullptr;  // not known, which is not the same as none
        return out;
    }
    out["services"] = ordered_json::object();
    if (member(model, "services").is_object()) {
        for (const auto& [service, content] : member(model, "services").items()) {
            out["services"][service] = serviceFacts(content);
        }
    }
    return out;
}

ordered_json projects(HostSystem& here) {
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
        out.push_back(projectFacts(here, name, project));
    }
    return out;
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
    return {{"root", ::geteuid() == 0},
            {"chown", here.files.canChown()},
            {"systemd", apply::systemdRuns(here.files)},
            {"engine", here.files.inspect("/var/run/docker.sock").exists() ||
                           here.files.inspect("/run/docker.sock").exists()},
            {"ufwEnabled", plan::ufwEnabled(contains("/etc/ufw/ufw.conf"))},
            {"wireguardInKernel", here.files.inspect("/sys/module/wireguard").exists()}};
}

}  // namespace

int facts(const FactsOptions& options) {
    HostSystem here(options.root);
    ordered_json out = {
        {"apiVersion", "vigie.dev/v1alpha1"}, {"kind", "HostFacts"}, {"vigie", std::string(kVersion)}};
    out["keys"] = keys(here, options);
    out["capabilities"] = capabilities(here);
    // The engine and the programs are this machine's, not those of a directory.
    out["tools"] = here.tryOut() ? ordered_json(nullptr) : tools(here);
    out["images"] = here.tryOut() ? ordered_json(nullptr) : images(here);
    out["projects"] = here.tryOut() ? ordered_json(nullptr) : projects(here);
    print(out.dump(2) + "\n");
    return kOk;
}

}  // namespace vigie::cli
