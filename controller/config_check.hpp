// What can be wrong with the files that vigie.yaml names.
#pragma once

#include "controller/config.hpp"

#include <string>
#include <vector>

namespace vigie::controller {

/// A file of the configuration that cannot be used, or that was not looked at.
struct FileFinding {
    std::string message;  ///< one line, beginning with the field
    bool looked = true;   ///< false: only the service has it
};

/// `config` is as `readConfig` has it: credentials are looked for in `credentials`, systemd's directory of
/// them; it may be null, and need not be there.
std::vector<FileFinding> checkFiles(const Config& config, const char* credentials);

/// `vigie config check`: prints what `run` would say of the file. Returns the exit code: 0 it is valid, 1 it
/// has mistakes or names a file that cannot be used. Throws Error when it cannot be read.
int checkConfig(const std::string& path);

}  // namespace vigie::controller
