// Writes settings of the document in a program's own spelling.

#include "render/settings.hpp"

#include <algorithm>

namespace vigie::render {
namespace {

using Kind = spec::Node::Kind;

bool typed(const spec::Node& value) {
    const auto digits = value.scalar.substr(value.scalar.starts_with("-") ? 1 : 0);
    return value.plain && (value.scalar == "true" || value.scalar == "false" ||
                           (!digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos));
}

/// A mapping or a list with no scalar anywhere in it, such as `httpConfig: { tlsConfig: {} }`.
bool saysNothing(const spec::Node& value) {
    return value.kind != Kind::scalar && value.items.empty() &&
           std::all_of(value.entries.begin(), value.entries.end(),
                       [](const spec::Entry& each) { return saysNothing(each.value); });
}

/// A value whose keys are the user's own.
void verbatim(YamlWriter& yaml, const std::string& name, const spec::Node& value) {
    yaml.map(name, [&] {
        for (const auto& entry : value.entries) {
            if (entry.value.kind == Kind::sequence) {
                yaml.list(entry.key, [&] {
                    for (const auto& item : entry.value.items) {
                        yaml.item(item.scalar);
                    }
                });
            } else {
                yaml.text(entry.key, entry.value.scalar);
            }
        }
    });
}

}  // namespace

SecretValue SettingsWriter::valueOf(const std::string& name) const {
    const auto it = inputs_.secrets.find(name);
    return it == inputs_.secrets.end() ? SecretValue{"missing:" + name, nullptr} : it->second;
}

std::string SettingsWriter::secretPath(const std::string& name) {
    files_.emplace(name, valueOf(name));
    return mount_ + "/" + kSecretsDirectory + "/" + name;
}

void SettingsWriter::secret(YamlWriter& yaml, std::string_view where, std::string_view field,
                            const std::string& name) {
    const std::string key = nameOf(program_, where, field, version_);
    const auto* word = wordFor(program_, where, field);
    const auto since = word == nullptr ? spec::ImageVersion{} : word->fileSince;
    constexpr int kReal = 1000;  // a version of later than this is never
    if (since.major < kReal && (!version_ || *version_ >= since)) {
        yaml.text(key + "_file", secretPath(name));
    } else {
        yaml.secret(key, valueOf(name));
    }
}

void SettingsWriter::headers(YamlWriter& yaml, const std::string& name, const spec::Node& value) {
    yaml.map(name, [&] {
        for (const auto& header : value.items) {
            const auto* values = header.find("values");
            const auto* from = header.find("valueFrom");
            const auto* secret = from == nullptr ? nullptr : from->find("secret");
            const auto* key = header.find("name");
            if (key == nullptr || (values == nullptr && secret == nullptr)) {
                continue;
            }
            yaml.map(key->scalar, [&] {
                if (values != nullptr) {
                    yaml.list("values", [&] {
                        for (const auto& item : values->items) {
                            yaml.item(item.scalar);
                        }
                    });
                }
                if (secret != nullptr) {
                    yaml.list("files", [&] { yaml.item(secretPath(secret->scalar)); });
                }
            });
        }
    });
}

void SettingsWriter::list(YamlWriter& yaml, const std::string& name, const spec::Node& value,
                          std::string_view field) {
    const bool files = program_ == spec::Program::prometheus && field == "files";
    yaml.list(name, [&] {
        for (const auto& item : value.items) {
            if (item.kind == Kind::map) {
                yaml.itemMap([&] { entries(yaml, item, field); });
            } else {
                yaml.item(files ? mount_ + "/" + item.scalar : item.scalar);
            }
        }
    });
}

void SettingsWriter::entry(YamlWriter& yaml, const std::string& field, const spec::Node& value,
                           std::string_view where) {
    const std::string name = nameOf(program_, where, field, version_);
    const auto* word = wordFor(program_, where, field);
    const spec::Setting setting{where, field, value, {}};
    if (const auto secretName = setting.secret()) {
        secret(yaml, where, field, *secretName);
    } else if (value.kind == Kind::scalar && (field == "caFile" || field == "certFile")) {
        yaml.text(name, mount_ + "/" + value.scalar);
    } else if (value.kind == Kind::scalar) {
        if (typed(value)) {
            yaml.node(name, value);
        } else {
            yaml.text(name, value.scalar);
        }
    } else if (saysNothing(value)) {
        // a key without a value is no mapping to the program, and Alertmanager dies of one
    } else if (field == "httpHeaders") {
        headers(yaml, name, value);
    } else if (word != nullptr && word->verbatim) {
        verbatim(yaml, name, value);
    } else if (value.kind == Kind::map) {
        yaml.map(name, [&] { entries(yaml, value, field); });
    } else {
        list(yaml, name, value, field);
    }
}

void SettingsWriter::entries(YamlWriter& yaml, const spec::Node& settings, std::string_view where) {
    for (const auto& each : settings.entries) {
        if (each.key != "raw") {
            entry(yaml, each.key, each.value, where);
        }
    }
    if (const auto* raw = settings.find("raw")) {
        for (const auto& each : raw->entries) {
            yaml.node(each.key, each.value);
        }
    }
}

void SettingsWriter::items(YamlWriter& yaml, const std::vector<spec::Node>& list, std::string_view where) {
    for (const auto& item : list) {
        yaml.itemMap([&] { entries(yaml, item, where); });
    }
}

}  // namespace vigie::render
