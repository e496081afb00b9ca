// The repository that the configuration names, of which only what is trusted is used.
#include "controller/trusted_source.hpp"

#include "base/error.hpp"
#include "base/hash.hpp"
#include "controller/words.hpp"
#include "system/real_files.hpp"

#include <filesystem>
#include <system_error>

namespace vigie::controller {
namespace {

source::Remote remoteOf(const Config& config) {
    source::Remote out;
    out.url = config.source.url;
    out.branch = config.source.branch;
    out.tag = config.source.tag;
    out.commit = config.source.commit;
    out.sshKey = config.auth.sshKey;
    out.knownHosts = config.auth.knownHosts;
    out.tokenFile = config.auth.tokenFile;
    out.username = config.auth.username;
    out.caFile = config.auth.caFile;
    out.proxy = config.source.proxy;
    out.maxBytes = config.source.maxBytes;
    out.timeoutMs = config.source.timeout.count();
    return out;
}

/// Any change of the file is a reason to judge anew; what is wrong with it, the judge says.
std::string digestOf(const std::string& allowedSigners) {
    constexpr std::uint64_t kLargest = 1U << 20U;
    if (allowedSigners.empty()) {
        return {};
    }
    try {
        return sha256Hex(view(system::RealFiles("").read(allowedSigners, kLargest)));
    } catch (const Error& error) {
        return error.what();
    }
}

}  // namespace

TrustedSource::TrustedSource(const Config& config, const source::GitClient& interruptible,
                             const source::GitClient& uninterruptible, const system::Files& files)
    : remote_(remoteOf(config)),
      path_(config.source.path),
      state_(config.state),
      allowedSigners_(config.verify.allowedSigners),
      allowRewind_(config.source.allowRewind),
      interruptible_(interruptible),
      uninterruptible_(uninterruptible),
      files_(files),
      repository_(files.real(config.state + "/source/repository")) {}

const source::GitClient& TrustedSource::through(const Patience& patience) {
    remote_.timeoutMs = patience.timeout.count();
    return patience.interruptible ? interruptible_ : uninterruptible_;
}

std::string TrustedSource::ask(const Patience& patience) {
    tip_ = through(patience).tip(remote_);
    return tip_.commit;
}

void TrustedSource::reach() const {
    static_cast<void>(uninterruptible_.tip(remote_));
}

std::optional<source::Description> TrustedSource::describe(const std::string& revision) {
    constexpr std::size_t kCommit = 40;
    constexpr std::size_t kRemembered = 8;
    if (revision.size() != kCommit) {
        return std::nullopt;  // a directory
    }
    if (const auto it = described_.find(revision); it != described_.end()) {
        return it->second;
    }
    if (described_.size() >= kRemembered) {
        described_.clear();
    }
    auto& out = described_[revision];
    try {
        out = uninterruptible_.describe(repository_, revision);
    } catch (const Error&) {  // it is known by its name only
        out.reset();
    }
    return out;
}

/// Another directory of the same commit is another tree.
std::string TrustedSource::nameOf(const std::string& revision) const {
    constexpr std::size_t kShort = 8;
    return path_ == "." ? revision : revision + "-" + sha256Hex(path_).substr(0, kShort);
}

std::string TrustedSource::treeOf(const std::string& revision) const {
    return state_ + "/source/trees/" + nameOf(revision);
}

std::string TrustedSource::inRepository(const std::string& file, const std::string& revision) const {
    const std::string tree = files_.real(treeOf(revision));
    if (file == tree) {
        return path_ == "." ? "the repository" : path_;
    }
    if (file.compare(0, tree.size() + 1, tree + "/") != 0) {
        return file;
    }
    return (path_ == "." ? "" : path_ + "/") + file.substr(tree.size() + 1);
}

bool TrustedSource::hasTree(const std::string& revision) const {
    return files_.inspect(treeOf(revision)).exists();
}

TrustedSource::Grounds TrustedSource::grounds(const std::string& base, const std::string& rewind) const {
    return {tip_, base, digestOf(allowedSigners_), allowRewind_ || isRevision(tip_.commit, rewind)};
}

/// A tip that was trusted and is applied since is still the same tip, and one that might go back may still do
/// so.
bool TrustedSource::stands(const Grounds& now) const {
    return judged_ && judged_->tip.commit == now.tip.commit && judged_->tip.tag == now.tip.tag &&
           judged_->signers == now.signers && (judged_->rewind == now.rewind || !refusal_) &&
           (judged_->base == now.base || (!refusal_ && now.base == now.tip.commit));
}

bool TrustedSource::bring(const std::string& base, const std::string& rewind, const Patience& patience) {
    const auto& git = through(patience);
    if (stands(grounds(base, rewind))) {
        if (refusal_) {
            throw trust::Untrusted(*refusal_);
        }
        if (hasTree(tip_.commit)) {
            return false;
        }
    }
    judged_.reset();
    refusal_.reset();
    signer_.clear();
    // Read before it is used: if it changes meanwhile, it is judged once more than necessary.
    const std::string signers = grounds(base, rewind).signers;
    const auto judged = [&] {
        auto out = grounds(base, rewind);  // of the tip that was looked at, which may be another one now
        out.signers = signers;
        return out;
    };
    try {
        const bool fetched = obtain(base, rewind, git);
        judged_ = judged();
        return fetched;
    } catch (const trust::Untrusted& error) {
        judged_ = judged();
        refusal_ = error;
        throw;
    }
}

/// What is demanded of the tip that is in hand at this moment.
source::Check TrustedSource::checkOf(const std::string& base, const std::string& rewind) const {
    return {allowedSigners_, base, allowRewind_ || isRevision(tip_.commit, rewind)};
}

bool TrustedSource::obtain(const std::string& base, const std::string& rewind, const source::GitClient& git) {
    if (hasTree(tip_.commit)) {
        try {
            signer_ = uninterruptible_.verify(remote_, repository_, tip_, checkOf(base, rewind));
            return false;
        } catch (const trust::Untrusted&) {
            throw;
        } catch (const Error&) {  // NOLINT(bugprone-empty-catch): the repository lost it; it is fetched again
        }
    }
    std::filesystem::create_directories(files_.real(state_ + "/source/trees"));
    described_.clear();  // what was not there may be now
    tip_ = git.fetch(remote_, repository_, base);
    const auto check = checkOf(base, rewind);  // the remote may have another tip by now
    if (hasTree(tip_.commit)) {
        signer_ = uninterruptible_.verify(remote_, repository_, tip_, check);
    } else {
        signer_ = exportInto(tip_, check);
        prune(base);
    }
    return true;
}

/// An export that is killed half way must not look like a tree: it gets its name when it is whole.
std::string TrustedSource::exportInto(const source::Tip& tip, const source::Check& check) const {
    const std::string unfinished = files_.real(treeOf("unfinished"));
    std::filesystem::remove_all(unfinished);
    std::string signer = uninterruptible_.exportTree(remote_, repository_, tip, check, path_, unfinished);
    std::filesystem::rename(unfinished, files_.real(treeOf(tip.commit)));
    return signer;
}

Trust TrustedSource::trust() const {
    if (allowedSigners_.empty()) {
        return {.status = ConditionStatus::unknown,
                .reason = Reason::notChecked,
                .message = "signatures are not checked: verify.mode is off"};
    }
    return {.status = ConditionStatus::yes,
            .reason = Reason::verified,
            .message = (tip_.tag.empty() ? "revision " + tip_.commit.substr(0, 12) : "tag " + remote_.tag) +
                       " is signed by " + signer_};
}

bool TrustedSource::restore(const std::string& revision) {
    if (hasTree(revision)) {
        return true;
    }
    try {
        // It was trusted when it was applied; what it is follows from its name.
        static_cast<void>(exportInto({revision, ""}, {"", "", true}));
        return true;
    } catch (const Error&) {
        return false;
    } catch (const std::filesystem::filesystem_error&) {
        return false;
    }
}

void TrustedSource::prune(const std::string& applied) {
    const std::string trees = state_ + "/source/trees";
    for (const auto& name : files_.list(trees)) {
        if (name != nameOf(tip_.commit) && name != nameOf(applied)) {
            std::error_code ignored;
            std::filesystem::remove_all(files_.real(trees + "/" + name), ignored);
        }
    }
}

}  // namespace vigie::controller
