// First guesses at a field's name, and what to write instead.
#include "spec/first_guesses.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace vigie::spec {
namespace {

/// Other words for fields, as other programs and people have them. `words` without case and separators; the
/// fields that the mapping has and that are still free are meant, in this order.
struct Synonym {
    std::vector<std::string_view> words;
    std::vector<std::string_view> fields;
};

const std::vector<Synonym>& synonyms() {
    static const std::vector<Synonym> kSynonyms = {
        {{"rules", "rule", "alerts", "alertrules", "alertingrules", "recordingrules"},
         {"ruleFiles", "ruleGroups"}},
        {{"match", "matchre", "matches", "matchlabels"}, {"matchers"}},
        {{"password", "passwd", "pass", "pwd"}, {"passwordFrom", "adminPasswordFrom", "authPasswordFrom"}},
        {{"user", "login"}, {"username", "adminUser", "authUsername"}},
        {{"host", "server", "mailserver", "relay"}, {"smarthost"}},
        {{"email", "mail", "recipient", "recipients"}, {"to", "emailConfigs"}},
        {{"sender"}, {"from"}},
        {{"teams"}, {"msteamsv2Configs", "msteamsConfigs"}},
        {{"url", "webhook", "webhookurl", "apiurl", "hook"}, {"apiURLFrom", "webhookURLFrom"}},
        {{"token", "bottoken"}, {"botTokenFrom", "tokenFrom"}},
        {{"key", "apikey", "integrationkey", "routingkey"}, {"apiKeyFrom", "routingKeyFrom", "publicKey"}},
        {{"pubkey", "wgkey", "wireguardkey"}, {"publicKey"}},
        {{"ip", "addr", "ipaddress", "vpnaddress"}, {"address", "vpn"}},
        {{"address", "publicaddress", "publicip", "externalip"}, {"endpoint"}},
        {{"wireguard", "tunnel", "wg"}, {"vpn", "wireguard"}},
        {{"hostname", "fqdn", "id", "title"}, {"name"}},
        {{"path", "dir", "folder", "workdir", "workingdir"}, {"directory"}},
        {{"file", "files", "compose", "composefile"}, {"composeFiles"}},
        {{"env", "environment"}, {"env", "envFile"}},
        {{"version", "tag"}, {"image"}},
        {{"container"}, {"service"}},
        {{"volume", "volumes", "datadir", "storagepath"}, {"dataDirectory"}},
        {{"jobs", "job", "scrape", "targets", "scrapejobs"}, {"scrapeConfigs"}},
        {{"job", "name"}, {"jobName"}},
        {{"target", "targets"}, {"staticConfigs"}},
        {{"relabelconfigs"}, {"relabelings"}},
        {{"metricrelabelconfigs"}, {"metricRelabelings"}},
        {{"writerelabelconfigs"}, {"writeRelabelings"}},
        {{"name"}, {"alert", "record"}},
        {{"query", "expression", "condition", "promql"}, {"expr"}},
        {{"duration", "pending"}, {"for"}},
        {{"summary", "description", "runbook"}, {"annotations"}},
        {{"severity"}, {"labels"}},
        {{"group"}, {"groupBy"}},
        {{"subnet", "cidr", "range", "addresses"}, {"network"}},
        {{"apps", "app", "services"}, {"applications"}},
        {{"exporter", "node", "nodeexporter", "cadvisor", "blackbox", "blackboxexporter", "postgresexporter"},
         {"exporters"}},
        {{"machines", "servers", "nodes"}, {"hosts"}},
        {{"value", "values"}, {"value", "sealed"}},
        {{"targets", "urls", "url"}, {"targets"}},
    };
    return kSynonyms;
}

/// What has no field of its own, in words. A mapping is known by a field that it has, and by one that it has
/// not.
struct Advice {
    std::vector<std::string_view> words;
    std::string_view has;
    std::string_view lacks;
    std::vector<std::string_view> meant;
    std::string_view hint;
};

const std::vector<Advice>& advices() {
    static const std::vector<Advice> kAdvices = {
        {{"host", "hosts", "hostname", "server", "machine"},
         "project",
         "host",
         {"project"},
         "the host is the host of its `project`: write `project: NAME`, and set the host in `spec.projects`"},
        {{"peers", "peer"}, "interface", "peers", {}, "every host of `spec.hosts` with a `vpn` is a peer"},
        {{"allowedips"},
         "vpn",
         "allowedIPs",
         {"routes"},
         "this is derived from `spec.hosts`; networks behind a host are its `routes`"},
        {{"allowedips"},
         "publicKey",
         "allowedIPs",
         {},
         "this is derived from `spec.hosts`; networks behind a host are its `routes`"},
        {{"privatekey"},
         "publicKey",
         "privateKey",
         {},
         "a private key stays on its host, where `vigie keys init` makes it"},
        {{"privatekey"},
         "interface",
         "privateKey",
         {},
         "a private key stays on its host, where `vigie keys init` makes it"},
    };
    return kAdvices;
}

std::string folded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    return out;
}

template <class List, class Value>
bool contains(const List& list, const Value& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

bool hasField(const Schema& schema, std::string_view name) {
    return std::any_of(schema.properties.begin(), schema.properties.end(),
                       [&](const Property& property) { return property.name == name; });
}

std::string quoted(const std::vector<std::string>& names) {
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        out += (i == 0 ? "`" : i + 1 == names.size() ? " or `" : ", `") + names[i] + "`";
    }
    return out;
}

/// Fields that name a secret end in `From`.
bool namesSecret(const std::string& field) {
    constexpr std::string_view kFrom = "From";
    return field.size() > kFrom.size() &&
           std::string_view(field).substr(field.size() - kFrom.size()) == kFrom;
}

Guess didYouMean(std::vector<std::string> names) {
    Guess out{
        "did you mean " + quoted(names) + "?", {}, std::any_of(names.begin(), names.end(), namesSecret)};
    if (out.secret && names.size() == 1) {
        out.hint += " It names a secret, which `vigie seal` makes: `" + names[0] + ": { secret: NAME }`";
    }
    out.meant = std::move(names);
    return out;
}

std::vector<std::string> bySynonym(const std::string& word, const std::vector<std::string>& free) {
    for (const auto& synonym : synonyms()) {
        std::vector<std::string> out;
        for (const auto field : synonym.fields) {
            if (contains(synonym.words, word) && contains(free, field)) {
                out.emplace_back(field);
            }
        }
        if (!out.empty()) {
            return out;
        }
    }
    return {};
}

const Advice* byAdvice(const std::string& word, const Schema& schema) {
    for (const auto& advice : advices()) {
        if (contains(advice.words, word) && hasField(schema, advice.has) && !hasField(schema, advice.lacks)) {
            return &advice;
        }
    }
    return nullptr;
}

/// The one mapping in this one that has such a field, as it is written; empty: none, or several.
Guess oneBelow(std::string_view key, const Schema& schema, const std::vector<std::string>& free) {
    Guess out;
    for (const auto& property : schema.properties) {
        const bool list = property.schema->type == Schema::Type::array;
        const Schema& inner = list ? *property.schema->items : *property.schema;
        if (inner.type != Schema::Type::object || !hasField(inner, key)) {
            continue;
        }
        if (!out.hint.empty()) {
            return {};
        }
        const std::string name(property.name);
        out.hint = "this is a field of `" + name + "`: write `" + name + ": " + (list ? "[{ " : "{ ") +
                   std::string(key) + ": …" + (list ? " }]" : " }") + "`";
        if (contains(free, name)) {
            out.meant = {name};
        }
    }
    return out;
}

}  // namespace

Guess guessField(std::string_view key, const Schema& schema, const std::vector<std::string>& free,
                 const std::vector<Around>& around) {
    if (key == "<<") {
        return {"merge keys are not supported: write out the fields, or use an alias for the whole value",
                {},
                false};
    }
    if (auto slip = slipOf(key, free); !slip.empty()) {
        return didYouMean({std::move(slip)});
    }
    const std::string word = folded(key);
    if (const auto* advice = byAdvice(word, schema)) {
        Guess out{std::string(advice->hint), {}, false};
        for (const auto field : advice->meant) {
            if (contains(free, field)) {
                out.meant.emplace_back(field);
            }
        }
        return out;
    }
    auto below = oneBelow(key, schema, free);
    if (auto names = bySynonym(word, free); !names.empty()) {
        return below.meant == names ? below : didYouMean(std::move(names));
    }
    const bool telling = std::any_of(key.begin(), key.end(), [](unsigned char c) { return std::isupper(c); });
    if (telling && !below.hint.empty()) {
        return below;
    }
    if (auto names = sharingWords(key, free); !names.empty()) {
        return didYouMean(std::move(names));
    }
    if (!below.hint.empty()) {
        return below;
    }
    for (auto outer = around.rbegin(); outer != around.rend(); ++outer) {
        if (hasField(*outer->schema, key)) {
            return {"this is a field of `" + outer->name + "`: is it indented too far?", {}, false};
        }
    }
    if (auto near = nearest(key, free); !near.empty()) {
        return didYouMean({std::move(near)});
    }
    std::vector<std::string> known;
    for (const auto& property : schema.properties) {
        known.emplace_back(property.name);
    }
    return {"known fields: " + join(known, ", "), {}, false};
}

}  // namespace vigie::spec
