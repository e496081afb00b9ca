// `vigie run`: becomes the controller's program.

#include "base/error.hpp"
#include "cli/commands.hpp"
#include "system/libexec.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace vigie::cli {

int run(const RunOptions& options) {
    // The controller is a program of its own, so that `vigie plan` does not load what only a daemon needs.
    const std::string controller = system::helperPath("vigie-controller");
    ::execl(controller.c_str(), controller.c_str(), options.config.c_str(), nullptr);
    throw Error("cannot start " + controller + ": " + std::strerror(errno));
}

}  // namespace vigie::cli
