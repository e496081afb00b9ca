// Everything of a host that a stage may touch.
#pragma once

#include "system/attach.hpp"
#include "system/clock.hpp"
#include "system/files.hpp"
#include "system/http.hpp"
#include "system/names.hpp"
#include "system/processes.hpp"

namespace vigie::system {

/// Everything of a host that a stage may touch.
struct System {
    Files& files;
    Processes& processes;
    Http& http;
    Http& engine;  ///< the container engine's API, over its socket
    Clock& clock;
    Names& names;
    Attach& attach;  ///< programs of others, in their containers
};

}  // namespace vigie::system
