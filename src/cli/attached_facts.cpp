// Looks into containers for programs that vigie could attach to.

#include "cli/attached_facts.hpp"

#include "apply/http_api.hpp"
#include "apply/probes/attached_programs.hpp"
#include "base/error.hpp"
#include "cli/project_facts.hpp"

#include <set>
#include <variant>

namespace vigie::cli {
namespace {

using apply::member;
using apply::text;
using nlohmann::ordered_json;
using Program = render::ConfiguredProgram::Program;

/// Which of the two a container runs; nothing for all else.
std::optional<Program> programIn(const std::string& container, system::Attach& attach) {
    const auto named = [](const attach::Process& process, std::string_view name) {
        const auto slash = process.id.exe.rfind('/');
        return std::string_view(process.id.exe).substr(slash == std::string::npos ? 0 : slash + 1) == name;
    };
    for (const auto& process : attach.find(container, "prometheus").processes) {
        if (named(process, "prometheus")) {
            return Program::prometheus;
        }
        if (named(process, "alertmanager")) {
            return Program::alertmanager;
        }
    }
    return std::nullopt;
}

ordered_json factsOf(const render::AttachedProgram& program, Program kind,
                     apply::AttachedPrograms& programs) {
    ordered_json out = {{"project", program.project},
                        {"service", program.service},
                        {"program", kind == Program::prometheus ? "prometheus" : "alertmanager"}};
    const auto& found = programs.find(program, kind);
    if (const auto* refusal = std::get_if<attach::Refusal>(&found)) {
        out["refused"] = refusal->sentence();
        return out;
    }
    const auto& attachment = std::get<attach::Attachment>(found);
    out["path"] = attachment.configPath;
    out["hostPath"] = attachment.config.host;
    out["mount"] = attachment.config.mount;
    out["singleFile"] = attachment.config.singleFile;
    out["uid"] = attachment.user.uid;
    return out;
}

}  // namespace

ordered_json attachedFacts(const system::System& here) {
    const auto containers = engineAnswer(here.engine, "/containers/json");
    if (!containers.is_array()) {
        return nullptr;
    }
    apply::AttachedPrograms programs(here);
    std::set<std::string> seen;
    ordered_json out = ordered_json::array();
    try {
        for (const auto& container : containers) {
            const auto& labels = member(container, "Labels");
            render::AttachedProgram program;
            program.project = text(labels, "com.docker.compose.project");
            program.service = text(labels, "com.docker.compose.service");
            program.directory = text(labels, "com.docker.compose.project.working_dir");
            if (program.project.empty() || text(labels, "com.docker.compose.oneoff") == "True") {
                continue;
            }
            const auto kind = programIn(text(container, "Id"), here.attach);
            if (kind && seen.insert(program.name()).second) {
                out.push_back(factsOf(program, *kind, programs));
            }
        }
    } catch (const Error&) {
        return nullptr;  // half of them would look like all
    }
    return out;
}

}  // namespace vigie::cli
