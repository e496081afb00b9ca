// The table of settings that are passed through to Prometheus and Alertmanager.

#include "spec/settings.hpp"

#include "spec/native.hpp"

#include <cctype>
#include <unordered_map>

namespace vigie::spec {
namespace {

constexpr auto P = Program::prometheus;
constexpr auto A = Program::alertmanager;
constexpr ImageVersion kNever{1'000'000, 0};

// Source: the changelogs and the documentation of the configuration of both programs.
constexpr Word kWords[] = {
    // Prometheus: names
    {.program = P, .field = "relabelings", .name = "relabel_configs"},
    {.program = P, .field = "metricRelabelings", .name = "metric_relabel_configs"},
    {.program = P, .field = "alertRelabelings", .name = "alert_relabel_configs", .since = {2, 51}},
    {.program = P, .where = "alerting", .field = "alertRelabelings", .name = "alert_relabel_configs"},
    {.program = P, .field = "writeRelabelings", .name = "write_relabel_configs"},
    {.program = P, .field = "retryOnRateLimit", .name = "retry_on_http_429", .since = {2, 26}},
    // Prometheus: keys of the user's own
    {.program = P, .field = "params", .verbatim = true},
    {.program = P, .field = "headers", .since = {2, 25}, .verbatim = true},
    {.program = P, .where = "remoteRead", .field = "headers", .since = {2, 26}, .verbatim = true},
    {.program = P, .field = "endpointParams", .verbatim = true},
    {.program = P, .field = "labels", .verbatim = true},
    {.program = P, .where = "ruleGroups", .field = "labels", .since = {3, 0}, .verbatim = true},
    {.program = P, .field = "annotations", .verbatim = true},
    {.program = P, .field = "requiredMatchers", .verbatim = true},
    // Prometheus: limits
    {.program = P, .field = "bodySizeLimit", .since = {2, 28}},
    {.program = P, .where = "global", .field = "bodySizeLimit", .since = {2, 45}},
    {.program = P, .where = "global", .field = "sampleLimit", .since = {2, 45}},
    {.program = P, .field = "targetLimit", .since = {2, 21}},
    {.program = P, .where = "global", .field = "targetLimit", .since = {2, 45}},
    {.program = P, .field = "labelLimit", .since = {2, 27}},
    {.program = P, .where = "global", .field = "labelLimit", .since = {2, 45}},
    {.program = P, .field = "labelNameLengthLimit", .since = {2, 27}},
    {.program = P, .where = "global", .field = "labelNameLengthLimit", .since = {2, 45}},
    {.program = P, .field = "labelValueLengthLimit", .since = {2, 27}},
    {.program = P, .where = "global", .field = "labelValueLengthLimit", .since = {2, 45}},
    {.program = P, .field = "keepDroppedTargets", .since = {2, 47}},
    // Prometheus: scraping
    {.program = P, .field = "honorTimestamps", .since = {2, 9}},
    {.program = P, .field = "trackTimestampsStaleness", .since = {2, 48}},
    {.program = P, .field = "enableCompression", .since = {2, 49}},
    {.program = P, .field = "scrapeProtocols", .since = {2, 49}},
    {.program = P, .field = "fallbackScrapeProtocol", .since = {3, 0}},
    {.program = P, .field = "nativeHistogramBucketLimit", .since = {2, 45}},
    {.program = P, .field = "scrapeNativeHistograms", .since = {3, 8}},
    {.program = P,
     .field = "scrapeClassicHistograms",
     .name = "always_scrape_classic_histograms",
     .since = {2, 45},
     .before3 = "scrape_classic_histograms"},
    {.program = P,
     .where = "global",
     .field = "scrapeClassicHistograms",
     .name = "always_scrape_classic_histograms",
     .since = {3, 5}},
    {.program = P, .field = "convertClassicHistogramsToNHCB", .since = {3, 0}},
    {.program = P, .where = "global", .field = "convertClassicHistogramsToNHCB", .since = {3, 4}},
    {.program = P, .field = "nameValidationScheme", .name = "metric_name_validation_scheme", .since = {3, 0}},
    {.program = P, .field = "nameEscapingScheme", .name = "metric_name_escaping_scheme", .since = {3, 4}},
    {.program = P, .field = "ruleQueryOffset", .since = {2, 53}},
    // Prometheus: HTTP clients
    {.program = P, .field = "authorization", .since = {2, 26}},
    {.program = P, .field = "oauth2", .since = {2, 27}},
    {.program = P, .field = "followRedirects", .since = {2, 26}},
    {.program = P, .field = "enableHTTP2", .since = {2, 35}},
    {.program = P, .field = "noProxy", .since = {2, 43}},
    {.program = P, .field = "proxyFromEnvironment", .since = {2, 43}},
    {.program = P, .field = "httpHeaders", .since = {2, 55}},
    {.program = P, .field = "minVersion", .since = {2, 35}},
    {.program = P, .field = "maxVersion", .since = {2, 41}},
    {.program = P, .where = "oauth2", .field = "tlsConfig", .since = {2, 30}},
    {.program = P, .where = "oauth2", .field = "proxyURL", .since = {2, 34}},
    // Prometheus: discovery
    {.program = P, .field = "httpSDConfigs", .since = {2, 28}},
    {.program = P, .field = "dockerSDConfigs", .since = {2, 27}},
    {.program = P, .field = "matchFirstNetwork", .since = {2, 54}},
    // Prometheus: rules
    {.program = P, .where = "ruleGroups", .field = "limit", .since = {2, 31}},
    {.program = P, .where = "ruleGroups", .field = "queryOffset", .since = {2, 53}},
    {.program = P, .field = "keepFiringFor", .since = {2, 42}},
    // Prometheus: remote storage
    {.program = P, .field = "sendExemplars", .since = {2, 27}},
    {.program = P, .field = "sendNativeHistograms", .since = {2, 40}},
    {.program = P, .field = "protobufMessage", .since = {2, 54}},
    {.program = P, .field = "sampleAgeLimit", .since = {2, 50}},
    {.program = P, .field = "metadataConfig", .since = {2, 23}},
    {.program = P, .where = "metadataConfig", .field = "maxSamplesPerSend", .since = {2, 29}},
    {.program = P, .field = "filterExternalLabels", .since = {2, 34}},
    // Alertmanager: names
    {.program = A, .where = "smtp", .field = "hello", .name = "smtp_hello"},
    {.program = A,
     .where = "smtp",
     .field = "passwordFrom",
     .name = "smtp_auth_password",
     .fileSince = {0, 25}},
    {.program = A, .where = "smtp", .field = "authIdentity", .name = "smtp_auth_identity"},
    {.program = A, .where = "smtp", .field = "tlsConfig", .name = "smtp_tls_config", .since = {0, 28}},
    {.program = A, .where = "jiraConfigs", .field = "customFields", .name = "fields", .verbatim = true},
    {.program = A, .where = "victoropsConfigs", .field = "customFields", .verbatim = true},
    // Alertmanager: keys of the user's own
    {.program = A, .field = "headers", .verbatim = true},
    {.program = A, .field = "details", .verbatim = true},
    {.program = A, .field = "attributes", .verbatim = true},
    {.program = A, .field = "endpointParams", .verbatim = true},
    // Alertmanager: secrets
    {.program = A, .field = "authPasswordFrom", .fileSince = {0, 25}},
    {.program = A, .field = "urlFrom", .fileSince = {0, 26}},
    {.program = A, .where = "slackConfigs", .field = "apiURLFrom", .fileSince = {0, 22}},
    {.program = A,
     .where = "global",
     .field = "slackAPIURLFrom",
     .name = "slack_api_url",
     .fileSince = {0, 22}},
    {.program = A, .field = "routingKeyFrom", .fileSince = {0, 25}},
    {.program = A, .field = "serviceKeyFrom", .fileSince = {0, 25}},
    {.program = A, .where = "opsgenieConfigs", .field = "apiKeyFrom", .fileSince = {0, 24}},
    {.program = A, .where = "global", .field = "opsgenieAPIKeyFrom", .fileSince = {0, 24}},
    {.program = A, .where = "victoropsConfigs", .field = "apiKeyFrom", .fileSince = {0, 25}},
    {.program = A, .where = "global", .field = "victoropsAPIKeyFrom", .fileSince = {0, 25}},
    {.program = A, .field = "userKeyFrom", .fileSince = {0, 26}},
    {.program = A, .where = "pushoverConfigs", .field = "tokenFrom", .fileSince = {0, 26}},
    {.program = A, .field = "botTokenFrom", .fileSince = {0, 26}},
    {.program = A, .field = "webhookURLFrom", .fileSince = {0, 27}},
    {.program = A, .where = "wechatConfigs", .field = "apiSecretFrom", .fileSince = kNever},
    {.program = A, .where = "global", .field = "wechatAPISecretFrom", .fileSince = kNever},
    {.program = A, .where = "sigv4", .field = "secretKeyFrom", .fileSince = kNever},
    {.program = A, .where = "rocketchatConfigs", .field = "tokenFrom", .fileSince = {0, 28}},
    {.program = A, .where = "rocketchatConfigs", .field = "tokenIDFrom", .fileSince = {0, 28}},
    // Alertmanager: since
    {.program = A, .field = "telegramConfigs", .since = {0, 24}},
    {.program = A, .field = "discordConfigs", .since = {0, 25}},
    {.program = A, .field = "webexConfigs", .since = {0, 25}},
    {.program = A, .field = "msteamsConfigs", .since = {0, 26}},
    {.program = A, .field = "msteamsv2Configs", .name = "msteamsv2_configs", .since = {0, 28}},
    {.program = A, .field = "jiraConfigs", .since = {0, 28}},
    {.program = A, .field = "rocketchatConfigs", .since = {0, 28}},
    {.program = A, .field = "snsConfigs", .since = {0, 23}},
    {.program = A, .where = "global", .field = "jiraAPIURL", .name = "jira_api_url", .since = {0, 28}},
    {.program = A,
     .where = "global",
     .field = "rocketchatAPIURL",
     .name = "rocketchat_api_url",
     .since = {0, 28}},
    {.program = A,
     .where = "global",
     .field = "telegramAPIURL",
     .name = "telegram_api_url",
     .since = {0, 24}},
    {.program = A, .where = "global", .field = "webexAPIURL", .name = "webex_api_url", .since = {0, 25}},
    {.program = A, .where = "global", .field = "opsgenieAPIURL", .name = "opsgenie_api_url"},
    {.program = A, .where = "global", .field = "victoropsAPIURL", .name = "victorops_api_url"},
    {.program = A, .where = "global", .field = "wechatAPIURL", .name = "wechat_api_url"},
    {.program = A, .where = "webhookConfigs", .field = "timeout", .since = {0, 28}},
    {.program = A, .where = "telegramConfigs", .field = "messageThreadID", .since = {0, 26}},
    {.program = A, .where = "opsgenieConfigs", .field = "updateAlerts", .since = {0, 22}},
    {.program = A, .where = "opsgenieConfigs", .field = "entity", .since = {0, 22}},
    {.program = A, .where = "opsgenieConfigs", .field = "actions", .since = {0, 22}},
    {.program = A, .where = "pagerdutyConfigs", .field = "source", .since = {0, 25}},
    {.program = A, .where = "pushoverConfigs", .field = "ttl", .since = {0, 26}},
    {.program = A, .where = "pushoverConfigs", .field = "device", .since = {0, 26}},
    {.program = A, .where = "pushoverConfigs", .field = "monospace", .since = {0, 28}},
    {.program = A, .where = "discordConfigs", .field = "content", .since = {0, 28}},
    {.program = A, .where = "discordConfigs", .field = "username", .since = {0, 28}},
    {.program = A, .where = "discordConfigs", .field = "avatarURL", .since = {0, 28}},
    {.program = A, .where = "msteamsConfigs", .field = "summary", .since = {0, 27}},
    {.program = A, .field = "sourceMatchers", .since = {0, 22}},
    {.program = A, .field = "targetMatchers", .since = {0, 22}},
    {.program = A, .field = "location", .since = {0, 25}},
    {.program = A, .field = "authorization", .since = {0, 22}},
    {.program = A, .field = "oauth2", .since = {0, 22}},
    {.program = A, .field = "followRedirects", .since = {0, 22}},
    {.program = A, .field = "enableHTTP2", .since = {0, 25}},
    {.program = A, .field = "noProxy", .since = {0, 26}},
    {.program = A, .field = "proxyFromEnvironment", .since = {0, 26}},
    {.program = A, .field = "httpHeaders", .since = {0, 28}},
    {.program = A, .field = "minVersion", .since = {0, 25}},
    {.program = A, .field = "maxVersion", .since = {0, 25}},
};

std::string keyOf(Program program, std::string_view where, std::string_view field) {
    std::string key(1, program == P ? 'p' : 'a');
    return key.append(where).append(".").append(field);
}

bool upper(char c) {
    return c >= 'A' && c <= 'Z';
}

/// `fileSDConfigs` → `file_sd_configs`: a word begins at a capital after a small letter, and at the last of
/// several capitals.
std::string snakeCase(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool afterSmall = i > 0 && upper(text[i]) && !upper(text[i - 1]);
        const bool lastCapital = i > 0 && upper(text[i]) && upper(text[i - 1]) && i + 1 < text.size() &&
                                 std::islower(static_cast<unsigned char>(text[i + 1])) != 0;
        if (afterSmall || lastCapital) {
            out += '_';
        }
        out += static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
    }
    return out;
}

void walk(Program program, const Node& node, std::string_view where, const FieldPath& at,
          const std::function<void(const Setting&)>& see) {
    for (const auto& entry : node.entries) {
        if (entry.key == "raw") {
            continue;
        }
        const Setting setting{where, entry.key, entry.value, at / entry.key};
        see(setting);
        const auto* word = wordFor(program, where, entry.key);
        if ((word != nullptr && word->verbatim) || setting.secret()) {
            continue;
        }
        walk(program, entry.value, entry.key, setting.at, see);
        for (std::size_t i = 0; i < entry.value.items.size(); ++i) {
            walk(program, entry.value.items[i], entry.key, setting.at[i], see);
        }
    }
}

class Blocks {
public:
    void add(Program program, std::string_view where, const Node& settings, const FieldPath& at,
             const Node* raw = nullptr) {
        out_.push_back({program, where, &settings, at, raw, at / "raw"});
    }
    void add(Program program, std::string_view where, const std::optional<Node>& settings,
             const FieldPath& at) {
        if (settings) {
            add(program, where, *settings, at, settings->find("raw"));
        }
    }
    void add(Program program, std::string_view where, const std::vector<Node>& list, const FieldPath& at) {
        for (std::size_t i = 0; i < list.size(); ++i) {
            add(program, where, list[i], at[i], list[i].find("raw"));
        }
    }
    std::vector<SettingBlock> take() { return std::move(out_); }

private:
    std::vector<SettingBlock> out_;
};

/// What the jobs of exporters have beside what is derived.
void addExporters(const std::vector<Exporter>& exporters, Blocks& blocks) {
    for (std::size_t i = 0; i < exporters.size(); ++i) {
        const auto& scrape = exporters[i].scrape;
        const FieldPath at = FieldPath{"spec", "exporters"}[i];
        // each is a step of `relabelings`
        blocks.add(P, "relabelings", scrape.relabelings, at / "relabelings");
        blocks.add(P, "relabelings", scrape.metricRelabelings, at / "metricRelabelings");
        blocks.add(P, "basicAuth", scrape.basicAuth, at / "basicAuth");
        blocks.add(P, "tlsConfig", scrape.tlsConfig, at / "tlsConfig");
    }
}

void addPrometheus(const Prometheus& prometheus, Blocks& blocks) {
    const FieldPath at{"spec", "prometheus"};
    blocks.add(P, "global", prometheus.global, at / "global");
    blocks.add(P, "ruleGroups", prometheus.ruleGroups, at / "ruleGroups");
    if (prometheus.alerting) {
        blocks.add(P, "alertmanagers", prometheus.alerting->alertmanagers, at / "alerting" / "alertmanagers");
        // each is a step of `relabelings`
        blocks.add(P, "relabelings", prometheus.alerting->alertRelabelings,
                   at / "alerting" / "alertRelabelings");
    }
    blocks.add(P, "remoteWrite", prometheus.remoteWrite, at / "remoteWrite");
    blocks.add(P, "remoteRead", prometheus.remoteRead, at / "remoteRead");
    for (std::size_t i = 0; i < prometheus.scrapeConfigs.size(); ++i) {
        const auto& job = prometheus.scrapeConfigs[i];
        if (!job.settings.entries.empty() || job.raw) {
            blocks.add(P, "scrapeConfigs", job.settings, (at / "scrapeConfigs")[i],
                       job.raw ? &*job.raw : nullptr);
        }
    }
}

void addAlertmanager(const Alertmanager& alertmanager, Blocks& blocks) {
    const FieldPath at{"spec", "alertmanager"};
    blocks.add(A, "global", alertmanager.global, at / "global");
    if (alertmanager.smtp) {
        blocks.add(A, "smtp", alertmanager.smtp->settings, at / "smtp");
    }
    blocks.add(A, "inhibitRules", alertmanager.inhibitRules, at / "inhibitRules");
    blocks.add(A, "timeIntervals", alertmanager.timeIntervals, at / "timeIntervals");
    for (std::size_t i = 0; i < alertmanager.receivers.size(); ++i) {
        const auto& receiver = alertmanager.receivers[i];
        const FieldPath here = (at / "receivers")[i];
        blocks.add(A, "receivers", receiver.settings, here, receiver.raw ? &*receiver.raw : nullptr);
        for (std::size_t j = 0; j < receiver.emailConfigs.size(); ++j) {
            blocks.add(A, "emailConfigs", receiver.emailConfigs[j].settings, (here / "emailConfigs")[j]);
        }
    }
}

}  // namespace

std::string_view nameOf(Program program) {
    return program == P ? "Prometheus" : "Alertmanager";
}

const Word* wordFor(Program program, std::string_view where, std::string_view field) {
    static const auto kByKey = [] {
        std::unordered_map<std::string, const Word*> out;
        for (const auto& word : kWords) {
            out.emplace(keyOf(word.program, word.where, word.field), &word);
        }
        return out;
    }();
    auto it = kByKey.find(keyOf(program, where, field));
    if (it == kByKey.end()) {
        it = kByKey.find(keyOf(program, "", field));
    }
    return it == kByKey.end() ? nullptr : it->second;
}

std::string nameOf(Program program, std::string_view where, std::string_view field,
                   const std::optional<ImageVersion>& version) {
    const auto* word = wordFor(program, where, field);
    if (word != nullptr && !word->before3.empty() && version && version->major < 3) {
        return std::string(word->before3);
    }
    if (word != nullptr && !word->name.empty()) {
        return std::string(word->name);
    }
    constexpr std::size_t kFrom = 4;
    return snakeCase(field.ends_with("From") ? field.substr(0, field.size() - kFrom) : field);
}

std::optional<std::string> Setting::secret() const {
    const auto* name = field.ends_with("From") ? value.find("secret") : nullptr;
    return name == nullptr ? std::nullopt : std::optional(name->scalar);
}

std::vector<SettingBlock> settingBlocks(const Stack& stack) {
    Blocks blocks;
    if (stack.prometheus) {
        addPrometheus(*stack.prometheus, blocks);
        addExporters(stack.exporters, blocks);
    }
    if (stack.alertmanager) {
        addAlertmanager(*stack.alertmanager, blocks);
    }
    return blocks.take();
}

void forEachSetting(const SettingBlock& block, const std::function<void(const Setting&)>& see) {
    walk(block.program, *block.settings, block.where, block.at, see);
}

std::vector<SettingFile> filesOf(const SettingBlock& block) {
    std::vector<SettingFile> out;
    forEachSetting(block, [&](const Setting& setting) {
        if (setting.field == "caFile" || setting.field == "certFile") {
            out.push_back({setting.value.scalar, setting.at});
        } else if (setting.where == "fileSDConfigs" && setting.field == "files") {
            for (std::size_t i = 0; i < setting.value.items.size(); ++i) {
                out.push_back({setting.value.items[i].scalar, setting.at[i]});
            }
        }
    });
    return out;
}

namespace {

/// Both programs cut blanks around a secret that they read from a file (prometheus/common's config package),
/// but read PEM as it is.
SecretForm formOf(std::string_view field) {
    return field == "keyFrom" || field == "certFrom" || field == "caFrom" ? SecretForm::any
                                                                          : SecretForm::trimmedLine;
}

}  // namespace

std::vector<SecretUse> secretsOf(const Stack& stack, Program program) {
    std::vector<SecretUse> out;
    for (const auto& block : settingBlocks(stack)) {
        if (block.program == program) {
            forEachSetting(block, [&](const Setting& setting) {
                if (auto secret = setting.secret()) {
                    out.push_back({std::move(*secret), setting.at / "secret"});
                    out.back().form = formOf(setting.field);
                }
            });
        }
    }
    if (const auto native = nativeSource(stack, program)) {
        for (const auto& secret : native->from->secrets) {
            out.push_back({secret, native->at / "file"});
            out.back().form = SecretForm::any;  // quoted in the configuration itself
        }
    }
    if (program == A && stack.alertmanager && stack.alertmanager->smtp &&
        stack.alertmanager->smtp->passwordFrom) {
        out.push_back({stack.alertmanager->smtp->passwordFrom->secret,
                       {"spec", "alertmanager", "smtp", "passwordFrom", "secret"}});
        out.back().form = SecretForm::trimmedLine;
    }
    return out;
}

}  // namespace vigie::spec
