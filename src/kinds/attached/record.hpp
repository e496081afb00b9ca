// What the inventory remembers of a file of an attached program: whose it is, and where it was found.
#pragma once

#include "attach/pin.hpp"
#include "kinds/views.hpp"
#include "spec/describable.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace vigie::kinds {

/// Enough to find the file again when no document speaks of the program any more. No secret is in it.
struct AttachedRecord {
    std::string kind = {};  ///< `prometheus` or `alertmanager`
    std::string project = {};
    std::string host = {};
    std::string service = {};
    std::string directory = {};
    std::string program = {};
    std::string path = {};  ///< below the directory of the configuration
    bool main = false;      ///< it is the configuration itself
    attach::Pin pin = {};   ///< of this file

    static AttachedRecord of(const render::AttachedProgram& program, render::ConfiguredProgram::Program kind);
    /// Nothing when it is none.
    static std::optional<AttachedRecord> read(std::string_view text);
    [[nodiscard]] std::string text() const;

    [[nodiscard]] render::AttachedProgram attachedProgram() const;
    [[nodiscard]] render::ConfiguredProgram::Program programKind() const;
};

VIGIE_DESCRIBE(AttachedRecord) {
    io.field("kind", value.kind);
    io.field("project", value.project);
    io.field("host", value.host);
    io.field("service", value.service);
    io.field("directory", value.directory);
    io.field("program", value.program);
    io.field("path", value.path);
    io.field("main", value.main);
    io.field("pin", value.pin);
}

}  // namespace vigie::kinds
