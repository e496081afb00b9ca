// The rest of the reconciler: what it tells others, and when it wants to look again.

#include "base/error.hpp"
#include "base/parse_json.hpp"
#include "controller/containers.hpp"
#include "controller/reconciler.hpp"
#include "controller/schedule.hpp"
#include "controller/silence_due.hpp"
#include "controller/topology.hpp"
#include "controller/words.hpp"
#include "kinds/models.hpp"
#include "plan/print.hpp"
#include "state/time.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace vigie::controller {
namespace {

constexpr int kHistoryWithPlans = 100;
/// Milliseconds between two looks for a handshake that is waited for.
constexpr std::int64_t kLookForPeer = 5'000;

void noteHandshakes(const render::Tunnel& wireguard, const plan::Observed& observed, const std::string& id,
                    Looked& looked) {
    const auto it = observed.wireguard.find(id);
    if (it == observed.wireguard.end()) {
        return;
    }
    for (const auto& peer : wireguard.peers) {
        auto& latest = looked.handshakes[peer.name];
        for (const auto& each : it->second.peers) {
            if (each.publicKey == peer.publicKey || each.publicKey == peer.nextPublicKey) {
                latest = std::max(latest, static_cast<double>(each.handshake));
                if (each.alive()) {
                    looked.alive.insert(peer.name);
                }
            }
        }
    }
}

}  // namespace

std::int64_t Reconciler::pauseAfter(int failures, std::int64_t longest) {
    return backoff(config_.source.retryInterval.count(), longest, failures,
                   std::uniform_real_distribution<double>(0, 1)(random_));
}

std::int64_t Reconciler::untilPoll() {
    constexpr std::int64_t kIntervals = 4;
    const auto interval = config_.source.interval.count();
    if (outcome_.result == Outcome::Result::waiting) {
        return std::min(interval, kLookForPeer);
    }
    if (gaveUp_) {
        constexpr std::int64_t kSoon = 2'000;  // what the host reported is looked at first
        return std::min(interval, kSoon);
    }
    if (silences_ > 0) {
        return pauseAfter(silences_, std::min(kLongestPause, kIntervals * interval));
    }
    return withJitter(interval, std::uniform_real_distribution<double>(0, 1)(random_));
}

void Reconciler::polledAt(std::int64_t at) {
    const auto& clock = world_.looking.clock;
    status_.nextPollAt = clock.now() + at - clock.monotonic();
}

std::optional<std::int64_t> Reconciler::untilRetry() const {
    const auto now = world_.looking.clock.monotonic();
    std::optional<std::int64_t> out;
    if (store_.journal()) {  // also of a repair, whose look had something else to tell
        out = kLookForPeer;
    }
    if (const auto believed = health_.untilBelieved(now)) {
        out = std::min(out.value_or(*believed), *believed);
    }
    for (const auto at : {failed_.empty() || failed_ != tip_ ? 0 : retryAt_, keepAt_}) {
        if (at > now) {
            out = out ? std::min(*out, at - now) : at - now;
        }
    }
    return out;
}

std::optional<std::int64_t> Reconciler::untilSilent() const {
    std::optional<std::int64_t> out;
    if (!held_ || !seen_) {
        return out;
    }
    for (const auto& resource : held_->desired) {
        const auto* wireguard = kinds::tunnelOf(resource);
        const auto it = seen_->observed.wireguard.find(resource.id);
        if (wireguard != nullptr && it != seen_->observed.wireguard.end()) {
            out = controller::untilSilent(*wireguard, it->second);
        }
    }
    return out;
}

void Reconciler::tell(const plan::Plan& plan, const std::string& about, bool drift) {
    world_.log.info((drift ? "drift on host " : "plan for host ") + config_.host + " at revision " +
                    shortRevision(about) + ":\n" + toText(plan, false, plan::Unchanged::hide));
    if (!drift) {
        return;
    }
    std::string ids;
    for (const auto& change : plan.changes) {
        if (change.acts()) {
            looked_.drifted.push_back(change.id);
            ids += (ids.empty() ? "" : ", ") + change.id;
        }
    }
    world_.events.warning("Drift", ids, world_.looking.clock.now());
}

void Reconciler::tellDone(const plan::Plan& plan, const char* event, const std::string& story,
                          const std::string& unproven) {
    const auto now = world_.looking.clock.now();
    world_.log.info(story + unproven);
    world_.events.normal(event, story, now);
    for (const auto& change : plan.changes) {
        const bool silent = std::any_of(change.dials.begin(), change.dials.end(),
                                        [](const auto& each) { return !each.second.isNew; });
        if (silent) {
            world_.log.info("dialled anew: " + change.reason);
            world_.events.normal("Redialled", change.reason, now);
        }
    }
}

/// Health that changes is said once.
void Reconciler::observeHealth(const apply::Target& target, const apply::Look& look) {
    observed_ = true;
    outcome_.unhealthy.clear();  // in manual mode the tip is looked at, too
    outcome_.down.clear();
    outcome_.silentPeers.clear();
    outcome_.roamingPeers.clear();
    outcome_.keyFile.clear();
    looked_.states.clear();
    health_.observe(target, look, world_.looking, outcome_);
    seen_ = look;
    held_ = target;
    for (const auto& resource : target.desired) {
        if (const auto* wireguard = kinds::tunnelOf(resource)) {
            noteHandshakes(*wireguard, look.observed, resource.id, looked_);
        } else if (const auto* compose = kinds::containerOf(resource)) {
            const auto project = look.observed.projects.find(compose->project.name);
            const auto* container = project == look.observed.projects.end()
                                        ? nullptr
                                        : project->second.service(compose->service.name);
            if (container != nullptr) {
                ++looked_.states[container->state];
            }
        }
    }
    std::string sick;
    for (const auto& ailment : outcome_.unhealthy) {
        sick += ailment.reason + " " + (ailment.about.empty() ? ailment.message : ailment.about) + "\n";
    }
    if (sick != sick_) {
        const auto now = world_.looking.clock.now();
        if (sick.empty()) {
            world_.log.info("healthy again");
            world_.events.normal("Healthy", "healthy again", now);
        } else {
            world_.log.warning("not healthy: " + outcome_.ailments());
            world_.events.warning("Unhealthy", outcome_.ailments(), now);
        }
    }
    sick_ = sick;
    noteTunnel();
    if (stack_) {
        others_.ask(*stack_, looked_.alive, world_.looking.http, world_.looking.clock);
    }
}

void Reconciler::observeAnyway() {
    if (observed_ || world_.stop.raised()) {
        return;
    }
    try {
        if (const auto target = targetOnHost()) {
            observeHealth(*target, apply::lookAt(*target, store_.inventory(), world_.looking));
        }
    } catch (const Error& error) {
        world_.log.info("what runs on this host was not looked at: " + withHint(error));
    }
}

std::optional<apply::Target> Reconciler::targetOnHost() {
    if (const auto journal = store_.journal()) {  // it waits to be confirmed
        const auto& revision = journal->applied.revision;
        if (target_ && target_->revision == revision) {
            return target_;
        }
        return source_.restore(revision) ? std::optional(targetAt(revision)) : std::nullopt;
    }
    const std::string revision = store_.lastAppliedRevision();
    if (!revision.empty() && loadApplied(revision)) {
        return applied_;
    }
    return held_ ? held_ : target_;
}

void Reconciler::tellStep(const std::string& revision, bool repair, const std::string& step) {
    const auto now = world_.looking.clock.now();
    const bool goesOn = status_.applying && status_.applying->revision == revision;
    const Activity activity{revision, repair, step, goesOn ? status_.applying->since : now, now};
    status_.applying = activity;
    Snapshot out = *world_.published.get();
    out.status = whileApplying(status_, activity, now);
    out.statusJson = toJson(out.status);
    out.ready = false;
    out.readyReason = "Applying";
    out.readyMessage = out.status.conditions.front().message;
    world_.published.set(std::move(out));
}

void Reconciler::stopped() {
    status_.applying.reset();
    status_.stoppedAt = world_.looking.clock.now();
    if (status_.observedAt != 0) {
        return writeStatus();
    }
    // What the one before has seen says more than one that saw nothing.
    const std::string path = config_.state + "/status.json";
    try {
        constexpr std::uint64_t kLargest = 4U << 20U;
        auto json = parseJson<nlohmann::ordered_json>(view(world_.looking.files.read(path, kLargest)));
        if (json.is_object()) {
            json["stoppedAt"] = state::rfc3339(status_.stoppedAt);
            world_.changing.files.write(path, json.dump(2) + "\n", 0640, std::nullopt);
        }
    } catch (const Error&) {
        // there is none yet, or it cannot be written: nothing is lost
    }
}

/// What is not as it should be with the tunnel, and that it is again, is said once.
void Reconciler::noteTunnel() {
    if (!outcome_.tunnelKnown) {
        return;
    }
    const auto now = world_.looking.clock.now();
    if (const auto news = silentPeers_.see(outcome_.silentPeers)) {
        if (news->lost) {
            world_.log.warning(news->story);
            world_.events.warning("TunnelLost", news->story, now);
        } else {
            world_.log.info(news->story);
            world_.events.normal("TunnelReady", news->story, now);
        }
    }
    const auto notes = outcome_.tunnelNotes();
    if (notes != tunnelNotes_ && !notes.empty()) {
        world_.log.warning(notes);
        world_.events.warning(outcome_.roamingPeers.empty() ? "KeyFileReplaced" : "EndpointNotUsed", notes,
                              world_.looking.clock.now());
    }
    tunnelNotes_ = notes;
}

std::optional<Waiting> Reconciler::waitingChange() const {
    const auto journal = store_.journal();
    if (!journal || journal->state != "armed") {
        return std::nullopt;
    }
    const auto& clock = world_.looking.clock;
    // Without a deadline it waits until somebody decides; that of another start of the machine is over.
    const bool counts = journal->deadline != 0 && journal->bootId == clock.bootId();
    const auto left = journal->deadline - clock.sinceBoot();
    constexpr std::int64_t kSecond = 1000;  // looks at it may differ by the time between two clocks
    const auto at = clock.now() + left;
    return Waiting{journal->revision, counts ? (at + kSecond / 2) / kSecond * kSecond : 0};
}

void Reconciler::summarise() {
    if (!tip_.empty()) {
        try {
            status_.observedGeneration = store_.observe(tip_);
        } catch (const Error& error) {
            world_.log.error(withHint(error));
        }
    }
    outcome_.trust = trust_;
    status_.lastAttemptedRevision = tip_;
    status_.lastAppliedRevision = store_.lastAppliedRevision();
    status_.lastHandledRequest = look_.request;
    status_.suspended = suspended().value_or("");
    status_.conditions =
        conditionsFor(outcome_, status_.conditions, world_.looking.clock.now(), status_.observedGeneration);
    looked_.reason = status_.conditions.front().reason;
    status_.inventory.clear();
    for (const auto& [id, owned] : store_.inventory()) {
        status_.inventory.push_back(id);
    }
    const auto history = store_.history(kHistory);
    if (history != status_.history || !history_) {
        status_.history = history;
        history_ = std::make_shared<const std::vector<state::Attempt>>(
            store_.history(kHistoryWithPlans, state::Plans::read));
    }
    status_.applying.reset();
    status_.waiting = waitingChange();
    status_.observedAt = world_.looking.clock.now();
}

void Reconciler::publish() {
    world_.published.set(snapshot());  // first: whoever reads the file may ask for more
    writeStatus();
}

/// The time of a look alone is no reason to write: an idle host's disk sleeps.
void Reconciler::writeStatus() {
    Status still = status_;
    still.observedAt = still.contactAt = still.nextPollAt = 0;
    const auto comparable = toJson(still);
    if (comparable == written_) {
        return;
    }
    try {
        world_.changing.files.write(config_.state + "/status.json", toJson(status_), 0640, std::nullopt);
        written_ = comparable;
    } catch (const Error& error) {
        world_.log.error(withHint(error));
    }
}

Snapshot Reconciler::snapshot() const {
    Snapshot out;
    out.status = status_;
    out.statusJson = toJson(status_);
    out.suspended = status_.suspended;
    out.history = history_;
    for (const auto& condition : status_.conditions) {
        if (condition.type == "Ready") {
            out.ready = condition.status == "True";
            out.readyReason = condition.reason;
            out.readyMessage = condition.message;
        }
    }
    if (plan_) {
        out.planWaits = planWaits_;
        if (plan_->revision != tip_) {
            out.planNote = "this is not the plan of the tip " + shortRevision(tip_) + " (" + out.readyReason +
                           "), but of revision " + shortRevision(plan_->revision);
        } else if (!silent_.empty()) {
            out.planNote =
                "the remote does not answer: this is the plan of the last revision that was seen, " +
                shortRevision(plan_->revision);
        }
        addPlan(*plan_, out);
    }
    out.containersJson = containersJson(held_ ? &*held_ : nullptr, seen_ ? &*seen_ : nullptr);
    out.containerIds = containerIds(seen_ ? &*seen_ : nullptr);
    if (stack_) {
        out.topologyJson = topology(*stack_, config_.host, held_ ? &*held_ : nullptr,
                                    seen_ ? &*seen_ : nullptr, outcome_.down, others_.said());
    }
    return out;
}

std::vector<std::string> Reconciler::watchedPaths() const {
    const auto keys = apply::keyPaths(config_.state, {});
    std::set<std::string> out{keys.identity};
    const auto* target = target_ ? &*target_ : applied_ ? &*applied_ : nullptr;
    if (target != nullptr) {
        for (const auto& resource : target->desired) {
            for (auto& path : kinds::watchedOf(resource, target->options.activation)) {
                out.insert(std::move(path));
            }
        }
    }
    for (const auto& id : status_.inventory) {
        if (kinds::traitsOf(id).place != kinds::Place::none) {
            out.insert(kinds::nameOf(id));
        }
    }
    return {out.begin(), out.end()};
}

std::set<std::string> Reconciler::watchedProjects() const {
    std::set<std::string> out;
    if (!target_ || target_->options.activation != plan::Activation::all) {
        return out;
    }
    for (const auto& resource : target_->desired) {
        if (const auto* compose = kinds::containerOf(resource)) {
            out.insert(compose->project.name);
        }
    }
    return out;
}

}  // namespace vigie::controller
