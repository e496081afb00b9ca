// Everything that the reconciler needs of the world. A test gives doubles.
#pragma once

#include "apply/transaction/lock.hpp"
#include "controller/events.hpp"
#include "controller/log.hpp"
#include "controller/published.hpp"
#include "controller/revision_source.hpp"
#include "controller/trial_reading.hpp"
#include "source/directory.hpp"
#include "system/stop.hpp"
#include "system/system.hpp"

#include <functional>
#include <string>

namespace vigie::controller {

struct World {
    system::System looking;   ///< may be interrupted at any time
    system::System changing;  ///< may not: a transaction that has begun ends one way or the other
    RevisionSource& source;
    const system::Stop& stop;
    Log& log;
    Events& events;
    Published& published;  ///< also told of each step of an apply
    /// Reads the document of a directory, by its path on this machine.
    std::function<source::Loaded(const std::string& directory)> load;
    /// Takes the root's lock; throws Error while somebody else has it.
    std::function<apply::Lock()> lockRoot;
    /// In [0, 1): for pauses that two hosts must not make in step.
    std::function<double()> random;
    /// Before a document is read in earnest; empty: it is read at once.
    TrialReading tryReading = {};
};

}  // namespace vigie::controller
