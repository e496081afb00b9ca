// Logs in at a remote and checks who it is.
#pragma once

#include "base/secure.hpp"
#include "source/git_deadline.hpp"
#include "source/git_home.hpp"
#include "source/git_library.hpp"
#include "source/git_protocol.hpp"
#include "source/git_transport.hpp"
#include "source/git_url.hpp"

#include <git2.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace vigie::source {

/// One remote: who we are to it, how we know that it is the right one, and what its failures mean. Everything
/// that can be refused without connecting is refused by the constructor. Starts libgit2.
class GitPeer {
public:
    explicit GitPeer(Remote remote);

    [[nodiscard]] const GitUrl& url() const { return url_; }

    /// For messages.
    [[nodiscard]] std::string shownUrl() const { return scrubbed(url_.text); }

    /// Where the conversation leads, and how far it has come; the latter from any thread.
    [[nodiscard]] GitDestination destination() const;
    [[nodiscard]] GitProgress& progress() { return progress_; }

    /// The callbacks keep a pointer to this object.
    [[nodiscard]] git_remote_callbacks callbacks();

    /// libgit2 keeps a pointer to the text of this object.
    [[nodiscard]] git_proxy_options proxy() const;

    /// Throws what libgit2's last failure, with this return code, means for the operator.
    [[noreturn]] void fail(int code) const;

private:
    static int giveCredential(git_credential** out, const char* url, const char* user, unsigned allowed,
                              void* self);
    static int judgeCertificate(git_cert* certificate, int valid, const char* host, void* self);

    static int transport(git_transport** out, git_remote* owner, void* self);
    static int watchSize(const git_indexer_progress* progress, void* self);
    [[nodiscard]] bool acceptsAddress(const git_cert* certificate);

    void readToken();
    void checkProxy() const;
    void checkKey() const;
    [[nodiscard]] std::string userName() const;
    [[nodiscard]] std::string scanHint() const;
    [[noreturn]] void failAuthentication() const;
    [[noreturn]] void failHostKey() const;
    [[noreturn]] void failKeyExchange() const;
    [[noreturn]] void failCertificate() const;

    GitUrl url_;
    Remote remote_;
    SecureBytes token_;  ///< ends with a NUL when there is one
    std::optional<PrivateHome> home_;
    std::optional<GitLibrary> library_;  ///< after `home_`: it reads HOME when it starts

    bool nameGiven_ = false;
    bool credentialGiven_ = false;
    bool authenticationFailed_ = false;
    bool peerRefused_ = false;
    GitHearing hearing_;
    std::string fingerprint_;         ///< of the host key that was refused
    std::string certificateProblem_;  ///< of the certificate that was refused
    std::string certificateHint_;
    GitProgress progress_;
};

}  // namespace vigie::source
