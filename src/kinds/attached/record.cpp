// Reads and writes what is remembered of an attached file.

#include "kinds/attached/record.hpp"

#include "base/json_fields.hpp"
#include "base/parse_json.hpp"

namespace vigie::kinds {
namespace {

using Program = render::ConfiguredProgram::Program;

constexpr const char* kAlertmanager = "alertmanager";

}  // namespace

AttachedRecord AttachedRecord::of(const render::AttachedProgram& program, Program kind) {
    AttachedRecord out;
    out.kind = kind == Program::prometheus ? "prometheus" : kAlertmanager;
    out.project = program.project;
    out.host = program.host;
    out.service = program.service;
    out.directory = program.directory;
    out.program = program.program;
    return out;
}

std::optional<AttachedRecord> AttachedRecord::read(std::string_view text) {
    const auto json = parseJson(text);
    if (!json.is_object()) {
        return std::nullopt;
    }
    try {
        return fromJson<AttachedRecord>(json);
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    }
}

std::string AttachedRecord::text() const {
    return toJson(*this).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

render::AttachedProgram AttachedRecord::attachedProgram() const {
    return {.project = project,
            .host = host,
            .service = service,
            .directory = directory,
            .program = program,
            .username = {}};
}

Program AttachedRecord::programKind() const {
    return kind == kAlertmanager ? Program::alertmanager : Program::prometheus;
}

}  // namespace vigie::kinds
