// `vigie hosts`: the hosts of a document.

#include "cli/commands.hpp"
#include "cli/terminal.hpp"
#include "source/directory.hpp"

namespace vigie::cli {

int hosts(const ValidateOptions& options) {
    const auto loaded = source::loadDirectory(options.directory);
    if (!loaded.document) {
        return kError;
    }
    for (const auto& host : loaded.document->stack.hosts) {
        print(host.name + "\n");
    }
    return kOk;
}

}  // namespace vigie::cli
