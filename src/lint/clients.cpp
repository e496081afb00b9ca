// HTTP client settings of Prometheus and Alertmanager: authentication, proxies, headers, TLS.
#include "base/encoding.hpp"
#include "base/text.hpp"
#include "lint/certificates.hpp"
#include "lint/rules.hpp"
#include "spec/settings.hpp"

#include <algorithm>
#include <array>

namespace vigie::lint {
namespace {

using spec::FieldPath;
using spec::Node;
using spec::Setting;

std::string lowered(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

/// Only one kind of authentication is allowed. `raw` may contain kinds that have no field.
void lintLogins(const FieldPath& at, const Node& client, const spec::SettingBlock& block,
                const spec::Reporter& report) {
    struct Way {
        std::string name;
        FieldPath at;
    };
    std::vector<Way> ways;
    for (const char* way : {"basicAuth", "authorization", "oauth2"}) {
        if (client.find(way) != nullptr) {
            ways.push_back({way, at / way});
        }
    }
    for (const char* way : {"sigv4", "azuread", "google_iam"}) {
        if (block.raw != nullptr && &client == block.settings && block.raw->find(way) != nullptr) {
            ways.push_back({way, block.rawAt / way});
        }
    }
    if (ways.size() > 1) {
        report.error(code::VG0446, ways[1].at,
                     "`" + ways[0].name + "` and `" + ways[1].name + "` exclude each other",
                     "keep one of them");
    }
    const auto* authorization = client.find("authorization");
    const auto* type = authorization == nullptr ? nullptr : authorization->find("type");
    if (type != nullptr && lowered(trim(type->scalar)) == "basic") {
        report.error(code::VG0446, at / "authorization" / "type",
                     "the type of `authorization` cannot be `" + type->scalar + "`",
                     "write `basicAuth: { username: …, passwordFrom: { secret: … } }` instead");
    }
}

void lintProxy(const FieldPath& at, const Node& client, const spec::Reporter& report) {
    const auto* proxied = client.find("proxyFromEnvironment");
    if (proxied != nullptr && proxied->scalar == "true") {
        for (const char* other : {"proxyURL", "noProxy"}) {
            if (client.find(other) != nullptr) {
                report.error(code::VG0446, at / other,
                             "`proxyFromEnvironment` and `" + std::string(other) + "` exclude each other",
                             "keep one of them");
            }
        }
    } else if (client.find("noProxy") != nullptr && client.find("proxyURL") == nullptr) {
        report.error(code::VG0446, at / "noProxy", "`noProxy` needs `proxyURL`", "add `proxyURL`");
    }
}

/// Headers that the programs write themselves, in lower case; they do not start when a configuration names
/// one. Source: prometheus/common config/headers.go, and `reservedHeaders` in prometheus config/config.go,
/// which lets one more through.
bool isReserved(const std::string& name, bool remoteStorage) {
    static constexpr std::array<std::string_view, 17> kReserved = {"authorization",
                                                                   "host",
                                                                   "content-encoding",
                                                                   "content-length",
                                                                   "content-type",
                                                                   "user-agent",
                                                                   "connection",
                                                                   "keep-alive",
                                                                   "proxy-authenticate",
                                                                   "proxy-authorization",
                                                                   "www-authenticate",
                                                                   "accept-encoding",
                                                                   "x-prometheus-remote-write-version",
                                                                   "x-prometheus-remote-read-version",
                                                                   "x-amz-date",
                                                                   "x-amz-security-token",
                                                                   "x-amz-content-sha256"};
    const auto small = lowered(name);
    return std::find(kReserved.begin(), kReserved.end(), small) != kReserved.end() ||
           (!remoteStorage && small == "x-prometheus-scrape-timeout-seconds");
}

void lintHeader(const FieldPath& at, const std::string& name, bool remoteStorage,
                const spec::Reporter& report) {
    if (!isReserved(name, remoteStorage)) {
        return;
    }
    const auto small = lowered(name);
    report.error(code::VG0455, at, "the header `" + name + "` cannot be set: the program sets it itself",
                 small == "authorization" ? "write `authorization` or `basicAuth` instead" : "remove it");
}

void lintHeaders(const Setting& setting, const spec::Reporter& report) {
    if (setting.field == "httpHeaders") {
        for (std::size_t i = 0; i < setting.value.items.size(); ++i) {
            const auto* name = setting.value.items[i].find("name");
            if (name != nullptr) {
                lintHeader(setting.at[i] / "name", name->scalar, false, report);
            }
        }
    } else if (setting.field == "headers" &&
               (setting.where == "remoteWrite" || setting.where == "remoteRead")) {
        for (const auto& entry : setting.value.entries) {
            lintHeader(setting.at / entry.key, entry.key, true, report);
        }
    }
}

void lintTls(const FieldPath& at, const Node& tls, const spec::Reporter& report) {
    const auto both = [&](const char* file, const char* secret) {
        if (tls.find(file) != nullptr && tls.find(secret) != nullptr) {
            report.error(code::VG0446, at / secret,
                         std::string("`") + file + "` and `" + secret + "` exclude each other",
                         "keep one of them");
        }
    };
    both("caFile", "caFrom");
    both("certFile", "certFrom");
    const bool certificate = tls.find("certFile") != nullptr || tls.find("certFrom") != nullptr;
    if (certificate != (tls.find("keyFrom") != nullptr)) {
        report.error(code::VG0446, at,
                     certificate ? "the client certificate has no key" : "the client key has no certificate",
                     certificate ? "add `keyFrom`" : "add `certFile` or `certFrom`");
    }
}

bool isClient(std::string_view field) {
    return field == "httpConfig" || field == "httpSDConfigs" || field == "dockerSDConfigs" ||
           field == "oauth2";
}

void lintClient(const FieldPath& at, const Node& client, const spec::SettingBlock& block,
                const spec::Reporter& report) {
    lintLogins(at, client, block, report);
    lintProxy(at, client, report);
}

/// True if the text contains a PEM certificate (RFC 7468) whose content begins like DER.
bool holdsCertificate(std::string_view text) {
    constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
    constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
    constexpr unsigned char kSequence = 0x30;
    for (auto at = text.find(kBegin); at != std::string_view::npos; at = text.find(kBegin, at + 1)) {
        const auto end = text.find(kEnd, at);
        if (end == std::string_view::npos) {
            return false;
        }
        std::string body;
        for (const char c : text.substr(at + kBegin.size(), end - at - kBegin.size())) {
            if (c != '\n' && c != '\r' && c != ' ' && c != '\t') {
                body += c;
            }
        }
        const auto bytes = base64Decode(body);
        if (bytes && !bytes->empty() && (*bytes)[0] == kSequence) {
            return true;
        }
    }
    return false;
}

}  // namespace

void lintClients(const spec::Stack& stack, const spec::Reporter& report) {
    for (const auto& block : spec::settingBlocks(stack)) {
        lintClient(block.at, *block.settings, block, report);
        if (block.where == "tlsConfig") {
            lintTls(block.at, *block.settings, report);
        }
        spec::forEachSetting(block, [&](const Setting& setting) {
            if (setting.field == "tlsConfig") {
                lintTls(setting.at, setting.value, report);
            } else if (isClient(setting.field)) {
                lintClient(setting.at, setting.value, block, report);
                for (std::size_t i = 0; i < setting.value.items.size(); ++i) {
                    lintClient(setting.at[i], setting.value.items[i], block, report);
                }
            }
            lintHeaders(setting, report);
        });
    }
}

void lintCertificates(const spec::Stack& stack, const std::map<std::string, std::string>& files,
                      const spec::Reporter& report) {
    for (const auto& block : spec::settingBlocks(stack)) {
        spec::forEachSetting(block, [&](const Setting& setting) {
            if (setting.field != "caFile" && setting.field != "certFile") {
                return;
            }
            const auto file = files.find(setting.value.scalar);
            if (file != files.end() && !holdsCertificate(file->second)) {
                report.error(code::VG0454, setting.at,
                             "`" + setting.value.scalar + "` contains no PEM certificate",
                             "convert it to PEM, which begins with `-----BEGIN CERTIFICATE-----`");
            }
        });
    }
}

}  // namespace vigie::lint
