// Says whether committed facts are older than the host.

#include "apply/probes/facts_age.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

namespace vigie::apply {

std::vector<std::string> outdatedFacts(const facts::HostFacts& facts, const std::string& host,
                                       const system::Files& files) {
    constexpr std::uint64_t kLargest = 1U << 20U;
    std::vector<std::string> out;
    for (const auto& project : facts.projects.value_or(std::vector<facts::ProjectFacts>{})) {
        for (const auto& [path, digest] : project.digests) {
            // The path comes from a repository: what is no plain file of modest size is not looked at.
            if (path.empty() || path.front() != '/' || path.find("/../") != std::string::npos) {
                continue;
            }
            try {
                const auto info = files.inspect(path);
                if (info.type == FileInfo::Type::regular && info.size <= kLargest &&
                    facts::composeFileDigest(view(files.read(path, kLargest))) != digest) {
                    out.push_back("facts/" + host + ".json was made of another " + printable(path) +
                                  " than the one here; run `vigie facts` again");
                }
            } catch (const Error&) {  // whoever plans may not be allowed to read it
                continue;
            }
        }
    }
    return out;
}

}  // namespace vigie::apply
