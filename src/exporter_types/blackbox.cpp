// The exporter type `blackbox`: blackbox_exporter, its configuration and the secrets of its probes.

#include "render/exporters.hpp"
#include "render/settings.hpp"
#include "render/yaml_writer.hpp"
#include "spec/exporter_types.hpp"
#include "spec/users.hpp"

#include <array>

namespace vigie {
namespace {

using render::Encoding;
using render::MountedFile;
using render::Text;
using render::YamlWriter;
using spec::Exporter;

constexpr std::array kVersions = {spec::ImageVersion{0, 27}, spec::ImageVersion{0, 28}};
constexpr const char* kConfigurationFile = "blackbox.yml";

void texts(YamlWriter& yaml, const char* key, const std::vector<std::string>& values) {
    if (!values.empty()) {
        yaml.list(key, [&] {
            for (const auto& value : values) {
                yaml.item(value);
            }
        });
    }
}

void flag(YamlWriter& yaml, const char* key, bool value) {
    if (value) {
        yaml.boolean(key, true);
    }
}

void certificates(YamlWriter& yaml, bool skipVerify) {
    if (skipVerify) {
        yaml.map("tls_config", [&] { yaml.boolean("insecure_skip_verify", true); });
    }
}

/// A probe has one secret at most, as a file named like the probe.
std::string secretPath(const std::string& mount, const spec::Probe& probe) {
    return mount + "/" + probe.name + ".secret";
}

void http(YamlWriter& yaml, const spec::Probe& probe, const std::string& mount) {
    const auto& asked = probe.http ? *probe.http : spec::HttpProbe{};
    yaml.optionalText("method", asked.method);
    if (!asked.validStatusCodes.empty()) {
        yaml.list("valid_status_codes", [&] {
            for (const int code : asked.validStatusCodes) {
                yaml.numberItem(code);
            }
        });
    }
    texts(yaml, "valid_http_versions", asked.validHttpVersions);
    if (asked.followRedirects) {
        yaml.boolean("follow_redirects", *asked.followRedirects);
    }
    flag(yaml, "fail_if_ssl", asked.failIfSsl);
    flag(yaml, "fail_if_not_ssl", asked.failIfNotSsl);
    texts(yaml, "fail_if_body_matches_regexp", asked.failIfBodyMatches);
    texts(yaml, "fail_if_body_not_matches_regexp", asked.failIfBodyNotMatches);
    if (!asked.headers.empty()) {
        yaml.map("headers", [&] {
            for (const auto& header : asked.headers) {
                yaml.text(header.name, header.value);
            }
        });
    }
    yaml.optionalText("body", asked.body);
    if (asked.basicAuth) {
        yaml.map("basic_auth", [&] {
            yaml.text("username", asked.basicAuth->username);
            yaml.text("password_file", secretPath(mount, probe));
        });
    } else if (asked.bearerTokenFrom) {
        yaml.text("bearer_token_file", secretPath(mount, probe));
    }
    certificates(yaml, asked.insecureSkipVerify);
}

void tcp(YamlWriter& yaml, const spec::TcpProbe& asked) {
    flag(yaml, "tls", asked.tls);
    certificates(yaml, asked.insecureSkipVerify);
    if (asked.send.empty() && asked.expect.empty()) {
        return;
    }
    yaml.list("query_response", [&] {
        for (const auto& step : {std::pair{"send", &asked.send}, std::pair{"expect", &asked.expect}}) {
            if (!step.second->empty()) {
                yaml.itemMap([&] { yaml.text(step.first, *step.second); });
            }
        }
    });
}

void dns(YamlWriter& yaml, const spec::DnsProbe& asked) {
    yaml.text("query_name", asked.queryName);
    yaml.optionalText("query_type", asked.queryType);
    yaml.optionalText("transport_protocol", asked.transport);
    texts(yaml, "valid_rcodes", asked.validRcodes);
    if (!asked.failIfAnswerMatches.empty() || !asked.failIfAnswerNotMatches.empty()) {
        yaml.map("validate_answer_rrs", [&] {
            texts(yaml, "fail_if_matches_regexp", asked.failIfAnswerMatches);
            texts(yaml, "fail_if_not_matches_regexp", asked.failIfAnswerNotMatches);
        });
    }
}

void icmp(YamlWriter& yaml, const spec::IcmpProbe& asked) {
    flag(yaml, "dont_fragment", asked.dontFragment);
    if (asked.payloadSize) {
        yaml.number("payload_size", *asked.payloadSize);
    }
}

void module(YamlWriter& yaml, const spec::Probe& probe, const std::string& mount) {
    yaml.text("prober", probe.prober);
    yaml.map(probe.prober, [&] {
        if (probe.prober == "http") {
            http(yaml, probe, mount);
        } else if (probe.prober == "tcp") {
            tcp(yaml, probe.tcp.value_or(spec::TcpProbe{}));
        } else if (probe.prober == "dns") {
            dns(yaml, probe.dns.value_or(spec::DnsProbe{}));
        } else {
            icmp(yaml, probe.icmp.value_or(spec::IcmpProbe{}));
        }
        yaml.text("preferred_ip_protocol", probe.ipProtocol);
    });
}

/// The configuration of an exporter whose files are below `mount`.
Text configuration(const spec::Blackbox& blackbox, const std::string& mount) {
    YamlWriter yaml;
    yaml.comment(render::kManaged);
    yaml.map("modules", [&] {
        for (const auto& probe : blackbox.probes) {
            if (probe.module.empty()) {
                yaml.map(probe.name, [&] { module(yaml, probe, mount); });
            }
        }
        for (const auto& each : blackbox.modules) {
            yaml.map(each.name, [&] {
                for (const auto& entry : each.raw.entries) {
                    yaml.node(entry.key, entry.value);
                }
            });
        }
    });
    return yaml.result();
}

std::vector<MountedFile> files(const render::Builder& builder, const Exporter& exporter, const Owner& user) {
    std::vector<MountedFile> out{{kConfigurationFile,
                                  configuration(*exporter.blackbox, render::kExporterMount), user,
                                  "what " + exporter.name + " probes"}};
    for (const auto& probe : exporter.blackbox->probes) {
        if (probe.prober != "http" || !probe.http) {
            continue;
        }
        const auto& asked = *probe.http;
        if (asked.basicAuth || asked.bearerTokenFrom) {
            Text content;
            content.append(builder.secret(asked.basicAuth ? asked.basicAuth->passwordFrom.secret
                                                          : asked.bearerTokenFrom->secret),
                           Encoding::raw);
            out.push_back({probe.name + ".secret", content, user, "the login of probe " + probe.name});
        }
    }
    return out;
}

void container(render::Service& out, const render::Builder& /*builder*/, const Exporter& exporter) {
    out.command = {"--config.file=" + std::string(render::kExporterMount) + "/" + kConfigurationFile};
    if (exporter.blackbox->pings()) {
        out.capabilities = {"NET_RAW"};  // as root, which may use it, and may nothing else
    }
}

std::vector<spec::SecretUse> secrets(const Exporter& exporter, const spec::FieldPath& at) {
    std::vector<spec::SecretUse> out;
    const auto add = [&](const spec::SecretReference& from, const spec::FieldPath& field) {
        out.push_back({.secret = from.secret, .at = field / "secret", .form = spec::SecretForm::trimmedLine});
    };
    for (std::size_t i = 0; exporter.blackbox && i < exporter.blackbox->probes.size(); ++i) {
        const spec::FieldPath here = (at / "probes")[i] / "http";
        const auto& http = exporter.blackbox->probes[i].http;
        if (http && http->basicAuth) {
            add(http->basicAuth->passwordFrom, here / "basicAuth" / "passwordFrom");
        }
        if (http && http->bearerTokenFrom) {
            add(*http->bearerTokenFrom, here / "bearerTokenFrom");
        }
    }
    return out;
}

constexpr render::ExporterRendering kRendering{.files = files, .container = container};

}  // namespace

const spec::ExporterTypeRow spec::kBlackboxType{
    .program = {"blackbox", "blackbox_exporter", "prom/blackbox-exporter:v0.27.0", kVersions, kTestedNewest},
    .port = 9115,
    .upMetric = "probe_success",
    .user =
        [](const Exporter& exporter) {
            return exporter.blackbox && exporter.blackbox->pings() ? kRoot : Owner{65526, 65526};
        },
    .secrets = secrets,
    .ownFile = [](const Exporter&) { return std::string(kConfigurationFile); },
    .rendering = &kRendering,
};

}  // namespace vigie
