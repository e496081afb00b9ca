// Grafana's provisioning: data sources and dashboards.

#include "render/grafana.hpp"

#include "base/hash.hpp"
#include "render/placement.hpp"
#include "render/settings.hpp"
#include "render/vigie_dashboard.hpp"
#include "render/yaml_writer.hpp"
#include "spec/datasources.hpp"
#include "spec/exposure.hpp"

namespace vigie::render {
namespace {

constexpr const char* kMount = "/etc/vigie";  ///< where the container sees what we write
constexpr const char* kProvisioning = "/provisioning";
constexpr const char* kDashboards = "/dashboards";
constexpr int kSecondsBetweenLooks = 10;

std::string secretPath(const std::string& name) {
    return std::string(kMount) + "/" + kSecretsDirectory + "/" + name;
}

/// Grafana puts variables into the values of its provisioning files.
std::string literal(const std::string& value) {
    std::string out;
    for (const char c : value) {
        out += c == '$' ? "$$" : std::string(1, c);
    }
    return out;
}

spec::Node literal(spec::Node node) {
    node.scalar = literal(node.scalar);
    for (auto& item : node.items) {
        item = literal(std::move(item));
    }
    for (auto& entry : node.entries) {
        entry.value = literal(std::move(entry.value));
    }
    return node;
}

void derivedSource(YamlWriter& yaml, const spec::Stack& stack, const spec::DerivedDatasource& source,
                   bool isDefault) {
    yaml.itemMap([&] {
        yaml.text("name", source.name);
        yaml.text("uid", source.uid);
        yaml.text("type", source.type);
        yaml.text("access", "proxy");
        yaml.text("url", source.url);
        yaml.boolean("isDefault", isDefault);
        yaml.boolean("editable", false);
        if (source.type == "prometheus") {
            yaml.map("jsonData", [&] {
                yaml.text("httpMethod", "POST");
                yaml.text("timeInterval", stack.prometheus->scrapeInterval);
            });
        } else if (source.type == "alertmanager") {
            yaml.map("jsonData", [&] { yaml.text("implementation", "prometheus"); });
        }
    });
}

void ownSource(YamlWriter& yaml, const spec::GrafanaDatasource& source) {
    yaml.itemMap([&] {
        yaml.text("name", literal(source.name));
        yaml.text("type", literal(source.type));
        yaml.text("access", "proxy");
        if (!source.url.empty()) {
            yaml.text("url", literal(source.url));
        }
        yaml.boolean("editable", false);
        if (!source.user.empty()) {
            // Data sources that are asked over HTTP take the first two, databases the third.
            yaml.boolean("basicAuth", source.url.find("://") != std::string::npos);
            yaml.text("basicAuthUser", literal(source.user));
            yaml.text("user", literal(source.user));
        }
        if (source.jsonData && !source.jsonData->entries.empty()) {
            yaml.node("jsonData", literal(*source.jsonData));
        }
        if (source.passwordFrom) {
            yaml.map("secureJsonData", [&] {
                const std::string file = "$__file{" + secretPath(source.passwordFrom->secret) + "}";
                yaml.text("basicAuthPassword", file);
                yaml.text("password", file);
            });
        }
    });
}

/// Nothing when there is none: an empty list is not what Grafana expects.
Text datasources(const spec::Stack& stack) {
    const auto derived = spec::derivedDatasources(stack);
    YamlWriter yaml;
    yaml.comment(kManaged);
    yaml.number("apiVersion", 1);
    yaml.boolean("prune", true);
    if (derived.empty() && stack.grafana->datasources.empty()) {
        return yaml.result();
    }
    yaml.list("datasources", [&] {
        for (std::size_t i = 0; i < derived.size(); ++i) {
            derivedSource(yaml, stack, derived[i], i == 0 && stack.prometheus.has_value());
        }
        for (const auto& source : stack.grafana->datasources) {
            ownSource(yaml, source);
        }
    });
    return yaml.result();
}

Text provider() {
    YamlWriter yaml;
    yaml.comment(kManaged);
    yaml.number("apiVersion", 1);
    yaml.list("providers", [&] {
        yaml.itemMap([&] {
            yaml.text("name", "vigie");
            yaml.text("type", "file");
            yaml.boolean("allowUiUpdates", false);
            yaml.number("updateIntervalSeconds", kSecondsBetweenLooks);
            yaml.map("options", [&] { yaml.text("path", std::string(kMount) + kDashboards); });
        });
    });
    return yaml.result();
}

std::map<std::string, SecretValue> secretsOf(const Builder& builder) {
    const auto& grafana = *builder.stack.grafana;
    std::map<std::string, SecretValue> out;
    const auto add = [&](const auto& reference) {
        if (reference) {
            out[reference->secret] = builder.secret(reference->secret);
        }
    };
    add(grafana.adminPasswordFrom);
    for (const auto& source : grafana.datasources) {
        add(source.passwordFrom);
    }
    return out;
}

/// Of what Grafana reads at its start only; dashboards it looks at again and again.
std::string digestAtStart(const Builder& builder) {
    Sha256 hash;
    hash.field(datasources(builder.stack).digest()).field(provider().digest());
    for (const auto& [name, value] : secretsOf(builder)) {
        hash.field(name).field(value.id);
    }
    return hash.hex();
}

void settings(const spec::Grafana& grafana, std::map<std::string, std::string>& out) {
    for (const auto& section :
         grafana.settings ? grafana.settings->entries : decltype(spec::Node::entries){}) {
        for (const auto& entry : section.value.entries) {
            out[grafanaVariable(section.key, entry.key)] = entry.value.scalar;
        }
    }
}

}  // namespace

std::string grafanaVariable(std::string_view section, std::string_view name) {
    std::string out = "GF_" + std::string(section) + "_" + std::string(name);
    for (char& c : out) {
        c = c == '.' || c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return out;
}

Service grafanaContainer(const Builder& builder) {
    const auto& stack = builder.stack;
    const auto& grafana = *stack.grafana;
    const auto& project = stack.projectNamed(grafana.project);
    Service out;
    out.name = "grafana";
    out.image = grafana.image;
    settings(grafana, out.environment);
    auto& environment = out.environment;
    environment["GF_PATHS_PROVISIONING"] = std::string(kMount) + kProvisioning;
    environment["GF_SECURITY_ADMIN_USER"] = grafana.adminUser;
    if (grafana.adminPasswordFrom) {
        environment["GF_SECURITY_ADMIN_PASSWORD__FILE"] = secretPath(grafana.adminPasswordFrom->secret);
    }
    if (grafana.anonymous) {
        environment["GF_AUTH_ANONYMOUS_ENABLED"] = "true";
        environment["GF_AUTH_ANONYMOUS_ORG_ROLE"] = grafana.anonymous->role;
    }
    if (spec::grafanaInHostNetwork(stack)) {
        out.hostNetwork = true;
        environment["GF_SERVER_HTTP_ADDR"] =
            spec::bindAddresses(stack, builder.host, grafana.exposure).front();
        environment["GF_SERVER_HTTP_PORT"] = std::to_string(grafana.port);
    }
    const auto data = pathIn(project, grafana.dataDirectory);
    out.mounts = {{"./" + serverDirectory(project, "grafana"), kMount, true},
                  dataMount(grafana.had, "." + data.substr(project.directory.size()), "/var/lib/grafana")};
    out.contentDigest = digestAtStart(builder);
    return out;
}

void renderGrafana(Builder& builder) {
    const auto& stack = builder.stack;
    if (!stack.grafana || stack.grafana->had.attach ||
        stack.hostOf(stack.grafana->project) != &builder.host) {
        return;
    }
    const auto& grafana = *stack.grafana;
    const auto& project = stack.projectNamed(grafana.project);
    const std::string directory = project.directory + "/" + serverDirectory(project, "grafana");
    const spec::FieldPath at{"spec", "grafana"};
    builder.from(at / "project");
    const auto parent = builder.directory(project.directory, "the project's directory");
    const auto own = builder.directory(directory, "what Grafana reads, mounted as a directory");
    if (grafana.had.data.empty()) {
        builder.from(at / "dataDirectory");
        builder.exactDirectory(pathIn(project, grafana.dataDirectory), 0755, spec::kGrafanaUser,
                               "Grafana's database, owned by the user it runs as");
    }
    builder.from(at);
    builder.directory(directory + kProvisioning, "what Grafana reads when it starts");
    const auto file = [&](const std::string& path, const Text& content, const char* purpose) {
        const auto folder =
            builder.directory(path.substr(0, path.rfind('/')), "what Grafana reads when it starts");
        builder.file({path, content, 0644, {}}, purpose, {parent, own, folder});
    };
    file(directory + kProvisioning + "/datasources/vigie.yaml", datasources(stack), "Grafana's data sources");
    file(directory + kProvisioning + "/dashboards/vigie.yaml", provider(), "where Grafana finds dashboards");
    builder.secretFiles(directory, secretsOf(builder), "Grafana", spec::kGrafanaUser);
    const auto dashboards = builder.directory(directory + kDashboards, "Grafana's dashboards");
    for (std::size_t i = 0; i < grafana.dashboards.size(); ++i) {
        builder.from((at / "dashboards")[i]);
        builder.copy(directory + kDashboards, grafana.dashboards[i],
                     "dashboards, at which Grafana looks every ten seconds");
    }
    builder.from(at / "vigieDashboard");
    for (const auto& each : grafana.vigieDashboard ? vigieDashboards() : std::span<const Dashboard>{}) {
        builder.file({directory + kDashboards + "/vigie-itself.json", std::string(each.text), 0644, {}},
                     "the dashboard about vigie itself", {dashboards});
    }
}

}  // namespace vigie::render
