// Explains a failure of libgit2 to the operator.

#include "base/text.hpp"
#include "source/git_error.hpp"
#include "source/git_peer.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string_view>
#include <system_error>

namespace vigie::source {
namespace {

using Kind = GitError::Kind;
using Transport = GitUrl::Transport;

/// The kinds of host keys that known_hosts has of a server. A hashed name does not show its server.
std::set<std::string> pinnedKinds(const std::string& knownHosts, const std::string& host,
                                  const std::string& port) {
    const std::string name = port.empty() || port == "22" ? host : "[" + host + "]:" + port;
    std::set<std::string> out;
    std::ifstream in(knownHosts);
    for (std::string line; std::getline(in, line);) {
        const auto words = split(trim(line), ' ');
        if (words.size() < 3) {
            continue;
        }
        const auto names = split(words[0], ',');
        const bool his = std::any_of(names.begin(), names.end(), [&](std::string_view each) {
            return each == name || each.starts_with("|1|");
        });
        if (his) {
            out.insert(printable(words[1]));
        }
    }
    return out;
}

/// A repository of a path whose `git clone --depth` cut off its history.
bool isShallow(const std::string& url) {
    namespace fs = std::filesystem;
    const std::string_view scheme = "file://";
    const fs::path path = url.starts_with(scheme) ? url.substr(scheme.size()) : url;
    std::error_code ignored;
    return fs::exists(path / "shallow", ignored) || fs::exists(path / ".git/shallow", ignored);
}

}  // namespace

/// Into a file that is not in use yet: a controller that runs would trust the new key before it was compared.
std::string GitPeer::scanHint() const {
    const std::string port = url_.port.empty() ? "" : "-p " + url_.port + " ";
    const std::string file = remote_.knownHosts.empty() ? "FILE" : remote_.knownHosts + ".new";
    return "run: ssh-keyscan -t ed25519 " + port + url_.host + " > " + file + "; compare `ssh-keygen -lf " +
           file + "` with the fingerprint that the server's administrator publishes; then " +
           (remote_.knownHosts.empty() ? "set auth.knownHosts to FILE"
                                       : "mv " + file + " " + remote_.knownHosts);
}

/// libgit2 asks only for host keys of the kinds that are pinned.
void GitPeer::failKeyExchange() const {
    std::string kinds;
    for (const auto& kind : pinnedKinds(remote_.knownHosts, url_.host, url_.port)) {
        kinds += (kinds.empty() ? "" : ", ") + kind;
    }
    throw GitError(Kind::hostKey,
                   url_.host + " has no host key of a type that is pinned in " + remote_.knownHosts +
                       (kinds.empty() ? "" : " (" + kinds + ")") + ", or no cipher in common with this host",
                   "pin its Ed25519 key: " + scanHint());
}

void GitPeer::failHostKey() const {
    throw GitError(Kind::hostKey,
                   "the host key of " + url_.host + (fingerprint_.empty() ? "" : " (" + fingerprint_ + ")") +
                       " is not pinned in " + remote_.knownHosts,
                   "the connection may be intercepted. If the server really has this key, " + scanHint());
}

void GitPeer::failCertificate() const {
    throw GitError(Kind::certificate,
                   "the certificate of " + url_.host + " " +
                       (certificateProblem_.empty() ? "is not trusted" : certificateProblem_),
                   !certificateHint_.empty() ? certificateHint_
                   : remote_.caFile.empty()
                       ? "if you run your own certificate authority, set auth.caFile to its PEM file"
                       : "check that " + remote_.caFile + " has the certificate authority that issued it");
}

void GitPeer::failAuthentication() const {
    if (url_.transport == Transport::ssh) {
        throw GitError(Kind::auth,
                       url_.host + " does not accept the key " + remote_.sshKey + " for " + userName(),
                       "register " + remote_.sshKey +
                           ".pub with the server as a deploy key; it must be Ed25519 in OpenSSH's format, "
                           "without a passphrase");
    }
    if (token_.empty()) {
        throw GitError(Kind::auth, shownUrl() + " requires a login",
                       "set auth.tokenFile, and auth.username if the server needs it");
    }
    throw GitError(Kind::auth,
                   shownUrl() + " does not accept the token in " + remote_.tokenFile + " for " + userName(),
                   "check that the token has not expired and may read this repository");
}

void GitPeer::fail(int code) const {
    const std::string said = lastGitMessage();
    const auto says = [&said](std::string_view text) { return said.find(text) != std::string::npos; };
    if (hearing_.listTooLong) {
        throw GitError(Kind::other,
                       shownUrl() + " lists more than " + std::to_string(GitHearing::kMostOfList >> 20U) +
                           " MiB of branches and tags",
                       "delete unused branches and tags, or keep the document in its own repository; if the "
                       "repository has few of them, this is not the expected git server");
    }
    if (hearing_.packTooLarge) {
        throw GitError(Kind::other,
                       shownUrl() + " sends more than " + std::to_string(remote_.maxBytes >> 20U) + " MiB",
                       "keep large files out of that repository, or raise source.maxRepositorySize");
    }
    if (peerRefused_ && url_.transport == Transport::ssh) {
        failHostKey();
    }
    if (url_.transport == Transport::ssh && says("Unable to exchange encryption keys")) {
        failKeyExchange();
    }
    if (peerRefused_ || code == GIT_ECERTIFICATE) {
        failCertificate();
    }
    const bool web = url_.transport == Transport::https;
    if (authenticationFailed_ || code == GIT_EAUTH || says("Failed to authenticate SSH session") ||
        (web && (says(" 401") || says(" 403")))) {
        failAuthentication();
    }
    const std::string what = "cannot fetch from " + shownUrl() + ": " + said;
    if (says("No space left on device")) {
        throw GitError(Kind::other, what, "the disk is full");
    }
    if (says("objectformat") || says("object format")) {
        throw GitError(
            Kind::repository, shownUrl() + " uses SHA-256 object names, which are not supported",
            "create a repository with SHA-1 object names for the document: git init --object-format=sha1");
    }
    if (says("REF pkt-line")) {
        throw GitError(Kind::repository,
                       shownUrl() +
                           " lists its branches in an unsupported form: it uses SHA-256 object names, or it "
                           "is a shallow clone",
                       "neither is supported: fetch from a complete repository with SHA-1 object names");
    }
    if (url_.transport == Transport::file && isShallow(url_.text)) {
        throw GitError(Kind::repository, shownUrl() + " is a shallow clone: its history is incomplete",
                       "fetch from a complete repository, or complete this one: git fetch --unshallow");
    }
    if (url_.transport == Transport::file) {
        throw GitError(Kind::repository, what,
                       "check that it is a git repository and that this user may read it");
    }
    if (web && says(" 404")) {
        throw GitError(Kind::repository, what,
                       "check the path; some servers also answer so when the login may not read it");
    }
    if (web && (says(" 30") || says("redirect"))) {
        throw GitError(Kind::other, what,
                       "vigie does not follow redirects: use the address that the server redirects to");
    }
    if (!web && (says("not appear to be a git repository") || says("could not read from remote repository") ||
                 code == GIT_EEOF)) {
        throw GitError(Kind::repository, what,
                       "check that the path exists on the server and that the key may read it");
    }
    throw GitError(Kind::network, what,
                   remote_.proxy.empty()
                       ? "check that " + url_.host +
                             " can be reached from this host: its name, the port, firewalls on the way"
                       : "check that the proxy " + remote_.proxy +
                             " can be reached and allows connections to " + url_.host);
}

}  // namespace vigie::source
