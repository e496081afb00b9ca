// What others are told of this host: the status, where other threads read it and on the disk.
#include "controller/reconcile/status_report.hpp"

#include "base/error.hpp"
#include "base/parse_json.hpp"
#include "controller/words.hpp"
#include "state/time.hpp"
#include "version.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace vigie::controller {
namespace {

constexpr int kHistory = 20;  ///< attempts that the status has
constexpr int kHistoryWithPlans = 100;

std::vector<std::string> idsOf(const state::Inventory& inventory) {
    std::vector<std::string> out;
    for (const auto& [id, owned] : inventory) {
        out.push_back(id);
    }
    return out;
}

}  // namespace

StatusReport::StatusReport(const Config& config, const state::Store& store, const World& world)
    : config_(config), store_(store), world_(world) {
    status_.host = config.host;
    status_.startedAt = world.looking.clock.now();
    status_.mode = textIn(wordsOf(config.apply.mode), config.apply.mode);
    status_.version = kVersion;
    if (const auto pages = config.http.pages(); !pages.empty()) {
        status_.page = pages.front();
    }
    status_.inventory = idsOf(store.inventory());
    status_.lastAppliedRevision = store.lastAppliedRevision();
    status_.history = store.history(kHistory);
    status_.conditions = conditionsFor(
        {.outcome = {.result = Result::starting, .message = "the first pass has not ended yet"}}, {},
        status_.startedAt);
}

void StatusReport::step(const std::string& revision, bool repair, const std::string& step) {
    const auto now = world_.looking.clock.now();
    const bool goesOn = status_.applying && status_.applying->revision == revision;
    const Activity activity{.revision = revision,
                            .repair = repair,
                            .step = step,
                            .since = goesOn ? status_.applying->since : now,
                            .stepSince = now};
    status_.applying = activity;
    Snapshot out = *world_.published.get();
    out.status = whileApplying(status_, activity, now);
    world_.published.set(std::move(out));
}

void StatusReport::end(const Findings& findings, Status told) {
    const auto now = world_.looking.clock.now();
    told.conditions = conditionsFor(findings, status_.conditions, now, told.observedGeneration);
    told.lastAppliedRevision = store_.lastAppliedRevision();
    told.inventory = idsOf(store_.inventory());
    told.history = store_.history(kHistory);
    if (told.history != status_.history || !history_) {
        history_ = std::make_shared<const std::vector<state::Attempt>>(
            store_.history(kHistoryWithPlans, state::Plans::read));
    }
    told.applying.reset();
    told.observedAt = now;
    status_ = std::move(told);
}

void StatusReport::write() {
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

void StatusReport::stopped() {
    status_.applying.reset();
    status_.stoppedAt = world_.looking.clock.now();
    if (status_.observedAt != 0) {
        return write();
    }
    // What the controller before has seen says more than one that saw nothing.
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

}  // namespace vigie::controller
