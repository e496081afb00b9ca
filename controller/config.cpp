// /etc/vigie/vigie.yaml: reading and checking it.
#include "controller/config.hpp"

#include "base/error.hpp"
#include "base/redact.hpp"
#include "base/secure.hpp"
#include "controller/credentials.hpp"
#include "controller/describe_config.hpp"
#include "spec/check_schema.hpp"
#include "spec/diagnostics.hpp"
#include "spec/fields.hpp"
#include "spec/format.hpp"
#include "spec/format_path.hpp"
#include "spec/read_yaml.hpp"
#include "spec/schema.hpp"
#include "system/own_file.hpp"
#include "system/real_files.hpp"

#include <cstdlib>
#include <optional>
#include <set>

namespace vigie::controller {
namespace {

/// The text at a path of keys; empty when absent.
std::string text(const spec::Node& root, std::initializer_list<std::string_view> keys) {
    const spec::Node* node = &root;
    for (const auto key : keys) {
        node = node->find(key);
        if (node == nullptr) {
            return {};
        }
    }
    return node->scalar;
}

/// Where the controller listens; an empty list says: nowhere.
std::vector<std::string> listenAddresses(const spec::Node& root) {
    const auto* http = root.find("http");
    const auto* list = http == nullptr ? nullptr : http->find("listen");
    if (list == nullptr) {
        return {"127.0.0.1:9469"};
    }
    std::vector<std::string> out;
    for (const auto& item : list->items) {
        out.push_back(item.scalar);
    }
    return out;
}

/// What follows from other fields, or is written in several ways.
void complete(Config& config) {
    auto& source = config.source;
    config.root = system::normalRoot(config.root);
    if (source.branch.empty() && source.tag.empty() && source.commit.empty()) {
        source.branch = "main";
    }
    source.path = spec::plainDirectory(source.path);
    source.allowRewind = source.allowRewind || !source.commit.empty();
    if (source.retryInterval.count() == 0) {
        source.retryInterval = source.interval;
    }
    for (auto& name : config.http.names) {
        name = lowerCase(name);
    }
}

/// What no schema can say of `http` and `hooks`.
void checkHttp(const spec::Node& root, const spec::Reporter& report) {
    const auto listen = listenAddresses(root);
    if (listen.empty() && !text(root, {"hooks", "secretFile"}).empty()) {
        report.error(code::VG0105, spec::FieldPath{"http", "listen"},
                     "`listen` is empty, so no webhook can arrive",
                     "add an address that the git server reaches, or leave `hooks` away");
    }
    std::set<std::string> seen;
    for (std::size_t i = 0; i < listen.size(); ++i) {
        if (!seen.insert(listen[i]).second) {
            report.error(code::VG0107, spec::FieldPath{"http", "listen"}[i],
                         "`listen` has `" + listen[i] + "` twice", "leave one of them away");
        }
    }
}

/// Exactly one of branch, tag and commit says what is followed.
void checkFollowed(const spec::Node& root, const spec::Reporter& report) {
    std::string first;
    for (const auto* key : {"branch", "tag", "commit"}) {
        if (text(root, {"source", key}).empty()) {
            continue;
        }
        if (!first.empty()) {
            report.error(code::VG0104, spec::FieldPath{"source", key},
                         "`" + std::string(key) + "` stands beside `" + first + "`",
                         "one of `branch`, `tag` and `commit` says what is followed");
        }
        first = key;
    }
}

}  // namespace

void fromText(std::string_view text, WrittenDuration& duration) {
    duration.value = std::chrono::milliseconds(spec::parseDuration(text).value_or(0));
}

void fromText(std::string_view text, WrittenSize& size) {
    size.value = spec::parseByteSize(text).value_or(0);
}

std::string Config::Source::followed() const {
    return !commit.empty() ? "commit " + commit : !tag.empty() ? "tag " + tag : "branch " + branch;
}

std::vector<std::string> Config::Http::pages() const {
    std::vector<std::string> out;
    for (const auto& address : listen) {
        out.push_back((certFile.empty() ? "http://" : "https://") + address + "/");
    }
    return out;
}

Config readConfig(const std::string& path) {
    constexpr std::uint64_t kLargest = 1U << 20U;
    const std::string source(view(system::RealFiles("", system::Links::asTyped).read(path, kLargest)));
    spec::Diagnostics diagnostics;
    auto root = spec::readYaml(source, path, diagnostics);
    if (root) {
        const spec::Reporter report(diagnostics, path, &*root);
        spec::checkSchema(*root, spec::configSchema(), report);
        checkHttp(*root, report);
        checkFollowed(*root, report);
        constexpr std::int64_t kShortest = 1000;
        for (const auto* key : {"interval", "timeout", "retryInterval"}) {
            const auto given = text(*root, {"source", key});
            const auto value = spec::parseDuration(given);
            if (value && *value < kShortest) {
                report.error(code::VG0105, spec::FieldPath{"source", key},
                             "`" + std::string(key) + "` cannot be " + given,
                             "at least one second: write `1s`");
            }
        }
    }
    if (!root || diagnostics.hasErrors()) {
        diagnostics.sort();
        std::string message = "the configuration has mistakes:\n";
        for (const auto& diagnostic : diagnostics.all()) {
            message += format(diagnostic, source, false);
        }
        throw InvalidConfig(message);
    }
    Config out;
    const spec::NodeReader io(*root);
    describe(io, out);
    out.http.listen = listenAddresses(*root);
    complete(out);
    return out;
}

std::vector<std::string*> filesThatMayBeCredentials(Config& config) {
    return {&config.auth.sshKey,  &config.auth.knownHosts, &config.auth.tokenFile,
            &config.auth.caFile,  &config.http.tokenFile,  &config.http.certFile,
            &config.http.keyFile, &config.hooks.secretFile};
}

std::vector<std::pair<const char*, std::string>> filesOf(const Config& config) {
    return {{"auth.sshKey", config.auth.sshKey},
            {"auth.knownHosts", config.auth.knownHosts},
            {"auth.tokenFile", config.auth.tokenFile},
            {"auth.caFile", config.auth.caFile},
            {"http.tokenFile", config.http.tokenFile},
            {"http.tls.cert", config.http.certFile},
            {"http.tls.key", config.http.keyFile},
            {"hooks.secretFile", config.hooks.secretFile},
            {"verify.allowedSigners", config.verify.allowedSigners}};
}

Config loadConfig(const std::string& path) {
    system::requireOwn("the configuration", path);
    Config out = readConfig(path);
    const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");  // NOLINT(concurrency-mt-unsafe)
    for (auto* file : filesThatMayBeCredentials(out)) {
        *file = credentialPath(*file, credentials);
    }
    for (const auto& [field, file] : filesOf(out)) {
        if (!file.empty() && field != std::string_view("verify.allowedSigners")) {  // is judged at each look
            system::requireOwn(field, file);
        }
    }
    return out;
}

}  // namespace vigie::controller
