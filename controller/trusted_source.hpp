#pragma once

#include "controller/config.hpp"
#include "controller/status.hpp"
#include "source/git_client.hpp"
#include "system/files.hpp"
#include "trust/untrusted.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace vigie::controller {

/// The repository as the controller sees it: trees of revisions that were found good, and nothing else. What
/// is exported is the commit that was checked, by the same process.
class TrustedSource {
public:
    /// `patient` is never given up for what happens on the host: what is done without the network uses it.
    TrustedSource(const Config& config, const source::GitClient& patient, const system::Files& files);

    /// What is followed now, a commit. One round trip. Throws Error.
    const std::string& ask();
    /// Which client talks to the remote from now on, and how long one conversation may take.
    void through(const source::GitClient& git, std::chrono::milliseconds timeout);
    /// The commit that `ask` told, or that `bring` brought since.
    [[nodiscard]] const std::string& tip() const { return tip_.commit; }

    /// Sees to it that the tip's tree is there and trusted; `base` is the commit that is applied. Returns
    /// whether something was fetched. A tip that `rewind` names, a commit or its beginning, need not descend
    /// from `base`. Costs nothing as long as nothing changes: neither the tip, nor `base`, nor what `rewind`
    /// allows, nor the file of allowed signers. Throws Error; trust::Untrusted for a tip that must not be
    /// used.
    bool bring(const std::string& base, const std::string& rewind);
    /// What `bring` found.
    [[nodiscard]] Outcome::Trust trust() const;
    [[nodiscard]] const std::string& signer() const { return signer_; }

    /// What a commit that was fetched says of itself, whether it is trusted or not; asked once. Nothing when
    /// it is not there.
    [[nodiscard]] std::optional<source::Description> describe(const std::string& revision);
    /// A new connection to the remote; throws Error.
    void reach() const;

    [[nodiscard]] std::string treeOf(const std::string& revision) const;
    /// How a file of the exported tree is called in the repository, for messages; another one stays what it
    /// is.
    [[nodiscard]] std::string inRepository(const std::string& file, const std::string& revision) const;
    /// Sees to it that the tree of a revision that was applied is there; false when it cannot be had.
    [[nodiscard]] bool restore(const std::string& revision) const;
    /// Removes the trees of all revisions but the tip and `applied`.
    void prune(const std::string& applied) const;

private:
    /// What a judgement rests on.
    struct Grounds {
        source::Tip tip;
        std::string base;
        std::string signers;  ///< digest of the file of allowed signers
        bool rewind = false;  ///< the tip need not descend from `base`
    };
    [[nodiscard]] Grounds grounds(const std::string& base, const std::string& rewind) const;
    [[nodiscard]] bool stands(const Grounds& now) const;
    [[nodiscard]] std::string nameOf(const std::string& revision) const;
    [[nodiscard]] bool hasTree(const std::string& revision) const;
    [[nodiscard]] source::Check checkOf(const std::string& base, const std::string& rewind) const;
    bool obtain(const std::string& base, const std::string& rewind);
    [[nodiscard]] std::string exportInto(const source::Tip& tip, const source::Check& check) const;

    source::Remote remote_;
    std::string path_;
    std::string state_;
    std::string allowedSigners_;
    bool allowRewind_;
    const source::GitClient& patient_;
    const source::GitClient* git_;
    const system::Files& files_;
    std::string repository_;

    source::Tip tip_;
    std::optional<Grounds> judged_;
    std::optional<trust::Untrusted> refusal_;  ///< the judgement on `judged_`; nothing: trusted
    std::string signer_;
    /// By commit; nothing: it was not there. Of the tip and what is applied only.
    std::map<std::string, std::optional<source::Description>> described_;
};

}  // namespace vigie::controller
