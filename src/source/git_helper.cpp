// vigie-git: one request about a git repository, described as JSON on standard input, answered as JSON on
// standard output. The only program that links libgit2, which has no time limits of its own: whoever starts
// this one kills its process group when the time is over.

#include "base/text.hpp"
#include "source/git_error.hpp"
#include "source/git_export.hpp"
#include "source/git_fetch.hpp"
#include "source/git_peer.hpp"
#include "source/git_url.hpp"

#include <nlohmann/json.hpp>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>

namespace {

using nlohmann::json;
using vigie::source::GitError;

vigie::source::GitAuth readAuth(const json& request) {
    const json auth = request.value("auth", json::object());
    return {auth.value("sshKey", ""), auth.value("knownHosts", ""), auth.value("tokenFile", ""),
            auth.value("username", ""), auth.value("caFile", "")};
}

json exported(const vigie::source::GitExport& result) {
    return {{"commit", result.commit},
            {"tree", result.tree},
            {"files", result.files},
            {"skipped", result.skipped}};
}

json answer(const json& request) {
    const auto text = [&request](const char* member) { return request.at(member).get<std::string>(); };
    const std::string op = text("op");
    if (op == "ls-remote") {
        vigie::source::GitPeer peer(text("url"), readAuth(request));
        return {{"commit", vigie::source::askTip(peer, text("branch"))}};
    }
    if (op == "fetch") {
        vigie::source::GitPeer peer(text("url"), readAuth(request));
        return {{"commit", vigie::source::fetchTip(peer, text("branch"), text("repository"))}};
    }
    if (op == "export") {
        return exported(
            vigie::source::exportCommit(text("repository"), text("commit"), text("path"), text("out")));
    }
    if (op == "export-revision") {
        return exported(vigie::source::exportRevision(text("directory"), text("revision"), text("out")));
    }
    throw GitError(GitError::Kind::other, "there is no operation '" + vigie::printable(op) + "'",
                   "use the vigie-git of this version");
}

json failure(const std::string& message, const std::string& hint,
             GitError::Kind kind = GitError::Kind::other) {
    return {{"error", vigie::source::scrubbed(message)},
            {"hint", vigie::source::scrubbed(hint)},
            {"kind", vigie::source::name(kind)}};
}

json answerOrFailure(const std::string& text) {
    try {
        return answer(json::parse(text));
    } catch (const GitError& error) {
        return failure(error.what(), error.hint(), error.kind());
    } catch (const json::parse_error&) {  // its text quotes the input
        return failure("the request is no JSON", "use the vigie-git of this version");
    } catch (const json::exception& error) {
        return failure(std::string("the request is not understood: ") + error.what(),
                       "use the vigie-git of this version");
    } catch (const std::exception& error) {
        return failure(error.what(), "check the paths in the configuration, and that the disk has room");
    }
}

}  // namespace

int main() {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    umask(077);
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));  // a peer that hangs up is an error, not an end
    try {
        const std::string text((std::istreambuf_iterator<char>(std::cin)), std::istreambuf_iterator<char>());
        const std::string out =
            answerOrFailure(text).dump(-1, ' ', true, json::error_handler_t::replace) + "\n";
        const bool written =
            std::fwrite(out.data(), 1, out.size(), stdout) == out.size() && std::fflush(stdout) == 0;
        return written ? 0 : 1;
    } catch (...) {  // no memory to say so
        return 1;
    }
}
