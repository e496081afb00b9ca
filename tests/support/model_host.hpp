// A whole host in memory.
#pragma once

#include "system/memory_attach.hpp"
#include "system/system.hpp"
#include "tests/support/fuse.hpp"
#include "tests/support/model_clock.hpp"
#include "tests/support/model_engine.hpp"
#include "tests/support/model_files.hpp"
#include "tests/support/model_names.hpp"
#include "tests/support/model_processes.hpp"
#include "tests/support/model_programs.hpp"
#include "tests/support/model_tunnel.hpp"
#include "tests/support/model_ufw.hpp"

#include <map>
#include <string>

namespace vigie::tests {

/// A whole host in memory, behind `system::System`: files, WireGuard, ufw, kernel settings, systemd, the
/// Docker engine with compose, Prometheus and Alertmanager, and a clock. Its fuse counts every change and
/// burns through where a test says so. Not for what the real tools do beyond what src/apply asks of them.
class ModelHost {
public:
    enum class Init { none, systemd };
    /// With ufw that lets ssh in, a kernel that does not forward, and vigie's state directory.
    explicit ModelHost(Init init = Init::none);

    [[nodiscard]] system::System system() {
        return {files, processes, programs, engine, clock, names, attach};
    }

    /// After a kill: the program is started again. Everything else went on.
    void revive() { fuse.revive(); }
    /// The machine starts anew: the tunnel comes back where systemd brings it up, then the containers do.
    void reboot();

    /// The whole observable host by name: files but vigie's own state and the data of programs, the tunnel,
    /// containers without their ids and times, loaded configurations. To be compared and printed.
    [[nodiscard]] std::map<std::string, std::string> snapshot() const;

    [[nodiscard]] std::size_t mutations() const { return fuse.mutations.size(); }

    static constexpr const char* kState = "/var/lib/vigie";
    /// What stands before the name of an image in a snapshot.
    static constexpr const char* kImage = "image:";

    Fuse fuse;
    ModelFiles files{fuse};
    ModelClock clock;
    ModelNames names;
    system::MemoryAttach attach;
    ModelTunnel tunnel{fuse, files, clock, names};
    ModelUfw ufw{fuse, files};
    ModelTables tables{fuse};
    ModelEngine engine{fuse, files, tunnel, clock};
    ModelPrograms programs{fuse, files, engine, tunnel};
    ModelProcesses processes{fuse, files, tunnel, ufw, tables, engine};
};

/// The lines in which two snapshots differ, for a message; empty when they are equal.
std::string differences(const std::map<std::string, std::string>& before,
                        const std::map<std::string, std::string>& after);

}  // namespace vigie::tests
