// The repository as the reconciler sees it: a tip, and trees of revisions that may be used.
#pragma once

#include "controller/outcome.hpp"
#include "source/git_client.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace vigie::controller {

/// Until when a conversation with the remote may last.
struct Patience {
    bool interruptible = true;  ///< it ends with Interrupted as soon as the host reports something of its own
    std::chrono::milliseconds timeout{};
};

/// Implemented by TrustedSource, and by tests. All functions may throw Interrupted.
class RevisionSource {
public:
    RevisionSource() = default;
    RevisionSource(const RevisionSource&) = delete;
    RevisionSource& operator=(const RevisionSource&) = delete;
    RevisionSource(RevisionSource&&) = delete;
    RevisionSource& operator=(RevisionSource&&) = delete;
    virtual ~RevisionSource() = default;

    /// What is followed now, a commit. One round trip. Throws Error.
    virtual std::string ask(const Patience& patience) = 0;
    /// The commit that `ask` told, or that `bring` brought since.
    [[nodiscard]] virtual std::string tip() const = 0;
    /// Sees to it that the tip's tree is there and trusted; `base` is the commit that is applied. Returns
    /// whether something was fetched. A tip that `rewind` names, a commit or its beginning, need not descend
    /// from `base`. Throws Error; trust::Untrusted for a tip that must not be used.
    virtual bool bring(const std::string& base, const std::string& rewind, const Patience& patience) = 0;
    /// What `bring` found.
    [[nodiscard]] virtual Trust trust() const = 0;
    [[nodiscard]] virtual std::string signer() const = 0;

    /// What a commit that was fetched says of itself, whether it is trusted or not. Nothing when it is not
    /// there.
    [[nodiscard]] virtual std::optional<source::Description> describe(const std::string& revision) = 0;
    /// A new connection to the remote; throws Error.
    virtual void reach() const = 0;

    /// Where the tree of a revision is, as the host sees it.
    [[nodiscard]] virtual std::string treeOf(const std::string& revision) const = 0;
    /// How a file of that tree is called in the repository, for messages; another one stays what it is.
    [[nodiscard]] virtual std::string inRepository(const std::string& file,
                                                   const std::string& revision) const = 0;
    /// Sees to it that the tree of a revision that was applied is there; false when it cannot be had.
    [[nodiscard]] virtual bool restore(const std::string& revision) = 0;
    /// Removes the trees of all revisions but the tip and `applied`.
    virtual void prune(const std::string& applied) = 0;
};

}  // namespace vigie::controller
