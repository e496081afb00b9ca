// Reads a revision of the user's repository into a directory that is gone again afterwards.

#include "cli/base_document.hpp"

#include "base/text.hpp"
#include "cli/host_system.hpp"
#include "cli/temporary_directory.hpp"
#include "source/git_client.hpp"

#include <algorithm>
#include <filesystem>

namespace vigie::cli {
namespace {

constexpr const char* kAllIsNew = "; everything is shown as new";

/// The first mistake with its place in the repository, not in `top`, where the revision was written to.
std::string firstMistake(const source::Loaded& loaded, const std::string& top) {
    const auto& all = loaded.diagnostics.all();
    const auto it = std::find_if(all.begin(), all.end(), [](const spec::Diagnostic& each) {
        return each.severity == spec::Severity::error;
    });
    if (it == all.end()) {
        return "it cannot be read";
    }
    const std::string beginning = top + "/";
    std::string out = it->file.starts_with(beginning) ? it->file.substr(beginning.size()) : std::string();
    if (!out.empty() && it->at.line != 0) {
        out += ":" + std::to_string(it->at.line) + ":" + std::to_string(it->at.column);
    }
    out += (out.empty() ? "" : ": ") + ("error[" + it->code + "]: ") + it->message;
    const auto more = loaded.diagnostics.errors() - 1;
    return out + (more == 0 ? "" : " (and " + std::to_string(more) + " more)");
}

}  // namespace

BaseDocument baseDocument(const std::string& directory, const std::string& revision) {
    const system::Stop stop;
    system::RealProcesses processes(stop);
    const TemporaryDirectory temporary;
    const std::string out = temporary.path() + "/tree";
    const bool there = source::GitClient(processes, system::helperPath("vigie-git"))
                           .exportRevision(std::filesystem::absolute(directory).string(), revision, out);
    if (!there) {
        return {{}, revision + " does not have this directory, and so has no document" + kAllIsNew};
    }
    auto loaded = source::loadDirectory(out);
    if (loaded.usable()) {
        return {std::move(loaded), ""};
    }
    if (!loaded.found) {
        return {{}, revision + " has no document in this directory" + kAllIsNew};
    }
    return {{},
            "the document at " + revision + " has errors, so there is nothing to compare with" + kAllIsNew +
                ": " + firstMistake(loaded, out)};
}

}  // namespace vigie::cli
