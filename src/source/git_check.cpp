// Checks the signature and the history of a commit.

#include "source/git_check.hpp"

#include "base/secure.hpp"
#include "base/text.hpp"
#include "source/git_error.hpp"
#include "source/git_handles.hpp"
#include "source/git_objects.hpp"
#include "source/git_oid.hpp"
#include "source/git_store.hpp"
#include "system/descriptor.hpp"
#include "system/own_file.hpp"
#include "system/walk.hpp"
#include "trust/allowed_signers.hpp"
#include "trust/signed_object.hpp"
#include "trust/untrusted.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <string_view>

namespace vigie::source {
namespace {

using Kind = GitError::Kind;
using trust::Reason;
using trust::Untrusted;

constexpr off_t kMostSigners = 1 << 20;

std::int64_t localTime(const trust::CivilTime& time) {
    std::tm out{};
    out.tm_year = time.year - 1900;
    out.tm_mon = time.month - 1;
    out.tm_mday = time.day;
    out.tm_hour = time.hour;
    out.tm_min = time.minute;
    out.tm_sec = time.second;
    out.tm_isdst = -1;
    return std::mktime(&out);
}

[[noreturn]] void failSigners(const std::string& path, const std::string& why, const std::string& hint) {
    throw Untrusted(Reason::signersUnusable, "the allowed signers in " + path + " " + why, hint);
}

/// This file decides who is trusted, so only root may write it.
std::string readSigners(const std::string& path) {
    const system::Descriptor fd = system::openFile(path, O_RDONLY | O_NONBLOCK);
    struct stat found {};
    if (!fd.valid() || ::fstat(fd.get(), &found) != 0) {
        failSigners(path, std::string("cannot be read: ") + std::strerror(errno),
                    "write one line for each person who may sign: alice@example.org ssh-ed25519 AAAA…");
    }
    if (!S_ISREG(found.st_mode) || found.st_size > kMostSigners) {
        failSigners(path, "are not a regular file of at most 1 MiB", "name a regular file");
    }
    if (const auto who = system::whoElseMayWrite(path); !who.empty()) {
        failSigners(path, "can be written by others: " + who, "chown root " + path + "; chmod 644 " + path);
    }
    std::string out(static_cast<std::size_t>(found.st_size), '\0');
    std::size_t done = 0;
    while (done < out.size()) {
        const ssize_t n = ::read(fd.get(), out.data() + done, out.size() - done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            failSigners(path, "changed while they were read", "try again");
        }
        done += static_cast<std::size_t>(n);
    }
    return out;
}

trust::AllowedSigners signersIn(const std::string& path) {
    initialiseSodium();
    try {
        return trust::parseAllowedSigners(readSigners(path), localTime);
    } catch (const Untrusted& error) {
        const std::string what = error.what();
        throw Untrusted(error.reason(), what.find(path) == std::string::npos ? path + ": " + what : what,
                        error.hint());
    }
}

/// The bytes of an object; libgit2 compares them with their name.
std::string rawObject(git_repository& repository, const git_oid& oid, git_object_t type) {
    GitOdb odb;
    GitOdbObject object;
    demandReadable(repository, oid, "the object " + hex(oid));
    if (gitMake(git_repository_odb, odb, &repository) < 0 ||
        gitMake(git_odb_read, object, odb.get(), &oid) < 0) {
        throw GitError(Kind::repository, "cannot read the object " + hex(oid) + ": " + lastGitMessage(),
                       "the repository is damaged: remove it and fetch it again, or run git fsck");
    }
    if (git_odb_object_type(object.get()) != type) {
        throw Untrusted(Reason::malformed,
                        "the object " + hex(oid) + " is not of the type by which it is referenced",
                        "find out who pushed it");
    }
    return {static_cast<const char*>(git_odb_object_data(object.get())), git_odb_object_size(object.get())};
}

std::string signerOfCommit(git_repository& repository, const git_oid& oid,
                           const trust::AllowedSigners& signers) {
    const auto object = trust::parseCommit(rawObject(repository, oid, GIT_OBJECT_COMMIT));
    GitCommit commit;
    if (gitMake(git_commit_lookup, commit, &repository, &oid) < 0 ||
        hex(*git_commit_tree_id(commit.get())) != object.target) {
        throw Untrusted(Reason::malformed,
                        "the commit " + hex(oid) + " is ambiguous: two parsers read it differently",
                        "git does not write such a commit: find out who pushed it");
    }
    return trust::signerOf(object, signers);
}

/// A tag that was signed under one name must not be served under another.
std::string signerOfTag(git_repository& repository, const git_oid& oid, const std::string& name,
                        const trust::AllowedSigners& signers) {
    const auto object = trust::parseTag(rawObject(repository, oid, GIT_OBJECT_TAG));
    if (!name.empty() && object.tagName != name) {
        throw Untrusted(Reason::badSignature,
                        "the tag " + name + " was signed as '" + printable(object.tagName) + "'",
                        "a signed tag is valid under its own name only: find out who pushed it");
    }
    return trust::signerOf(object, signers);
}

git_oid oidOf(const std::string& text) {
    git_oid oid;
    if (text.size() != 40 || git_oid_fromstr(&oid, text.c_str()) < 0) {
        throw GitError(Kind::other, "'" + printable(text) + "' is not an object id",
                       "use the vigie-git of this version");
    }
    return oid;
}

/// `tag` leads to `commit`, as the remote said.
void demandTarget(git_repository& repository, const git_oid& tag, const git_oid& commit) {
    GitObject object;
    GitObject peeled;
    demandReadable(repository, tag, "the tag " + hex(tag));
    if (gitMake(git_object_lookup, object, &repository, &tag, GIT_OBJECT_TAG) < 0 ||
        gitMake(git_object_peel, peeled, object.get(), GIT_OBJECT_COMMIT) < 0 ||
        git_oid_equal(git_object_id(peeled.get()), &commit) == 0) {
        throw Untrusted(Reason::malformed,
                        "the tag " + hex(tag) + " does not point to the commit " + hex(commit),
                        "the remote announced another commit than it sent");
    }
}

bool contains(git_repository& repository, const git_oid& tip, const git_oid& older) {
    if (git_oid_equal(&tip, &older) != 0) {
        return true;
    }
    const int answer = git_graph_descendant_of(&repository, &tip, &older);
    if (answer < 0) {
        throw GitError(Kind::repository, "cannot walk the history of " + hex(tip) + ": " + lastGitMessage(),
                       "the repository is damaged: remove it, and vigie fetches it again");
    }
    return answer == 1;
}

void demandHistory(git_repository& repository, const git_oid& tip, const git_oid& base) {
    const bool known = hasCommit(repository, base);
    if (known && contains(repository, tip, base)) {
        return;
    }
    const std::string hint =
        "if this was intended, `vigie reconcile --allow-rewind " + shortRevision(hex(tip)) +
        "` lets this host follow this tip; to accept every rewritten history, set source.allowRewind to true "
        "in its /etc/vigie/vigie.yaml and run `systemctl reload vigie`; if not, push the old history again";
    const std::string applied = shortRevision(hex(base));
    if (known && contains(repository, base, tip)) {
        throw Untrusted(Reason::rewound,
                        "the history was rewound to before " + applied + ", the applied commit", hint);
    }
    throw Untrusted(Reason::replaced,
                    "the history was replaced: it does not contain " + applied + ", the applied commit",
                    hint);
}

/// Every commit that `tip` contains and `base` does not.
void checkRange(git_repository& repository, const git_oid& tip, const git_oid& base,
                const trust::AllowedSigners& signers) {
    GitRevwalk walk;
    if (gitMake(git_revwalk_new, walk, &repository) < 0 || git_revwalk_push(walk.get(), &tip) < 0 ||
        git_revwalk_hide(walk.get(), &base) < 0) {
        throw GitError(Kind::repository, "cannot walk the history of " + hex(tip) + ": " + lastGitMessage(),
                       "the repository is damaged: remove it, and vigie fetches it again");
    }
    git_oid oid;
    int code = 0;
    while ((code = git_revwalk_next(&oid, walk.get())) == 0) {
        if (git_oid_equal(&oid, &tip) != 0) {
            continue;
        }
        try {
            static_cast<void>(signerOfCommit(repository, oid, signers));
        } catch (const Untrusted& error) {
            throw Untrusted(error.reason(),
                            "commit " + shortRevision(hex(oid)) +
                                ", which is new since the applied commit: " + error.what(),
                            error.hint());
        }
    }
    if (code != GIT_ITEROVER) {
        throw GitError(Kind::repository, "cannot walk the history of " + hex(tip) + ": " + lastGitMessage(),
                       "the repository is damaged: remove it, and vigie fetches it again");
    }
}

}  // namespace

std::string checkCommit(git_repository& repository, const git_commit& commit, const Check& check) {
    const git_oid tip = *git_commit_id(&commit);
    if (!check.base.empty() && !check.allowRewind) {
        demandHistory(repository, tip, oidOf(check.base));
    }
    if (!check.tag.empty()) {
        demandTarget(repository, oidOf(check.tag), tip);
    }
    if (check.allowedSigners.empty()) {
        return {};
    }
    const auto signers = signersIn(check.allowedSigners);
    if (!check.tag.empty()) {
        return signerOfTag(repository, oidOf(check.tag), check.tagName, signers);
    }
    std::string signer = signerOfCommit(repository, tip, signers);
    if (!check.base.empty() && hasCommit(repository, oidOf(check.base))) {
        checkRange(repository, tip, oidOf(check.base), signers);
    }
    return signer;
}

std::string checkObject(git_repository& repository, const git_object& object,
                        const std::string& allowedSigners) {
    const auto signers = signersIn(allowedSigners);
    const git_oid oid = *git_object_id(&object);
    return git_object_type(&object) == GIT_OBJECT_TAG ? signerOfTag(repository, oid, "", signers)
                                                      : signerOfCommit(repository, oid, signers);
}

}  // namespace vigie::source
