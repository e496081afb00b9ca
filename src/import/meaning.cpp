// Flattens configurations to values that can be compared, and masks secrets in them.

#include "import/meaning.hpp"

#include "base/redact.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace vigie::imports {
namespace {

using spec::Node;

bool holdsSecret(const std::string& key) {
    static constexpr std::array<std::string_view, 7> kOthers = {
        "slack_api_url", "api_url", "webhook_url", "user_key", "integration_key", "client_key", "access_key"};
    return redactLine(key + ": x") != key + ": x" || key == "secret" ||
           std::find(kOthers.begin(), kOthers.end(), key) != kOthers.end();
}

void mask(Node& value, const std::string& what, const std::string& file, std::vector<Finding>& findings) {
    findings.push_back({"lost", file, static_cast<int>(value.at.line),
                        "the secret in `" + printable(what) + "` is not written into the document",
                        "write the secret into a file on the host, and name that file instead (`…_file`) if "
                        "the program has such a field"});
    value = Node::text(kSecretMask);
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// A path or an address with a query, in which tokens are handed over; no matcher, regex or template.
bool queryWithValue(const std::string& key, const std::string& text) {
    const auto query = text.find('?');
    return query != std::string::npos && key != "regex" && text.find('=', query) != std::string::npos &&
           text.find_first_of(" \t\n\"{}<>|()") == std::string::npos;
}

class Masker {
public:
    Masker(const std::string& file, const std::vector<std::string>& sealed, std::vector<Finding>& findings)
        : file_(file), sealed_(sealed), findings_(findings) {}

    /// Masks below `key`.
    void inside(Node& node, const std::string& key) {
        for (auto& entry : node.entries) {
            if (contains(sealed_, entry.key)) {
                entry.value = Node::text(kSecretMask);
            } else if (contains(kAllSecret, entry.key)) {
                everything(entry.value, entry.key);
            } else if (!isEmpty(entry.value) && secret(key, entry)) {
                mask(entry.value, entry.key, file_, findings_);
            } else {
                inside(entry.value, entry.key);
            }
        }
        for (auto& item : node.items) {
            if (item.kind == Node::Kind::scalar &&
                (urlWithSecret(item.scalar) || queryWithValue(key, item.scalar))) {
                mask(item, "a list's URL", file_, findings_);
            } else {
                inside(item, key);
            }
        }
    }

private:
    /// Headers and the parameters of a token request: their names do not show which of them is a secret.
    static const inline std::vector<std::string> kAllSecret = {"headers", "http_headers",
                                                               "proxy_connect_header", "endpoint_params"};
    /// As parameters of a request these are secrets; elsewhere they are plain words.
    static const inline std::vector<std::string> kParameters = {"key",  "auth", "authorization", "sig",
                                                                "code", "sign", "signature",     "session"};

    static bool isEmpty(const Node& value) {
        return value.scalar.empty() && value.items.empty() && value.entries.empty();
    }

    static bool secret(const std::string& parent, const spec::Entry& entry) {
        const auto& text = entry.value.scalar;
        const bool address =
            entry.key.ends_with("path") || entry.key.ends_with("prefix") || entry.key.ends_with("url");
        return holdsSecret(entry.key) || (parent == "webhook_configs" && entry.key == "url") ||
               (parent == "params" && contains(kParameters, lowerCase(entry.key))) || urlWithSecret(text) ||
               (address && text.find('?') != std::string::npos) || queryWithValue(entry.key, text);
    }

    void everything(Node& node, const std::string& what) {
        if (node.kind == Node::Kind::scalar && !node.scalar.empty()) {
            mask(node, what, file_, findings_);
        }
        for (auto& entry : node.entries) {
            if (entry.key != "files") {
                everything(entry.value, what + "." + entry.key);
            }
        }
        for (auto& item : node.items) {
            everything(item, what);
        }
    }

    const std::string& file_;
    const std::vector<std::string>& sealed_;
    std::vector<Finding>& findings_;
};

/// What names an item of a list.
std::string itemKey(const std::string& path, const Node& item, std::size_t index) {
    for (const char* name : {"job_name", "name"}) {
        if (const auto* found = item.find(name)) {
            return found->scalar;
        }
    }
    const auto& text = item.scalar;
    if (path.ends_with(".ports")) {
        const auto* target = item.find("target");
        const std::string inside = target != nullptr ? target->scalar : text.substr(text.rfind(':') + 1);
        return inside;
    }
    if (path.ends_with(".volumes")) {
        if (const auto* target = item.find("target")) {
            return target->scalar;
        }
        const auto parts = split(text, ':');
        return std::string(parts.size() > 1 ? parts[1] : parts[0]);
    }
    if (path.ends_with(".command") && text.starts_with("--")) {  // another word may be an option's secret
        return text.substr(0, text.find_first_of("= "));
    }
    if (path.ends_with("rule_files")) {
        return text.substr(text.rfind('/') + 1);
    }
    if (path.ends_with(".depends_on")) {
        return text;
    }
    return std::to_string(index);
}

void flatten(const Node& node, const std::string& path, std::map<std::string, std::string>& out) {
    for (const auto& entry : node.entries) {
        flatten(entry.value, path.empty() ? entry.key : path + "." + entry.key, out);
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const auto& item = node.items[i];
        const auto equals = item.scalar.find('=');
        if (equals != std::string::npos && (path.ends_with(".environment") || path.ends_with(".labels"))) {
            out[path + "." + item.scalar.substr(0, equals)] = item.scalar.substr(equals + 1);
        } else if (path.ends_with(".ports") && item.kind == Node::Kind::map) {
            const auto part = [&](const char* key) {
                const auto* found = item.find(key);
                return found == nullptr || found->scalar.empty() ? "" : found->scalar + ":";
            };
            out[path + "[" + itemKey(path, item, i) + "]"] =
                part("host_ip") + part("published") + itemKey(path, item, i);
        } else {
            flatten(item, path + "[" + itemKey(path, item, i) + "]", out);
        }
    }
    if (node.kind == Node::Kind::scalar) {
        out[path] = node.scalar;
    }
}

/// Whether a compose file's value at this path can hold no secret.
bool harmless(const std::string& path) {
    static constexpr std::array<std::string_view, 7> kPlain = {".image",
                                                               ".user",
                                                               ".restart",
                                                               ".container_name",
                                                               ".network_mode",
                                                               ".labels.dev.vigie.config",
                                                               ".environment.PGPASSFILE"};
    return path == "name" ||
           std::any_of(kPlain.begin(), kPlain.end(),
                       [&](std::string_view end) { return path.ends_with(end); }) ||
           path.find(".ports[") != std::string::npos || path.find(".volumes[") != std::string::npos ||
           path.find(".depends_on") != std::string::npos ||
           path.find(".command[--storage.") != std::string::npos ||
           path.find(".command[--config.") != std::string::npos;
}

bool otlp(const std::string& value) {
    return value.starts_with("http://") && !urlWithSecret(value) &&
           (value.find(":4317") != std::string::npos || value.find(":4318") != std::string::npos);
}

}  // namespace

bool urlWithSecret(const std::string& text) {
    const auto scheme = text.find("://");
    if (scheme == std::string::npos) {
        return false;
    }
    const std::string_view rest = std::string_view(text).substr(scheme + 3);
    const auto authority = rest.substr(0, rest.find('/'));
    if (authority.find('@') != std::string_view::npos || rest.find('?') != std::string_view::npos) {
        return true;
    }
    constexpr std::ptrdiff_t kLong = 16;
    std::ptrdiff_t run = 0;
    bool digit = false;
    for (const char c : rest.substr(authority.size())) {
        const bool word = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
        run = word ? run + 1 : 0;
        digit = word && (digit || std::isdigit(static_cast<unsigned char>(c)) != 0);
        if (run >= kLong && digit) {
            return true;
        }
    }
    return false;
}

void maskSecrets(Node& node, const std::string& file, const std::vector<std::string>& sealed,
                 std::vector<Finding>& findings) {
    Masker{file, sealed, findings}.inside(node, "");
}

void dropMasked(Node& node) {
    const auto masked = [](const Node& value) {
        return value.kind == Node::Kind::scalar && value.scalar == kSecretMask;
    };
    node.entries.erase(std::remove_if(node.entries.begin(), node.entries.end(),
                                      [&](const auto& entry) { return masked(entry.value); }),
                       node.entries.end());
    node.items.erase(std::remove_if(node.items.begin(), node.items.end(), masked), node.items.end());
    for (auto& entry : node.entries) {
        const bool had = !entry.value.entries.empty();
        dropMasked(entry.value);
        if (had && entry.value.entries.empty()) {
            entry.value = Node::text(kSecretMask);  // nothing is left of it
        }
    }
    node.entries.erase(std::remove_if(node.entries.begin(), node.entries.end(),
                                      [&](const auto& entry) { return masked(entry.value); }),
                       node.entries.end());
    for (auto& item : node.items) {
        dropMasked(item);
    }
}

std::map<std::string, std::string> meaningOf(const Node& root) {
    std::map<std::string, std::string> out;
    flatten(root, "", out);
    return out;
}

std::map<std::string, std::string> composeMeaning(const Node& root) {
    auto out = meaningOf(root);
    for (auto& [path, value] : out) {
        if (path.find("connectionString") != std::string::npos) {
            value = redactLine(value);
        } else if (!harmless(path) && !otlp(value) &&
                   path.find(".command[--web.enable-lifecycle]") == std::string::npos) {
            value = kSecretMask;
        }
    }
    return out;
}

}  // namespace vigie::imports
