// vigie-controller: what `vigie run` becomes. The only translation unit that sees spdlog.

#include "apply/lock.hpp"
#include "base/error.hpp"
#include "controller/reconciler.hpp"
#include "system/helper_http.hpp"
#include "system/libexec.hpp"
#include "system/real_clock.hpp"
#include "system/real_files.hpp"
#include "system/real_processes.hpp"
#include "system/unix_http.hpp"
#include "version.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <filesystem>
#include <iostream>

namespace {

using namespace vigie;  // NOLINT(google-build-using-namespace)

/// Lines on standard error; journald adds what it knows itself.
class SpdLog : public controller::Log {
public:
    explicit SpdLog(const std::string& host) : logger_(spdlog::stderr_color_st(host)) {
        logger_->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ host=%n %v");
        logger_->flush_on(spdlog::level::info);
    }
    void info(const std::string& text) override { logger_->info("{}", text); }
    void warning(const std::string& text) override { logger_->warn("{}", text); }
    void error(const std::string& text) override { logger_->error("{}", text); }

private:
    std::shared_ptr<spdlog::logger> logger_;
};

void run(const controller::Config& config) {
    system::Stop stop;
    stop.listen();
    const system::Stop never;  // a transaction is not interrupted
    system::RealFiles files(config.root);
    system::RealClock clock;
    const std::string httpHelper = system::helperPath("vigie-http");
    system::RealProcesses lookingProcesses(stop);
    system::HelperHttp lookingHttp(lookingProcesses, httpHelper);
    system::RealProcesses changingProcesses(never);
    system::HelperHttp changingHttp(changingProcesses, httpHelper);
    system::UnixHttp lookingEngine(system::kEngineSocket, stop);
    system::UnixHttp changingEngine(system::kEngineSocket, never);
    const source::GitClient git(lookingProcesses, system::helperPath("vigie-git"));

    SpdLog log(config.host);
    system::makeParents(files, config.state + "/lock");
    files.setAttributes(config.state, 0700, std::nullopt);
    const apply::Lock lock(files.real(config.state + "/controller.lock"),
                           "the controller's place on this root");
    auto store = state::Store::open(files.real(config.state + "/vigie.db"));
    log.info("vigie " + std::string(kVersion) + " follows " + config.source.followed() + " every " +
             std::to_string(config.source.interval.count() / 1000) + " s");
    controller::Reconciler reconciler(config, store,
                                      {{files, lookingProcesses, lookingHttp, lookingEngine, clock},
                                       {files, changingProcesses, changingHttp, changingEngine, clock},
                                       git,
                                       log});
    try {
        do {
            reconciler.reconcile();
        } while (!stop.waitFor(config.source.interval));
    } catch (const Interrupted&) {
        // What was only looking has been left at once; nothing was half done.
    }
    log.info("stopped");
}

}  // namespace

int main(int argc, char** argv) {
    constexpr int kError = 2;
    if (argc != 2) {
        std::cerr << "usage: vigie run --config FILE\n";
        return kError;
    }
    ::umask(022);
    try {
        run(controller::loadConfig(argv[1]));
        return 0;
    } catch (const Error& error) {
        std::cerr << "vigie: " << error.what() << "\n";
        if (!error.hint().empty()) {
            std::cerr << "  hint: " << error.hint() << "\n";
        }
    } catch (const std::exception& error) {
        std::cerr << "vigie: " << error.what() << "\n";
    }
    return kError;
}
