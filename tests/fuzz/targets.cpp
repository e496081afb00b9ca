// The table of all fuzz targets.
#include "tests/fuzz/target.hpp"

#include <cstdio>
#include <cstdlib>

namespace vigie::fuzz {

const std::vector<Target>& targets() {
    static const std::vector<Target> kTargets = {
        {"allowed-signers", allowedSigners},
        {"attached-container", attachedContainer},
        {"compose-config", composeConfig},
        {"document", document},
        {"engine-answers", engineAnswers},
        {"facts", hostFacts},
        {"git-object", gitObject},
        {"http-request", httpRequest},
        {"import", importedHost},
        {"native", nativeConfiguration},
        {"peer-status", peerStatus},
        {"rule-file", ruleFile},
        {"ssh-signature", sshSignature},
        {"target-file", targetFile},
        {"template", templateFile},
        {"ufw-rules", ufwRules},
        {"webhook", webhook},
        {"wg-dump", wgDump},
    };
    return kTargets;
}

std::vector<std::pair<std::string, std::string>> partsOf(std::string_view bytes) {
    constexpr std::string_view kMark = "=== ";
    std::vector<std::pair<std::string, std::string>> out;
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        const auto line = bytes.substr(0, end);
        bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
        if (line.substr(0, kMark.size()) == kMark) {
            out.emplace_back(line.substr(kMark.size()), "");
        } else if (!out.empty()) {
            out.back().second.append(line).append(end == std::string_view::npos ? "" : "\n");
        }
    }
    return out;
}

void demand(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "does not hold: %s\n", what);
        std::abort();
    }
}

}  // namespace vigie::fuzz
