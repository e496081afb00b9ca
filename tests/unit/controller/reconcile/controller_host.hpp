// A controller on a host in memory: the repository, the log and the clock are a test's own.
#pragma once

#include "base/error.hpp"
#include "controller/reconcile/reconciler.hpp"
#include "spec/diagnostics.hpp"
#include "state/store.hpp"
#include "tests/support/model_host.hpp"
#include "tests/support/model_stack.hpp"
#include "tests/unit/doubles.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace vigie::tests {

/// A commit, of one letter.
inline std::string commit(char letter) {
    return std::string(40, letter);
}

/// A repository that answers as a test says.
class ScriptedSource : public controller::RevisionSource {
public:
    std::string ask(const controller::Patience& patience) override {
        ++asked;
        interruptIf(interruptsAsk, patience);
        if (!problem.empty()) {
            throw Error(problem);
        }
        return tip_ = remote;
    }
    [[nodiscard]] std::string tip() const override { return tip_; }
    bool bring(const std::string& base, const std::string& rewind,
               const controller::Patience& patience) override {
        broughtFrom = base;
        allowedRewind = rewind;
        if (const auto it = refused.find(tip_); it != refused.end()) {
            throw trust::Untrusted(it->second, "this commit is not to be trusted", "sign it");
        }
        if (trees.count(tip_) != 0) {
            return false;
        }
        interruptIf(interruptsFetch, patience);
        if (!fetchProblem.empty()) {
            throw Error(fetchProblem);
        }
        trees.insert(tip_);
        return true;
    }
    [[nodiscard]] controller::Trust trust() const override {
        return {.status = controller::ConditionStatus::yes,
                .reason = controller::Reason::verified,
                .message = "signed by ann"};
    }
    [[nodiscard]] std::string signer() const override { return "ann"; }
    [[nodiscard]] std::optional<source::Description> describe(const std::string& revision) override {
        return trees.count(revision) == 0
                   ? std::nullopt
                   : std::optional(source::Description{"subject of " + revision.substr(0, 1), "Ann", 7});
    }
    void reach() const override {}
    [[nodiscard]] std::string treeOf(const std::string& revision) const override {
        return "/trees/" + revision;
    }
    [[nodiscard]] std::string inRepository(const std::string& file, const std::string&) const override {
        return file;
    }
    [[nodiscard]] bool restore(const std::string& revision) override {
        return trees.count(revision) != 0 || (restores && trees.insert(revision).second);
    }
    void prune(const std::string& applied) override {
        std::set<std::string> kept;
        for (const auto& each : {applied, tip_}) {
            if (trees.count(each) != 0) {
                kept.insert(each);
            }
        }
        trees = kept;
    }

    std::string remote;        ///< what the branch has
    std::string problem;       ///< why the remote does not answer; empty: it does
    std::string fetchProblem;  ///< the same of a fetch
    bool interruptsAsk = false;
    bool interruptsFetch = false;
    bool restores = true;
    std::map<std::string, trust::Reason> refused;  ///< by commit
    std::set<std::string> trees;
    std::string broughtFrom;
    std::string allowedRewind;
    int asked = 0;

private:
    static void interruptIf(bool really, const controller::Patience& patience) {
        if (really && patience.interruptible) {
            throw Interrupted{};
        }
    }

    std::string tip_;
};

/// Remembers every line as `error text`.
class RecordedLog : public controller::Log {
public:
    void info(const std::string& text) override { lines.push_back("info " + text); }
    void warning(const std::string& text) override { lines.push_back("warning " + text); }
    void error(const std::string& text) override { lines.push_back("error " + text); }

    [[nodiscard]] std::size_t count(const std::string& part) const {
        std::size_t n = 0;
        for (const auto& line : lines) {
            n += contains(line, part) ? 1U : 0U;
        }
        return n;
    }

    std::vector<std::string> lines;
};

/// The programs of a model host, and the guards that were started.
class GuardedProcesses : public system::Processes {
public:
    explicit GuardedProcesses(system::Processes& inner) : inner_(inner) {}
    system::ProcessResult run(const system::Command& command) override { return inner_.run(command); }
    void startDetached(const std::vector<std::string>& argv) override { guards.push_back(argv.at(0)); }
    [[nodiscard]] std::optional<std::string> find(const std::string& program) const override {
        return inner_.find(program);
    }

    std::vector<std::string> guards;

private:
    system::Processes& inner_;
};

/// The programs of a model host, and the controllers of other hosts.
class PeersHttp : public system::Http {
public:
    explicit PeersHttp(system::Http& inner) : inner_(inner) {}
    system::HttpResponse send(const system::HttpRequest& request) override {
        for (const auto& [address, status] : peers) {
            if (contains(request.url, address)) {
                return {200, status};
            }
        }
        return inner_.send(request);
    }

    /// What is said, by a part of the URL. Prometheus has no target that is down, and Alertmanager has never
    /// notified anybody.
    std::map<std::string, std::string> peers{
        {"/api/v1/query?", R"({"status": "success", "data": {"resultType": "vector", "result": []}})"},
        {"/api/v1/rules?exclude_alerts", R"({"status": "success", "data": {"groups": []}})"},
        {":9093/metrics", "alertmanager_build_info 1\n"}};

private:
    system::Http& inner_;
};

/// What the controller of `host` says when it has applied `revision` and all is well there.
inline std::string wellAt(const std::string& host, const std::string& revision) {
    return R"({"host": ")" + host + R"(", "lastAppliedRevision": ")" + revision +
           R"(", "conditions": [{"type": "Ready", "status": "True"}, {"type": "Healthy", "status": "True"}]})";
}

/// Host `name` of examples/EXAMPLE with a controller. Only files are written unless a test says otherwise.
class ControllerHost {
public:
    explicit ControllerHost(const std::string& example = "single-host", std::string host_ = "shop")
        : document(exampleStack(example)), name(std::move(host_)) {
        installHost(host, document, name);
        config.host = name;
        config.root = "/";
        config.state = ModelHost::kState;
        config.source.branch = "main";
        config.source.path = ".";
        config.source.interval = config.source.retryInterval = std::chrono::seconds(60);
        config.source.timeout = std::chrono::seconds(30);
        config.apply.activate = "none";
        config.apply.timeout = std::chrono::seconds(60);
        push('a', document);
        start();
    }

    /// The branch has this document from now on.
    void push(char letter, ModelStack stack) {
        documents[commit(letter)] = std::move(stack);
        source.remote = commit(letter);
    }
    /// The same document, with another configuration of Prometheus.
    [[nodiscard]] ModelStack changed(const std::string& interval = "45s") const {
        auto out = document;
        out.stack.prometheus->scrapeInterval = interval;
        return out;
    }
    /// The branch has a document with mistakes from now on.
    void pushInvalid(char letter) {
        documents.erase(commit(letter));
        source.remote = commit(letter);
    }

    /// A controller starts; one that ran is gone, and so is all that it remembered.
    void start() {
        reconciler.reset();
        reconciler = std::make_unique<controller::Reconciler>(
            config, store,
            controller::World{.looking = system(),
                              .changing = system(),
                              .source = source,
                              .stop = stop,
                              .log = log,
                              .events = events,
                              .published = published,
                              .load = [this](const std::string& place) { return load(place); },
                              .lockRoot =
                                  [this] {
                                      if (beforeLock) {
                                          std::exchange(beforeLock, {})();
                                      }
                                      return apply::Lock(directory.path + "/lock", "this root");
                                  },
                              .random = [] { return 0.5; },
                              .tryReading =
                                  [this](const std::string&) {
                                      ++readOnTrial;
                                      if (unreadable) {
                                          throw controller::Unreadable("reading the document takes too long");
                                      }
                                  }});
    }

    controller::Outcome pass(bool remote = true) {
        reconciler->reconcile({.remote = remote});
        return reconciler->outcome();
    }
    /// The reason of the condition Ready.
    [[nodiscard]] std::string ready() const {
        return toText(find(reconciler->status().conditions, controller::ConditionType::ready)->reason);
    }
    [[nodiscard]] std::string condition(controller::ConditionType type) const {
        const auto* found = find(reconciler->status().conditions, type);
        return toText(found->status) + " " + toText(found->reason);
    }
    [[nodiscard]] std::size_t told(const std::string& reason) const {
        std::size_t n = 0;
        for (const auto& each : events.list()) {
            n += each.reason == reason ? static_cast<std::size_t>(each.count) : 0U;
        }
        return n;
    }
    void wait(std::int64_t milliseconds) { host.clock.milliseconds += milliseconds; }
    /// Another program writes into a file that was applied.
    void breakFile() { host.files.put(managedFile(), "not ours\n"); }
    /// Prometheus' configuration.
    [[nodiscard]] std::string managedFile() const {
        for (const auto& [id, owned] : store.inventory()) {
            if (id.starts_with("file:") && id.ends_with("/prometheus.yml")) {
                return id.substr(std::string("file:").size());
            }
        }
        throw std::runtime_error("nothing of Prometheus is applied");
    }
    [[nodiscard]] std::string managedText() const { return host.files.text(managedFile()).value_or(""); }

    system::System system() {
        return {host.files, processes, http, host.engine, host.clock, host.names, host.attach};
    }

    ModelStack document;
    std::string name;
    ModelHost host;
    GuardedProcesses processes{host.processes};
    PeersHttp http{host.programs};
    std::map<std::string, ModelStack> documents;  ///< by commit; another one has mistakes
    ScriptedSource source;
    controller::Config config;
    state::Store store = state::Store::open(":memory:");
    TemporaryDirectory directory;
    system::Stop stop;
    RecordedLog log;
    controller::Events events;
    controller::Published published;
    std::function<void()> beforeLock;  ///< once, when the root is about to be locked
    bool unreadable = false;
    int readOnTrial = 0;
    std::unique_ptr<controller::Reconciler> reconciler;

private:
    [[nodiscard]] source::Loaded load(const std::string& place) const {
        std::string revision = place.substr(place.rfind('/') + 1);
        for (const auto& generation : store.generations()) {
            revision = generation.directory == revision ? generation.revision : revision;
        }
        const auto it = documents.find(revision);
        if (it != documents.end()) {
            return loadedFrom(it->second);
        }
        source::Loaded out;
        spec::Reporter(out.diagnostics, "stack.yaml")
            .error(code::VG0001, spec::Position{1, 1}, "this is no document", "write one");
        return out;
    }
};

}  // namespace vigie::tests
