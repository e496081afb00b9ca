#include "controller/reconciler.hpp"

#include "apply/refused.hpp"
#include "apply/rejected.hpp"
#include "apply/transaction/lock.hpp"
#include "apply/transaction/recover.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "controller/words.hpp"
#include "kinds/models.hpp"
#include "plan/print.hpp"
#include "version.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace vigie::controller {
namespace {

/// Only a new commit can mend it.
class InvalidDocument : public Error {
public:
    using Error::Error;
};

}  // namespace

Reconciler::Reconciler(const Config& config, state::Store& store, const World& world)
    : config_(config), store_(store), world_(world), source_(config, world.patientGit, world.looking.files) {
    status_.host = config.host;
    status_.startedAt = world.looking.clock.now();
    status_.mode = config.apply.mode;
    status_.version = kVersion;
    if (const auto pages = config.http.pages(); !pages.empty()) {
        status_.page = pages.front();
    }
    for (const auto& [id, owned] : store.inventory()) {
        status_.inventory.push_back(id);
    }
    status_.lastAppliedRevision = store.lastAppliedRevision();
    status_.history = store.history(kHistory);
    Outcome starting;
    starting.result = Outcome::Result::starting;
    starting.message = "the first look at this host has not ended yet";
    starting.trust = trust_;
    status_.conditions = conditionsFor(starting, {}, status_.startedAt);
}

void Reconciler::reconcile(const Look& look) {
    store_.mend();  // nothing is decided without memory
    look_ = look;
    outcome_ = {};
    looked_ = {};
    status_.applying.reset();
    gaveUp_ = observed_ = false;
    static constexpr std::array<Step, 5> kSteps = {&Reconciler::attend, &Reconciler::askRemote,
                                                   &Reconciler::fetch, &Reconciler::load,
                                                   &Reconciler::converge};
    try {
        for (const auto step : kSteps) {
            if ((this->*step)() == Next::stop) {
                break;
            }
        }
        static constexpr std::array kKeeps = {Outcome::Result::sourceFailed,    Outcome::Result::untrusted,
                                              Outcome::Result::invalidDocument, Outcome::Result::failed,
                                              Outcome::Result::refused,         Outcome::Result::quarantined};
        if (std::find(kKeeps.begin(), kKeeps.end(), outcome_.result) != kKeeps.end()) {
            try {
                keepApplied();
            } catch (const Error& error) {  // what is wrong with the tip is worse, and stays what is told
                world_.log.error("drift is not repaired: " + withHint(error));
                outcome_.message += "\nand drift is not repaired: " + withHint(error);
            }
        }
    } catch (const Error& error) {
        fail(Outcome::Result::failed, withHint(error));
    } catch (const std::exception& error) {
        fail(Outcome::Result::failed, error.what());
    }
    observeAnyway();
    describeRevisions();
    summarise();
}

/// For people; nothing is decided by it.
void Reconciler::describeRevisions() {
    if (world_.stop.raised()) {
        return;
    }
    constexpr std::int64_t kMilliseconds = 1000;
    const auto note = [&](const std::string& revision) -> std::optional<RevisionNote> {
        const auto about = source_.describe(revision);
        return about ? std::optional(
                           RevisionNote{revision, about->subject, about->author, about->time * kMilliseconds})
                     : std::nullopt;
    };
    status_.tip = note(tip_);
    status_.applied = note(store_.lastAppliedRevision());
}

Reconciler::Next Reconciler::fail(Outcome::Result result, const std::string& message) {
    if (said_ != message) {
        world_.log.error(message);
    }
    said_ = message;
    world_.events.warning(reasonOf(result), message, world_.looking.clock.now());
    return stillFailed(result, message);
}

Reconciler::Next Reconciler::stillFailed(Outcome::Result result, const std::string& message) {
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
        attended =
            apply::attend(store_, settings(store_.journal()->applied.revision, false), world_.changing);
    }
    if (attended.what == apply::Attended::waiting) {
        const std::string revision = "revision " + shortRevision(attended.revision);
        outcome_.result = Outcome::Result::waiting;
        outcome_.message = revision + " is applied and waits" +
                           (attended.elsewhere.empty() ? "" : "; " + attended.elsewhere);
        if (said_ != outcome_.message) {
            said_ = outcome_.message;
            world_.log.info(revision + " " + attended.message);
        }
        return Next::stop;
    }
    said_.clear();
    const std::string story = "revision " + shortRevision(attended.revision) + ": " + attended.message;
    if (attended.what == apply::Attended::confirmed) {
        world_.log.info(story);
        world_.events.normal("Confirmed", story, world_.looking.clock.now());
    } else if (!attended.message.empty()) {
        world_.log.warning(story);
        world_.events.warning("RolledBack", story, world_.looking.clock.now());
    }
    return Next::go;
}

/// A remote that is given up once is waited for the next time, so that a busy host still hears of news; but
/// only for so long.
void Reconciler::chooseWay(std::chrono::milliseconds patience) {
    const bool patient = world_.looking.clock.monotonic() < patientUntil_;
    source_.through(patient ? world_.patientGit : world_.git,
                    patient ? std::min(config_.source.timeout, patience) : config_.source.timeout);
}

Reconciler::Next Reconciler::giveUpRemote() {
    world_.stop.check();
    gaveUp_ = true;
    patientUntil_ = world_.looking.clock.monotonic() + config_.source.interval.count();
    return silent_.empty() && !tip_.empty()
               ? Next::go
               : stillFailed(Outcome::Result::sourceFailed,
                             silent_.empty() ? "the remote has not answered yet" : silent_);
}

Reconciler::Next Reconciler::askRemote() {
    if (look_.remote) {
        looked_.asked = true;
        try {
            constexpr std::chrono::milliseconds kForAnAnswer{10'000};
            chooseWay(kForAnAnswer);
            tip_ = source_.ask();
        } catch (const Interrupted&) {
            return giveUpRemote();
        } catch (const Error& error) {
            ++silences_;
            silent_ = withHint(error);
            return fail(Outcome::Result::sourceFailed, silent_);
        }
        looked_.answered = true;
        status_.contactAt = world_.looking.clock.now();
        silences_ = 0;
        silent_.clear();
    } else if (!silent_.empty() || tip_.empty()) {
        return stillFailed(Outcome::Result::sourceFailed,
                           silent_.empty() ? "the remote has not answered yet" : silent_);
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
    target_.reset();  // it may have been trusted before
    tipStack_.reset();
    plan_.reset();
    if (const auto key = tip_ + name(error.reason()); refused_ != key) {
        store_.record(state::Attempt{world_.looking.clock.now(), tip_, "Refused", error.what()});
        refused_ = key;
    }
    return fail(Outcome::Result::untrusted, message);
}

Reconciler::Next Reconciler::fetch() {
    try {
        chooseWay(config_.source.timeout);  // there is something to be had: that may take its time
        const bool fetched = source_.bring(baseRevision(), allowedRewind());
        tip_ = source_.tip();
        trust_ = source_.trust();
        if (fetched) {
            const std::string story = "fetched revision " + shortRevision(tip_) +
                                      (source_.signer().empty() ? "" : ", signed by " + source_.signer());
            world_.log.info(story);
            world_.events.normal("Fetched", story, world_.looking.clock.now());
        }
    } catch (const trust::Untrusted& error) {
        tip_ = source_.tip();
        return refuse(error);
    } catch (const Interrupted&) {
        tip_.clear();  // nothing that was in hand may stand in for what was not looked at
        return giveUpRemote();
    } catch (const Error& error) {
        ++silences_;
        silent_ = withHint(error);
        return fail(Outcome::Result::sourceFailed, silent_);
    } catch (const std::filesystem::filesystem_error& error) {
        return fail(Outcome::Result::sourceFailed, error.what());
    }
    refused_.clear();
    return Next::go;
}

plan::Options Reconciler::planOptions() const {
    plan::Options out;
    out.activation = plan::activationFrom(config_.apply.activate)
                         .value_or(config_.root != "/" ? plan::Activation::none : plan::Activation::all);
    return out;
}

apply::Target Reconciler::targetAt(const std::string& revision) {
    const auto& files = world_.looking.files;
    const std::string tree = files.real(source_.treeOf(revision));
    if (world_.tryReading && revision != tried_) {
        world_.tryReading(tree);
        tried_ = revision;
    }
    const auto loaded = source::loadDirectory(tree);
    if (!loaded.usable()) {
        throw InvalidDocument(
            "the document of revision " + shortRevision(revision) + " has mistakes:\n" +
            spec::formatTold(loaded.diagnostics, loaded.sources, false,
                             [&](const std::string& file) { return source_.inRepository(file, revision); }));
    }
    if (loaded.document->stack.host(config_.host) == nullptr) {
        throw InvalidDocument("the document of revision " + shortRevision(revision) + " has no host `" +
                                  config_.host + "`; nothing is removed here",
                              "add the host to the document, or correct `host` in this machine's vigie.yaml");
    }
    auto stack = std::make_shared<spec::Stack>(loaded.document->stack);
    stack->indexNames();
    stack_ = std::move(stack);
    if (revision == tip_) {  // heard also where it cannot be rendered
        store_.setSuspendedByDocument(stack_->suspendedBy(*stack_->host(config_.host)));
    }
    return apply::makeTarget(loaded,
                             {config_.host, revision, config_.state, config_.root != "/", planOptions()},
                             store_.inventory(), world_.looking);
}

Reconciler::Next Reconciler::load() {
    if (tip_ == invalid_) {
        return look_.remote ? fail(Outcome::Result::invalidDocument, whyInvalid_)
                            : stillFailed(Outcome::Result::invalidDocument, whyInvalid_);
    }
    const auto keys = apply::keyPaths(config_.state, {});
    const bool identity = world_.looking.files.inspect(keys.identity).exists();
    // Keys may be made while the controller runs; what was rendered without them is of no use then. Programs
    // that run as in 0.1 may have to move, should a container be made anew.
    if (target_ && target_->revision == tip_ && target_->options.masked != identity &&
        target_->keptUsers.empty()) {
        return Next::go;
    }
    if (tip_ == unreadable_ && waits()) {  // each attempt takes its time, and drift does not wait for it
        return stillFailed(failedAs_, whyFailed_);
    }
    target_.reset();
    unreadable_.clear();
    try {
        target_ = targetAt(tip_);
        tipStack_ = stack_;
    } catch (const Unreadable& error) {
        unreadable_ = tip_;
        return failForNow(error);
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
        if (const auto* wireguard = kinds::tunnelOf(resource)) {
            window = wireguard->windowMs;
        }
    }
    constexpr std::int64_t kLeast = 60'000;  // the old tunnel gets time to come back; of a short window, half
    return std::min(kLeast, window / 2) + std::uniform_int_distribution<std::int64_t>(0, window / 2)(random_);
}

Reconciler::Next Reconciler::failForNow(const Error& error) {
    failures_ = failed_ == tip_ ? failures_ + 1 : 1;
    failed_ = tip_;
    retryAt_ = world_.looking.clock.monotonic() + pauseAfter(error, failures_);
    whyFailed_ = "revision " + shortRevision(tip_) + ": " + withHint(error);
    failedAs_ = dynamic_cast<const apply::Refused*>(&error) != nullptr ? Outcome::Result::refused
                                                                       : Outcome::Result::failed;
    return fail(failedAs_, whyFailed_);
}

Reconciler::Next Reconciler::converge() {
    // The guard, or we ourselves, took a change back for want of a peer: the other side gets some time.
    const auto history = store_.history(1);
    if (!history.empty() && history.front().result == "WaitingForPeer" &&
        (history.front().revision == tip_ || store_.heldTunnel() == tip_) &&
        heeded_ != history.front().time) {
        heeded_ = history.front().time;
        failed_ = tip_;
        retryAt_ = world_.looking.clock.monotonic() + randomWait(*target_);
        whyFailed_ = "revision " + shortRevision(tip_) + ": WaitingForPeer: " + history.front().message;
        failedAs_ = Outcome::Result::failed;
    }
    if (waits() && !suspended()) {
        return stillFailed(failedAs_, whyFailed_);
    }
    const bool known = store_.lastAppliedRevision() == tip_;
    const bool manual = config_.apply.mode == "manual" && !known;
    if (manual && !suspended()) {
        repairApplied(store_.lastAppliedRevision());  // what was approved before is kept meanwhile
    }
    auto look = apply::lookAt(*target_, store_.inventory(), world_.looking);
    const auto plan = look.plan;
    if (!plan.empty() && (!plan_ || plan_->digest != plan.digest || known)) {
        tell(plan, tip_, known);
    }
    plan_ = plan;
    planWaits_ = false;
    looked_.pending = static_cast<std::size_t>(std::count_if(
        plan.changes.begin(), plan.changes.end(), [](const plan::Change& each) { return each.acts(); }));
    if (const auto why = suspended()) {
        observeHealth(*target_, look);
        outcome_.result = Outcome::Result::suspended;
        outcome_.message = *why + (plan.empty() ? "" : "; not applied: " + plan::summary(plan));
        return Next::go;
    }
    if (config_.apply.mode == "report") {
        observeHealth(*target_, look);
        outcome_.result = plan.empty() ? Outcome::Result::converged : Outcome::Result::pending;
        outcome_.message = plan.empty() ? "nothing to do" : "only reported: " + plan::summary(plan);
        return Next::go;
    }
    if (const auto why = store_.quarantined(apply::renderDigest(*target_)); why && !plan.empty() && !known) {
        return fail(Outcome::Result::quarantined,
                    "revision " + shortRevision(tip_) + " did not work on this host and was taken back: " +
                        *why + " (push a correction, or try it again with `vigie apply`)");
    }
    // What is left of a revision whose tunnel is applied already was approved with it.
    if (manual && !plan.empty() && store_.approved() != plan.digest && store_.heldTunnel() != tip_) {
        planWaits_ = true;
        outcome_.result = Outcome::Result::unapproved;
        outcome_.message = "revision " + shortRevision(tip_) + " waits for `vigie approve " +
                           shortRevision(plan.digest) + "`: " + plan::summary(plan) +
                           "; `vigie plan --pending` shows it";
        if (!seen_) {
            observeHealth(*target_, look);
        }
        return Next::go;
    }
    try {
        if (const auto why = known ? std::string() : waitsForOthers(); !why.empty()) {
            return hold(why);
        }
        if (!plan.empty() || !known) {  // a host that is as it should be is not even locked
            applyPlan(*target_, plan, look);
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
    heldWhy_.clear();
    if (store_.journal()) {
        return attend();
    }
    applied_ = target_;
    appliedTunnel_.clear();
    plan_ = look.plan;  // what there is to do now
    looked_.pending = 0;
    observeHealth(*target_, look);
    if (!plan.empty() || !known) {
        const std::string story = (known ? "drift repaired: " : "applied and verified: ") +
                                  plan::summary(plan) + ", revision " + shortRevision(tip_);
        tellDone(plan, known ? "DriftRepaired" : "Applied", story,
                 outcome_.unhealthy.empty() ? "" : "; not proven: " + outcome_.ailments());
        source_.prune(store_.lastAppliedRevision());
    }
    outcome_.message = "the host is at revision " + shortRevision(tip_);
    return Next::go;
}

}  // namespace vigie::controller
