// vigie-controller: what `vigie run` becomes.

#include "apply/inputs/own_state.hpp"
#include "apply/transaction/lock.hpp"
#include "apply/transaction/root_session.hpp"
#include "base/error.hpp"
#include "base/error_text.hpp"
#include "base/one_line.hpp"
#include "base/text.hpp"
#include "controller/api.hpp"
#include "controller/api_containers.hpp"
#include "controller/api_generations.hpp"
#include "controller/config_check.hpp"
#include "controller/event_file.hpp"
#include "controller/loop.hpp"
#include "controller/metrics.hpp"
#include "controller/notify.hpp"
#include "controller/observe_metrics.hpp"
#include "controller/page.hpp"
#include "controller/reconcile/reconciler.hpp"
#include "controller/reload.hpp"
#include "controller/remembered_names.hpp"
#include "controller/rollback_plan.hpp"
#include "controller/router.hpp"
#include "controller/server.hpp"
#include "controller/spd_log.hpp"
#include "controller/trusted_source.hpp"
#include "controller/watch.hpp"
#include "controller/watchdog.hpp"
#include "controller/webhook.hpp"
#include "controller/worker.hpp"
#include "plan/print.hpp"
#include "system/attach_client.hpp"
#include "system/helper_http.hpp"
#include "system/libexec.hpp"
#include "system/real_clock.hpp"
#include "system/real_files.hpp"
#include "system/real_names.hpp"
#include "system/real_processes.hpp"
#include "system/self_limits.hpp"
#include "system/unix_http.hpp"
#include "version.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <optional>
#include <random>
#include <string_view>
#include <utility>

namespace {

using namespace vigie;  // NOLINT(google-build-using-namespace)

/// Everything that a transaction or a pass does outside; each call takes a lease.
struct Outside {
    Outside(const system::Stop& stop, controller::Watchdog& watchdog, const system::Clock& clock)
        : programs(stop),
          processes(programs, watchdog),
          resolver(processes),
          names(resolver, clock),
          web(programs, system::helperPath("vigie-http")),
          http(web, watchdog),
          docker(system::kEngineSocket, stop),
          engine(docker, watchdog),
          helper({.socket = system::kAttachSocket, .helper = system::helperPath("vigie-attach")}, stop),
          attach(helper, watchdog) {}

    [[nodiscard]] system::System system(system::Files& files, system::Clock& clock) {
        return {files, processes, http, engine, clock, names, attach};
    }

    system::RealProcesses programs;
    controller::WatchedProcesses processes;
    system::RealNames resolver;
    controller::RememberedNames names;
    system::HelperHttp web;
    controller::WatchedHttp http;
    system::UnixHttp docker;
    controller::WatchedHttp engine;
    system::RealAttach helper;
    controller::WatchedAttach attach;
};

controller::ServerSettings serverSettings(const controller::Config& config, const system::Files& files,
                                          controller::Metrics& metrics) {
    controller::ServerSettings out;
    out.listen = config.http.listen;
    out.socket = files.real(config.state + "/controller.sock");
    out.names = config.http.names;
    out.tokenFile = config.http.tokenFile;
    out.certFile = config.http.certFile;
    out.keyFile = config.http.keyFile;
    if (config.hooks.secretFile.empty()) {
        out.limits.hookBodyBytes = out.limits.bodyBytes;
    }
    out.observe = [&metrics](const controller::Answered& each) {
        metrics.answered(each.method, each.status, each.seconds);
    };
    return out;
}

/// Everything but the API: the page, webhooks and metrics.
void addOthers(controller::Router& router, const controller::Config& config, controller::Queue& queue,
               controller::Metrics& metrics, const controller::Server& server, const system::Clock& clock) {
    router.add("GET", "/metrics", [&](const controller::HttpRequest&, const controller::HttpReply& reply) {
        metrics.connections(server.connections());
        reply({200, controller::kMetricsContentType, metrics.text(), {}});
    });
    for (const auto& path : controller::pagePaths()) {
        router.add("GET", path,
                   [](const controller::HttpRequest& request, const controller::HttpReply& reply) {
                       reply(controller::pageHandler(request));
                   });
    }
    if (config.hooks.secretFile.empty()) {
        return;
    }
    constexpr std::int64_t kMilliseconds = 1000;
    controller::Hooks hooks;
    hooks.secretFile = config.hooks.secretFile;
    hooks.wake = [&queue](const std::string&) { queue.wake(controller::Trigger::webhook); };
    hooks.now = [&clock] { return clock.now() / kMilliseconds; };
    hooks.observe = [&metrics](std::string_view provider, std::string_view result) {
        metrics.gotWebhook(std::string(provider), std::string(result));
    };
    addHooks(router, std::move(hooks));
}

/// The status.json that the controller before left; empty when there is none that can be read.
std::string statusOfBefore(const system::Files& files, const std::string& state) {
    constexpr std::uint64_t kLargest = 4U << 20U;
    try {
        const auto bytes = files.read(state + "/status.json", kLargest);
        return std::string(view(bytes));
    } catch (const Error&) {
        return {};
    }
}

void tellManager(const controller::Snapshot& snapshot) {
    const auto* ready = controller::find(snapshot.status.conditions, controller::ConditionType::ready);
    if (ready != nullptr) {
        controller::notifyManager("STATUS=" + toText(ready->reason) + ": " +
                                  printable(ready->message.substr(0, ready->message.find('\n'))));
    }
}

/// Set for the program that takes our place with a configuration that was loaded anew: the descriptor of the
/// controller's lock, which it never gives away.
constexpr const char* kReloaded = "VIGIE_CONTROLLER_LOCK";

std::optional<int> lockOfBefore() {
    const char* const told = std::getenv(kReloaded);  // NOLINT(concurrency-mt-unsafe)
    std::optional<int> out;
    if (told != nullptr) {
        int descriptor = -1;
        const std::string_view text = told;
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), descriptor);
        if (parsed.ec == std::errc() && descriptor > STDERR_FILENO) {
            out = descriptor;
        }
    }
    ::unsetenv(kReloaded);  // NOLINT(concurrency-mt-unsafe)
    return out;
}

std::string whereThePageIs(const controller::Config& config, const std::string& path) {
    const auto pages = config.http.pages();
    return pages.empty() ? "there is no page: `http.listen` of " + path +
                               " is empty; `listen: [\"127.0.0.1:9469\"]` has one"
                         : "the page is at " + join(pages, " and ");
}

/// The controller's lock when it is to begin anew, with the configuration that is in the file now. `before`
/// is the lock's descriptor when it just did.
std::optional<apply::Lock> run(const std::string& path, const controller::Config& config,
                               const system::Stop& stop, std::optional<int> before) {
    // Raised as well when the pass has ended after which the configuration is read anew.
    system::Stop ending;
    ending.follow(stop);
    const system::Stop never;  // a transaction is not interrupted
    system::RealFiles files(config.root);
    system::RealClock clock;
    controller::Watchdog watchdog(clock);
    controller::Queue queue(clock, clock.now());
    queue.follow(stop);
    Outside looking(stop, watchdog, clock);
    Outside changing(never, watchdog, clock);
    system::RealProcesses untilHostEvent(queue.hostEvent());
    controller::WatchedProcesses interruptible(untilHostEvent, watchdog);
    const source::GitClient interruptibleGit(interruptible, system::helperPath("vigie-git"));
    const source::GitClient uninterruptibleGit(looking.processes, system::helperPath("vigie-git"));
    controller::TrustedSource trustedSource(config, interruptibleGit, uninterruptibleGit, files);

    controller::SpdLog log(
        config.host, config.log.format == "json" ? controller::LogFormat::json : controller::LogFormat::text,
        clock);
    controller::Published published;
    system::makeParents(files, config.state + "/lock");
    apply::requireOwnState(config.state, files);
    files.setAttributes(config.state, 0700, std::nullopt);
    const std::string place = files.real(config.state + "/controller.lock");
    const std::string held = "the controller's place on this root";
    apply::Lock lock = before ? apply::Lock::kept(*before, place, held) : apply::Lock(place, held);
    controller::EventFile eventFile(files, log, config.state);
    controller::Events events(eventFile.read(), [&eventFile](const auto& all) { eventFile.write(all); });
    if (!before) {
        controller::noteStart(events, statusOfBefore(files, config.state), kVersion, clock.now());
    }
    // A full disk ends nothing: the loop says so, and tries again.
    auto store = state::Store::openPatiently(files.real(config.state + "/vigie.db"));
    auto urgent = state::Store::openPatiently(files.real(config.state + "/vigie.db"));
    std::minstd_rand dice{std::random_device{}()};
    controller::Reconciler reconciler(
        config, store,
        {.looking = looking.system(files, clock),
         .changing = changing.system(files, clock),
         .source = trustedSource,
         .stop = stop,
         .log = log,
         .events = events,
         .published = published,
         .load = [](const std::string& directory) { return source::loadDirectory(directory); },
         .lockRoot = [&] { return apply::lockRoot(config.state, files); },
         .random = [&dice] { return std::uniform_real_distribution<double>(0, 1)(dice); },
         .tryReading = controller::trialReading(looking.processes, system::helperPath("vigie-controller"),
                                                config.host)});
    controller::Metrics metrics(std::string(kVersion), config.host);
    controller::Router router;
    controller::Watch watch({.top = files.real("/"),
                             .engineSocket = system::kEngineSocket,
                             .tick = controller::watchdogInterval(),
                             .onTick =
                                 [&watchdog] {
                                     if (watchdog.alive()) {
                                         controller::notifyManager("WATCHDOG=1");
                                     }
                                 }},
                            queue, clock, log);
    system::UnixHttp logs(system::kEngineSocket, stop);
    controller::Worker worker;
    // Its thread ends first: what it answers with uses everything above.
    controller::Server server(
        serverSettings(config, files, metrics),
        [&router](controller::HttpRequest request, controller::HttpReply reply) {
            router(std::move(request), std::move(reply));
        },
        log);
    addApi(router, {.published = published,
                    .queue = queue,
                    .events = events,
                    .watchdog = watchdog,
                    .clock = clock,
                    .soon = [&watch](std::function<void()> what) { watch.soon(std::move(what)); },
                    .urgent = urgent,
                    .openReads = config.http.openReads});
    const auto later = [&worker](std::function<void()> what) { return worker.later(std::move(what)); };
    addContainers(
        router,
        {.published = published, .engine = [&logs]() -> system::Http& { return logs; }, .later = later});
    addGenerations(
        router, {.planOf =
                     [&config, &stop](std::int64_t number) {
                         return plan::toText(
                             controller::rollbackPlan(config, controller::planOptions(config), number, stop),
                             false, plan::Unchanged::hide);
                     },
                 .later = later});
    addOthers(router, config, queue, metrics, server, clock);
    const controller::Reload reload(
        {.path = path, .queue = queue, .log = log, .events = events, .clock = clock});
    published.set(reconciler.snapshot());
    server.start();
    if (before) {
        const std::string story = "the configuration " + path + " was loaded anew";
        log.info(story);
        events.normal("ConfigurationReloaded", story, clock.now());
    }
    log.info(whereThePageIs(config, path));
    log.info("vigie " + std::string(kVersion) + " follows " + config.source.followed() + " every " +
             std::to_string(config.source.interval.count() / 1000) + " s");
    // Ready from here on, not after the first pass: that one may pull images for longer than a unit may take
    // to start, and a transaction must not be killed for it.
    controller::notifyManager("READY=1\nSTATUS=first pass");
    controller::runLoop(
        {.queue = queue,
         .published = published,
         .watchdog = watchdog,
         .reconciler = reconciler,
         .files = files,
         .clock = clock,
         .stop = ending,
         .log = log,
         .watch = [&watch](auto paths, auto projects) { watch.only(std::move(paths), std::move(projects)); },
         .afterPass =
             [&](const controller::Work&, double seconds) {
                 const auto snapshot = published.get();
                 controller::observePass(metrics, *snapshot, reconciler.metrics(), seconds);
                 tellManager(*snapshot);
                 if (reload.wanted()) {
                     ending.raise();
                 }
             }});
    const bool again = !stop.raised();
    controller::notifyManager(again ? "STATUS=reloading the configuration" : "STOPPING=1");
    server.stop();
    if (!again) {
        reconciler.stopped();
        log.info("stopped");
        return std::nullopt;
    }
    return lock;
}

/// Becomes this program anew, of the version that is installed now. Signals that come meanwhile are there for
/// it. Returns when it was asked to stop instead; throws Error when it cannot.
void beginAnew(char** argv, const system::Stop& stop, const apply::Lock& lock) {
    controller::holdSignals();
    if (stop.raised()) {
        return;
    }
    ::setenv(kReloaded, std::to_string(lock.keep()).c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
    ::execv(argv[0], argv);
    throw Error(std::string("cannot start ") + argv[0] + " anew: " + std::strerror(errno));
}

}  // namespace

int main(int argc, char** argv) {
    constexpr int kError = 2;
    const bool check = argc == 3 && std::string_view(argv[1]) == "--check";
    const bool read = argc == 4 && std::string_view(argv[1]) == "--read";
    if (argc != 2 && !check && !read) {
        std::cerr << "usage: vigie run --config FILE\n";
        return kError;
    }
    ::umask(022);
    system::closeMemory();
    // What ends a service at its start must be found by `journalctl -p err`.
    const auto say = [reader = controller::readerOfStandardError()](const std::string& what,
                                                                    const std::string& hint) {
        std::cerr << controller::withPriority(reader, controller::Severity::error, errorText(what, hint));
    };
    try {
        if (check) {
            return controller::checkConfig(argv[2]);
        }
        if (read) {
            return controller::readForTrial(argv[2], argv[3]);
        }
        system::Stop stop;
        stop.listen();
        controller::keepHangups();
        controller::releaseSignals();
        const std::optional<int> before = lockOfBefore();
        if (const auto lock = run(argv[1], controller::loadConfig(argv[1]), stop, before)) {
            beginAnew(argv, stop, *lock);
        }
        return 0;
    } catch (const Error& error) {
        say(error.what(), error.hint());
    } catch (const std::exception& error) {
        say(error.what(), {});
    }
    return kError;
}
