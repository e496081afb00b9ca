// Asks what a program has loaded, and makes it load its configuration.

#include "kinds/reload/loaded.hpp"

#include "apply/http_api.hpp"
#include "apply/probes/asked_program.hpp"
#include "apply/probes/container_log.hpp"
#include "apply/rejected.hpp"
#include "base/complaint.hpp"
#include "base/md5.hpp"
#include "base/one_line.hpp"
#include "base/parse_json.hpp"
#include "base/text.hpp"
#include "render/alertmanager.hpp"
#include "render/prometheus.hpp"
#include "spec/read_yaml.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>

namespace vigie::apply {
namespace {

using nlohmann::json;

constexpr int kOk = 200;
constexpr int kForbidden = 403;
constexpr int kRefused = 500;  // with the reason; the rules may be old and the jobs new by then
constexpr auto kPause = std::chrono::milliseconds(100);
constexpr std::size_t kEnoughOfAReason = 2000;

/// Its words quote the configuration. Of one that is not ours they are not shown: whatever stands in it, in
/// any field, may be a secret.
std::string answered(const std::string& url, const system::HttpResponse& response, bool ours) {
    const std::string said = "POST " + url + " " + answeredWith(response.status);
    return ours ? said + ": " +
                      shownLines(utf8Prefix(showableComplaint(trim(response.body)), kEnoughOfAReason), "")
                : said + "; its reason, which may quote a file that is not ours, is in its own log";
}

/// How a program is asked for all that it has loaded.
system::HttpRequest asked(const std::string& url) {
    system::HttpRequest out;
    out.url = url;
    out.maxBytes = system::kLargeAnswer;
    return out;
}

json jsonOf(const system::HttpResponse& response, const std::string& url) {
    auto body = parseJson(response.body);
    if (response.status != kOk) {
        throw Error("GET " + url + " " + answeredWith(response.status));
    }
    if (body.is_discarded()) {
        throw Error("GET " + url + ": what it answers is no JSON, or too much of it");
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

/// As Alertmanager names a configuration in its metric `alertmanager_config_hash`: the first 48 bits of the
/// file's MD5, little end first. Source: Alertmanager, config/coordinator.go.
std::string hashOfFile(std::string_view bytes) {
    constexpr std::size_t kBytes = 6;
    const auto sum = md5(bytes);
    std::uint64_t out = 0;
    for (std::size_t i = kBytes; i > 0; --i) {
        out = (out << 8U) | sum[i - 1];
    }
    return std::to_string(out);
}

/// The same of what Alertmanager has loaded; a reload that failed leaves the old one.
std::string hashLoaded(const std::string& metrics) {
    constexpr std::string_view kName = "alertmanager_config_hash ";
    for (const auto line : splitLines(metrics)) {
        if (line.substr(0, kName.size()) == kName) {
            // What is no such number is another hash than any: to convert it would mean anything.
            constexpr double kAbove = 281474976710656.0;  // 2⁴⁸
            const double hash = std::strtod(std::string(line.substr(kName.size())).c_str(), nullptr);
            return hash >= 0 && hash < kAbove ? std::to_string(static_cast<std::uint64_t>(hash))
                                              : std::string();
        }
    }
    return {};
}

std::string hashOnHost(const std::string& path, const system::Files& files) {
    return files.inspect(path).type == FileInfo::Type::regular
               ? hashOfFile(view(files.read(path, system::kLargestFile)))
               : std::string();
}

void observePrometheus(AskedProgram& program, plan::ObservedReload& out) {
    const std::string rules = program.base() + "/api/v1/rules";
    const std::string config = program.base() + "/api/v1/status/config";
    const auto answers = program.sendAll({asked(rules), asked(config)});
    out.digest = prometheusDigest(jsonOf(answers.at(0), rules));
    const auto status = jsonOf(answers.at(1), config);
    out.jobs = jobsOf(parse(text(at(status, {"data", "yaml"}))));
}

std::string metricsOf(AskedProgram& program) {
    auto metrics = program.send(asked(program.base() + "/metrics"));
    if (metrics.status != kOk) {
        throw Error("GET " + program.base() + "/metrics " + answeredWith(metrics.status));
    }
    return std::move(metrics.body);
}

std::string alertmanagerHash(AskedProgram& program) {
    return hashLoaded(metricsOf(program));
}

std::string alertmanagerProof(AskedProgram& program) {
    const std::string url = program.base() + "/api/v2/status";
    const auto status = jsonOf(program.send(asked(url)), url);
    return alertmanagerDigest(parse(text(at(status, {"config", "original"}))));
}

/// What a program says of its latest reload, however that was asked for.
struct LastReload {
    bool successful = false;
    std::string succeeded;  ///< when one last did, as it writes the time; empty: it does not say
};

/// Source: the metrics of both programs, `prometheus_config_last_reload_…` and `alertmanager_config_…`.
LastReload lastReload(AskedProgram& program, render::ConfiguredProgram::Program kind) {
    const std::string name = kind == render::ConfiguredProgram::Program::prometheus
                                 ? "prometheus_config_last_reload_"
                                 : "alertmanager_config_last_reload_";
    const auto metrics = metricsOf(program);
    LastReload out;
    for (const auto line : splitLines(metrics)) {
        const auto value = [&](const char* of) -> std::optional<std::string> {
            const auto start = name + of + " ";
            return line.starts_with(start) ? std::optional(std::string(line.substr(start.size())))
                                           : std::nullopt;
        };
        if (const auto successful = value("successful")) {
            out.successful = *successful == "1";
        } else if (auto succeeded = value("success_timestamp_seconds")) {
            out.succeeded = std::move(*succeeded);
        }
    }
    return out;
}

/// What the container's log says of a reload that failed; empty: nothing that can be read.
std::string reasonInLog(const AskedProgram& program, const system::System& system) {
    constexpr int kLines = 40;
    const auto& attachment = program.attachment();
    if (!attachment || attachment->container.empty()) {
        return {};
    }
    std::string out;
    try {
        for (const auto& line : lastLogLines(attachment->container, kLines, system.engine)) {
            if (line.find("\"Loading configuration file\"") != std::string::npos) {
                out.clear();  // what follows is of a later reload
            }
            for (const char* words : {"Error reloading config", "Loading configuration file failed",
                                      "loading groups failed", "Failed to apply configuration"}) {
                if (line.find(words) !=
                    std::string::npos) {  // the last one may only say that there were some
                    out += (out.empty() ? "" : "\n") + line;
                }
            }
        }
    } catch (const Error&) {
        return {};  // its log driver cannot be read
    }
    return out.empty() ? out : ": " + shownLines(utf8Prefix(showableComplaint(out), kEnoughOfAReason), "");
}

/// Waits for a successful reload that is newer than `before`.
void awaitReload(AskedProgram& program, const render::ConfiguredProgram& reload, const LastReload& before,
                 std::chrono::milliseconds timeout, const system::System& system) {
    const auto deadline = system.clock.monotonic() + timeout.count();
    while (true) {
        const auto now = lastReload(program, reload.program);
        if (now.successful && now.succeeded != before.succeeded) {
            return;
        }
        const bool refused = before.successful && !now.successful;
        if (refused || system.clock.monotonic() >= deadline) {
            throw Rejected(
                reload.attached->service + " did not load its configuration again" +
                    reasonInLog(program, system),
                "the old configuration is put back; see docker compose logs " + reload.attached->service);
        }
        system.clock.sleep(kPause);
    }
}

}  // namespace

plan::ObservedReload observeReload(const render::ConfiguredProgram& reload, const system::System& system) {
    plan::ObservedReload out;
    const bool hosts = reload.owner != render::ConfigOwner::vigie;
    if (hosts) {
        out.wanted = hashOnHost(reload.configPath, system.files);
    }
    try {
        AskedProgram program(reload, system);
        if (!program.runs()) {
            out.stopped = true;
            out.problem = reload.attached->service +
                          " does not run: what it is to load is proven at its first healthy answer";
            return out;
        }
        if (!hosts && reload.provenByFile()) {
            out.wanted = hashOnHost(program.attachment()->config.resolved, system.files.straight());
        }
        if (reload.program == render::ConfiguredProgram::Program::prometheus) {
            observePrometheus(program, out);
        } else {
            out.digest = reload.provenByFile() ? alertmanagerHash(program) : alertmanagerProof(program);
        }
        out.answered = true;
    } catch (const Error& error) {
        out.problem = error.hint().empty() ? error.what() : error.what() + std::string("; ") + error.hint();
    }
    return out;
}

std::string reloadOnly(const render::ConfiguredProgram& reload, std::chrono::milliseconds timeout,
                       const system::System& system) {
    try {
        const auto response = AskedProgram(reload, system).reload(timeout);
        return response.status == kOk ? ""
                                      : answered(reload.baseUrl + "/-/reload", response,
                                                 false);  // what was put back may be anybody's
    } catch (const Error& error) {
        return error.what();
    }
}

void reloadAndProve(const render::ConfiguredProgram& reload, std::chrono::milliseconds timeout,
                    const system::System& system) {
    const std::string url = reload.baseUrl + "/-/reload";
    AskedProgram program(reload, system);
    const auto before = reload.attached ? lastReload(program, reload.program) : LastReload{};
    const auto response = program.reload(timeout);
    const bool ours = reload.owner == render::ConfigOwner::vigie;
    if (response.status == kRefused) {
        throw Rejected(answered(url, response, ours), "the old configuration is put back");
    }
    if (response.status != kOk) {
        throw Error(answered(url, response, ours),
                    response.status == kForbidden ? "start it with --web.enable-lifecycle" : "");
    }
    if (reload.attached) {
        awaitReload(program, reload, before, timeout, system);
    }
    proveLoaded(reload, timeout, system);
}

void proveLoaded(const render::ConfiguredProgram& reload, std::chrono::milliseconds timeout,
                 const system::System& system) {
    const auto deadline = system.clock.monotonic() + timeout.count();
    while (true) {
        const auto observed = observeReload(reload, system);
        if (hasLoaded(reload, observed)) {
            return;
        }
        if (system.clock.monotonic() >= deadline) {
            throw Rejected(reload.baseUrl + " has not loaded this configuration after " +
                               std::to_string(timeout.count() / 1000) + " s" +
                               (observed.answered ? "" : ": " + observed.problem),
                           "does its container see " + reload.configPath +
                               "? A single mounted file that was replaced is not seen");
        }
        system.clock.sleep(kPause);
    }
}

void reloadReleased(const render::ConfiguredProgram& program, std::chrono::milliseconds timeout,
                    const system::System& system) {
    AskedProgram asked(program, system);
    if (!asked.runs()) {
        return;
    }
    const auto before = lastReload(asked, program.program);
    const auto response = asked.reload(timeout);
    if (response.status != kOk) {
        throw Error(answered(program.baseUrl + "/-/reload", response, false));
    }
    awaitReload(asked, program, before, timeout, system);
}

}  // namespace vigie::apply
