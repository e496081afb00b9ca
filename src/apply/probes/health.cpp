// Asks Prometheus and Alertmanager for failing targets, rules and notifications.

#include "apply/probes/health.hpp"

#include "apply/http_api.hpp"
#include "base/error.hpp"
#include "base/parse_json.hpp"
#include "base/text.hpp"
#include "spec/exporter_types.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace vigie::apply {
namespace {

using nlohmann::json;

constexpr int kOk = 200;
constexpr auto kPatience = std::chrono::seconds(5);
constexpr std::size_t kJobsExplained = 3;
constexpr std::string_view kRequests = "alertmanager_notification_requests_total{";
constexpr std::string_view kFailed = "alertmanager_notification_requests_failed_total{";

std::string get(const std::string& url, system::Http& http) {
    auto response = http.send({"GET", url, {}, kPatience, system::kLargeAnswer});
    if (response.status != kOk) {
        throw Error("GET " + url + " " + answeredWith(response.status));
    }
    return std::move(response.body);
}

/// `data` of an answer of Prometheus' API; null when it is none.
json dataOf(const std::string& url, system::Http& http) {
    return member(parseJson(get(url, http)), "data");
}

/// The last errors of a job's targets, by instance; nothing when the answer is none.
std::optional<std::map<std::string, std::string>> errorsOf(const std::string& baseUrl, const std::string& job,
                                                           system::Http& http) {
    const auto data =
        dataOf(baseUrl + "/api/v1/targets?state=active&scrapePool=" + percentEncoded(job), http);
    if (!data.is_object()) {
        return std::nullopt;
    }
    std::map<std::string, std::string> out;
    for (const auto& target : member(data, "activeTargets")) {
        const auto& labels = member(target, "labels");
        if (text(labels, "job") == job) {
            out[text(labels, "instance")] = text(target, "lastError");
        }
    }
    return out;
}

/// The value of label `integration` in `{integration="email",…} 3`, and the sample's value.
void count(std::string_view sample, std::int64_t Notifications::*field,
           std::map<std::string, Notifications>& out) {
    constexpr std::string_view kLabel = "integration=\"";
    const auto begin = sample.find(kLabel);
    const auto end = sample.find('"', begin + kLabel.size());
    const auto value = sample.rfind(' ');
    if (begin == std::string_view::npos || end == std::string_view::npos || value == std::string_view::npos) {
        return;
    }
    const std::string name(sample.substr(begin + kLabel.size(), end - begin - kLabel.size()));
    out[name].*field +=
        static_cast<std::int64_t>(std::strtod(std::string(sample.substr(value + 1)).c_str(), nullptr));
}

}  // namespace

std::vector<DownTarget> downTargets(const std::string& baseUrl, system::Http& http) {
    const auto data = dataOf(baseUrl + "/api/v1/query?query=" + percentEncoded("up == 0"), http);
    std::vector<DownTarget> out;
    for (const auto& sample : member(data, "result")) {
        const auto& labels = member(sample, "metric");
        out.push_back({text(labels, "job"), text(labels, "instance"), {}});
    }
    std::map<std::string, std::optional<std::map<std::string, std::string>>> errors;
    for (const auto& down : out) {
        if (errors.size() == kJobsExplained || errors.count(down.job) != 0) {
            continue;
        }
        errors[down.job] = errorsOf(baseUrl, down.job, http);
    }
    // The samples of a target that is gone stay for some minutes.
    out.erase(std::remove_if(out.begin(), out.end(),
                             [&](DownTarget& target) {
                                 const auto job = errors.find(target.job);
                                 if (job == errors.end() || !job->second) {
                                     return false;
                                 }
                                 const auto found = job->second->find(target.instance);
                                 target.error = found == job->second->end() ? "" : found->second;
                                 return found == job->second->end();
                             }),
              out.end());
    return out;
}

std::vector<UnwellTarget> unwellTargets(const std::string& baseUrl, system::Http& http) {
    std::string names;
    for (const auto* type : spec::kExporterTypes) {
        if (!type->upMetric.empty()) {
            names.append(names.empty() ? "" : "|").append(type->upMetric);
        }
    }
    const auto query = R"({__name__=~")" + names + R"("} == 0)";
    const auto data = dataOf(baseUrl + "/api/v1/query?query=" + percentEncoded(query), http);
    std::vector<UnwellTarget> out;
    for (const auto& sample : member(data, "result")) {
        const auto& labels = member(sample, "metric");
        out.push_back({text(labels, "__name__"), text(labels, "job"), text(labels, "instance")});
    }
    return out;
}

std::vector<FailingRule> failingRules(const std::string& baseUrl, system::Http& http) {
    const auto data = dataOf(baseUrl + "/api/v1/rules?exclude_alerts=true", http);
    std::vector<FailingRule> out;
    for (const auto& group : member(data, "groups")) {
        for (const auto& rule : member(group, "rules")) {
            if (text(rule, "health") == "err") {
                out.push_back({text(group, "name"), text(rule, "name"), text(rule, "lastError")});
            }
        }
    }
    return out;
}

std::map<std::string, Notifications> notifications(const std::string& baseUrl, system::Http& http) {
    std::map<std::string, Notifications> out;
    const std::string body = get(baseUrl + "/metrics", http);
    for (const auto line : splitLines(body)) {
        if (line.substr(0, kRequests.size()) == kRequests) {
            count(line, &Notifications::requests, out);
        } else if (line.substr(0, kFailed.size()) == kFailed) {
            count(line, &Notifications::failed, out);
        }
    }
    return out;
}

}  // namespace vigie::apply
