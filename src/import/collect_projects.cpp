// Reads the compose projects of a host that was set up by hand.
#include "base/redact.hpp"
#include "base/text.hpp"
#include "import/dsn.hpp"
#include "import/meaning.hpp"
#include "import/own_networks.hpp"
#include "import/reader.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace vigie::imports {
namespace {

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

bool isComposeFile(const std::string& name) {
    const bool begins = name.starts_with("compose") || name.starts_with("docker-compose");
    return begins && (name.ends_with(".yml") || name.ends_with(".yaml") || name.ends_with(".json"));
}

/// Files of other situations than the one that runs.
bool isElsewhere(const std::string& name) {
    static constexpr std::array<std::string_view, 6> kWords = {".dev.", ".test.",    ".local.",
                                                               ".ci.",  ".example.", ".sample."};
    return std::any_of(kWords.begin(), kWords.end(), [&](auto word) { return contains(name, word); });
}

/// In which order compose is usually given them: the general before the special.
int rank(const std::string& name) {
    const bool base = std::count(name.begin(), name.end(), '.') == 1;
    if (base) {
        return 0;
    }
    return contains(name, ".override.") ? 1 : contains(name, ".prod") ? 2 : contains(name, "monitor") ? 4 : 3;
}

/// The default name of a compose project: the name of its directory.
std::string projectName(const std::string& directory) {
    std::string out;
    for (const char c : lowerCase(directory.substr(directory.rfind('/') + 1))) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-') {
            out += c;
        }
    }
    while (!out.empty() && (out.front() == '_' || out.front() == '-')) {
        out.erase(0, 1);
    }
    return out.empty() ? "project" : out;
}

bool otlpEndpoint(const std::string& value) {
    const auto scheme = value.find("://");
    return scheme != std::string::npos && !urlWithSecret(value) &&
           (contains(value.substr(scheme), ":4317") || contains(value.substr(scheme), ":4318"));
}

constexpr std::string_view kDsnOption = "--pgBouncer.connectionString";
constexpr const char* kDsnVariable = "PGBOUNCER_EXPORTER_CONNECTION_STRING";

/// The connection string of a pgbouncer exporter, or empty.
std::string connectionString(const compose::Service& service) {
    for (std::size_t i = 0; i < service.command.size(); ++i) {
        const std::string_view word = service.command[i];
        if (word.starts_with(kDsnOption)) {
            if (word.size() > kDsnOption.size() && word[kDsnOption.size()] == '=') {
                return std::string(word.substr(kDsnOption.size() + 1));
            }
            return i + 1 < service.command.size() ? service.command[i + 1] : "";
        }
    }
    const auto it = service.environment.find(kDsnVariable);
    return it == service.environment.end() ? "" : it->second;
}

Role roleOf(const compose::Service& service) {
    const auto image = service.image.substr(0, service.image.rfind(':'));
    if (contains(image, "pgbouncer-exporter") || contains(image, "pgbouncer_exporter") ||
        !connectionString(service).empty()) {
        return Role::exporter;
    }
    if (image.ends_with("prom/prometheus") || service.name == "prometheus") {
        return Role::prometheus;
    }
    if (image.ends_with("alertmanager") || service.name == "alertmanager") {
        return Role::alertmanager;
    }
    return contains(image, "jaeger") || service.name == "jaeger" ? Role::jaeger : Role::application;
}

/// Options of the servers that vigie writes itself, or has a field for.
void readOptions(const compose::Service& service, ServiceSeen& out, std::vector<Finding>& findings) {
    static constexpr std::array<std::string_view, 6> kKnown = {
        "--config.file",  "--storage.tsdb.path", "--web.enable-lifecycle", "--storage.tsdb.retention.time",
        "--storage.path", "--web.listen-address"};
    constexpr std::string_view kRetention = "--storage.tsdb.retention.time=";
    if (out.role != Role::prometheus && out.role != Role::alertmanager) {
        return;
    }
    for (const auto& word : service.command) {
        const std::string option = word.substr(0, word.find_first_of("= "));
        if (word.starts_with(kRetention)) {
            out.retention = word.substr(kRetention.size());
        } else if (option.starts_with("--") &&
                   std::find(kKnown.begin(), kKnown.end(), option) == kKnown.end()) {
            findings.push_back(
                {"lost", out.file, out.line,
                 "the option `" + printable(option) + "` of service " + printable(service.name),
                 "the document has no field for this option"});
        }
    }
}

class ProjectReader {
public:
    ProjectReader(Reader& reader, const CollectOptions& options, const std::string& directory, HostSeen& out)
        : reader_(reader), options_(options), directory_(directory), out_(out) {}

    void read() {
        chooseFiles();
        if (files_.empty()) {
            return;
        }
        project_.directory = directory_;
        readVariables();
        std::optional<compose::File> model;  // what `docker compose config` made of all files
        for (const auto& name : files_) {
            auto root = reader_.yaml(directory_ + "/" + name);
            if (!root) {
                continue;
            }
            reportUnfollowed(*root, name);
            if (name.ends_with(".json")) {
                model = compose::readFile(*root, {});
                if (files_.size() > 1) {
                    continue;
                }
                out_.findings.push_back(
                    {"by hand", directory_ + "/" + name, 0,
                     "the compose files from which this file was generated were not found",
                     "name them in the project's `composeFiles`"});
            }
            parsed_.push_back({name, compose::readFile(*root, variables_), std::move(*root)});
        }
        if (parsed_.empty()) {
            return;
        }
        compose::File merged;
        for (const auto& file : parsed_) {
            compose::merge(merged, file.content);
        }
        merged = model.value_or(merged);
        project_.name = !merged.name.empty()                            ? merged.name
                        : variables_.count("COMPOSE_PROJECT_NAME") != 0 ? variables_["COMPOSE_PROJECT_NAME"]
                                                                        : projectName(directory_);
        for (const auto& service : merged.services) {
            project_.services.push_back(seen(service));
        }
        divideFiles();
        out_.projects.push_back(std::move(project_));
    }

private:
    struct Parsed {
        std::string name;
        compose::File content;
        spec::Node root;
    };

    void chooseFiles() {
        for (const auto& name : reader_.list(directory_)) {
            if (!isComposeFile(name)) {
                continue;
            }
            if (isElsewhere(name)) {
                out_.findings.push_back(
                    {"note", directory_ + "/" + name, 0,
                     "not imported: by its name this compose file is for another environment",
                     "add it to `composeFiles` if it is used on this host"});
            } else {
                files_.push_back(name);
            }
        }
        std::stable_sort(files_.begin(), files_.end(),
                         [](const auto& a, const auto& b) { return rank(a) < rank(b); });
    }

    /// Other files that compose would read as well.
    void reportUnfollowed(const spec::Node& root, const std::string& name) {
        const auto report = [&](const std::string& what, const spec::Node& value) {
            out_.findings.push_back({"note", directory_ + "/" + name, static_cast<int>(value.at.line),
                                     "`" + what + "` was not followed",
                                     "write what `docker compose config --format json` prints into "
                                     "compose.config.json beside it, "
                                     "and import again"});
        };
        if (const auto* include = root.find("include")) {
            report("include", *include);
        }
        const auto* services = root.find("services");
        for (const auto& service : services == nullptr ? std::vector<spec::Entry>{} : services->entries) {
            if (const auto* extends = service.value.find("extends")) {
                report("extends", *extends);
            }
        }
    }

    void readVariables() {
        std::vector<std::string> envFiles;
        for (const auto& name : reader_.list(directory_)) {
            if (name.starts_with(".env.") && !isElsewhere(name + ".")) {
                envFiles.push_back(name);
            }
        }
        const auto monitoring = std::find(envFiles.begin(), envFiles.end(), ".env.monitoring");
        if (monitoring != envFiles.end()) {
            project_.envFile = *monitoring;
        } else if (envFiles.size() == 1) {
            project_.envFile = envFiles[0];
        } else if (!envFiles.empty()) {
            out_.findings.push_back({"note", directory_ + "/" + envFiles[0], 0,
                                     "there are several environment files; none was imported",
                                     "name the file that you pass to compose in `envFile`"});
        }
        for (const auto& name : {std::string(".env"), project_.envFile}) {
            if (name.empty()) {
                continue;
            }
            if (const auto text = reader_.text(directory_ + "/" + name)) {
                for (auto& [key, value] : compose::readEnvFile(view(*text))) {
                    variables_[key] = value;
                }
            }
        }
    }

    /// The file that says something about the service first.
    [[nodiscard]] const Parsed& fileOf(const std::string& service, spec::Position& at) const {
        const Parsed* found = &parsed_.front();
        for (const auto& file : parsed_) {
            for (const auto& each : file.content.services) {
                if (each.name == service) {
                    found = &file;
                    at = each.at;
                }
            }
        }
        return *found;
    }

    ServiceSeen seen(const compose::Service& service) {
        ServiceSeen out;
        out.name = service.name;
        out.image = service.image;
        out.role = roleOf(service);
        spec::Position at;
        out.file = directory_ + "/" + fileOf(service.name, at).name;
        out.line = static_cast<int>(at.line);
        out.ports = service.ports;
        for (const auto& mount : service.mounts) {
            out.mounts.push_back(
                {mount.bind ? absolute(directory_, mount.source) : mount.source, mount.target, mount.bind});
        }
        for (const auto& [name, value] : service.environment) {
            if (otlpEndpoint(value)) {
                out.traces[name] = value;
            } else if (contains(value, "://") && (contains(value, ":4317") || contains(value, ":4318"))) {
                out_.findings.push_back({"note", out.file, out.line,
                                         "`" + printable(name) + "` of service " + printable(service.name) +
                                             " is an OTLP endpoint that contains a secret",
                                         "it stays unchanged in your compose file"});
            }
        }
        for (const auto& [name, address] : service.extraHosts) {
            if (isOwnNetwork(address)) {
                out_.names.push_back({printable(name), address, out.file, out.line});
            }
        }
        readOptions(service, out, out_.findings);
        if (out.role == Role::exporter) {
            readDsn(service, out);
        }
        return out;
    }

    void readDsn(const compose::Service& service, ServiceSeen& out) {
        auto dsn = parseDsn(connectionString(service));
        if (!dsn || dsn->user.empty() || dsn->password.empty()) {
            out_.findings.push_back({"lost", out.file, out.line,
                                     "the exporter " + printable(service.name) +
                                         ": its connection string is not of the form "
                                         "postgres://USER:PASSWORD@SERVICE:PORT/pgbouncer",
                                     "write it into `spec.exporters` by hand"});
            out.role = Role::application;
            return;
        }
        constexpr int kPostgres = 5432;
        out.dsn = DsnSeen{dsn->user, dsn->host, dsn->port == 0 ? kPostgres : dsn->port, ""};
        // The name has to be one that the document allows, whatever the user is called.
        std::string name = "pgbouncer-";
        for (const char c : dsn->user) {
            name += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' ? c : '-';
        }
        while (name.back() == '-' || name.back() == '_') {
            name.pop_back();
        }
        const auto taken = [&](const std::string& each) {
            return std::any_of(out_.secrets.begin(), out_.secrets.end(),
                               [&](const auto& secret) { return secret.name == each; });
        };
        std::string unique = name;
        for (int i = 2; taken(unique); ++i) {
            unique = name + "-" + std::to_string(i);
        }
        out.dsn->secret = unique;
        out_.secrets.push_back({unique, options_.seal(unique, view(dsn->password))});
        if (dsn->database != "pgbouncer") {
            out_.findings.push_back({"note", out.file, out.line,
                                     "the exporter connects to another database than `pgbouncer`",
                                     "PgBouncer answers SHOW only in `pgbouncer`: vigie writes that name"});
        }
    }

    [[nodiscard]] std::optional<Role> roleIn(const std::string& name) const {
        const auto it = std::find_if(project_.services.begin(), project_.services.end(),
                                     [&](const auto& each) { return each.name == name; });
        return it == project_.services.end() ? std::nullopt : std::optional(it->role);
    }

    /// Whether everything in a file is what vigie writes into an override.
    [[nodiscard]] bool replaceable(const Parsed& file) const {
        return std::all_of(file.content.services.begin(), file.content.services.end(), [&](const auto& each) {
            const bool onlyTraces =
                each.keys == std::vector<std::string>{"environment"} && !each.environment.empty() &&
                std::all_of(each.environment.begin(), each.environment.end(),
                            [](const auto& variable) { return otlpEndpoint(variable.second); });
            return roleIn(each.name) == Role::exporter || onlyTraces;
        });
    }

    void divideFiles() {
        const bool servers = std::all_of(
            project_.services.begin(), project_.services.end(),
            [](const auto& each) { return each.role != Role::application && each.role != Role::exporter; });
        if (servers) {
            MeaningSeen meaning{directory_ + "/" + parsed_.front().name, directory_ + "/compose.yaml", {}};
            for (const auto& file : parsed_) {
                meaning.values.merge(composeMeaning(file.root));
                if (file.name != "compose.yaml") {
                    out_.findings.push_back(
                        {"by hand", directory_ + "/" + file.name, 0,
                         "vigie writes compose.yaml into the same directory, and compose prefers that file",
                         "remove this file after the first apply"});
                }
            }
            out_.meanings.push_back(std::move(meaning));
            return;
        }
        for (const auto& file : parsed_) {
            const bool last = &file == &parsed_.back();
            if (last && parsed_.size() > 1 && replaceable(file)) {
                project_.overrideFile = file.name;
                out_.meanings.push_back(
                    {directory_ + "/" + file.name, directory_ + "/" + file.name, composeMeaning(file.root)});
            } else {
                project_.composeFiles.push_back(file.name);
            }
        }
    }

    Reader& reader_;
    const CollectOptions& options_;
    std::string directory_;
    HostSeen& out_;
    ProjectSeen project_;
    std::vector<std::string> files_;
    compose::Variables variables_;
    std::vector<Parsed> parsed_;
};

std::vector<std::string> usualPlaces(Reader& reader) {
    std::vector<std::string> out;
    for (const char* top : {"/opt", "/srv", "/root", "/home"}) {
        for (const auto& name : reader.list(top)) {
            out.push_back(std::string(top) + "/" + name);
            if (std::string_view(top) == "/home") {
                for (const auto& below : reader.list(out.back())) {
                    if (below.front() != '.') {
                        out.push_back(std::string(top) + "/" + name + "/" + below);
                    }
                }
            }
        }
    }
    return out;
}

}  // namespace

void collectProjects(Reader& reader, const CollectOptions& options, HostSeen& out) {
    for (const auto& directory : options.projects.empty() ? usualPlaces(reader) : options.projects) {
        if (findNonText(directory) != std::string::npos) {
            reader.mistake(printable(directory) +
                           ": the name of this directory is not valid UTF-8 (rename it)");
            continue;
        }
        ProjectReader(reader, options, directory, out).read();
    }
}

}  // namespace vigie::imports
