// A command that changes a host.
#pragma once

#include "apply/apply.hpp"
#include "apply/transaction/lock.hpp"
#include "cli/host_system.hpp"
#include "state/store.hpp"

#include <functional>

namespace vigie::cli {

enum class BesideController : std::uint8_t { refused, allowed };

/// A command that changes a host: it holds the root's lock, and has finished what an interrupted transaction
/// left.
class Session {
public:
    /// Throws Error when somebody else is at work here, or when a change still waits to be confirmed.
    Session(const RootOptions& options, BesideController beside);

    HostSystem here;
    apply::Lock lock;
    state::Store store;
    apply::Settings settings;

    /// Shows the plan, asks, applies and says what the success rests on. Returns the exit code. `agreed` is
    /// called before anything is changed, once nobody has said no; may be empty.
    int converge(const apply::DesiredState& target, bool yes, const std::function<void()>& agreed = {});
};

}  // namespace vigie::cli
