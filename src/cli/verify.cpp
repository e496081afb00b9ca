// `vigie verify`: verifies that a commit is signed by an allowed signer.

#include "base/error.hpp"
#include "cli/commands.hpp"
#include "cli/terminal.hpp"
#include "source/git_client.hpp"
#include "system/libexec.hpp"
#include "system/real_processes.hpp"
#include "system/stop.hpp"
#include "trust/untrusted.hpp"

#include <filesystem>

namespace vigie::cli {

int verify(const VerifyOptions& options) {
    const system::Stop stop;
    system::RealProcesses processes(stop);
    const auto absolute = [](const std::string& path) { return std::filesystem::absolute(path).string(); };
    try {
        const auto found = source::GitClient(processes, system::helperPath("vigie-git"))
                               .verifyRevision(absolute(options.directory), options.revision,
                                               absolute(options.allowedSigners));
        print((found.tag.empty() ? "commit " + found.commit
                                 : "tag " + found.tag + " of commit " + found.commit) +
              " is signed by " + found.signer + "\n");
        return kOk;
    } catch (const trust::Untrusted& error) {
        if (error.reason() == trust::Reason::signersUnusable) {
            throw;
        }
        print(options.revision + ": " + name(error.reason()) + ": " + error.what() + "\n");
        say("  hint: " + error.hint());
        return kDifference;
    }
}

}  // namespace vigie::cli
