// Images of versions that vigie was not tested with, too old or newer than this vigie.

#include "spec/supported.hpp"

#include "lint/rules.hpp"
#include "spec/exporter_types.hpp"

namespace vigie::lint {
namespace {

using spec::FieldPath;

/// `prom/prometheus:v3.5.0@sha256:…` → `prometheus`
std::string_view programOf(std::string_view image) {
    image = image.substr(0, image.find('@'));
    const auto slash = image.rfind('/');
    image = slash == std::string_view::npos ? image : image.substr(slash + 1);
    return image.substr(0, image.find(':'));
}

void lintVersion(std::string_view id, const std::string& image, const FieldPath& at,
                 const spec::Reporter& report) {
    const auto& program = spec::supportedProgram(id);
    const auto version = spec::imageVersion(image);
    // An image with another name may number its versions differently.
    if (program.versions.empty() || !version || programOf(image) != programOf(program.image)) {
        return;
    }
    const auto& oldest = program.versions.front();
    const auto& newest = program.versions.back();
    const std::string name(program.name);
    if (*version < oldest) {
        report.warning(
            code::VG0425, at,
            "the image is " + name + " " + textOf(*version) + ", but vigie supports only " + name + " " +
                textOf(oldest) + " or later",
            "raise `image` to " + textOf(oldest) + " or later, such as `" + std::string(program.image) + "`");
    } else if (*version > newest) {
        report.info(code::VG0426, at,
                    "the image is " + name + " " + textOf(*version) + ", which is newer than " +
                        textOf(newest) + ", the newest version tested with this vigie",
                    "nothing has to be done; a newer vigie may know more of its settings");
    }
}

}  // namespace

void lintSupported(const spec::Stack& stack, const spec::Reporter& report) {
    const FieldPath spec{"spec"};
    if (stack.prometheus) {
        lintVersion("prometheus", stack.prometheus->image, spec / "prometheus" / "image", report);
    }
    if (stack.alertmanager) {
        lintVersion("alertmanager", stack.alertmanager->image, spec / "alertmanager" / "image", report);
    }
    for (std::size_t i = 0; i < stack.exporters.size(); ++i) {
        const auto& exporter = stack.exporters[i];
        if (const auto& program = exporter.row().program; !program.image.empty()) {
            lintVersion(program.id, exporter.image, (spec / "exporters")[i] / "image", report);
        }
    }
}

}  // namespace vigie::lint
