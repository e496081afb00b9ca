// Asks the helper program vigie-git.

#include "source/git_client.hpp"

#include "base/one_line.hpp"
#include "base/parse_json.hpp"
#include "trust/untrusted.hpp"

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
    return {{"op", operation},
            {"url", remote.url},
            {"branch", remote.branch},
            {"tag", remote.tag},
            {"commit", remote.commit},
            {"proxy", remote.proxy},
            {"maxBytes", remote.maxBytes},
            {"auth", auth}};
}

/// The helper ends by itself when the time is over, and says where it stood. It is killed only when it hangs
/// more than that.
constexpr std::chrono::milliseconds kGrace{1'000};

json ask(system::Processes& processes, const std::string& helper, json request,
         std::chrono::milliseconds timeout) {
    request["timeoutMs"] = timeout.count();
    const auto result = processes.run({{helper}, request.dump(), {}, timeout + kGrace});
    if (result.timedOut) {
        throw Error("git: no answer from the remote within " + std::to_string(timeout.count() / 1000) + " s",
                    "is it reachable from this host? `source.timeout` sets the limit");
    }
    auto answer = parseJson(result.out);
    if (!answer.is_object()) {
        throw Error("git: the helper failed");
    }
    if (answer.contains("error")) {
        if (const auto reason = trust::reasonFrom(answer.value("reason", ""))) {
            throw trust::Untrusted(*reason, answer.value("error", ""), answer.value("hint", ""));
        }
        throw Error("git: " + answer.value("error", ""), answer.value("hint", ""));
    }
    return answer;
}

Tip tipIn(const json& answer) {
    return {answer.value("commit", ""), answer.value("tag", "")};
}

json checkOf(const Remote& remote, const Tip& tip, const Check& check) {
    return {{"allowedSigners", check.allowedSigners},
            {"base", check.base},
            {"allowRewind", check.allowRewind},
            {"tag", tip.tag},
            {"tagName", remote.tag}};
}

}  // namespace

Tip GitClient::tip(const Remote& remote) const {
    return tipIn(ask(processes_, helper_, question("ls-remote", remote), remote.timeout));
}

Tip GitClient::fetch(const Remote& remote, const std::string& repository, const std::string& applied) const {
    auto request = question("fetch", remote);
    request["repository"] = repository;
    request["applied"] = applied;
    return tipIn(ask(processes_, helper_, request, remote.timeout));
}

std::string GitClient::verify(const Remote& remote, const std::string& repository, const Tip& tip,
                              const Check& check) const {
    return ask(processes_, helper_,
               {{"op", "verify"},
                {"repository", repository},
                {"maxBytes", remote.maxBytes},
                {"commit", tip.commit},
                {"check", checkOf(remote, tip, check)}},
               kLocal)
        .value("signer", "");
}

std::string GitClient::exportTree(const Remote& remote, const std::string& repository, const Tip& tip,
                                  const Check& check, const std::string& path, const std::string& out) const {
    return ask(processes_, helper_,
               {{"op", "export"},
                {"repository", repository},
                {"maxBytes", remote.maxBytes},
                {"commit", tip.commit},
                {"check", checkOf(remote, tip, check)},
                {"path", path},
                {"out", out}},
               kLocal)
        .value("signer", "");
}

Description GitClient::describe(const std::string& repository, const std::string& commit) const {
    constexpr std::size_t kSubject = 200;
    constexpr std::size_t kAuthor = 100;
    const auto answer = ask(processes_, helper_,
                            {{"op", "describe"}, {"repository", repository}, {"commit", commit}}, kLocal);
    return {oneLine(answer.value("subject", ""), kSubject), oneLine(answer.value("author", ""), kAuthor),
            answer.value("time", std::int64_t{0})};
}

bool GitClient::exportRevision(const std::string& directory, const std::string& revision,
                               const std::string& out) const {
    const auto answer = ask(
        processes_, helper_,
        {{"op", "export-revision"}, {"directory", directory}, {"revision", revision}, {"out", out}}, kLocal);
    return !answer.value("tree", "").empty();
}

Verified GitClient::verifyRevision(const std::string& directory, const std::string& revision,
                                   const std::string& allowedSigners) const {
    const auto answer = ask(processes_, helper_,
                            {{"op", "verify-revision"},
                             {"directory", directory},
                             {"revision", revision},
                             {"allowedSigners", allowedSigners}},
                            kLocal);
    return {answer.value("commit", ""), answer.value("tag", ""), answer.value("signer", "")};
}

}  // namespace vigie::source
