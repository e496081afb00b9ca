#include "source/git_client.hpp"

#include <nlohmann/json.hpp>

namespace vigie::source {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kLocal{60'000};  // what needs no network

json question(const char* operation, const Remote& remote) {
    json auth = json::object();
    const auto add = [&](const char* key, const std::string& value) {
        if (!value.empty()) {
            auth[key] = value;
        }
    };
    add("sshKey", remote.sshKey);
    add("knownHosts", remote.knownHosts);
    add("tokenFile", remote.tokenFile);
    add("username", remote.username);
    add("caFile", remote.caFile);
    return {{"op", operation}, {"url", remote.url}, {"branch", remote.branch}, {"auth", auth}};
}

json ask(system::Processes& processes, const std::string& helper, const json& request,
         std::chrono::milliseconds timeout) {
    const auto result = processes.run({{helper}, request.dump(), {}, timeout});
    if (result.timedOut) {
        throw Error("git: no answer from the remote within " + std::to_string(timeout.count() / 1000) + " s",
                    "is it reachable from this host? `source.timeout` sets the limit");
    }
    auto answer = json::parse(result.out, nullptr, false);
    if (!answer.is_object()) {
        throw Error("git: the helper failed");
    }
    if (answer.contains("error")) {
        throw Error("git: " + answer.value("error", ""), answer.value("hint", ""));
    }
    return answer;
}

}  // namespace

std::string GitClient::tip(const Remote& remote) const {
    return ask(processes_, helper_, question("ls-remote", remote), remote.timeout).value("commit", "");
}

std::string GitClient::fetch(const Remote& remote, const std::string& repository) const {
    auto request = question("fetch", remote);
    request["repository"] = repository;
    return ask(processes_, helper_, request, remote.timeout).value("commit", "");
}

void GitClient::exportTree(const std::string& repository, const std::string& commit, const std::string& path,
                           const std::string& out) const {
    ask(processes_, helper_,
        {{"op", "export"}, {"repository", repository}, {"commit", commit}, {"path", path}, {"out", out}},
        kLocal);
}

void GitClient::exportRevision(const std::string& directory, const std::string& revision,
                               const std::string& out) const {
    ask(processes_, helper_,
        {{"op", "export-revision"}, {"directory", directory}, {"revision", revision}, {"out", out}}, kLocal);
}

}  // namespace vigie::source
