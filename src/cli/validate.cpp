#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/terminal.hpp"

#include <unistd.h>

namespace vigie::cli {

int validate(const ValidateOptions& options) {
    const auto loaded = source::loadDirectory(options.directory);
    print(formatAll(loaded, colourOn(STDOUT_FILENO)));
    const std::size_t errors = loaded.diagnostics.errors();
    const std::size_t warnings = loaded.diagnostics.all().size() - errors;
    if (!loaded.diagnostics.empty()) {
        print(options.directory + ": " + count(errors, "error") + ", " + count(warnings, "warning") + "\n");
        return kDifference;
    }
    const auto& stack = loaded.document->stack;
    print(options.directory + ": valid: stack " + stack.name + ", " + count(stack.hosts.size(), "host") +
          ", " + count(stack.applications.size(), "application") + ", " +
          count(stack.exporters.size(), "exporter") + "\n");
    return kOk;
}

}  // namespace vigie::cli
