// The repository that the configuration names, of which only what is trusted is used.
#pragma once

#include "controller/config.hpp"
#include "controller/revision_source.hpp"
#include "source/git_client.hpp"
#include "system/files.hpp"
#include "trust/untrusted.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace vigie::controller {

/// Trees of revisions that were found good, and nothing else. What is exported is the commit that was
/// checked, by the same process.
class TrustedSource : public RevisionSource {
public:
    /// A conversation that may be interrupted uses `interruptible`; everything else, as what is done without
    /// the network, uses `uninterruptible`, which ends only when the controller does.
    TrustedSource(const Config& config, const source::GitClient& interruptible,
                  const source::GitClient& uninterruptible, const system::Files& files);

    std::string ask(const Patience& patience) override;
    [[nodiscard]] std::string tip() const override { return tip_.commit; }
    /// Costs nothing as long as nothing changes: neither the tip, nor `base`, nor what `rewind` allows, nor
    /// the file of allowed signers.
    bool bring(const std::string& base, const std::string& rewind, const Patience& patience) override;
    [[nodiscard]] Trust trust() const override;
    [[nodiscard]] std::string signer() const override { return signer_; }
    /// Asked once.
    [[nodiscard]] std::optional<source::Description> describe(const std::string& revision) override;
    void reach() const override;
    [[nodiscard]] std::string treeOf(const std::string& revision) const override;
    [[nodiscard]] std::string inRepository(const std::string& file,
                                           const std::string& revision) const override;
    [[nodiscard]] bool restore(const std::string& revision) override;
    void prune(const std::string& applied) override;

private:
    /// What a judgement rests on.
    struct Grounds {
        source::Tip tip;
        std::string base;
        std::string signers;  ///< digest of the file of allowed signers
        bool rewind = false;  ///< the tip need not descend from `base`
    };
    /// The client that talks to the remote now; one conversation of it takes no longer.
    const source::GitClient& through(const Patience& patience);
    [[nodiscard]] Grounds grounds(const std::string& base, const std::string& rewind) const;
    [[nodiscard]] bool stands(const Grounds& now) const;
    [[nodiscard]] std::string nameOf(const std::string& revision) const;
    [[nodiscard]] bool hasTree(const std::string& revision) const;
    [[nodiscard]] source::Check checkOf(const std::string& base, const std::string& rewind) const;
    bool obtain(const std::string& base, const std::string& rewind, const source::GitClient& git);
    [[nodiscard]] std::string exportInto(const source::Tip& tip, const source::Check& check) const;

    source::Remote remote_;
    std::string path_;
    std::string state_;
    std::string allowedSigners_;
    bool allowRewind_;
    const source::GitClient& interruptible_;
    const source::GitClient& uninterruptible_;
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
