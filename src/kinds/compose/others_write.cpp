// Finds compose files and directories that other users may write.

#include "kinds/compose/others_write.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "kinds/models.hpp"
#include "system/own_file.hpp"

#include <algorithm>
#include <map>

namespace vigie::apply {

std::vector<std::string> othersWrite(const render::ComposeProject& project, const system::Files& files) {
    auto paths = project.paths();
    paths.push_back(project.directory + "/.env");
    std::vector<std::string> out;
    for (const auto& path : paths) {
        try {
            const auto who = system::whoElseMayWrite(files, path);
            if (!who.empty() && std::find(out.begin(), out.end(), who) == out.end()) {
                out.push_back(who);
            }
        } catch (const Error&) {  // whoever plans may not be allowed to look there
            continue;
        }
    }
    return out;
}

std::vector<std::string> notesOnOthers(const std::vector<render::Resource>& desired,
                                       const system::Files& files) {
    std::map<std::string, std::vector<std::string>> projects;
    for (const auto& resource : desired) {
        const auto* compose = kinds::containerOf(resource);
        if (compose != nullptr && projects.count(compose->project.name) == 0) {
            projects[compose->project.name] = othersWrite(compose->project, files);
        }
    }
    std::vector<std::string> out;
    for (const auto& [name, who] : projects) {
        if (!who.empty()) {
            out.push_back("project `" + name + "`: " + printable(join(who, "; ")) +
                          ": whoever that is decides what root's `docker compose` runs (docs/trust.md)");
        }
    }
    return out;
}

}  // namespace vigie::apply
