// Asks the helper program vigie-git.

#include "source/git_client.hpp"

#include "base/json_fields.hpp"
#include "base/one_line.hpp"
#include "base/parse_json.hpp"
#include "trust/untrusted.hpp"

#include <nlohmann/json.hpp>

namespace vigie::source {
namespace {

using nlohmann::json;

constexpr std::int64_t kLocalMs = 60'000;  // what needs no network

/// The helper ends by itself when the time is over, and says where it stood. It is killed only when it hangs
/// more than that.
constexpr std::chrono::milliseconds kGrace{1'000};

/// What the helper answers, within the time of `request`.
json ask(system::Processes& processes, const std::string& helper, const GitRequest& request) {
    const std::chrono::milliseconds timeout(request.remote.timeoutMs);
    const auto result = processes.run({{helper}, toJson(request).dump(), {}, timeout + kGrace});
    if (result.timedOut) {
        throw Error("git: no answer from the remote within " + std::to_string(timeout.count() / 1000) + " s",
                    "check that this host can reach it; `source.timeout` sets the limit");
    }
    auto answer = parseJson(result.out);
    if (!answer.is_object()) {
        throw Error("git: the helper failed");
    }
    if (const auto failure = fromJson<GitFailure>(answer); answer.contains("error")) {
        if (const auto reason = trust::reasonFrom(failure.reason)) {
            throw trust::Untrusted(*reason, failure.error, failure.hint);
        }
        throw Error("git: " + failure.error, failure.hint);
    }
    return answer;
}

/// A request about a commit of vigie's own repository.
GitRequest aboutCommit(const char* operation, const std::string& repository, const std::string& commit) {
    return {.op = operation, .remote = {.commit = commit, .timeoutMs = kLocalMs}, .repository = repository};
}

/// The same of a commit that must stand `check`, followed as `remote` says.
GitRequest aboutChecked(const char* operation, const Remote& remote, const std::string& repository,
                        const Tip& tip, const Check& check) {
    auto out = aboutCommit(operation, repository, tip.commit);
    out.remote.maxBytes = remote.maxBytes;
    out.check = check;
    out.check.tag = tip.tag;
    out.check.tagName = remote.tag;
    return out;
}

}  // namespace

Tip GitClient::tip(const Remote& remote) const {
    return fromJson<Tip>(ask(processes_, helper_, {.op = "ls-remote", .remote = remote}));
}

Tip GitClient::fetch(const Remote& remote, const std::string& repository, const std::string& applied) const {
    return fromJson<Tip>(
        ask(processes_, helper_,
            {.op = "fetch", .remote = remote, .repository = repository, .applied = applied}));
}

std::string GitClient::verify(const Remote& remote, const std::string& repository, const Tip& tip,
                              const Check& check) const {
    return fromJson<Verified>(
               ask(processes_, helper_, aboutChecked("verify", remote, repository, tip, check)))
        .signer;
}

std::string GitClient::exportTree(const Remote& remote, const std::string& repository, const Tip& tip,
                                  const Check& check, const std::string& path, const std::string& out) const {
    auto request = aboutChecked("export", remote, repository, tip, check);
    request.path = path;
    request.out = out;
    return fromJson<Exported>(ask(processes_, helper_, request)).signer;
}

Description GitClient::describe(const std::string& repository, const std::string& commit) const {
    constexpr std::size_t kSubject = 200;
    constexpr std::size_t kAuthor = 100;
    auto out = fromJson<Description>(ask(processes_, helper_, aboutCommit("describe", repository, commit)));
    out.subject = oneLine(out.subject, kSubject);
    out.author = oneLine(out.author, kAuthor);
    return out;
}

bool GitClient::exportRevision(const std::string& directory, const std::string& revision,
                               const std::string& out) const {
    const auto answer = ask(processes_, helper_,
                            {.op = "export-revision",
                             .remote = {.timeoutMs = kLocalMs},
                             .out = out,
                             .directory = directory,
                             .revision = revision});
    return !fromJson<Exported>(answer).tree.empty();
}

Verified GitClient::verifyRevision(const std::string& directory, const std::string& revision,
                                   const std::string& allowedSigners) const {
    return fromJson<Verified>(ask(processes_, helper_,
                                  {.op = "verify-revision",
                                   .remote = {.timeoutMs = kLocalMs},
                                   .directory = directory,
                                   .revision = revision,
                                   .allowedSigners = allowedSigners}));
}

}  // namespace vigie::source
