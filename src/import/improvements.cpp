// Compares what vigie renders with what was there, and explains the differences.

#include "import/improvements.hpp"

#include "base/text.hpp"
#include "import/meaning.hpp"
#include "import/wg_conf.hpp"
#include "kinds/models.hpp"
#include "render/host.hpp"
#include "spec/address.hpp"
#include "spec/read_yaml.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace vigie::imports {
namespace {

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// What vigie changes on purpose. Which file, which path inside it, whether there was something before and is
/// something after, and why.
struct Rule {
    enum class When { any, added, removed, changed };
    const char* file;  ///< how its name ends
    const char* path;  ///< what its path contains
    When when;
    const char* reason;
    const char* page;
};

constexpr const char* kGuide = "docs/import.md";

constexpr std::array kRules = {
    Rule{".conf", ".SaveConfig", Rule::When::removed,
         "with SaveConfig the live tunnel overwrites the file at `down`: comments and new peers are lost",
         kGuide},
    Rule{".conf", "[Interface].ListenPort", Rule::When::added,
         "`wg syncconf` resets settings that are not in the file: without `ListenPort` the port changes at "
         "every sync",
         kGuide},
    Rule{".conf", ".PersistentKeepalive", Rule::When::any,
         "only a host behind NAT has a NAT mapping to keep open", kGuide},
    Rule{"prometheus.yml", "vigie-render-info", Rule::When::added,
         "a rule with the digest of the configuration proves that a reload took effect",
         "docs/decisions/0005-a-reload-is-proven-by-content.md"},
    Rule{"prometheus.yml", "rule_files", Rule::When::changed,
         "a relative path means the same on the host, in the container and to promtool",
         "docs/decisions/0008-which-paths-are-relative.md"},
    Rule{"prometheus.yml", ".metrics_path", Rule::When::added, "Prometheus' own default, written out",
         kGuide},
    Rule{"prometheus.yml", "alerting.", Rule::When::changed, "Alertmanager is reached by its service's name",
         kGuide},
    Rule{"alertmanager.yml", "vigie-render-info", Rule::When::added,
         "a receiver without a route, named by the digest of the configuration, proves that a reload took "
         "effect",
         "docs/decisions/0005-a-reload-is-proven-by-content.md"},
    Rule{"alertmanager.yml", "global.smtp_auth_password", Rule::When::any,
         "the password is sealed in the document, and on the host it is in a file that only Alertmanager's "
         "user can read",
         kGuide},
    Rule{"alertmanager.yml", "global.smtp_require_tls", Rule::When::added,
         "Alertmanager's own default, written out", kGuide},
    Rule{"alertmanager.yml", ".send_resolved", Rule::When::removed, "Alertmanager's own default", kGuide},
    Rule{"alertmanager.yml", ".match", Rule::When::any, "`matchers` is the newer spelling of `match`",
         kGuide},
    Rule{"alertmanager.yml", ".matchers", Rule::When::added, "`matchers` is the newer spelling of `match`",
         kGuide},
    Rule{".", ".labels.dev.vigie.", Rule::When::added,
         "compose does not hash the contents of files: this label shows whether a container is the one that "
         "the document describes",
         kGuide},
    Rule{".", ".ports[", Rule::When::any,
         "published ports bypass the firewall: bound to the VPN address, they are reachable through the "
         "tunnel only",
         kGuide},
    Rule{".", ".image", Rule::When::any,
         "an image without a version can be a different program at the next pull; Jaeger 1 is no longer "
         "maintained",
         "docs/codes/VG0406.md"},
    Rule{".", ".restart", Rule::When::any, "every container comes back after a reboot", kGuide},
    Rule{".", ".user", Rule::When::added,
         "the container runs as the user that owns its data and can read its password", kGuide},
    Rule{".", "connectionString", Rule::When::any,
         "an argument is readable by `docker inspect` and in /proc: the password is in a file that only the "
         "exporter's user can read",
         kGuide},
    Rule{".", ".environment.PGPASSFILE", Rule::When::added, "the path of the exporter's password file",
         kGuide},
    Rule{".", ".environment.PGBOUNCER_EXPORTER_CONNECTION_STRING", Rule::When::removed,
         "the connection string in `command:` has no password, which is in a file", kGuide},
    Rule{".", "pgbouncer-exporter:/etc/vigie-exporter", Rule::When::any,
         "the directory of the exporter's password", kGuide},
    Rule{".", ".volumes[", Rule::When::any,
         "a directory is mounted instead of a single file: with a single file, the container does not see a "
         "replaced file",
         kGuide},
    Rule{".", "services.alertmanager.command[--", Rule::When::added,
         "Alertmanager's configuration and silences are kept on the host", kGuide},
    Rule{".", ".command[--config.file]", Rule::When::any,
         "the path of the configuration in the mounted directory", kGuide},
    Rule{".", ".command[--web.enable-lifecycle]", Rule::When::added,
         "without this option Prometheus does not reload over HTTP", kGuide},
    Rule{".", ".container_name", Rule::When::any,
         "the container's name is derived from the project and the service", kGuide},
    Rule{".", ".depends_on", Rule::When::added, "the exporter starts after the service that it monitors",
         kGuide},
};

bool fits(const Rule& rule, const Difference& difference) {
    const bool compose = rule.file[0] == '.' && rule.file[1] == '\0';
    const bool yaml = difference.replaces.ends_with(".yaml") || difference.replaces.ends_with(".yml");
    const bool server = difference.replaces.ends_with("/prometheus.yml") ||
                        difference.replaces.ends_with("/alertmanager.yml");
    const bool file = compose ? yaml && !server : difference.replaces.ends_with(rule.file);
    const bool when =
        rule.when == Rule::When::any || (rule.when == Rule::When::added && difference.before.empty()) ||
        (rule.when == Rule::When::removed && difference.after.empty()) ||
        (rule.when == Rule::When::changed && !difference.before.empty() && !difference.after.empty());
    return file && when && contains(difference.path, rule.path);
}

/// True if a peer lost only addresses of the tunnel. A lost route to a network behind it, or to the internet,
/// is not an improvement.
bool narrowed(const Difference& difference, const spec::Wireguard& wireguard) {
    if (!difference.replaces.ends_with(".conf") || !difference.path.ends_with(".AllowedIPs") ||
        difference.before.empty() || difference.after.empty()) {
        return false;
    }
    const auto after = split(difference.after, ',');
    for (const auto part : split(difference.before, ',')) {
        const auto text = trim(part);
        const auto network =
            spec::parseNetwork(text.find('/') == std::string_view::npos
                                   ? std::string(text) + (contains(text, ":") ? "/128" : "/32")
                                   : std::string(text));
        const auto kept = std::any_of(after.begin(), after.end(), [&](std::string_view each) {
            const auto other = spec::parseNetwork(trim(each));
            return network && other && other->prefix <= network->prefix && other->contains(network->address);
        });
        const auto inside = [&](const std::string& text6) {
            const auto tunnel = spec::parseNetwork(text6);
            return network && tunnel && network->prefix >= tunnel->prefix &&
                   tunnel->contains(network->address);
        };
        if (!kept && !inside(wireguard.network) && !inside(wireguard.network6)) {
            return false;
        }
    }
    return true;
}

void explain(Difference& difference, const spec::Stack& stack) {
    if (narrowed(difference, stack.wireguard)) {
        difference.reason =
            "each peer gets only its own address: with the whole network on one peer, that peer would also "
            "get the traffic for a third host";
        difference.page = kGuide;
        return;
    }
    if (difference.path == "name" && difference.before.empty()) {
        difference.reason = "the project's name does not depend on its directory";
        difference.page = kGuide;
        return;
    }
    const auto it =
        std::find_if(kRules.begin(), kRules.end(), [&](const Rule& rule) { return fits(rule, difference); });
    if (it != kRules.end()) {
        const bool otherNetwork = stack.network.exists() && contains(it->path, ".ports[");
        difference.reason = otherNetwork
                                ? "published ports bypass the firewall: bound to the host's address in "
                                  "`spec.network`, they are reachable from there only"
                                : it->reason;
        difference.page = it->page;
    }
}

using Values = std::map<std::string, std::string>;

Values meaningOfRendered(const std::string& path, const std::string& text) {
    if (path.ends_with(".conf")) {
        return wgMeaning(text, path).values;
    }
    spec::Diagnostics diagnostics;
    const auto root = spec::readYaml(text, path, diagnostics);
    if (!root) {
        return {};
    }
    const bool server = path.ends_with("/prometheus.yml") || path.ends_with("/alertmanager.yml");
    return server ? meaningOf(*root) : composeMeaning(*root);
}

void compare(const std::string& host, const spec::Stack& stack, const MeaningSeen& was, const Values& is,
             std::vector<Difference>& out) {
    const auto add = [&](const std::string& path, const std::string& before, const std::string& after) {
        Difference difference{host, was.file, was.replaces, path, before, after, "", ""};
        explain(difference, stack);
        out.push_back(std::move(difference));
    };
    for (const auto& [path, before] : was.values) {
        const auto it = is.find(path);
        if (it == is.end()) {
            add(path, before, "");
        } else if (it->second != before) {
            add(path, before, it->second);
        }
    }
    for (const auto& [path, after] : is) {
        if (was.values.count(path) == 0) {
            add(path, "", after);
        }
    }
}

}  // namespace

std::vector<Difference> differences(const spec::Stack& stack, const std::vector<HostSeen>& hosts) {
    std::vector<Difference> out;
    for (const auto& host : hosts) {
        const auto* entry = stack.host(host.name);
        if (entry == nullptr) {
            continue;
        }
        const auto resources = render::renderHost(stack, *entry, {});
        for (const auto& meaning : host.meanings) {
            for (const auto& resource : resources) {
                const auto* content = kinds::contentOf(resource);
                if (content != nullptr && kinds::pathOf(resource) == meaning.replaces) {
                    compare(host.name, stack, meaning, meaningOfRendered(meaning.replaces, content->masked()),
                            out);
                }
            }
        }
    }
    return out;
}

}  // namespace vigie::imports
