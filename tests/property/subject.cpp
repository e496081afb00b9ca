#include "tests/property/subject.hpp"

#include "base/text.hpp"

namespace vigie::tests {

Subject::Subject(const ModelStack& document, std::string host_, ModelHost::Init init)
    : name(std::move(host_)), host(init) {
    installHost(host, document, name);
    setUp();
}

Subject::Subject(const Subject& other) : name(other.name) {
    copyHost(other.host, host);
    const auto revision = other.store.lastAppliedRevision();
    if (!revision.empty()) {
        const auto digest = other.store.lastRenderDigest();
        store.record(state::Applied{"",
                                    revision,
                                    digest,
                                    other.store.inventory(),
                                    {host.clock.now(), revision, "Applied", ""},
                                    other.name,
                                    state::generationName(revision, digest)});
    }
    setUp();
}

void Subject::setUp() {
    settings.stateDirectory = ModelHost::kState;
    settings.reloadTimeout = std::chrono::seconds(1);
    settings.settle = std::chrono::seconds(1);
}

std::string Subject::unsettled(const apply::Target& wanted) {
    if (!committed(wanted)) {
        return "it is not recorded as applied, or a transaction is open";
    }
    const auto left = plan(wanted);
    if (!left.empty()) {
        return "something is left to do:\n" + actionsOf(left);
    }
    const auto mutations = host.mutations();
    static_cast<void>(attend());
    static_cast<void>(apply(wanted));
    if (host.mutations() != mutations) {
        return "a second apply changes something: " + host.fuse.mutations[mutations];
    }
    if (!host.processes.unknown.empty()) {
        return "the model does not know: " + join(host.processes.unknown, "; ");
    }
    return {};
}

std::string Subject::notAsBefore(const std::map<std::string, std::string>& before,
                                 const apply::Target& wanted, const plan::Plan& pending) {
    if (store.journal()) {
        return "a transaction is open";
    }
    const auto differ = differences(before, host.snapshot());
    if (!differ.empty()) {
        return "not everything is as it was:\n" + differ;
    }
    const auto again = plan(wanted);
    if (again.digest != pending.digest) {
        return "there is something else to do than before:\n" + actionsOf(again) + "before:\n" +
               actionsOf(pending);
    }
    if (!host.processes.unknown.empty()) {
        return "the model does not know: " + join(host.processes.unknown, "; ");
    }
    return {};
}

std::string actionsOf(const plan::Plan& plan) {
    std::string out;
    for (const auto& change : plan.changes) {
        if (change.acts() || change.action == plan::Action::refuse) {
            out += "  " + std::string(toText(change.action)) + " " + change.id + ": " + change.reason + "\n" +
                   change.diff;
        }
    }
    return out;
}

}  // namespace vigie::tests
