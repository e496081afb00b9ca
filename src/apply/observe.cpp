#include "apply/observe.hpp"

#include "base/error.hpp"
#include "render/alertmanager.hpp"
#include "render/prometheus.hpp"
#include "spec/read_yaml.hpp"

#include <nlohmann/json.hpp>

namespace vigie::apply {
namespace {

using nlohmann::json;

json getJson(system::Http& http, const std::string& url) {
    const auto response = http.send({"GET", url, {}});
    constexpr int kOk = 200;
    auto body = json::parse(response.body, nullptr, false);
    if (response.status != kOk || body.is_discarded()) {
        throw Error("GET " + url + " answered " + std::to_string(response.status));
    }
    return body;
}

/// The value behind a path of keys, or null.
const json& at(const json& value, std::initializer_list<const char*> keys) {
    static const json kNull;
    const json* here = &value;
    for (const char* key : keys) {
        if (!here->is_object() || !here->contains(key)) {
            return kNull;
        }
        here = &(*here)[key];
    }
    return *here;
}

std::string text(const json& value) {
    return value.is_string() ? value.get<std::string>() : std::string();
}

/// The digest that our rule carries among the loaded rules.
/// Source: Prometheus' HTTP API, `GET /api/v1/rules`: data.groups[].rules[].{name,labels}.
std::string prometheusDigest(const json& rules) {
    for (const auto& group : at(rules, {"data", "groups"})) {
        for (const auto& rule : at(group, {"rules"})) {
            if (text(at(rule, {"name"})) == render::kPrometheusProof) {
                return text(at(rule, {"labels", "digest"}));
            }
        }
    }
    return {};
}

/// YAML that a program printed of its own configuration.
spec::Node parse(const std::string& yaml) {
    spec::Diagnostics ignored;
    return spec::readYaml(yaml, "", ignored).value_or(spec::Node{});
}

std::vector<std::string> jobsOf(const spec::Node& configuration) {
    std::vector<std::string> out;
    if (const auto* jobs = configuration.find("scrape_configs")) {
        for (const auto& job : jobs->items) {
            const auto* name = job.find("job_name");
            out.push_back(name == nullptr ? "" : name->scalar);
        }
    }
    return out;
}

std::string alertmanagerDigest(const spec::Node& configuration) {
    const std::string_view prefix = render::kAlertmanagerProof;
    if (const auto* receivers = configuration.find("receivers")) {
        for (const auto& receiver : receivers->items) {
            const auto* name = receiver.find("name");
            if (name != nullptr && name->scalar.substr(0, prefix.size()) == prefix) {
                return name->scalar.substr(prefix.size());
            }
        }
    }
    return {};
}

plan::ObservedFile observeFile(const system::Files& files, const std::string& path) {
    plan::ObservedFile out;
    out.info = files.inspect(path);
    if (out.info.type == FileInfo::Type::regular) {
        out.bytes = files.read(path, system::kLargestFile);
    }
    return out;
}

}  // namespace

plan::ObservedReload observeReload(const render::Reload& reload, system::Http& http) {
    plan::ObservedReload out;
    try {
        if (reload.program == render::Reload::Program::prometheus) {
            out.digest = prometheusDigest(getJson(http, reload.baseUrl + "/api/v1/rules"));
            const auto status = getJson(http, reload.baseUrl + "/api/v1/status/config");
            out.jobs = jobsOf(parse(text(at(status, {"data", "yaml"}))));
        } else {
            const auto status = getJson(http, reload.baseUrl + "/api/v2/status");
            out.digest = alertmanagerDigest(parse(text(at(status, {"config", "original"}))));
        }
        out.answered = true;
    } catch (const Error& error) {
        out.problem = error.what();
    }
    return out;
}

plan::Observed observe(const std::vector<render::Resource>& desired, const state::Inventory& inventory,
                       const plan::Options& options, const system::System& system) {
    plan::Observed out;
    out.canChown = system.files.canChown();
    for (const auto& resource : desired) {
        if (const auto* file = std::get_if<render::File>(&resource.what)) {
            out.files[resource.id] = observeFile(system.files, file->path);
        } else if (const auto* directory = std::get_if<render::Directory>(&resource.what)) {
            out.files[resource.id].info = system.files.inspect(directory->path);
        } else if (const auto* reload = std::get_if<render::Reload>(&resource.what);
                   reload != nullptr && options.activation == plan::Activation::reload) {
            out.reloads[resource.id] = observeReload(*reload, system.http);
        }
    }
    for (const auto& [id, owned] : inventory) {
        const auto colon = id.find(':');
        if (id.substr(0, colon) == "file" || id.substr(0, colon) == "directory") {
            auto& observed = out.files[id];
            if (!observed.info.exists()) {
                observed.info = system.files.inspect(id.substr(colon + 1));
            }
        }
    }
    return out;
}

}  // namespace vigie::apply
