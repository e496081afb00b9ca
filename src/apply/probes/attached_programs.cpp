// Looks for attached programs, and for files that they are to read.

#include "apply/probes/attached_programs.hpp"

#include "system/files.hpp"

#include <variant>

namespace vigie::apply {
namespace {

using attach::Attachment;
using attach::OrRefusal;
using attach::Place;
using attach::Refusal;
using Program = render::ConfiguredProgram::Program;

bool hasChanged(const auto& found) {
    const auto* refusal = std::get_if<Refusal>(&found);
    return refusal != nullptr && refusal->reason == Refusal::Reason::changed;
}

/// The place of `path`, of which only some directory above is there.
OrRefusal<AttachedPath> placeBelow(const Attachment& attachment, const std::string& path,
                                   const Refusal& missing, system::Attach& attach) {
    const auto top = configDirectory(attachment);
    for (auto slash = path.rfind('/'); slash != std::string::npos && slash >= top.size();
         slash = slash == 0 ? std::string::npos : path.rfind('/', slash - 1)) {
        auto found = placeAttached(attachment, path.substr(0, slash), false, attach);
        if (auto* place = std::get_if<Place>(&found)) {
            const auto rest = path.substr(slash);
            place->inside += rest;
            place->host += rest;
            place->resolved += rest;
            place->device = 0;
            place->inode = 0;
            return AttachedPath{std::move(*place), false};
        }
        const auto& refusal = std::get<Refusal>(found);
        if (refusal.reason != Refusal::Reason::missing) {
            return refusal;
        }
    }
    return missing;
}

OrRefusal<AttachedPath> placeOnce(const Attachment& attachment, const std::string& path,
                                  system::Attach& attach) {
    auto found = placeAttached(attachment, path, false, attach);
    if (auto* place = std::get_if<Place>(&found)) {
        return AttachedPath{std::move(*place), place->inode != 0};
    }
    const auto& refusal = std::get<Refusal>(found);
    return refusal.reason == Refusal::Reason::missing ? placeBelow(attachment, path, refusal, attach)
                                                      : refusal;
}

}  // namespace

attach::Wanted wantedOf(const render::AttachedProgram& program, Program kind) {
    attach::Wanted out;
    out.subject = {program.service, program.project};
    out.kind = kind == Program::prometheus ? spec::Program::prometheus : spec::Program::alertmanager;
    out.program = program.program;
    out.directory = program.directory;
    out.hasLogin = !program.password.id.empty();
    return out;
}

std::string configDirectory(const Attachment& attachment) {
    return system::parentOf(attachment.configPath);
}

const OrRefusal<Attachment>& AttachedPrograms::find(const render::AttachedProgram& program, Program kind) {
    const auto known = found_.find(program.name());
    if (known != found_.end()) {
        return known->second;
    }
    const auto wanted = wantedOf(program, kind);
    auto found = findAttached(wanted, system_);
    if (hasChanged(found)) {
        found = findAttached(wanted, system_);
    }
    return found_.emplace(program.name(), std::move(found)).first->second;
}

OrRefusal<AttachedPath> AttachedPrograms::place(const Attachment& attachment, const std::string& path) {
    if (path.empty()) {
        return AttachedPath{attachment.config, attachment.config.inode != 0};
    }
    const auto whole = configDirectory(attachment) + "/" + path;
    auto found = placeOnce(attachment, whole, system_.attach);
    return hasChanged(found) ? placeOnce(attachment, whole, system_.attach) : found;
}

Attachment mustFind(AttachedPrograms& programs, const render::AttachedProgram& program, Program kind) {
    return orThrow(programs.find(program, kind));
}

AttachedPath mustPlace(AttachedPrograms& programs, const Attachment& attachment, const std::string& path) {
    return orThrow(programs.place(attachment, path));
}

}  // namespace vigie::apply
