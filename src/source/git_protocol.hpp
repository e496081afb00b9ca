// What is asked of vigie-git and what it answers: the structs of both ends, described once.
#pragma once

#include "spec/describable.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// A request is a `GitRequest` as JSON on the helper's standard input; the answer is one of the other
/// structs, or a `GitFailure`. Both ends are of one version.
namespace vigie::source {

/// Where the repository is, what of it is followed, and how it knows us; paths of this machine.
struct Remote {
    std::string url = {};
    std::string branch = {};  ///< one of the three
    std::string tag = {};
    std::string commit = {};          ///< 40 hexadecimal digits: pinned
    std::string sshKey = {};          ///< private key file, OpenSSH format, Ed25519, without a passphrase
    std::string knownHosts = {};      ///< pinned host keys, as `ssh-keyscan` writes them
    std::string tokenFile = {};       ///< password or token for https, mode 0600
    std::string username = {};        ///< default: the URL's, else `git`
    std::string caFile = {};          ///< PEM file of the authority that issued the server's certificate
    std::string proxy = {};           ///< `http://HOST:PORT`, for https
    std::uint64_t maxBytes = 0;       ///< more than this is not received in one fetch; 0: no limit
    std::int64_t timeoutMs = 30'000;  ///< of one question; 0: no limit
};

VIGIE_DESCRIBE(Remote) {
    io.field("url", value.url);
    io.field("branch", value.branch);
    io.field("tag", value.tag);
    io.field("commit", value.commit);
    io.group("auth", [&](auto& auth) {
        auth.field("sshKey", value.sshKey);
        auth.field("knownHosts", value.knownHosts);
        auth.field("tokenFile", value.tokenFile);
        auth.field("username", value.username);
        auth.field("caFile", value.caFile);
    });
    io.field("proxy", value.proxy);
    io.field("maxBytes", value.maxBytes);
    io.field("timeoutMs", value.timeoutMs);
}

/// What the remote says of what is followed.
struct Tip {
    std::string commit = {};  ///< 40 hexadecimal digits
    std::string tag = {};     ///< the annotated tag that leads to it, 40 hexadecimal digits; else empty
};

VIGIE_DESCRIBE(Tip) {
    io.field("commit", value.commit);
    io.field("tag", value.tag);
}

/// What is demanded of a commit before anything of it is used (docs/trust.md).
struct Check {
    std::string allowedSigners = {};  ///< a file; empty: signatures are not looked at
    std::string base = {};     ///< the commit that was applied last, 40 hexadecimal digits; empty: none
    bool allowRewind = false;  ///< its history need not contain `base`
    std::string tag = {};      ///< the annotated tag that was followed, 40 hexadecimal digits, or empty
    std::string tagName = {};  ///< the name under which it was followed; empty: whatever it says itself
};

VIGIE_DESCRIBE(Check) {
    io.field("allowedSigners", value.allowedSigners);
    io.field("base", value.base);
    io.field("allowRewind", value.allowRewind);
    io.field("tag", value.tag);
    io.field("tagName", value.tagName);
}

/// What a commit says of itself. Whoever made it wrote it, and it proves nothing.
struct Description {
    std::string subject = {};  ///< one line, at most 200 characters
    std::string author = {};   ///< the name, without the address; at most 100 characters
    std::int64_t time = 0;     ///< Unix seconds at which it was committed
};

VIGIE_DESCRIBE(Description) {
    io.field("subject", value.subject);
    io.field("author", value.author);
    io.field("time", value.time);
}

/// Who signed a revision of a work tree.
struct Verified {
    std::string commit = {};  ///< 40 hexadecimal digits
    std::string tag = {};     ///< the annotated tag's name; empty: the commit itself
    std::string signer = {};
};

VIGIE_DESCRIBE(Verified) {
    io.field("commit", value.commit);
    io.field("tag", value.tag);
    io.field("signer", value.signer);
}

/// What was written of a commit.
struct Exported {
    std::string commit = {};  ///< 40 hexadecimal digits
    std::string tree = {};    ///< of the exported directory; empty: the commit has nothing in that place
    std::size_t files = 0;
    std::vector<std::string> skipped =
        {};                   ///< symbolic links and submodules, relative to the exported directory
    std::string signer = {};  ///< who signed it; empty when signatures are not looked at
};

VIGIE_DESCRIBE(Exported) {
    io.field("commit", value.commit);
    io.field("tree", value.tree);
    io.field("files", value.files);
    io.field("skipped", value.skipped);
    io.field("signer", value.signer);
}

/// Why there is no other answer.
struct GitFailure {
    std::string error = {};
    std::string hint = {};
    std::string kind = {};    ///< as GitError names it, or `untrusted`
    std::string reason = {};  ///< of what is untrusted (trust::name)
};

VIGIE_DESCRIBE(GitFailure) {
    io.field("error", value.error);
    io.field("hint", value.hint);
    io.field("kind", value.kind);
    io.field("reason", value.reason);
}

/// One question. Which members an operation needs its function in GitClient says; `remote.commit` is also the
/// commit that is checked, written or described.
struct GitRequest {
    std::string op = {};
    Remote remote = {};
    std::string repository = {};
    std::string applied = {};  ///< a commit that must stay available, or empty
    Check check = {};
    std::string path = {};  ///< what of the commit is written; `.` is everything
    std::string out = {};
    std::string directory = {};
    std::string revision = {};
    std::string allowedSigners = {};
};

VIGIE_DESCRIBE(GitRequest) {
    io.field("op", value.op);
    describe(io, value.remote);
    io.field("repository", value.repository);
    io.field("applied", value.applied);
    io.field("check", value.check);
    io.field("path", value.path);
    io.field("out", value.out);
    io.field("directory", value.directory);
    io.field("revision", value.revision);
    io.field("allowedSigners", value.allowedSigners);
}

}  // namespace vigie::source
