// The step that finishes what an interrupted transaction has left.
#include "apply/transaction/recover.hpp"
#include "base/text.hpp"
#include "controller/reconcile/steps.hpp"
#include "controller/schedule.hpp"

namespace vigie::controller {

Step recoverTransaction(Context& on, State& state) {
    const auto journal = on.store.journal();
    if (!journal) {
        return std::nullopt;
    }
    const auto attended = [&] {
        const auto lock = on.world.lockRoot();
        return apply::recoverOpen(on.store, settingsOf(on, state, journal->applied.revision, false),
                                  on.world.changing);
    }();
    const std::string revision = "revision " + shortRevision(attended.revision);
    if (attended.what == apply::Recovery::waiting) {
        Outcome out{.result = Result::waiting,
                    .message = revision + " is applied and waits" +
                               (attended.elsewhere.empty() ? "" : "; " + attended.elsewhere),
                    .comeAgainAt = on.monotonic() + kLookForPeer};
        if (on.narrator.isNews(Subject::outcome, out.message)) {
            on.narrator.info(revision + " " + attended.message);
        }
        return out;
    }
    on.narrator.forget(Subject::outcome);
    const std::string story = revision + ": " + attended.message;
    if (attended.what == apply::Recovery::confirmed) {
        on.narrator.normal("Confirmed", story);
    } else if (!attended.message.empty()) {
        on.narrator.warning("RolledBack", story);
    }
    return std::nullopt;
}

}  // namespace vigie::controller
