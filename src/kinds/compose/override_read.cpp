// Whether the user's own `docker compose up` reads the override file that vigie writes.

#include "kinds/compose/override_read.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "kinds/models.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace vigie::apply {
namespace {

constexpr std::uint64_t kLargestEnv = 1U << 20U;

/// COMPOSE_FILE of an environment file: the last one counts.
std::string composeFileIn(std::string_view text) {
    constexpr std::string_view kName = "COMPOSE_FILE=";
    std::string out;
    for (auto line : splitLines(text)) {
        line = trim(line);
        line.remove_prefix(line.starts_with("export ") ? std::string_view("export ").size() : 0);
        if (line.starts_with(kName)) {
            line = trim(line.substr(kName.size()));
            const bool quoted = line.size() > 1 && (line.front() == '"' || line.front() == '\'') &&
                                line.back() == line.front();
            out = quoted ? line.substr(1, line.size() - 2) : line;
        }
    }
    return out;
}

}  // namespace

bool readsOverride(const render::ComposeProject& project, const system::Files& files) {
    static constexpr std::array<std::string_view, 4> kUsual = {
        "compose.override.yaml", "compose.override.yml", "docker-compose.override.yaml",
        "docker-compose.override.yml"};
    const std::string& name = project.files.back();
    if (std::find(kUsual.begin(), kUsual.end(), name) != kUsual.end()) {
        return true;
    }
    const std::string env = project.directory + "/.env";
    if (files.inspect(env).type != FileInfo::Type::regular) {
        return false;
    }
    const auto bytes = files.read(env, kLargestEnv);
    const std::string list = composeFileIn(view(bytes));
    const auto named = split(list, ':');
    return std::any_of(named.begin(), named.end(), [&](std::string_view each) {
        return each == name || each == "./" + name || each == project.directory + "/" + name;
    });
}

std::vector<std::string> notesOnOverrides(const std::vector<render::Resource>& desired,
                                          const system::Files& files) {
    std::map<std::string, std::vector<std::string>> servers;
    std::map<std::string, const render::ComposeProject*> projects;
    for (const auto& resource : desired) {
        const auto* compose = kinds::containerOf(resource);
        if (compose != nullptr && !compose->project.ours && !compose->service.component.empty() &&
            !compose->project.files.empty()) {
            servers[compose->project.name].push_back(compose->service.name);
            projects[compose->project.name] = &compose->project;
        }
    }
    std::vector<std::string> out;
    for (const auto& [name, project] : projects) {
        try {
            if (readsOverride(*project, files)) {
                continue;
            }
        } catch (const Error&) {  // whoever plans may not be allowed to look there
            continue;
        }
        const std::string& file = project->files.back();
        out.push_back("project `" + name + "`: your next plain `docker compose up` does not read `" + file +
                      "` and drops " + join(servers[name], ", ") + ": add `" + file +
                      "` to COMPOSE_FILE in .env, or name it compose.override.yml (`overrideFile`)");
    }
    return out;
}

}  // namespace vigie::apply
