// The part of the reconciler that heeds what the operator has said.

#include "apply/transaction/suspension.hpp"
#include "controller/reconciler.hpp"
#include "controller/words.hpp"

#include <algorithm>

namespace vigie::controller {

std::optional<std::string> Reconciler::suspended() const {
    if (store_.endSuspension(world_.looking.clock.now())) {
        world_.log.info(apply::kSuspensionOver);
        world_.events.normal("Resumed", apply::kSuspensionOver, world_.looking.clock.now());
    }
    if (auto why = store_.suspended()) {
        return why;
    }
    const std::string field = store_.suspendedByDocument();
    return field.empty() ? std::nullopt : std::optional("suspended by the document, which says " + field);
}

std::optional<std::int64_t> Reconciler::untilResumed() const {
    const auto until = store_.suspendedUntil();
    return until == 0 ? std::nullopt
                      : std::optional(std::max<std::int64_t>(1, until - world_.looking.clock.now()));
}

/// The operator named one tip. It is forgotten as soon as that one is applied, or another one is followed:
/// nobody has looked at that.
std::string Reconciler::allowedRewind() {
    std::string named = store_.allowedRewind();
    if (named.empty()) {
        return named;
    }
    const bool applied = store_.lastAppliedRevision() == tip_;
    if (!applied && isRevision(tip_, named)) {
        return named;
    }
    if (!looked_.answered) {
        return {};  // what the remote has now was not seen
    }
    store_.allowRewind("");
    if (!applied) {
        const std::string story = "`vigie reconcile --allow-rewind` named revision " + shortRevision(named) +
                                  ", and the tip is " + shortRevision(tip_) + ": it counts for nothing";
        world_.log.warning(story);
        world_.events.warning("RewindNotUsed", story, world_.looking.clock.now());
    }
    return {};
}

}  // namespace vigie::controller
