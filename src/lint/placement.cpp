// Where the document wants the servers that vigie renders: their networks, their data, and further keys of
// compose.

#include "base/redact.hpp"
#include "base/text.hpp"
#include "lint/findings.hpp"
#include "lint/rules.hpp"
#include "spec/datasources.hpp"
#include "spec/exposure.hpp"
#include "spec/places.hpp"
#include "spec/stack.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace vigie::lint {
namespace {

using spec::FieldPath;
using spec::Node;
using Kind = spec::Node::Kind;

constexpr std::array<std::string_view, 22> kTaken = {
    "labels",          "logging",     "container_name", "hostname",         "restart",  "mem_limit",
    "mem_reservation", "cpus",        "pids_limit",     "ulimits",          "shm_size", "tmpfs",
    "extra_hosts",     "environment", "volumes",        "devices",          "cap_add",  "dns",
    "dns_search",      "dns_opt",     "healthcheck",    "stop_grace_period"};

/// What to write instead of a key that is not taken.
std::string insteadOf(std::string_view key) {
    static const std::map<std::string_view, std::string> kInstead = {
        {"ports", "write `port` and `exposure` of the server"},
        {"expose", "remove it: containers of one network reach every port"},
        {"image", "write `image` of the server"},
        {"build", "write `image` of the server, and build it elsewhere"},
        {"command", "write the fields of the server, or `extraArgs`"},
        {"entrypoint", "write the fields of the server, or `extraArgs`"},
        {"user", "remove it: vigie runs each program as a user of its own, which owns its files"},
        {"networks", "write `networks` of the server, a list of names"},
        {"network_mode", "remove it: vigie chooses it"},
        {"env_file", "write `environment`; a secret goes into a file (`projects[].files` with `secret`)"},
        {"secrets", "write `projects[].files` with `secret`, and a volume"},
        {"configs", "write `projects[].files`, and a volume"},
        {"privileged", "write `cap_add` or `devices`, which give less away"},
        {"deploy", "write `mem_limit`, `mem_reservation`, `cpus` or `pids_limit`"},
        {"mem_swappiness", "write `mem_limit`"},
        {"depends_on", "remove it: vigie starts what it renders in order"}};
    if (const auto it = kInstead.find(key); it != kInstead.end()) {
        return it->second;
    }
    const std::vector<std::string> taken(kTaken.begin(), kTaken.end());
    const auto close = nearest(key, taken);
    return close.empty() ? "taken are " + join(taken, ", ") : "did you mean `" + close + "`?";
}

/// A server of the document.
struct Server {
    std::string name;  ///< also of its service
    const spec::Had* had = nullptr;
    std::vector<std::string> projects = {};
    bool hostNetwork = false;
    /// Where vigie mounts what the program reads and keeps.
    std::vector<std::string> targets = {};
    /// Variables that vigie sets; one that ends with `*` stands for all that begin like it.
    std::vector<std::string> variables = {};
    std::string dataField = {};  ///< below it; empty: it keeps no data
};

std::vector<Server> serversOf(const spec::Stack& stack) {
    std::vector<Server> out;
    if (stack.prometheus) {
        Server server{"prometheus", &stack.prometheus->had};
        for (const auto& replica : stack.prometheus->servers()) {
            server.projects.push_back(replica.project);
        }
        server.hostNetwork = spec::prometheusInHostNetwork(stack);
        server.targets = {"/etc/prometheus", "/prometheus"};
        server.dataField = "dataDirectory";
        out.push_back(std::move(server));
    }
    if (stack.alertmanager) {
        Server server{"alertmanager", &stack.alertmanager->had, stack.alertmanager->projects()};
        server.hostNetwork = spec::alertmanagerInHostNetwork(stack);
        server.targets = {"/etc/alertmanager", "/alertmanager"};
        server.dataField = "data";
        out.push_back(std::move(server));
    }
    if (stack.grafana) {
        Server server{"grafana", &stack.grafana->had, {stack.grafana->project}};
        server.hostNetwork = spec::grafanaInHostNetwork(stack);
        server.targets = {"/etc/vigie", "/var/lib/grafana"};
        server.variables = {"GF_PATHS_*", "GF_SECURITY_ADMIN_*", "GF_AUTH_ANONYMOUS_*", "GF_SERVER_HTTP_*"};
        server.dataField = "dataDirectory";
        out.push_back(std::move(server));
    }
    if (stack.jaeger) {
        Server server{"jaeger", &stack.jaeger->had, {stack.jaeger->project}};
        server.targets = {"/etc/jaeger", "/badger"};
        server.variables = {"COLLECTOR_OTLP_*", "SPAN_STORAGE_TYPE", "BADGER_*", "MEMORY_*"};
        server.dataField = stack.jaeger->storage && stack.jaeger->storage->badger ? "data" : "";
        out.push_back(std::move(server));
    }
    return out;
}

/// Whether the document says it itself: a default has no place of its own.
bool said(const FieldPath& at, std::string_view field, const spec::Reporter& report) {
    const auto here = report.positionOf(at / field);
    const auto around = report.positionOf(at);
    return here.line != 0 && (here.line != around.line || here.column != around.column);
}

void refuse(const FieldPath& at, const std::string& message, const std::string& hint,
            const spec::Reporter& report) {
    report.error(code::VG0541, at, message, hint);
}

/// A path of the host that a container sees.
void lintSource(const std::string& source, const FieldPath& at, const spec::Reporter& report) {
    if (const auto place = spec::neverShown(source)) {
        report.error(code::VG0474, at,
                     "`" + source + "` must not be mounted into a container: " + std::string(*place) +
                         " holds keys or passwords of the host",
                     "mount only what the program reads");
    }
    for (const char* socket : {"/var/run/docker.sock", "/run/docker.sock"}) {
        if (spec::liesIn(socket, source)) {
            reportDockerSocket(at, source, report);
            break;
        }
    }
}

void lintTarget(const Server& server, const std::string& target, const FieldPath& at,
                const spec::Reporter& report) {
    for (const auto& own : server.targets) {
        if (spec::liesIn(target, own) || spec::liesIn(own, target)) {
            refuse(at, "`" + target + "` is where vigie mounts what " + server.name + " reads or keeps",
                   "choose another target; data that are there already are `data` of the server", report);
            return;
        }
    }
}

void lintVolume(const Server& server, const Node& volume, const FieldPath& at, const spec::Reporter& report) {
    const auto parts = split(volume.scalar, ':');
    const bool mode = parts.size() == 3 && (parts[2] == "ro" || parts[2] == "rw");
    if (volume.kind != Kind::scalar || (parts.size() != 2 && !mode) || parts[0].empty() ||
        !parts[1].starts_with("/") || volume.scalar.find("..") != std::string::npos ||
        parts[0].starts_with("~")) {
        refuse(at, "a volume of `compose` is written in one form only",
               "write `SOURCE:TARGET`, with `:ro` behind it for one that is only read; SOURCE is an absolute "
               "path, "
               "`./…` below the project's directory, or the name of a volume",
               report);
        return;
    }
    const std::string source(parts[0]);
    const std::string target(parts[1]);
    lintTarget(server, target, at, report);
    const bool written = !mode || parts[2] == "rw";
    const auto place = written ? spec::neverWritten(source) : std::nullopt;
    if (place && !spec::neverShown(source)) {
        report.error(code::VG0474, at,
                     "`" + source + "` must not be written by a container: " + std::string(*place) +
                         " is the system's",
                     "write `:ro` behind it, or mount another directory");
    }
    if (source.starts_with("/")) {
        lintSource(source, at, report);
    }
}

void lintVariable(const Server& server, std::string_view name, const FieldPath& at,
                  const spec::Reporter& report) {
    const bool ours =
        std::any_of(server.variables.begin(), server.variables.end(), [&](std::string_view variable) {
            return variable.ends_with("*") ? name.starts_with(variable.substr(0, variable.size() - 1))
                                           : name == variable;
        });
    if (ours) {
        refuse(at, "the variable `" + std::string(name) + "` is set by vigie",
               "write the field of `" + server.name + "` that it stands for", report);
    }
}

/// Calls `see` with the name, the place and the value of each entry of a mapping, or of a list of
/// `NAME=VALUE`.
template <class See>
void forEachPair(const Node& value, const FieldPath& at, See see) {
    for (const auto& entry : value.entries) {
        see(entry.key, at / entry.key, entry.value);
    }
    for (std::size_t i = 0; i < value.items.size(); ++i) {
        const auto& text = value.items[i].scalar;
        see(text.substr(0, text.find('=')), at[i], value.items[i]);
    }
}

/// Calls `see` with each item of a list, or with a text that stands for a list of one.
template <class See>
void forEachItem(const Node& value, const FieldPath& at, See see) {
    if (value.kind == Kind::scalar) {
        see(value.scalar, at);
    }
    for (std::size_t i = 0; i < value.items.size(); ++i) {
        see(value.items[i].scalar, at[i]);
    }
}

void lintEnvironment(const Server& server, const Node& value, const FieldPath& at,
                     const spec::Reporter& report) {
    forEachPair(value, at, [&](const std::string& name, const FieldPath& here, const Node& each) {
        lintVariable(server, name, here, report);
        const bool item = value.kind == Kind::sequence;
        if (each.kind != Kind::scalar || (item && each.scalar.find('=') == std::string::npos)) {
            refuse(here, "the variable `" + name + "` has no value",
                   "write its value: nothing is taken from the environment of whoever runs compose", report);
        }
    });
}

void lintLabels(const Node& value, const FieldPath& at, const spec::Reporter& report) {
    forEachPair(value, at, [&](const std::string& name, const FieldPath& here, const Node&) {
        if (name.starts_with("dev.vigie.") || name.starts_with("com.docker.compose.")) {
            refuse(here, "the label `" + name + "` is a mark by which vigie or compose knows the container",
                   "choose a name of your own", report);
        }
    });
}

/// Everything that looks like a password, wherever it stands. A line with one is not shown.
void lintPlainSecrets(const std::string& key, const Node& value, const FieldPath& at,
                      const spec::Reporter& report) {
    if (value.kind == Kind::scalar) {
        const std::string line = key.empty() ? value.scalar : key + "=" + value.scalar;
        if (!value.scalar.empty() && redactLine(line) != line) {
            report.secretError(code::VG0542, report.positionOf(at), "this looks like a secret in plain text",
                               "change it, seal the new one, and let the program read it from a file: "
                               "`projects[].files` with `secret`, and a volume");
        }
    }
    for (const auto& entry : value.entries) {
        lintPlainSecrets(entry.key, entry.value, at / entry.key, report);
    }
    for (std::size_t i = 0; i < value.items.size(); ++i) {
        lintPlainSecrets({}, value.items[i], at[i], report);
    }
}

bool ofKind(const Node& value, std::initializer_list<Kind> kinds) {
    return std::find(kinds.begin(), kinds.end(), value.kind) != kinds.end();
}

/// Compose refuses a value of another kind, after everything was prepared.
void lintKindOf(std::string_view key, const Node& value, const FieldPath& at, const spec::Reporter& report) {
    const auto one = [&](std::initializer_list<std::string_view> keys) {
        return std::find(keys.begin(), keys.end(), key) != keys.end();
    };
    const bool fine =
        one({"labels", "environment", "extra_hosts"})    ? ofKind(value, {Kind::map, Kind::sequence})
        : one({"logging", "ulimits", "healthcheck"})     ? ofKind(value, {Kind::map})
        : one({"volumes", "devices", "cap_add"})         ? ofKind(value, {Kind::sequence})
        : one({"tmpfs", "dns", "dns_search", "dns_opt"}) ? ofKind(value, {Kind::sequence, Kind::scalar})
                                                         : ofKind(value, {Kind::scalar});
    if (!fine) {
        refuse(at, "`" + std::string(key) + "` is not of the kind that compose takes",
               "write it as in a compose file", report);
    }
    if (key == "restart" && value.kind == Kind::scalar) {
        const std::string_view policy = value.scalar;
        if (policy != "no" && policy != "always" && policy != "unless-stopped" &&
            policy.substr(0, policy.find(':')) != "on-failure") {
            refuse(at, "`" + value.scalar + "` is no restart policy",
                   "write `unless-stopped`, `always`, `on-failure` or `\"no\"`", report);
        }
    }
}

/// Rights that make a container the host's own.
void lintRights(const Node& capabilities, const FieldPath& at, const spec::Reporter& report) {
    static constexpr std::array<std::string_view, 5> kAll = {"ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE",
                                                             "SYS_RAWIO"};
    for (std::size_t i = 0; i < capabilities.items.size(); ++i) {
        std::string_view name = capabilities.items[i].scalar;
        name.remove_prefix(name.starts_with("CAP_") ? std::string_view("CAP_").size() : 0);
        if (std::find(kAll.begin(), kAll.end(), name) != kAll.end()) {
            reportAllPowerful(
                at[i],
                "with the capability `" + std::string(name) + "` the container can do everything on the host",
                "remove it unless the program needs it", report);
        }
    }
}

/// Devices with which a program reads and writes whatever it likes.
void lintDevices(const Node& devices, const FieldPath& at, const spec::Reporter& report) {
    static constexpr std::array<std::string_view, 9> kAll = {"/dev/mem", "/dev/kmem",   "/dev/port",
                                                             "/dev/sd",  "/dev/nvme",   "/dev/vd",
                                                             "/dev/xvd", "/dev/mapper", "/dev/dm-"};
    for (std::size_t i = 0; i < devices.items.size(); ++i) {
        const std::string_view device = devices.items[i].scalar;
        const bool all = device == "/dev" || device.starts_with("/dev:") ||
                         std::any_of(kAll.begin(), kAll.end(),
                                     [&](std::string_view each) { return device.starts_with(each); });
        if (all) {
            reportAllPowerful(at[i],
                              "with the device `" + std::string(device.substr(0, device.find(':'))) +
                                  "` the container can do everything on the host",
                              "remove it unless the program needs it", report);
        }
    }
}

void lintCompose(const Server& server, const FieldPath& at, const spec::Reporter& report) {
    for (const auto& entry : server.had->compose->entries) {
        const FieldPath here = at / entry.key;
        if (std::find(kTaken.begin(), kTaken.end(), entry.key) == kTaken.end()) {
            refuse(here, "`compose` of a server has no key `" + entry.key + "`", insteadOf(entry.key),
                   report);
            continue;
        }
        lintKindOf(entry.key, entry.value, here, report);
        lintPlainSecrets(entry.key, entry.value, here, report);
        if (entry.key == "labels") {
            lintLabels(entry.value, here, report);
        } else if (entry.key == "environment") {
            lintEnvironment(server, entry.value, here, report);
        } else if (entry.key == "cap_add") {
            lintRights(entry.value, here, report);
        } else if (entry.key == "devices") {
            lintDevices(entry.value, here, report);
        } else if (entry.key == "tmpfs") {
            forEachItem(entry.value, here, [&](const std::string& item, const FieldPath& each) {
                lintTarget(server, item.substr(0, item.find(':')), each, report);
            });
        }
        for (std::size_t i = 0; entry.key == "volumes" && i < entry.value.items.size(); ++i) {
            lintVolume(server, entry.value.items[i], here[i], report);
        }
    }
}

void lintData(const Server& server, const FieldPath& at, const spec::Reporter& report) {
    const auto& data = server.had->data;
    const FieldPath here = at / "data";
    if (server.dataField.empty()) {
        report.error(code::VG0543, here, "`" + server.name + "` keeps no data: its traces are in memory",
                     "add `storage: { badger: {} }`, or remove `data`");
    } else if (server.dataField != "data" && said(at, server.dataField, report)) {
        report.error(code::VG0543, at / server.dataField,
                     "`" + server.dataField + "` and `data` both say where the data are", "keep one of them");
    }
    if (!data.starts_with("/")) {
        return;
    }
    const auto place = spec::neverWritten(data);
    const auto below = spec::neverWrittenBelow(data);
    if (place || below) {
        report.error(code::VG0474, here,
                     "`" + data + "` is no place for data: " + std::string(place ? *place : *below) +
                         " is the system's",
                     "name a directory of its own, such as `/srv/" + server.name + "`");
    } else {
        lintSource(data, here, report);
    }
}

/// The services that the document knows in a project, by name.
std::map<std::string, std::string> servicesIn(const spec::Stack& stack, const std::string& project) {
    std::map<std::string, std::string> out;
    for (const auto& application : stack.applications) {
        if (application.project == project) {
            out.emplace(application.service, "application `" + application.name + "`");
        }
    }
    for (const auto& exporter : stack.exporters) {
        if (exporter.project == project) {
            out.emplace(exporter.serviceName(), "exporter `" + exporter.name + "`");
            if (!exporter.observedService().empty()) {
                out.emplace(exporter.observedService(), "what exporter `" + exporter.name + "` observes");
            }
        }
    }
    for (const auto& server : serversOf(stack)) {
        if (std::find(server.projects.begin(), server.projects.end(), project) != server.projects.end()) {
            out.emplace(server.name, "`spec." + server.name + "`");
        }
    }
    return out;
}

constexpr std::string_view kDefaultNetwork = "_default";

void lintNetwork(const spec::Stack& stack, const Server& server, const std::string& network,
                 const FieldPath& at, const spec::Reporter& report) {
    const auto name = std::string_view(network);
    if (!name.ends_with(kDefaultNetwork)) {
        return;
    }
    const std::string project(name.substr(0, name.size() - kDefaultNetwork.size()));
    if (std::find(server.projects.begin(), server.projects.end(), project) != server.projects.end()) {
        reportOwnNetwork(at, network, report);
        return;
    }
    const auto services = servicesIn(stack, project);
    if (const auto it = services.find(server.name); it != services.end()) {
        reportSharedName(at, network, server.name, it->second, report);
    }
}

/// A project of the user's has the service already, as far as the document knows.
void lintServiceThere(const spec::Stack& stack, const Server& server, const FieldPath& at,
                      const spec::Reporter& report) {
    for (const auto& application : stack.applications) {
        const auto* project = stack.project(application.project);
        if (application.service == server.name && project != nullptr && !project->ours() &&
            std::find(server.projects.begin(), server.projects.end(), application.project) !=
                server.projects.end()) {
            report.error(code::VG0202, at / "project",
                         "project `" + application.project + "` has a service `" + server.name +
                             "` already, which is application `" + application.name + "`",
                         "write `attach: " + server.name + "`: vigie then leaves its container alone");
        }
    }
}

}  // namespace

void lintPlacement(const spec::Stack& stack, const spec::Reporter& report) {
    std::map<std::string, std::string> data;  // by host and place
    for (const auto& server : serversOf(stack)) {
        const FieldPath at = FieldPath{"spec"} / server.name;
        const auto& had = *server.had;
        if (had.attach) {
            continue;  // lint/attached.cpp
        }
        lintServiceThere(stack, server, at, report);
        if (!had.networks.empty() && server.hostNetwork) {
            report.error(
                code::VG0545, at / "networks",
                "`" + server.name + "` runs in the host's own network, from which it cannot join another",
                "remove `networks`, and reach the others by the ports that they publish");
        }
        for (std::size_t i = 0; i < had.networks.size(); ++i) {
            lintNetwork(stack, server, had.networks[i], (at / "networks")[i], report);
        }
        if (had.compose) {
            lintCompose(server, at / "compose", report);
        }
        if (had.data.empty()) {
            continue;
        }
        lintData(server, at, report);
        for (const auto& project : server.projects) {
            const auto* host = stack.hostOf(project);
            const auto [first, inserted] =
                data.emplace((host == nullptr ? "" : host->name) + ":" + had.data, server.name);
            if (!inserted && first->second != server.name) {
                report.error(code::VG0543, at / "data",
                             "`" + first->second + "` and `" + server.name + "` keep their data in one place",
                             "give each a place of its own");
            }
        }
    }
}

}  // namespace vigie::lint
