// vigie-git: one request about a git repository, described as JSON on standard input, answered as JSON on
// standard output. The only program that links libgit2, which has no time limits of its own: whoever starts
// this one kills its process group when the time is over.

#include "base/json_fields.hpp"
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
using vigie::source::GitFailure;
using vigie::source::GitRequest;

json failure(const std::string& message, const std::string& hint,
             GitError::Kind kind = GitError::Kind::other) {
    return vigie::toJson(GitFailure{.error = vigie::source::scrubbed(message),
                                    .hint = vigie::source::scrubbed(hint),
                                    .kind = std::string(vigie::source::name(kind))});
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

/// Asks a remote, within the time of the request, if it has one.
template <class Ask>
json within(const GitRequest& request, Ask ask) {
    vigie::source::GitPeer peer(request.remote);
    const std::chrono::milliseconds time(request.remote.timeoutMs);
    std::optional<vigie::source::GitDeadline> deadline;
    if (time.count() > 0 && peer.url().transport != vigie::source::GitUrl::Transport::file) {
        deadline.emplace(time, [&peer, time] { tellLate(peer, time); });
    }
    return vigie::toJson(ask(peer));
}

/// Half of what may be received, and at least this, which is enough for all repositories of documents.
void limitMemory(const GitRequest& request) {
    constexpr std::uint64_t kLeast = 256U << 20U;
    vigie::system::limitMemory(std::max(kLeast, request.remote.maxBytes / 2));
}

const std::string& needed(const std::string& value, const char* member) {
    if (value.empty()) {
        throw GitError(GitError::Kind::other, "the request has no `" + std::string(member) + "`",
                       "use the vigie-git of this version");
    }
    return value;
}

json answer(const GitRequest& request) {
    const auto& remote = request.remote;
    const auto& op = request.op;
    if (op == "ls-remote") {
        return within(request,
                      [&](vigie::source::GitPeer& peer) { return vigie::source::askTip(peer, remote); });
    }
    if (op == "fetch") {
        return within(request, [&](vigie::source::GitPeer& peer) {
            return vigie::source::fetchTip(peer, remote, needed(request.repository, "repository"),
                                           request.applied);
        });
    }
    if (op == "export") {
        return vigie::toJson(vigie::source::exportCommit(needed(request.repository, "repository"),
                                                         remote.commit, needed(request.path, "path"),
                                                         needed(request.out, "out"), request.check));
    }
    if (op == "verify") {
        return vigie::toJson(vigie::source::Verified{
            .signer = vigie::source::verifyCommit(needed(request.repository, "repository"), remote.commit,
                                                  request.check)});
    }
    if (op == "describe") {
        return vigie::toJson(
            vigie::source::describeCommit(needed(request.repository, "repository"), remote.commit));
    }
    if (op == "verify-revision") {
        return vigie::toJson(vigie::source::verifyRevision(needed(request.directory, "directory"),
                                                           request.revision, request.allowedSigners));
    }
    if (op == "export-revision") {
        return vigie::toJson(vigie::source::exportRevision(needed(request.directory, "directory"),
                                                           request.revision, needed(request.out, "out")));
    }
    throw GitError(GitError::Kind::other, "there is no operation '" + vigie::printable(op) + "'",
                   "use the vigie-git of this version");
}

json answerOrFailure(const std::string& text) {
    try {
        GitRequest request{.op = {}, .remote = {.timeoutMs = 0}};
        const json parsed = json::parse(text);
        const vigie::JsonReader io(parsed);
        describe(io, request);
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
        return failure("the request is not JSON", "use the vigie-git of this version");
    } catch (const json::exception& error) {
        return failure(std::string("the request is not valid: ") + error.what(),
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
