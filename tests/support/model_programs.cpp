// What a modelled Prometheus or Alertmanager has loaded, and how it answers.

#include "tests/support/model_programs.hpp"

#include "base/error.hpp"
#include "spec/read_yaml.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace vigie::tests {
namespace {

using nlohmann::json;
using system::HttpRequest;
using system::HttpResponse;

/// The user of a container, by number; `nobody` where the image has its name.
unsigned userOf(const ModelContainer& container) {
    constexpr unsigned kNobody = 65534;
    unsigned out = 0;
    for (const char c : container.user.substr(0, container.user.find(':'))) {
        if (c < '0' || c > '9') {
            return kNobody;
        }
        out = out * 10 + static_cast<unsigned>(c - '0');
    }
    return container.user.empty() ? kNobody : out;
}

bool isPrometheus(const ModelContainer& container) {
    return container.image.compare(0, 15, "prom/prometheus") == 0;
}

bool isAlertmanager(const ModelContainer& container) {
    return container.image.compare(0, 17, "prom/alertmanager") == 0;
}

std::string keyOf(const ModelContainer& container) {
    return container.label("com.docker.compose.project") + "/" +
           container.label("com.docker.compose.service");
}

std::string option(const ModelContainer& container, const std::string& name) {
    for (const auto& argument : container.command) {
        if (argument.compare(0, name.size() + 1, name + "=") == 0) {
            return argument.substr(name.size() + 1);
        }
    }
    return {};
}

/// The path below which it answers, without a slash at the end.
std::string prefixOf(const ModelContainer& container) {
    std::string out = option(container, "--web.route-prefix");
    const std::string url = option(container, "--web.external-url");
    if (out.empty() && !url.empty()) {
        const auto slash = url.find('/', url.find("://") + 3);
        out = slash == std::string::npos ? "" : url.substr(slash);
    }
    while (!out.empty() && out.back() == '/') {
        out.pop_back();
    }
    return out;
}

std::optional<spec::Node> parse(const std::string& text) {
    spec::Diagnostics diagnostics;
    auto out = spec::readYaml(text, "", diagnostics);
    return diagnostics.hasErrors() ? std::nullopt : out;
}

}  // namespace

ModelPrograms::ModelPrograms(Fuse& fuse, ModelFiles& files, ModelEngine& engine, const ModelTunnel& tunnel)
    : fuse_(fuse), files_(files), engine_(engine), tunnel_(tunnel) {
    engine.onStart = [this](ModelContainer& container) { return started(container); };
    engine.onStop = [this](const ModelContainer& container) { stopped(container); };
}

std::string ModelPrograms::dataOf(const ModelContainer& container) {
    return container.outside(
        option(container, isPrometheus(container) ? "--storage.tsdb.path" : "--storage.path"));
}

/// Alertmanager writes its silences down when it ends.
void ModelPrograms::stopped(const ModelContainer& container) {
    const auto directory = files_.entries.find(dataOf(container));
    if (loaded.erase(keyOf(container)) != 0 && isAlertmanager(container) &&
        (directory == files_.entries.end() || directory->second.info.owner.uid != userOf(container))) {
        ++lostSnapshots;
    }
}

bool ModelPrograms::started(ModelContainer& container) {
    if (!isPrometheus(container) && !isAlertmanager(container)) {
        return true;
    }
    const auto now = read(container);
    const std::string data = dataOf(container);
    const auto directory = files_.entries.find(data);
    const unsigned user = userOf(container);
    if (!now || directory == files_.entries.end() || directory->second.info.owner.uid != user) {
        return false;  // a bad configuration, or `queries.active: permission denied`
    }
    files_.put(data + (isPrometheus(container) ? "/queries.active" : "/nflog"), kData, 0644, {user, user});
    loaded[keyOf(container)] = *now;
    return true;
}

std::optional<ModelLoaded> ModelPrograms::read(const ModelContainer& container) const {
    const std::string inside = option(container, "--config.file");
    const std::string path = container.outside(inside);
    const auto text = files_.text(path);
    const auto root = text ? parse(*text) : std::nullopt;
    if (!root || root->kind != spec::Node::Kind::map) {
        return std::nullopt;
    }
    ModelLoaded out{*text, {}};
    if (isPrometheus(container)) {
        const auto rules = rulesOf(*text, path.substr(0, path.rfind('/')));
        if (!rules) {
            return std::nullopt;
        }
        out.rules = *rules;
    }
    return out;
}

/// The rules of all files; a file that is missing brings none, one that is broken breaks everything.
std::optional<std::string> ModelPrograms::rulesOf(const std::string& configuration,
                                                  const std::string& directory) const {
    json groups = json::array();
    const auto root = parse(configuration);
    const auto* names = root->find("rule_files");
    for (const auto& name : names == nullptr ? std::vector<spec::Node>{} : names->items) {
        const auto text = files_.text(directory + "/" + name.scalar);
        if (!text) {
            continue;
        }
        const auto file = parse(*text);
        if (!file) {
            return std::nullopt;
        }
        const auto* list = file->find("groups");
        for (const auto& group : list == nullptr ? std::vector<spec::Node>{} : list->items) {
            json rules = json::array();
            const auto* each = group.find("rules");
            for (const auto& rule : each == nullptr ? std::vector<spec::Node>{} : each->items) {
                const auto* record = rule.find("record");
                json labels = json::object();
                if (const auto* pairs = rule.find("labels")) {
                    for (const auto& pair : pairs->entries) {
                        labels[pair.key] = pair.value.scalar;
                    }
                }
                rules.push_back({{"name", record == nullptr ? "" : record->scalar}, {"labels", labels}});
            }
            groups.push_back({{"rules", rules}});
        }
    }
    return json{{"status", "success"}, {"data", {{"groups", groups}}}}.dump();
}

HttpResponse ModelPrograms::reload(const ModelContainer& container) {
    const auto& command = container.command;
    if (isPrometheus(container) &&
        std::find(command.begin(), command.end(), "--web.enable-lifecycle") == command.end()) {
        return {403, "Lifecycle API is not enabled."};
    }
    const auto now = read(container);
    auto& had = loaded[keyOf(container)];
    if (refuseReloads > 0 && --refuseReloads >= 0) {
        if (refusedInPart && isPrometheus(container) && now) {
            had.configuration = now->configuration;
        }
        return {500,
                "failed to reload config: one or more errors occurred while applying the new configuration"};
    }
    if (!now) {
        return {500, "failed to reload config: couldn't load configuration"};
    }
    had = *now;
    return {200, {}};
}

/// Silences stay for a time after they have ended, as in Alertmanager.
HttpResponse ModelPrograms::silence(const HttpRequest& request, const std::string& path,
                                    std::vector<ModelSilence>& all) {
    if (request.method == "GET" && path == "/api/v2/silences") {
        json out = json::array();
        for (const auto& each : all) {
            auto body = json::parse(each.body);
            body["id"] = each.id;
            body["status"] = {{"state", each.ended ? "expired" : "active"}};
            out.push_back(body);
        }
        return {200, out.dump()};
    }
    try {
        fuse_.mutate(request.method + " " + request.url);
    } catch (const Fault& fault) {
        throw Error("no answer from " + request.url + ": " + fault.why);
    }
    std::string id = path.substr(path.rfind('/') + 1);
    if (request.method == "POST" && path == "/api/v2/silences") {
        auto body = json::parse(request.body);
        id = body.value("id", "");
        body.erase("id");
        auto lasting = body;
        lasting.erase("startsAt");
        all.push_back({"silence-" + std::to_string(all.size()), body.dump(), lasting.dump()});
    } else if (request.method != "DELETE") {
        throw std::logic_error("the model does not know " + request.method + " " + request.url);
    }
    for (auto& each : all) {
        each.ended = each.ended || each.id == id;
    }
    return {200, request.method == "POST" ? json{{"silenceID", all.back().id}}.dump() : ""};
}

HttpResponse ModelPrograms::send(const HttpRequest& request) {
    if (const auto other = others.find(request.url); other != others.end()) {
        fuse_.look();
        return {other->second, ""};
    }
    const std::string scheme = "http://";
    const auto slash = request.url.find('/', scheme.size());
    const auto colon = request.url.rfind(':', slash);
    const std::string address = request.url.substr(scheme.size(), colon - scheme.size());
    const bool brackets = address.size() > 2 && address.front() == '[';
    std::string path = request.url.substr(slash);
    fuse_.look();
    const auto* container = engine_.publishing(address, request.url.substr(colon + 1, slash - colon - 1));
    if (container == nullptr ||
        !tunnel_.hasAddress(brackets ? address.substr(1, address.size() - 2) : address)) {
        throw Error("cannot connect to " + request.url);
    }
    const auto prefix = prefixOf(*container);
    if (path.compare(0, prefix.size() + 1, prefix + "/") != 0) {
        return {404, {}};
    }
    path.erase(0, prefix.size());
    if (request.method == "POST" && path == "/-/reload") {
        try {
            fuse_.mutate("POST " + request.url);
        } catch (const Fault& fault) {
            throw Error("no answer from " + request.url + ": " + fault.why);
        }
        return reload(*container);
    }
    const auto it = loaded.find(keyOf(*container));
    if (it == loaded.end()) {
        throw Error("cannot connect to " + request.url);
    }
    if (path == "/api/v1/rules") {
        return {200, it->second.rules};
    }
    if (path == "/api/v1/status/config") {
        return {200, json{{"data", {{"yaml", it->second.configuration}}}}.dump()};
    }
    if (path == "/api/v2/status") {
        return {200, json{{"config", {{"original", it->second.configuration}}}}.dump()};
    }
    if (isAlertmanager(*container) && path.compare(0, 15, "/api/v2/silence") == 0) {
        return silence(request, path, silences[keyOf(*container)]);
    }
    throw std::logic_error("the model does not know " + request.method + " " + request.url);
}

}  // namespace vigie::tests
