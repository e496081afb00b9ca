// vigie-git: one request about a git repository, described as JSON on standard input, answered as JSON on
// standard output. The only program that links libgit2, which has no time limits of its own: whoever starts
// this one kills its process group when the time is over.

#include "base/text.hpp"
#include "source/git_describe.hpp"
#include "source/git_error.hpp"
#include "source/git_export.hpp"
#include "source/git_fetch.hpp"
#include "source/git_peer.hpp"
#include "source/git_url.hpp"
#include "system/self_limits.hpp"
#include "trust/untrusted.hpp"

#include <nlohmann/json.hpp>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <new>
#include <optional>
#include <string>

namespace {

using nlohmann::json;
using vigie::source::GitError;

vigie::source::GitAuth readAuth(const json& request) {
    const json auth = request.value("auth", json::object());
    return {auth.value("sshKey", ""),
            auth.value("knownHosts", ""),
            auth.value("tokenFile", ""),
            auth.value("username", ""),
            auth.value("caFile", ""),
            request.value("proxy", ""),
            request.value("maxBytes", std::uint64_t{0})};
}

vigie::source::GitFollowed readFollowed(const json& request) {
    return {request.value("branch", ""), request.value("tag", ""), request.value("commit", "")};
}

vigie::source::GitCheck readCheck(const json& request) {
    const json check = request.value("check", json::object());
    return {check.value("allowedSigners", ""), check.value("base", ""), check.value("allowRewind", false),
            check.value("tag", ""), check.value("tagName", "")};
}

json shown(const vigie::source::GitTip& tip) {
    json out = {{"commit", tip.commit}};
    if (!tip.tag.empty()) {
        out["tag"] = tip.tag;
    }
    return out;
}

json exported(const vigie::source::GitExport& result) {
    json out = {{"commit", result.commit},
                {"tree", result.tree},
                {"files", result.files},
                {"skipped", result.skipped}};
    if (!result.signer.empty()) {
        out["signer"] = result.signer;
    }
    return out;
}

json failure(const std::string& message, const std::string& hint,
             GitError::Kind kind = GitError::Kind::other) {
    return {{"error", vigie::source::scrubbed(message)},
            {"hint", vigie::source::scrubbed(hint)},
            {"kind", vigie::source::name(kind)}};
}

bool write(const json& answer) {
    const std::string out = answer.dump(-1, ' ', true, json::error_handler_t::replace) + "\n";
    return std::fwrite(out.data(), 1, out.size(), stdout) == out.size() && std::fflush(stdout) == 0;
}

/// A remote that hangs: says where it does, and ends the process, since libgit2 cannot be ended.
[[noreturn]] void tellLate(vigie::source::GitPeer& peer, std::chrono::milliseconds time) {
    const auto to = peer.destination();
    std::uint16_t port = 0;
    std::from_chars(to.port.data(), to.port.data() + to.port.size(), port);
    const auto late = failAfter(currentPhase(peer.progress(), port), to,
                                std::chrono::ceil<std::chrono::seconds>(time).count());
    const bool written = write(failure(late.what(), late.hint(), late.kind()));
    std::_Exit(written ? 0 : 1);
}

/// Asks a remote; within `timeoutMs`, if the request has that.
template <class Ask>
json within(const json& request, Ask ask) {
    vigie::source::GitPeer peer(request.at("url").get<std::string>(), readAuth(request));
    const std::chrono::milliseconds time(request.value("timeoutMs", std::int64_t{0}));
    std::optional<vigie::source::GitDeadline> deadline;
    if (time.count() > 0 && peer.url().transport != vigie::source::GitUrl::Transport::file) {
        deadline.emplace(time, [&peer, time] { tellLate(peer, time); });
    }
    return shown(ask(peer));
}

/// Half of what may be received, and at least this, which is enough for all repositories of documents.
void limitMemory(const json& request) {
    constexpr std::uint64_t kLeast = 256U << 20U;
    vigie::system::limitMemory(std::max(kLeast, request.value("maxBytes", std::uint64_t{0}) / 2));
}

json answer(const json& request) {
    const auto text = [&request](const char* member) { return request.at(member).get<std::string>(); };
    const std::string op = text("op");
    if (op == "ls-remote") {
        return within(request, [&](vigie::source::GitPeer& peer) {
            return vigie::source::askTip(peer, readFollowed(request));
        });
    }
    if (op == "fetch") {
        return within(request, [&](vigie::source::GitPeer& peer) {
            return vigie::source::fetchTip(peer, readFollowed(request), text("repository"),
                                           request.value("applied", ""),
                                           request.value("maxBytes", std::uint64_t{0}));
        });
    }
    if (op == "export") {
        return exported(vigie::source::exportCommit(text("repository"), text("commit"), text("path"),
                                                    text("out"), readCheck(request)));
    }
    if (op == "verify") {
        return {
            {"signer", vigie::source::verifyCommit(text("repository"), text("commit"), readCheck(request))}};
    }
    if (op == "describe") {
        const auto about = vigie::source::describeCommit(text("repository"), text("commit"));
        return {{"subject", about.subject}, {"author", about.author}, {"time", about.time}};
    }
    if (op == "verify-revision") {
        const auto verified =
            vigie::source::verifyRevision(text("directory"), text("revision"), text("allowedSigners"));
        return {{"commit", verified.commit}, {"tag", verified.tag}, {"signer", verified.signer}};
    }
    if (op == "export-revision") {
        return exported(vigie::source::exportRevision(text("directory"), text("revision"), text("out")));
    }
    throw GitError(GitError::Kind::other, "there is no operation '" + vigie::printable(op) + "'",
                   "use the vigie-git of this version");
}

json answerOrFailure(const std::string& text) {
    try {
        const auto request = json::parse(text);
        limitMemory(request);
        return answer(request);
    } catch (const vigie::trust::Untrusted& error) {
        auto out = failure(error.what(), error.hint());
        out["kind"] = "untrusted";
        out["reason"] = vigie::trust::name(error.reason());
        return out;
    } catch (const GitError& error) {
        return failure(error.what(), error.hint(), error.kind());
    } catch (const json::parse_error&) {  // its text quotes the input
        return failure("the request is no JSON", "use the vigie-git of this version");
    } catch (const json::exception& error) {
        return failure(std::string("the request is not understood: ") + error.what(),
                       "use the vigie-git of this version");
    } catch (const std::bad_alloc&) {
        const auto error = vigie::source::outOfMemory();
        return failure(error.what(), error.hint(), error.kind());
    } catch (const std::exception& error) {
        return failure(error.what(), "check the paths in the configuration, and that the disk has room");
    }
}

}  // namespace

int main() {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    vigie::system::closeMemory();
    umask(077);
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));  // a peer that hangs up is an error, not an end
    try {
        const std::string text((std::istreambuf_iterator<char>(std::cin)), std::istreambuf_iterator<char>());
        return write(answerOrFailure(text)) ? 0 : 1;
    } catch (...) {  // no memory to say so
        return 1;
    }
}
