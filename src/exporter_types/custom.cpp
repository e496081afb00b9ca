// The exporter type `custom`: a program that vigie does not know.

#include "base/text.hpp"
#include "render/exporters.hpp"
#include "spec/exporter_types.hpp"
#include "spec/users.hpp"

namespace vigie {
namespace {

using spec::Exporter;

unsigned idOf(std::string_view text) {
    unsigned out = 0;
    for (const char c : text) {
        out = out * 10 + static_cast<unsigned>(c - '0');
    }
    return out;
}

/// What the document says, else a user that owns nothing, or one of its own for those that have files.
Owner user(const Exporter& exporter) {
    if (exporter.custom && !exporter.custom->user.empty()) {
        const auto parts = split(exporter.custom->user, ':');
        return {idOf(parts.front()), idOf(parts.back())};
    }
    return spec::hasVariableFiles(exporter) ? spec::kCustomFilesUser : spec::kCustomUser;
}

void container(render::Service& out, const render::Builder& /*builder*/, const Exporter& exporter) {
    const auto& custom = *exporter.custom;
    for (const auto& argument : custom.command) {
        out.command.emplace_back(argument);
    }
    for (const auto& volume : custom.volumes) {
        out.mounts.push_back({volume.source, volume.target, true});
    }
    out.dependsOn = custom.dependsOn;
}

constexpr render::ExporterRendering kRendering{.container = container};

}  // namespace

const spec::ExporterTypeRow spec::kCustomType{
    .program = {.id = "custom", .name = {}, .image = {}},
    .movesAtOnce = true,
    .user = user,
    .rendering = &kRendering,
};

}  // namespace vigie
