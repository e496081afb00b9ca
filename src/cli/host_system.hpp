// The host below a root, with everything real.
#pragma once

#include "cli/commands.hpp"
#include "plan/plan.hpp"
#include "state/store.hpp"
#include "system/attach_client.hpp"
#include "system/helper_http.hpp"
#include "system/libexec.hpp"
#include "system/real_clock.hpp"
#include "system/real_files.hpp"
#include "system/real_names.hpp"
#include "system/real_processes.hpp"
#include "system/stop.hpp"
#include "system/system.hpp"
#include "system/unix_http.hpp"

#include <memory>
#include <optional>
#include <string>

namespace vigie::cli {

/// The host below a root, with everything real.
class HostSystem {
public:
    explicit HostSystem(const RootOptions& options);

    [[nodiscard]] bool tryOut() const { return options_.root != "/"; }
    /// `text` is `none`, `reload`, `all` or empty for what is usual below this root.
    [[nodiscard]] plan::Activation activation(const std::string& text) const;

    [[nodiscard]] std::string statePath(const std::string& name) const;
    [[nodiscard]] state::Inventory inventory() const;
    /// The state, to be changed. Throws Error when somebody else may write it.
    [[nodiscard]] state::Store openStore() const;
    /// Makes the state directory (0700) when it is missing.
    void makeStateDirectory();

    system::Stop stop;
    system::RealFiles files;
    system::RealProcesses processes;
    system::HelperHttp http;
    system::UnixHttp engine;
    system::RealClock clock;
    system::RealNames names{processes};
    system::RealAttach attach;

    system::System system() { return {files, processes, http, engine, clock, names, attach}; }

private:
    RootOptions options_;
};

}  // namespace vigie::cli
