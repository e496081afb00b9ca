#include "controller/reconciler.hpp"

#include "apply/lock.hpp"
#include "apply/recover.hpp"
#include "apply/rejected.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "plan/print.hpp"
#include "system/libexec.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

namespace vigie::controller {
namespace {

constexpr std::size_t kShort = 12;
constexpr int kHistory = 20;
constexpr std::int64_t kLongestPause = 600'000;  // milliseconds between attempts at a revision that fails

/// Only a new commit can mend it.
class InvalidDocument : public Error {
public:
    using Error::Error;
};

std::string shortRevision(const std::string& revision) {
    return revision.substr(0, kShort);
}

std::string withHint(const Error& error) {
    return error.hint().empty() ? std::string(error.what())
                                : std::string(error.what()) + " (" + error.hint() + ")";
}

}  // namespace

Reconciler::Reconciler(const Config& config, state::Store& store, const World& world)
    : config_(config), store_(store), world_(world), source_(config, world.git, world.looking.files) {
    status_.host = config.host;
}

void Reconciler::reconcile() {
    outcome_ = {};
    static constexpr std::array<Step, 5> kSteps = {&Reconciler::attend, &Reconciler::askRemote,
                                                   &Reconciler::fetch, &Reconciler::load,
                                                   &Reconciler::converge};
    try {
        for (const auto step : kSteps) {
            if ((this->*step)() == Next::stop) {
                break;
            }
        }
        static constexpr std::array kKeeps = {Outcome::Result::sourceFailed, Outcome::Result::untrusted,
                                              Outcome::Result::invalidDocument, Outcome::Result::failed,
                                              Outcome::Result::quarantined};
        if (std::find(kKeeps.begin(), kKeeps.end(), outcome_.result) != kKeeps.end()) {
            keepApplied();
        }
    } catch (const Error& error) {
        fail(Outcome::Result::failed, withHint(error));
    } catch (const std::exception& error) {
        fail(Outcome::Result::failed, error.what());
    }
    summarise();
}

Reconciler::Next Reconciler::fail(Outcome::Result result, const std::string& message) {
    if (said_ != message) {
        world_.log.error(message);
    }
    said_ = message;
    outcome_.result = result;
    outcome_.message = message;
    return Next::stop;
}

/// A transaction that is open comes first: it is finished before anything else is looked at.
Reconciler::Next Reconciler::attend() {
    if (!store_.journal()) {
        return Next::go;
    }
    apply::Attendance attended;
    {
        const apply::Lock lock(world_.looking.files.real(config_.state + "/lock"), "this root",
                               apply::WithTools::yes);
        attended = apply::attend(store_, settings(), world_.changing);
    }
    if (attended.what == apply::Attended::waiting) {
        if (said_.empty()) {
            said_ = "revision " + shortRevision(attended.revision) + " " + attended.message;
            world_.log.info(said_);
        }
        outcome_.result = Outcome::Result::waiting;
        outcome_.message = "revision " + shortRevision(attended.revision) + " is applied and waits";
        return Next::stop;
    }
    said_.clear();
    if (attended.what == apply::Attended::confirmed) {
        world_.log.info("revision " + shortRevision(attended.revision) + ": " + attended.message);
    } else if (!attended.message.empty()) {
        world_.log.warning("revision " + shortRevision(attended.revision) + ": " + attended.message);
    }
    return Next::go;
}

Reconciler::Next Reconciler::askRemote() {
    try {
        tip_ = source_.ask();
    } catch (const Error& error) {
        return fail(Outcome::Result::sourceFailed, withHint(error));
    }
    return Next::go;
}

std::string Reconciler::baseRevision() const {
    if (std::string applied = store_.lastAppliedRevision(); !applied.empty()) {
        return applied;
    }
    for (const auto& generation : store_.generations()) {  // a directory, which has none, may be applied
        if (!generation.revision.empty()) {
            return generation.revision;
        }
    }
    return {};
}

/// Nothing of such a revision is looked at; the host stays at what is applied.
Reconciler::Next Reconciler::refuse(const trust::Untrusted& error) {
    const bool unknown = error.reason() == trust::Reason::signersUnusable;
    const std::string message = "revision " + shortRevision(tip_) + ": " + withHint(error);
    trust_ = {unknown ? "Unknown" : "False", name(error.reason()), message};
    if (const auto key = tip_ + name(error.reason()); refused_ != key) {
        store_.record(state::Attempt{world_.looking.clock.now(), tip_, "Refused", error.what()});
        refused_ = key;
    }
    return fail(Outcome::Result::untrusted, message);
}

Reconciler::Next Reconciler::fetch() {
    try {
        const bool fetched = source_.bring(baseRevision());
        tip_ = source_.tip();
        trust_ = source_.trust();
        if (fetched) {
            world_.log.info("fetched revision " + shortRevision(tip_) +
                            (source_.signer().empty() ? "" : ", signed by " + source_.signer()));
        }
    } catch (const trust::Untrusted& error) {
        tip_ = source_.tip();
        return refuse(error);
    } catch (const Error& error) {
        return fail(Outcome::Result::sourceFailed, withHint(error));
    } catch (const std::filesystem::filesystem_error& error) {
        return fail(Outcome::Result::sourceFailed, error.what());
    }
    refused_.clear();
    return Next::go;
}

apply::Target Reconciler::targetAt(const std::string& revision) const {
    const auto& files = world_.looking.files;
    const auto loaded = source::loadDirectory(files.real(source_.treeOf(revision)));
    if (!loaded.usable()) {
        std::string message = "the document of revision " + shortRevision(revision) + " has mistakes:";
        const std::string prefix = files.real(source_.treeOf(revision)) + "/";
        for (const auto& diagnostic : loaded.diagnostics.all()) {
            auto shown = diagnostic;
            if (shown.file.substr(0, prefix.size()) == prefix) {
                shown.file.erase(0, prefix.size());
            }
            const auto source = loaded.sources.find(diagnostic.file);
            message +=
                "\n" +
                format(shown, source == loaded.sources.end() ? "" : std::string_view(source->second), false);
        }
        throw InvalidDocument(message);
    }
    if (loaded.document->stack.host(config_.host) == nullptr) {
        throw InvalidDocument("the document of revision " + shortRevision(revision) + " has no host `" +
                                  config_.host + "`; nothing is removed here",
                              "add the host to the document, or correct `host` in this machine's vigie.yaml");
    }
    const bool tryOut = config_.root != "/";
    plan::Options options;
    options.activation = plan::activationFrom(config_.apply.activate)
                             .value_or(tryOut ? plan::Activation::none : plan::Activation::all);
    return apply::makeTarget(loaded, {config_.host, revision, config_.state, tryOut, options}, files);
}

Reconciler::Next Reconciler::load() {
    if (tip_ == invalid_) {
        return fail(Outcome::Result::invalidDocument, whyInvalid_);
    }
    const auto keys = apply::keyPaths(config_.state, {});
    const bool identity = world_.looking.files.inspect(keys.identity).exists();
    // Keys may be made while the controller runs; what was rendered without them is of no use then.
    if (target_ && target_->revision == tip_ && target_->options.masked != identity) {
        return Next::go;
    }
    target_.reset();
    try {
        target_ = targetAt(tip_);
    } catch (const InvalidDocument& error) {
        invalid_ = tip_;
        whyInvalid_ = withHint(error);
        store_.record(state::Attempt{world_.looking.clock.now(), tip_, "Refused", error.what()});
        return fail(Outcome::Result::invalidDocument, whyInvalid_);
    } catch (const Error& error) {
        return fail(Outcome::Result::failed, withHint(error));  // a matter of this host: looked at again
    }
    invalid_.clear();
    status_.stack = target_->stack;
    return Next::go;
}

bool Reconciler::waits() const {
    return failed_ == tip_ && world_.looking.clock.monotonic() < retryAt_;
}

std::int64_t Reconciler::randomWait(const apply::Target& target) {
    std::int64_t window = 0;
    for (const auto& resource : target.desired) {
        if (const auto* wireguard = std::get_if<render::WireguardInterface>(&resource.what)) {
            window = wireguard->windowMs;
        }
    }
    constexpr std::int64_t kLeast = 60'000;  // the old tunnel gets time to come back; of a short window, half
    return std::min(kLeast, window / 2) + std::uniform_int_distribution<std::int64_t>(0, window / 2)(random_);
}

std::int64_t Reconciler::pauseAfter(int failures) const {
    constexpr int kMostDoublings = 10;
    return std::min(kLongestPause, config_.source.interval.count() << std::min(failures, kMostDoublings));
}

Reconciler::Next Reconciler::failForNow(const Error& error) {
    failures_ = failed_ == tip_ ? failures_ + 1 : 1;
    failed_ = tip_;
    retryAt_ = world_.looking.clock.monotonic() + pauseAfter(failures_);
    whyFailed_ = "revision " + shortRevision(tip_) + ": " + withHint(error);
    return fail(Outcome::Result::failed, whyFailed_);
}

Reconciler::Next Reconciler::converge() {
    // The guard, or we ourselves, took a change back for want of a peer: the other side gets some time.
    const auto history = store_.history(1);
    if (!history.empty() && history.front().result == "WaitingForPeer" && history.front().revision == tip_ &&
        heeded_ != history.front().time) {
        heeded_ = history.front().time;
        failed_ = tip_;
        retryAt_ = world_.looking.clock.monotonic() + randomWait(*target_);
        whyFailed_ = "revision " + shortRevision(tip_) + ": WaitingForPeer: " + history.front().message;
    }
    if (waits()) {
        return fail(Outcome::Result::failed, whyFailed_);
    }
    const auto plan = apply::planFor(*target_, store_.inventory(), world_.looking);
    const bool known = store_.lastAppliedRevision() == tip_;
    if (!plan.empty()) {
        world_.log.info((known ? "drift on host " : "plan for host ") + config_.host + " at revision " +
                        shortRevision(tip_) + ":\n" + toText(plan, false, plan::Unchanged::hide));
    }
    if (const auto why = store_.suspended()) {
        observeHealth(*target_, plan);
        outcome_.result = Outcome::Result::suspended;
        outcome_.message = *why + (plan.empty() ? "" : "; not applied: " + plan::summary(plan));
        return Next::go;
    }
    if (config_.apply.mode == "report") {
        observeHealth(*target_, plan);
        outcome_.result = plan.empty() ? Outcome::Result::converged : Outcome::Result::pending;
        outcome_.message = plan.empty() ? "nothing to do" : "only reported: " + plan::summary(plan);
        return Next::go;
    }
    if (const auto why = store_.quarantined(digestOf(target_->desired)); why && !plan.empty() && !known) {
        return fail(Outcome::Result::quarantined,
                    "revision " + shortRevision(tip_) + " did not work on this host and was taken back: " +
                        *why + " (push a correction, or try it again with `vigie apply`)");
    }
    try {
        if (!plan.empty() || !known) {  // a host that is as it should be is not even locked
            applyPlan(*target_, plan);
        }
    } catch (const apply::Rejected& error) {
        return known ? failForNow(error)
                     : fail(Outcome::Result::quarantined,
                            "revision " + shortRevision(tip_) + ": " + withHint(error));
    } catch (const Error& error) {
        return failForNow(error);
    }
    failed_.clear();
    said_.clear();
    if (store_.journal()) {
        return attend();
    }
    applied_ = target_;
    observeHealth(*target_, plan);
    if (!plan.empty() || !known) {
        world_.log.info((known ? "drift repaired: " : "applied and verified: ") + plan::summary(plan) +
                        ", revision " + shortRevision(tip_) +
                        (outcome_.unhealthy.empty() ? "" : "; not proven: " + outcome_.ailments()));
        source_.prune(store_.lastAppliedRevision());
    }
    outcome_.message = "the host is at revision " + shortRevision(tip_);
    return Next::go;
}

apply::Settings Reconciler::settings() {
    apply::Settings out;
    out.stateDirectory = config_.state;
    out.reloadTimeout = config_.apply.timeout;
    out.progress = [this](const std::string& line) { world_.log.info(line); };
    out.startGuard = [this] {
        world_.changing.processes.startDetached(
            {system::helperPath("vigie-guard"), world_.looking.files.real("/"), config_.state});
    };
    // What could not be reached before proves nothing when it cannot be reached afterwards.
    if (outcome_.result != Outcome::Result::sourceFailed) {
        out.proveOutbound = [this] { source_.reach(); };
    }
    return out;
}

void Reconciler::applyPlan(const apply::Target& target, const plan::Plan& plan) {
    const apply::Lock lock(world_.looking.files.real(config_.state + "/lock"), "this root",
                           apply::WithTools::yes);
    // The plan was made without the lock: somebody may have rolled the host back since.
    if (store_.suspended() || store_.journal() ||
        apply::planFor(target, store_.inventory(), world_.looking).digest != plan.digest) {
        throw Error("the host changed while its plan was made", "it is looked at again");
    }
    apply::apply(target, plan, store_, settings(), world_.changing);
}

/// The tip cannot be had or must not be applied: the host is kept at what was applied last.
void Reconciler::keepApplied() {
    const std::string revision = store_.lastAppliedRevision();
    if (revision.empty() || config_.apply.mode == "report" || store_.suspended()) {
        return;
    }
    const bool tried =
        outcome_.result == Outcome::Result::failed || outcome_.result == Outcome::Result::quarantined;
    if ((tried && revision == tip_) || world_.looking.clock.monotonic() < keepAt_) {
        return;  // a repair that failed is tried again at its time, like everything else
    }
    if (!applied_ || applied_->revision != revision) {
        if (!source_.restore(revision)) {
            return;
        }
        applied_ = targetAt(revision);
        status_.stack = applied_->stack;
    }
    const auto plan = apply::planFor(*applied_, store_.inventory(), world_.looking);
    if (!plan.empty()) {
        world_.log.info("drift on host " + config_.host + " at revision " + shortRevision(revision) + ":\n" +
                        toText(plan, false, plan::Unchanged::hide));
        try {
            applyPlan(*applied_, plan);
        } catch (const Error&) {
            keepAt_ = world_.looking.clock.monotonic() + pauseAfter(++keepFailures_);
            throw;
        }
        keepFailures_ = 0;
        world_.log.info("drift repaired: " + plan::summary(plan) + ", revision " + shortRevision(revision));
    }
    observeHealth(*applied_, plan);
}

/// Health that changes is said once.
void Reconciler::observeHealth(const apply::Target& target, const plan::Plan& plan) {
    health_.observe(target, plan, world_.looking, outcome_);
    std::string sick;
    for (const auto& ailment : outcome_.unhealthy) {
        sick += ailment.reason + " " + (ailment.about.empty() ? ailment.message : ailment.about) + "\n";
    }
    if (sick != sick_) {
        sick.empty() ? world_.log.info("healthy again")
                     : world_.log.warning("not healthy: " + outcome_.ailments());
    }
    sick_ = sick;
}

void Reconciler::summarise() {
    outcome_.trust = trust_;
    status_.lastAttemptedRevision = tip_;
    status_.lastAppliedRevision = store_.lastAppliedRevision();
    status_.conditions = conditionsFor(outcome_, status_.conditions, world_.looking.clock.now());
    status_.inventory.clear();
    for (const auto& [id, owned] : store_.inventory()) {
        status_.inventory.push_back(id);
    }
    status_.history = store_.history(kHistory);
    const std::string json = toJson(status_);
    if (json != written_) {
        try {
            world_.changing.files.write(config_.state + "/status.json", json, 0640, std::nullopt);
            written_ = json;
        } catch (const Error& error) {
            world_.log.error(withHint(error));
        }
    }
}

}  // namespace vigie::controller
