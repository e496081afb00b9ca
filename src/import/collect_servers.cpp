// Reads the configuration of the servers of a host that was set up by hand.
#include "base/redact.hpp"
#include "base/text.hpp"
#include "import/meaning.hpp"
#include "import/reader.hpp"

#include <algorithm>

namespace vigie::imports {
namespace {

struct Server {
    const ProjectSeen* project = nullptr;
    const ServiceSeen* service = nullptr;
};

Server serverOf(const HostSeen& host, Role role) {
    for (const auto& project : host.projects) {
        for (const auto& service : project.services) {
            if (service.role == role) {
                return {&project, &service};
            }
        }
    }
    return {};
}

/// The server's configuration file on the host: where its mounts lead, or where vigie would have it.
std::optional<ConfigSeen> findConfig(Reader& reader, const Server& server, const std::string& program) {
    const std::string name = program + ".yml";
    const std::string inside = "/etc/" + program + "/" + name;
    for (const auto& path :
         {hostPath(*server.service, inside), server.project->directory + "/" + program + "/" + name,
          server.project->directory + "/" + name}) {
        if (path.empty()) {
            continue;
        }
        if (auto root = reader.yaml(path)) {
            return ConfigSeen{server.project->name, path, std::move(*root)};
        }
    }
    return std::nullopt;
}

/// Where a file that the server's configuration names is on the host.
std::string namedPath(const Server& server, const ConfigSeen& config, const std::string& program,
                      const std::string& name) {
    const std::string folder = config.file.substr(0, config.file.rfind('/'));
    if (!name.starts_with("/")) {
        return absolute(folder, name);
    }
    const std::string mounted = hostPath(*server.service, name);
    const std::string inside = "/etc/" + program + "/";
    if (mounted.empty() && name.starts_with(inside)) {
        return folder + "/" + name.substr(inside.size());
    }
    return mounted;
}

/// `*` and `?`, as Prometheus takes them in the last step of a path.
bool matches(std::string_view pattern, std::string_view name) {
    if (pattern.empty()) {
        return name.empty();
    }
    if (pattern.front() == '*') {
        return matches(pattern.substr(1), name) || (!name.empty() && matches(pattern, name.substr(1)));
    }
    return !name.empty() && (pattern.front() == '?' || pattern.front() == name.front()) &&
           matches(pattern.substr(1), name.substr(1));
}

void addRuleFile(Reader& reader, const ConfigSeen& config, const std::string& path, int line,
                 Collected& out) {
    const auto text = reader.text(path);
    if (!text) {
        out.seen.findings.push_back({"lost", config.file, line,
                                     "the rule file " + printable(path) + " does not exist",
                                     "Prometheus starts without it; remove the line, or create the file"});
        return;
    }
    const std::string folder = config.file.substr(0, config.file.rfind('/') + 1);
    std::string name =
        path.starts_with(folder) ? path.substr(folder.size()) : "rules/" + path.substr(path.rfind('/') + 1);
    if (out.ruleTexts.emplace(name, std::string(view(*text))).second) {
        out.seen.ruleFiles.push_back({path, name});
    }
}

void collectRules(Reader& reader, const Server& server, const ConfigSeen& config, Collected& out) {
    const auto* list = config.root.find("rule_files");
    for (const auto& item : list == nullptr ? std::vector<spec::Node>{} : list->items) {
        const int line = static_cast<int>(item.at.line);
        const std::string path = namedPath(server, config, "prometheus", item.scalar);
        if (path.empty()) {
            out.seen.findings.push_back({"lost", config.file, line,
                                         "the rule file " + printable(item.scalar) +
                                             " is not in a directory that the container mounts",
                                         "copy it beside the document and name it in `ruleFiles`"});
            continue;
        }
        const auto slash = path.rfind('/');
        if (path.find_first_of("*?") == std::string::npos) {
            addRuleFile(reader, config, path, line, out);
            continue;
        }
        for (const auto& name : reader.list(path.substr(0, slash))) {
            if (matches(path.substr(slash + 1), name)) {
                addRuleFile(reader, config, path.substr(0, slash + 1) + name, line, out);
            }
        }
    }
}

}  // namespace

void collectPrometheus(Reader& reader, Collected& out) {
    const auto server = serverOf(out.seen, Role::prometheus);
    if (server.service == nullptr) {
        return;
    }
    auto config = findConfig(reader, server, "prometheus");
    if (!config) {
        out.seen.findings.push_back({"by hand", server.service->file, server.service->line,
                                     "Prometheus' configuration was not found",
                                     "write its scrape targets into the document by hand"});
        return;
    }
    maskSecrets(config->root, config->file, {}, out.seen.findings);
    collectRules(reader, server, *config, out);
    out.seen.meanings.push_back(
        {config->file, server.project->directory + "/prometheus/prometheus.yml", meaningOf(config->root)});
    out.seen.prometheus = std::move(config);
}

void collectAlertmanager(Reader& reader, const CollectOptions& options, HostSeen& out) {
    const auto server = serverOf(out, Role::alertmanager);
    if (server.service == nullptr) {
        return;
    }
    auto config = findConfig(reader, server, "alertmanager");
    if (!config) {
        out.findings.push_back({"by hand", server.service->file, server.service->line,
                                "Alertmanager's configuration was not found",
                                "write `spec.alertmanager` with its route and receivers by hand"});
        return;
    }
    const auto* global = config->root.find("global");
    const auto* password = global == nullptr ? nullptr : global->find("smtp_auth_password");
    const auto* file = global == nullptr ? nullptr : global->find("smtp_auth_password_file");
    SecureBytes value = secureBytes(password == nullptr ? "" : password->scalar);
    if (file != nullptr) {
        const auto text = reader.text(namedPath(server, *config, "alertmanager", file->scalar));
        value = secureBytes(text ? trim(view(*text)) : "");
    }
    if (!value.empty()) {
        out.smtpSecret = "smtp";
        out.secrets.push_back({out.smtpSecret, options.seal(out.smtpSecret, view(value))});
    }
    maskSecrets(config->root, config->file, {"smtp_auth_password"}, out.findings);
    out.meanings.push_back({config->file, server.project->directory + "/alertmanager/alertmanager.yml",
                            meaningOf(config->root)});
    out.alertmanager = std::move(config);
}

}  // namespace vigie::imports
