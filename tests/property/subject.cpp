// A host that properties are tried on.
#include "tests/property/subject.hpp"

#include "base/text.hpp"

namespace vigie::tests {

namespace {

/// After so long the user's containers count as at rest.
constexpr std::int64_t kQuiet = 120'000;

}  // namespace

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
                                    {host.clock.now(), revision, state::AttemptResult::applied, ""},
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

std::string Subject::unsettled(const apply::DesiredState& wanted) {
    if (!committed(wanted)) {
        return "it is not recorded as applied, or a transaction is open";
    }
    const auto left = plan(wanted);
    if (!left.empty()) {
        return "something is left to do:\n" + actionsOf(left);
    }
    const auto mutations = host.mutations();
    static_cast<void>(recoverOpen());
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
                                 const apply::DesiredState& wanted, const plan::Plan& pending) {
    if (store.journal()) {
        return "a transaction is open";
    }
    auto after = host.snapshot();
    const auto history = store.history(1);
    if (history.empty() || history.front().revision != wanted.revision ||
        history.front().result != state::AttemptResult::rolledBack) {
        // Images are pulled and built before a transaction begins: nobody takes their names back then.
        for (const auto& [key, value] : before) {
            if (key.compare(0, std::string_view(ModelHost::kImage).size(), ModelHost::kImage) == 0) {
                after[key] = value;
            }
        }
    }
    const auto differ = differences(before, after);
    if (!differ.empty()) {
        return "not everything is as it was:\n" + differ;
    }
    host.clock.milliseconds += kQuiet;
    const auto again = plan(wanted);
    if (todo(again) != todo(pending)) {
        return "there is something else to do than before:\n" + actionsOf(again) + "before:\n" +
               actionsOf(pending);
    }
    if (!host.processes.unknown.empty()) {
        return "the model does not know: " + join(host.processes.unknown, "; ");
    }
    return {};
}

std::string Subject::todo(const plan::Plan& plan) const {
    auto out = plan;
    for (auto& change : out.changes) {
        const auto path = change.id.substr(change.id.find(':') + 1);
        const auto it = host.files.entries.find(path);
        if (change.action == plan::Action::create && it != host.files.entries.end() &&
            it->second.info.type == FileInfo::Type::directory) {
            change.action = plan::Action::none;  // a program has put its data there: it stays
        }
    }
    return actionsOf(out);
}

std::string actionsOf(const plan::Plan& plan) {
    std::string out;
    for (const auto& change : plan.changes) {
        if (change.acts() || change.action == plan::Action::refuse) {
            out += "  " + std::string(toText(change.action)) + " " + change.id + ": " + change.reason + "\n" +
                   change.diff.text(plan::Audience::terminal);
        }
    }
    return out;
}

}  // namespace vigie::tests
