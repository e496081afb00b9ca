// What the command line of a Prometheus or an Alertmanager that runs says of it.
#pragma once

#include "spec/settings.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::attach {

/// An address at which a program can be asked from inside of its own network.
struct Listen {
    std::string address;  ///< a number: 127.0.0.1 where it listens on all
    std::uint16_t port = 0;

    bool operator==(const Listen&) const = default;
};

/// What of the options decides how a program is configured, asked and reloaded.
struct Options {
    std::string configFile;               ///< as it is written, maybe relative; never empty
    std::vector<Listen> listen;           ///< those with a numeric address
    std::vector<std::string> listenText;  ///< as they are written, all of them
    std::string routePrefix;              ///< `/prom`; empty: none
    std::string webConfigFile;            ///< TLS and passwords; empty: none
    bool lifecycle = false;               ///< it reloads by HTTP; Alertmanager always does
    bool autoReload = false;              ///< it reloads by itself
    std::string argumentsFile;            ///< `@FILE`, whose options are not known here; empty: none
};

/// The options among `arguments`, which are without the program's own name. Source: the parser of both,
/// kingpin v2: one or two dashes, the last of several counts, `@FILE` stands for the lines of a file, nothing
/// is an option behind `--`.
Options readOptions(spec::Program program, std::span<const std::string> arguments);

/// The base name of the program's file: `prometheus`, `alertmanager`.
std::string_view programName(spec::Program program);

}  // namespace vigie::attach
