// Loads a document for a command and prints its findings.

#include "cli/documents.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/terminal.hpp"
#include "lint/facts.hpp"

#include <unistd.h>

namespace vigie::cli {

std::string formatAll(const source::Loaded& loaded, bool colour) {
    return spec::formatTold(loaded.diagnostics, loaded.sources, colour);
}

source::Loaded loadUsable(const std::string& directory) {
    auto loaded = source::loadDirectory(directory);
    // `vigie validate` says which checks were not made; every plan would be too often.
    loaded.diagnostics.removeIf(
        [](const spec::Diagnostic& each) { return each.code == lint::kChecksSkipped; });
    const std::string text = formatAll(loaded, colourOn(STDERR_FILENO));
    if (!text.empty()) {
        sayAsItIs(text);
    }
    if (!loaded.usable()) {
        throw Error(directory + ": " + count(loaded.diagnostics.errors(), "error"),
                    "correct the document first; `vigie validate` lists its errors");
    }
    return loaded;
}

std::string chooseHost(const source::Loaded& loaded, const std::string& host) {
    const auto& hosts = loaded.document->stack.hosts;
    if (!host.empty()) {
        return host;
    }
    if (hosts.size() == 1) {
        return hosts[0].name;
    }
    std::vector<std::string> names;
    for (const auto& each : hosts) {
        names.push_back(each.name);
    }
    throw Error("no host is named, and the document has several",
                "add --host with one of: " + join(names, ", "));
}

}  // namespace vigie::cli
