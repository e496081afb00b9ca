// Logs in at a remote and checks who it is.

#include "source/git_peer.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "source/git_certificate.hpp"
#include "source/git_error.hpp"
#include "system/walk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string_view>
#include <utility>

namespace vigie::source {
namespace {

using Kind = GitError::Kind;
using Transport = GitUrl::Transport;

constexpr off_t kMaxToken = 65536;

/// Opens a secret file that only its owner may read.
system::Descriptor openSecret(const std::string& path, const std::string& what, off_t& size) {
    system::Descriptor fd = system::openFile(path, O_RDONLY | O_NONBLOCK);
    struct stat found {};
    if (!fd.valid() || ::fstat(fd.get(), &found) != 0) {
        throw GitError(Kind::auth, "cannot read " + what + " " + path + ": " + std::strerror(errno),
                       "check the path and the owner of the file");
    }
    if (!S_ISREG(found.st_mode)) {
        throw GitError(Kind::auth, what + " " + path + " is not a regular file", "name a regular file");
    }
    if ((found.st_mode & 077U) != 0) {
        throw GitError(Kind::auth, what + " " + path + " can be read by others", "chmod 600 " + path);
    }
    size = found.st_size;
    return fd;
}

}  // namespace

GitPeer::GitPeer(Remote remote) : url_(parseGitUrl(remote.url)), remote_(std::move(remote)) {
    checkProxy();
    if (url_.transport == Transport::https && !remote_.tokenFile.empty()) {
        readToken();
    }
    if (url_.transport == Transport::ssh) {
        if (remote_.knownHosts.empty()) {
            throw GitError(Kind::hostKey, "no host key is pinned for " + url_.host, scanHint());
        }
        checkKey();
        home_.emplace(remote_.knownHosts);
    }
    library_.emplace();
    if (url_.transport == Transport::https && !remote_.caFile.empty()) {
        library_->trust(remote_.caFile);
    }
}

void GitPeer::readToken() {
    off_t size = 0;
    const system::Descriptor fd = openSecret(remote_.tokenFile, "the token file", size);
    SecureBytes bytes(static_cast<std::size_t>(std::min(size, kMaxToken)));
    const ssize_t n = ::read(fd.get(), bytes.data(), bytes.size());
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    token_ = secureBytes(trim(view(bytes)));
    if (token_.empty() || size > kMaxToken) {
        throw GitError(
            Kind::auth,
            "the token file " + remote_.tokenFile + (token_.empty() ? " is empty" : " is too large"),
            "write the token into it, on one line");
    }
    token_.push_back('\0');
}

void GitPeer::checkProxy() const {
    if (remote_.proxy.empty()) {
        return;
    }
    if (url_.transport != Transport::https) {
        throw GitError(Kind::other, "source.proxy is for https, and " + shownUrl() + " is not",
                       "remove source.proxy, or fetch by https");
    }
    if (!remote_.proxy.starts_with("http://") || remote_.proxy.find('@') != std::string::npos) {
        throw GitError(Kind::other, "the proxy " + scrubbed(remote_.proxy) + " is not http://HOST:PORT",
                       "a proxy that requires a login is not supported");
    }
}

void GitPeer::checkKey() const {
    if (remote_.sshKey.empty()) {
        throw GitError(Kind::auth, "no SSH key is set for " + url_.host,
                       "set auth.sshKey to an Ed25519 deploy key (ssh-keygen -t ed25519 -N '' -f FILE)");
    }
    off_t size = 0;
    openSecret(remote_.sshKey, "the SSH key", size);
}

GitDestination GitPeer::destination() const {
    GitDestination out;
    out.ssh = url_.transport == Transport::ssh;
    out.host = url_.host;
    out.port = !url_.port.empty() ? url_.port : out.ssh ? "22" : "443";
    out.repository = shownUrl();
    if (!remote_.proxy.empty()) {
        const auto proxy = remote_.proxy.substr(remote_.proxy.find("://") + 3);
        const auto colon = proxy.rfind(':');
        out.proxy = true;
        out.host = proxy.substr(0, colon);
        out.port = colon == std::string::npos ? "80" : proxy.substr(colon + 1);
    }
    return out;
}

std::string GitPeer::userName() const {
    if (!url_.user.empty()) {
        return url_.user;
    }
    return remote_.username.empty() ? "git" : remote_.username;
}

git_remote_callbacks GitPeer::callbacks() {
    git_remote_callbacks out;
    git_remote_init_callbacks(&out, GIT_REMOTE_CALLBACKS_VERSION);
    out.credentials = &GitPeer::giveCredential;
    out.certificate_check = &GitPeer::judgeCertificate;
    out.transfer_progress = &GitPeer::watchSize;
    if (url_.transport != Transport::file) {
        out.transport = &GitPeer::transport;
    }
    out.payload = this;
    return out;
}

git_proxy_options GitPeer::proxy() const {
    git_proxy_options out;
    git_proxy_options_init(&out, GIT_PROXY_OPTIONS_VERSION);
    out.type = remote_.proxy.empty() ? GIT_PROXY_NONE : GIT_PROXY_SPECIFIED;
    out.url = remote_.proxy.empty() ? nullptr : remote_.proxy.c_str();
    return out;
}

int GitPeer::watchSize(const git_indexer_progress* progress, void* self) {
    auto& peer = *static_cast<GitPeer*>(self);
    const bool tooLarge = peer.remote_.maxBytes != 0 && progress->received_bytes > peer.remote_.maxBytes;
    peer.hearing_.packTooLarge = peer.hearing_.packTooLarge || tooLarge;
    return tooLarge ? GIT_EUSER : 0;
}

/// What `watchSize` does not see: words about what is fetched, for ever.
int GitPeer::transport(git_transport** out, git_remote* owner, void* self) {
    auto& peer = *static_cast<GitPeer*>(self);
    const std::uint64_t most = peer.remote_.maxBytes;
    peer.hearing_ = {most == 0 ? 0 : most + most / 8 + GitHearing::kMostOfList, false, false};
    return makeTransport(out, owner, peer.url_.transport == Transport::https, peer.hearing_);
}

/// libgit2 asks again until there is nothing more to offer, so each credential is offered once.
int GitPeer::giveCredential(git_credential** out, const char* /*url*/, const char* user, unsigned allowed,
                            void* self) {
    auto& peer = *static_cast<GitPeer*>(self);
    peer.progress_.reached(GitPhase::login);
    const std::string name = user != nullptr ? user : peer.userName();
    if ((allowed & GIT_CREDENTIAL_USERNAME) != 0 && !std::exchange(peer.nameGiven_, true)) {
        return git_credential_username_new(out, name.c_str());
    }
    if (peer.url_.transport == Transport::ssh && (allowed & GIT_CREDENTIAL_SSH_KEY) != 0 &&
        !std::exchange(peer.credentialGiven_, true)) {
        // Without a public key file libssh2 takes it from the private one.
        return git_credential_ssh_key_new(out, name.c_str(), nullptr, peer.remote_.sshKey.c_str(), nullptr);
    }
    if (peer.url_.transport == Transport::https && (allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT) != 0 &&
        !peer.token_.empty() && !std::exchange(peer.credentialGiven_, true)) {
        return git_credential_userpass_plaintext_new(out, name.c_str(), peer.token_.data());
    }
    peer.authenticationFailed_ = true;
    return GIT_EAUTH;
}

/// A certificate of an IP address, which libgit2 cannot judge. Notes what is wrong with any other one.
bool GitPeer::acceptsAddress(const git_cert* certificate) {
    if (certificate == nullptr || certificate->cert_type != GIT_CERT_X509) {
        return false;
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): C's way of inheriting
    const auto* x509 = reinterpret_cast<const git_cert_x509*>(certificate);
    const auto judgement = source::judgeCertificate({static_cast<const char*>(x509->data), x509->len},
                                                    url_.host, remote_.caFile);
    certificateProblem_ = judgement.problem;
    certificateHint_ = judgement.hint;
    return judgement.goodForAddress;
}

/// `valid` is libgit2's own judgement: the pinned host keys, or the chain of certificates and the name. Zero
/// accepts, whatever that is.
int GitPeer::judgeCertificate(git_cert* certificate, int valid, const char* /*host*/, void* self) {
    auto& peer = *static_cast<GitPeer*>(self);
    if (valid == 1 || peer.acceptsAddress(certificate)) {
        peer.progress_.reached(GitPhase::answer);
        return 0;
    }
    peer.peerRefused_ = true;
    if (certificate != nullptr && certificate->cert_type == GIT_CERT_HOSTKEY_LIBSSH2) {
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): C's way of inheriting
        const auto* key = reinterpret_cast<const git_cert_hostkey*>(certificate);
        if ((key->type & GIT_CERT_SSH_SHA256) != 0) {
            SecureBytes digest(std::begin(key->hash_sha256), std::end(key->hash_sha256));
            std::string text = base64Encode(view(digest));
            text.resize(text.find_last_not_of('=') + 1);  // as ssh-keygen shows it
            peer.fingerprint_ = "SHA256:" + text;
        }
    }
    return GIT_ECERTIFICATE;
}

}  // namespace vigie::source
