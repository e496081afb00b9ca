// One host of a document with vigie's memory: what a transaction is tried on.
#pragma once

#include "apply/transaction/recover.hpp"
#include "base/error.hpp"
#include "tests/support/model_stack.hpp"

#include <map>
#include <string>

namespace vigie::tests {

/// One host of a document, with vigie's memory: what a transaction is tried on.
class Subject {
public:
    Subject(const ModelStack& document, std::string name, ModelHost::Init init = ModelHost::Init::none);
    /// Another machine that is as `other` is now. No transaction may be open there.
    explicit Subject(const Subject& other);

    [[nodiscard]] apply::DesiredState target(const ModelStack& document, const std::string& revision) const {
        return targetOn(host, document, name, revision);
    }
    [[nodiscard]] plan::Plan plan(const apply::DesiredState& target) {
        return apply::planFor(target, store.inventory(), host.system());
    }
    /// Throws what `apply::apply` throws, and Killed.
    apply::Applied apply(const apply::DesiredState& target) {
        return apply::apply(target, plan(target), store, settings, host.system());
    }
    apply::Recovery recoverOpen() { return apply::recoverOpen(store, settings, host.system()).what; }
    [[nodiscard]] bool committed(const apply::DesiredState& target) const {
        return !store.journal() && store.lastAppliedRevision() == target.revision &&
               store.lastRenderDigest() == apply::renderDigest(target);
    }

    /// What is wrong with a host on which `target` was applied: it is not as it should be, or a second apply
    /// changes something. Empty: nothing.
    std::string unsettled(const apply::DesiredState& target);
    /// What is wrong with a host on which nothing came of `target`: something is not as `before` has it, a
    /// transaction is open, or what there is to do is no longer `pending`.
    std::string notAsBefore(const std::map<std::string, std::string>& before,
                            const apply::DesiredState& target, const plan::Plan& pending);

    std::string name;
    ModelHost host;
    state::Store store = state::Store::open(":memory:");
    apply::Settings settings;

private:
    void setUp();
    /// What `plan` does beside making directories that are there.
    [[nodiscard]] std::string todo(const plan::Plan& plan) const;
};

/// What a plan does, line by line.
std::string actionsOf(const plan::Plan& plan);

}  // namespace vigie::tests
