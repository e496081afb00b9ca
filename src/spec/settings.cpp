// The table of settings that are passed through to Prometheus and Alertmanager.

#include "spec/settings.hpp"

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
    {P, "", "relabelings", "relabel_configs"},
    {P, "", "metricRelabelings", "metric_relabel_configs"},
    {P, "", "alertRelabelings", "alert_relabel_configs", {2, 51}},
    {P, "alerting", "alertRelabelings", "alert_relabel_configs"},
    {P, "", "writeRelabelings", "write_relabel_configs"},
    {P, "", "retryOnRateLimit", "retry_on_http_429", {2, 26}},
    // Prometheus: keys of the user's own
    {P, "", "params", {}, {}, true},
    {P, "", "headers", {}, {2, 25}, true},
    {P, "remoteRead", "headers", {}, {2, 26}, true},
    {P, "", "endpointParams", {}, {}, true},
    {P, "", "labels", {}, {}, true},
    {P, "ruleGroups", "labels", {}, {3, 0}, true},
    {P, "", "annotations", {}, {}, true},
    {P, "", "requiredMatchers", {}, {}, true},
    // Prometheus: limits
    {P, "", "bodySizeLimit", {}, {2, 28}},
    {P, "global", "bodySizeLimit", {}, {2, 45}},
    {P, "global", "sampleLimit", {}, {2, 45}},
    {P, "", "targetLimit", {}, {2, 21}},
    {P, "global", "targetLimit", {}, {2, 45}},
    {P, "", "labelLimit", {}, {2, 27}},
    {P, "global", "labelLimit", {}, {2, 45}},
    {P, "", "labelNameLengthLimit", {}, {2, 27}},
    {P, "global", "labelNameLengthLimit", {}, {2, 45}},
    {P, "", "labelValueLengthLimit", {}, {2, 27}},
    {P, "global", "labelValueLengthLimit", {}, {2, 45}},
    {P, "", "keepDroppedTargets", {}, {2, 47}},
    // Prometheus: scraping
    {P, "", "honorTimestamps", {}, {2, 9}},
    {P, "", "trackTimestampsStaleness", {}, {2, 48}},
    {P, "", "enableCompression", {}, {2, 49}},
    {P, "", "scrapeProtocols", {}, {2, 49}},
    {P, "", "fallbackScrapeProtocol", {}, {3, 0}},
    {P, "", "nativeHistogramBucketLimit", {}, {2, 45}},
    {P, "", "scrapeNativeHistograms", {}, {3, 8}},
    {P,
     "",
     "scrapeClassicHistograms",
     "always_scrape_classic_histograms",
     {2, 45},
     false,
     {},
     "scrape_classic_histograms"},
    {P, "global", "scrapeClassicHistograms", "always_scrape_classic_histograms", {3, 5}},
    {P, "", "convertClassicHistogramsToNHCB", {}, {3, 0}},
    {P, "global", "convertClassicHistogramsToNHCB", {}, {3, 4}},
    {P, "", "nameValidationScheme", "metric_name_validation_scheme", {3, 0}},
    {P, "", "nameEscapingScheme", "metric_name_escaping_scheme", {3, 4}},
    {P, "", "ruleQueryOffset", {}, {2, 53}},
    // Prometheus: HTTP clients
    {P, "", "authorization", {}, {2, 26}},
    {P, "", "oauth2", {}, {2, 27}},
    {P, "", "followRedirects", {}, {2, 26}},
    {P, "", "enableHTTP2", {}, {2, 35}},
    {P, "", "noProxy", {}, {2, 43}},
    {P, "", "proxyFromEnvironment", {}, {2, 43}},
    {P, "", "httpHeaders", {}, {2, 55}},
    {P, "", "minVersion", {}, {2, 35}},
    {P, "", "maxVersion", {}, {2, 41}},
    {P, "oauth2", "tlsConfig", {}, {2, 30}},
    {P, "oauth2", "proxyURL", {}, {2, 34}},
    // Prometheus: discovery
    {P, "", "httpSDConfigs", {}, {2, 28}},
    {P, "", "dockerSDConfigs", {}, {2, 27}},
    {P, "", "matchFirstNetwork", {}, {2, 54}},
    // Prometheus: rules
    {P, "ruleGroups", "limit", {}, {2, 31}},
    {P, "ruleGroups", "queryOffset", {}, {2, 53}},
    {P, "", "keepFiringFor", {}, {2, 42}},
    // Prometheus: remote storage
    {P, "", "sendExemplars", {}, {2, 27}},
    {P, "", "sendNativeHistograms", {}, {2, 40}},
    {P, "", "protobufMessage", {}, {2, 54}},
    {P, "", "sampleAgeLimit", {}, {2, 50}},
    {P, "", "metadataConfig", {}, {2, 23}},
    {P, "metadataConfig", "maxSamplesPerSend", {}, {2, 29}},
    {P, "", "filterExternalLabels", {}, {2, 34}},
    // Alertmanager: names
    {A, "smtp", "hello", "smtp_hello"},
    {A, "smtp", "passwordFrom", "smtp_auth_password", {}, false, {0, 25}},
    {A, "smtp", "authIdentity", "smtp_auth_identity"},
    {A, "smtp", "tlsConfig", "smtp_tls_config", {0, 28}},
    {A, "jiraConfigs", "customFields", "fields", {}, true},
    {A, "victoropsConfigs", "customFields", {}, {}, true},
    // Alertmanager: keys of the user's own
    {A, "", "headers", {}, {}, true},
    {A, "", "details", {}, {}, true},
    {A, "", "attributes", {}, {}, true},
    {A, "", "endpointParams", {}, {}, true},
    // Alertmanager: secrets
    {A, "", "authPasswordFrom", {}, {}, false, {0, 25}},
    {A, "", "urlFrom", {}, {}, false, {0, 26}},
    {A, "slackConfigs", "apiURLFrom", {}, {}, false, {0, 22}},
    {A, "global", "slackAPIURLFrom", "slack_api_url", {}, false, {0, 22}},
    {A, "", "routingKeyFrom", {}, {}, false, {0, 25}},
    {A, "", "serviceKeyFrom", {}, {}, false, {0, 25}},
    {A, "opsgenieConfigs", "apiKeyFrom", {}, {}, false, {0, 24}},
    {A, "global", "opsgenieAPIKeyFrom", {}, {}, false, {0, 24}},
    {A, "victoropsConfigs", "apiKeyFrom", {}, {}, false, {0, 25}},
    {A, "global", "victoropsAPIKeyFrom", {}, {}, false, {0, 25}},
    {A, "", "userKeyFrom", {}, {}, false, {0, 26}},
    {A, "pushoverConfigs", "tokenFrom", {}, {}, false, {0, 26}},
    {A, "", "botTokenFrom", {}, {}, false, {0, 26}},
    {A, "", "webhookURLFrom", {}, {}, false, {0, 27}},
    {A, "wechatConfigs", "apiSecretFrom", {}, {}, false, kNever},
    {A, "global", "wechatAPISecretFrom", {}, {}, false, kNever},
    {A, "sigv4", "secretKeyFrom", {}, {}, false, kNever},
    {A, "rocketchatConfigs", "tokenFrom", {}, {}, false, {0, 28}},
    {A, "rocketchatConfigs", "tokenIDFrom", {}, {}, false, {0, 28}},
    // Alertmanager: since
    {A, "", "telegramConfigs", {}, {0, 24}},
    {A, "", "discordConfigs", {}, {0, 25}},
    {A, "", "webexConfigs", {}, {0, 25}},
    {A, "", "msteamsConfigs", {}, {0, 26}},
    {A, "", "msteamsv2Configs", "msteamsv2_configs", {0, 28}},
    {A, "", "jiraConfigs", {}, {0, 28}},
    {A, "", "rocketchatConfigs", {}, {0, 28}},
    {A, "", "snsConfigs", {}, {0, 23}},
    {A, "global", "jiraAPIURL", "jira_api_url", {0, 28}},
    {A, "global", "rocketchatAPIURL", "rocketchat_api_url", {0, 28}},
    {A, "global", "telegramAPIURL", "telegram_api_url", {0, 24}},
    {A, "global", "webexAPIURL", "webex_api_url", {0, 25}},
    {A, "global", "opsgenieAPIURL", "opsgenie_api_url"},
    {A, "global", "victoropsAPIURL", "victorops_api_url"},
    {A, "global", "wechatAPIURL", "wechat_api_url"},
    {A, "webhookConfigs", "timeout", {}, {0, 28}},
    {A, "telegramConfigs", "messageThreadID", {}, {0, 26}},
    {A, "opsgenieConfigs", "updateAlerts", {}, {0, 22}},
    {A, "opsgenieConfigs", "entity", {}, {0, 22}},
    {A, "opsgenieConfigs", "actions", {}, {0, 22}},
    {A, "pagerdutyConfigs", "source", {}, {0, 25}},
    {A, "pushoverConfigs", "ttl", {}, {0, 26}},
    {A, "pushoverConfigs", "device", {}, {0, 26}},
    {A, "pushoverConfigs", "monospace", {}, {0, 28}},
    {A, "discordConfigs", "content", {}, {0, 28}},
    {A, "discordConfigs", "username", {}, {0, 28}},
    {A, "discordConfigs", "avatarURL", {}, {0, 28}},
    {A, "msteamsConfigs", "summary", {}, {0, 27}},
    {A, "", "sourceMatchers", {}, {0, 22}},
    {A, "", "targetMatchers", {}, {0, 22}},
    {A, "", "location", {}, {0, 25}},
    {A, "", "authorization", {}, {0, 22}},
    {A, "", "oauth2", {}, {0, 22}},
    {A, "", "followRedirects", {}, {0, 22}},
    {A, "", "enableHTTP2", {}, {0, 25}},
    {A, "", "noProxy", {}, {0, 26}},
    {A, "", "proxyFromEnvironment", {}, {0, 26}},
    {A, "", "httpHeaders", {}, {0, 28}},
    {A, "", "minVersion", {}, {0, 25}},
    {A, "", "maxVersion", {}, {0, 25}},
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
    if (program == A && stack.alertmanager && stack.alertmanager->smtp &&
        stack.alertmanager->smtp->passwordFrom) {
        out.push_back({stack.alertmanager->smtp->passwordFrom->secret,
                       {"spec", "alertmanager", "smtp", "passwordFrom", "secret"}});
        out.back().form = SecretForm::trimmedLine;
    }
    return out;
}

}  // namespace vigie::spec
