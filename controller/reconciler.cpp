#include "controller/reconciler.hpp"

#include "apply/lock.hpp"
#include "apply/observe.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "plan/print.hpp"

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
    : config_(config), store_(store), world_(world), remote_{config.source.url,     config.source.branch,
                                                             config.auth.sshKey,    config.auth.knownHosts,
                                                             config.auth.tokenFile, config.auth.username,
                                                             config.auth.caFile,    config.source.timeout} {
    status_.host = config.host;
}

void Reconciler::reconcile() {
    outcome_ = {};
    static constexpr std::array<Step, 4> kSteps = {&Reconciler::askRemote, &Reconciler::fetch,
                                                   &Reconciler::load, &Reconciler::converge};
    try {
        for (const auto step : kSteps) {
            if ((this->*step)() == Next::stop) {
                break;
            }
        }
        if (outcome_.result != Outcome::Result::converged && outcome_.result != Outcome::Result::pending) {
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

Reconciler::Next Reconciler::askRemote() {
    try {
        tip_ = world_.git.tip(remote_);
    } catch (const Error& error) {
        return fail(Outcome::Result::sourceFailed, withHint(error));
    }
    if (tip_ == invalid_) {
        return fail(Outcome::Result::invalidDocument, whyInvalid_);
    }
    return Next::go;
}

Reconciler::Next Reconciler::fetch() {
    if (world_.looking.files.inspect(treeOf(tip_)).exists()) {
        return Next::go;
    }
    const auto& files = world_.looking.files;
    const std::string repository = files.real(config_.state + "/source/repository");
    try {
        std::filesystem::create_directories(files.real(config_.state + "/source/trees"));
        tip_ = world_.git.fetch(remote_, repository);
        if (!files.inspect(treeOf(tip_)).exists()) {
            // An export that is killed half way must not look like a tree: it gets its name when it is whole.
            const std::string unfinished = files.real(treeOf("unfinished"));
            std::filesystem::remove_all(unfinished);
            world_.git.exportTree(repository, tip_, config_.source.path, unfinished);
            std::filesystem::rename(unfinished, files.real(treeOf(tip_)));
        }
        world_.log.info("fetched revision " + shortRevision(tip_));
    } catch (const Error& error) {
        return fail(Outcome::Result::sourceFailed, withHint(error));
    } catch (const std::filesystem::filesystem_error& error) {
        return fail(Outcome::Result::sourceFailed, error.what());
    }
    return Next::go;
}

std::string Reconciler::treeOf(const std::string& revision) const {
    return config_.state + "/source/trees/" + revision;
}

apply::Target Reconciler::targetAt(const std::string& revision) const {
    const auto& files = world_.looking.files;
    const auto loaded = source::loadDirectory(files.real(treeOf(revision)));
    if (!loaded.usable()) {
        std::string message = "the document of revision " + shortRevision(revision) + " has mistakes:";
        const std::string prefix = files.real(treeOf(revision)) + "/";
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
    const bool reload = config_.apply.activate.empty() ? !tryOut : config_.apply.activate == "reload";
    plan::Options options;
    options.activation = reload ? plan::Activation::reload : plan::Activation::none;
    return apply::makeTarget(loaded, {config_.host, revision, config_.state, tryOut, options}, files);
}

Reconciler::Next Reconciler::load() {
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

Reconciler::Next Reconciler::converge() {
    if (waits()) {
        return fail(Outcome::Result::failed, whyFailed_);
    }
    const auto plan = apply::planFor(*target_, store_.inventory(), world_.looking);
    const bool known = store_.lastAppliedRevision() == tip_;
    if (!plan.empty()) {
        world_.log.info((known ? "drift on host " : "plan for host ") + config_.host + " at revision " +
                        shortRevision(tip_) + ":\n" + toText(plan, false, plan::Unchanged::hide));
    }
    if (config_.apply.mode == "report") {
        observeHealth(*target_);
        outcome_.result = plan.empty() ? Outcome::Result::converged : Outcome::Result::pending;
        outcome_.message = plan.empty() ? "nothing to do" : "only reported: " + plan::summary(plan);
        return Next::go;
    }
    try {
        if (!plan.empty() || !known) {  // a host that is as it should be is not even locked
            applyPlan(*target_, plan);
        }
    } catch (const Error& error) {
        failures_ = failed_ == tip_ ? failures_ + 1 : 1;
        failed_ = tip_;
        constexpr int kMostDoublings = 10;
        const auto pause =
            std::min(kLongestPause, config_.source.interval.count() << std::min(failures_, kMostDoublings));
        retryAt_ = world_.looking.clock.monotonic() + pause;
        whyFailed_ = "revision " + shortRevision(tip_) + ": " + withHint(error);
        return fail(Outcome::Result::failed, whyFailed_);
    }
    failed_.clear();
    said_.clear();
    applied_ = target_;
    observeHealth(*target_);
    if (!plan.empty() || !known) {
        world_.log.info((known ? "drift repaired: " : "applied and verified: ") + plan::summary(plan) +
                        ", revision " + shortRevision(tip_) +
                        (outcome_.unhealthy.empty() ? "" : "; not proven: " + outcome_.unhealthy));
        removeOldTrees();
    }
    outcome_.message = "the host is at revision " + shortRevision(tip_);
    return Next::go;
}

void Reconciler::applyPlan(const apply::Target& target, const plan::Plan& plan) {
    const apply::Lock lock(world_.looking.files.real(config_.state + "/lock"), "this root");
    apply::Settings settings;
    settings.stateDirectory = config_.state;
    settings.reloadTimeout = config_.apply.timeout;
    settings.progress = [this](const std::string& line) { world_.log.info(line); };
    apply::apply(target, plan, store_, settings, world_.changing);
}

/// The tip cannot be had or must not be applied: the host is kept at what was applied last.
void Reconciler::keepApplied() {
    const std::string revision = store_.lastAppliedRevision();
    if (revision.empty() || config_.apply.mode == "report") {
        return;
    }
    if (!applied_ || applied_->revision != revision) {
        if (!world_.looking.files.inspect(treeOf(revision)).exists()) {
            return;
        }
        applied_ = targetAt(revision);
        status_.stack = applied_->stack;
    }
    const auto plan = apply::planFor(*applied_, store_.inventory(), world_.looking);
    if (!plan.empty()) {
        world_.log.info("drift on host " + config_.host + " at revision " + shortRevision(revision) + ":\n" +
                        toText(plan, false, plan::Unchanged::hide));
        applyPlan(*applied_, plan);
        world_.log.info("drift repaired: " + plan::summary(plan) + ", revision " + shortRevision(revision));
    }
    observeHealth(*applied_);
}

void Reconciler::tellUnhealthy(const std::string& what) {
    outcome_.unhealthy += (outcome_.unhealthy.empty() ? "" : "; ") + what;
}

void Reconciler::observeHealth(const apply::Target& target) {
    if (target.options.activation != plan::Activation::reload) {
        return;
    }
    for (const auto& resource : target.desired) {
        if (const auto* reload = std::get_if<render::Reload>(&resource.what)) {
            const auto observed = apply::observeReload(*reload, world_.looking.http);
            outcome_.healthKnown = true;
            if (!observed.answered) {
                tellUnhealthy(resource.id + " does not answer at " + reload->baseUrl);
            } else if (observed.digest != reload->digest) {
                tellUnhealthy(resource.id + " runs another configuration");
            }
        }
    }
}

void Reconciler::removeOldTrees() {
    const std::string trees = config_.state + "/source/trees";
    for (const auto& name : world_.looking.files.list(trees)) {
        if (name != tip_ && name != store_.lastAppliedRevision()) {
            std::error_code ignored;
            std::filesystem::remove_all(world_.looking.files.real(trees + "/" + name), ignored);
        }
    }
}

void Reconciler::summarise() {
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
