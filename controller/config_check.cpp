// What can be wrong with the files that vigie.yaml names.

#include "controller/config_check.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "controller/credentials.hpp"
#include "controller/server.hpp"
#include "controller/words.hpp"
#include "system/own_file.hpp"
#include "system/walk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>

namespace vigie::controller {

std::vector<FileFinding> checkFiles(const Config& config, const char* credentials) {
    std::vector<FileFinding> out;
    // systemd names the directory also to a command of ExecReload=, which it does not let see it.
    if (credentials != nullptr && ::access(credentials, R_OK | X_OK) != 0) {
        credentials = nullptr;
    }
    auto found = config;
    for (auto* file : filesThatMayBeCredentials(found)) {
        try {
            *file = credentialPath(*file, credentials);
        } catch (const Error&) {
            out.push_back({"`" + *file + "` is not looked at: only the service has it", false});
            file->clear();
        }
    }
    const auto before = out.size();
    for (const auto& [field, path] : filesOf(found)) {
        const system::Descriptor file =
            path.empty() ? system::Descriptor() : system::openFile(path, O_RDONLY | O_NONBLOCK);
        if (!path.empty() && !file.valid()) {
            out.push_back({std::string(field) + ": cannot read " + path + ": " + std::strerror(errno)});
        }
        const std::string who = file.valid() ? system::whoElseMayWrite(path) : "";
        if (!who.empty()) {
            out.push_back({std::string(field) + ": " + path + " is not trusted: " + who});
        }
    }
    if (out.size() == before) {  // what there is must be usable as well
        try {
            checkServerFiles(found.http.tokenFile, found.http.certFile, found.http.keyFile);
        } catch (const Error& error) {
            out.push_back({"http: " + withHint(error)});
        }
    }
    return out;
}

int checkConfig(const std::string& path) {
    Config config;
    try {
        config = readConfig(path);
    } catch (const InvalidConfig& error) {
        std::cout << error.what() << path << ": not valid\n";
        return 1;
    }
    bool usable = true;
    if (const auto who = system::whoElseMayWrite(path); !who.empty()) {
        usable = false;
        std::cout << path << ": warning: it is not trusted: " << printable(who) << "\n";
    }
    for (const auto& finding :
         checkFiles(config, std::getenv("CREDENTIALS_DIRECTORY"))) {  // NOLINT(concurrency-mt-unsafe)
        usable = usable && !finding.looked;
        std::cout << path << ": " << (finding.looked ? "warning: " : "note: ") << printable(finding.message)
                  << "\n";
    }
    constexpr std::int64_t kMilliseconds = 1000;
    std::cout << path << ": valid: host " << config.host << " follows " << config.source.followed()
              << ", asked every " << config.source.interval.count() / kMilliseconds << " s\n";
    return usable ? 0 : 1;
}

}  // namespace vigie::controller
