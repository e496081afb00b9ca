// Asks the engine and docker compose for the projects of this host.

#include "cli/project_facts.hpp"

#include "apply/http_api.hpp"
#include "base/error.hpp"
#include "base/parse_json.hpp"
#include "base/text.hpp"
#include "cli/compose_facts.hpp"
#include "facts/model.hpp"
#include "kinds/compose/others_write.hpp"
#include "render/builder.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace vigie::cli {
namespace {

using apply::member;
using apply::text;
using nlohmann::json;
using nlohmann::ordered_json;
using system::System;

struct Project {
    std::string directory;
    std::string files;     ///< with commas
    std::string envFiles;  ///< likewise
};

/// The text of a compose file, or nothing when it cannot be had.
std::optional<SecureBytes> textOf(const System& here, const std::string& path) {
    constexpr std::uint64_t kLargest = 1U << 20U;
    try {
        const auto info = here.files.inspect(path);
        return info.type == FileInfo::Type::regular && info.size <= kLargest
                   ? std::optional(here.files.read(path, kLargest))
                   : std::nullopt;
    } catch (const Error&) {
        return std::nullopt;
    }
}

/// The compose files of a project without those that vigie writes: the others are what is to be known.
std::vector<std::string> filesOf(const System& here, const Project& project,
                                 const std::vector<std::string>& without) {
    std::vector<std::string> out;
    for (const auto each : split(project.files, ',')) {
        const std::string path(each);
        const std::string name = path.substr(path.rfind('/') + 1);
        if (path.empty() || std::find(without.begin(), without.end(), name) != without.end()) {
            continue;
        }
        const auto text = textOf(here, path);
        if (!text || !render::isManaged(view(*text))) {
            out.push_back(path);
        }
    }
    return out;
}

ordered_json digestsOf(const System& here, const std::vector<std::string>& files) {
    ordered_json out = ordered_json::object();
    for (const auto& path : files) {
        if (const auto text = textOf(here, path)) {
            out[path] = facts::composeFileDigest(view(*text));
        }
    }
    return out;
}

ordered_json factsOf(System& here, const std::string& name, const Project& project,
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
    out["othersWrite"] = apply::othersWrite(
        {name, project.directory, files, out["envFiles"].get<std::vector<std::string>>(), false}, here.files);
    out["digests"] = digestsOf(here, files);
    // Not interpolated: values of the environment files stay where they are.
    command.argv.insert(command.argv.end(), {"config", "--format", "json", "--no-interpolate"});
    const auto result = here.processes.run(command);
    const auto model = parseJson(result.out);
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

}  // namespace

json engineAnswer(system::Http& engine, const std::string& path) {
    try {
        constexpr auto kDeadline = std::chrono::seconds(10);
        constexpr int kFine = 200;
        const auto response =
            engine.send({"GET", "http://docker" + path, {}, kDeadline, system::kLargeAnswer});
        auto out = parseJson(response.body);
        return response.status == kFine && !out.is_discarded() ? out : json();
    } catch (const Error&) {
        return nullptr;
    }
}

ordered_json projectFacts(System here, const std::vector<std::string>& without) {
    const auto containers = engineAnswer(here.engine, "/containers/json?all=1");
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
            out.push_back(factsOf(here, name, project, files));
        }
    }
    return out;
}

ordered_json networkFacts(System here, const std::string& tunnel) {
    system::Command command;
    command.argv = {"ip", "-json", "address"};
    const auto interfaces = here.processes.find("ip") ? parseJson(here.processes.run(command).out) : json();
    const auto docker = engineAnswer(here.engine, "/networks");
    if (!interfaces.is_array() || !docker.is_array()) {
        return nullptr;  // half of them would look like all
    }
    return {{"interfaces", interfaceFacts(interfaces, tunnel)}, {"docker", dockerNetworkFacts(docker)}};
}

}  // namespace vigie::cli
