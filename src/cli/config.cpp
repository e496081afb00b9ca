// `vigie config`: the host's own configuration.

#include "base/error.hpp"
#include "cli/commands.hpp"
#include "system/libexec.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace vigie::cli {

int configCheck(const RunOptions& options) {
    // The controller itself validates it: another reader could interpret the file differently.
    const std::string controller = system::helperPath("vigie-controller");
    ::execl(controller.c_str(), controller.c_str(), "--check", options.config.c_str(), nullptr);
    throw Error("cannot start " + controller + ": " + std::strerror(errno));
}

}  // namespace vigie::cli
