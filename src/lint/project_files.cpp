// Further files of projects (`projects[].files`).

#include "lint/rules.hpp"
#include "spec/attached.hpp"
#include "spec/stack.hpp"

#include <algorithm>
#include <array>

namespace vigie::lint {
namespace {

using spec::FieldPath;

std::string_view inProject(std::string_view path) {
    return path.starts_with("./") ? path.substr(2) : path;
}

/// What compose reads without being told: it decides what runs. Files that the document names are compared by
/// their places on the host.
bool readByCompose(std::string_view name) {
    static constexpr std::array<std::string_view, 9> kNames = {".env",
                                                               "compose.yaml",
                                                               "compose.yml",
                                                               "docker-compose.yaml",
                                                               "docker-compose.yml",
                                                               "compose.override.yaml",
                                                               "compose.override.yml",
                                                               "docker-compose.override.yaml",
                                                               "docker-compose.override.yml"};
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

/// A file of the user's or of ours, of which the check of places speaks.
bool namedIn(const spec::Project& project, std::string_view name) {
    return (project.ours() ? name == "compose.yaml" : name == ".env") || inProject(project.envFile) == name ||
           std::any_of(project.composeFiles.begin(), project.composeFiles.end(),
                       [&](const std::string& file) { return inProject(file) == name; });
}

void lintPlace(const spec::Project& project, const spec::ProjectFile& file, const FieldPath& at,
               const spec::Reporter& report) {
    const auto name = inProject(file.to);
    const bool override = !project.ours() && name == inProject(project.overrideFile);
    if (name.empty() || (!override && (!readByCompose(name) || namedIn(project, name)))) {
        return;  // files of the user's that the document names are VG0408
    }
    report.error(code::VG0546, at / "to",
                 override ? "`" + file.to + "` is the override file that vigie writes"
                          : "`" + file.to + "` is read by compose, and decides what runs",
                 "deliver files that a container mounts, such as `to: blackbox/blackbox.yml`; compose files "
                 "and `.env` stay yours");
}

/// Whether a component of the document is attached to the service, and may be restarted.
bool mayRestart(const spec::Stack& stack, const spec::Project& project, const std::string& service) {
    const auto all = spec::attachedIn(stack);
    return std::any_of(all.begin(), all.end(), [&](const spec::AttachedComponent& each) {
        return each.project == project.name && each.attach->service == service && each.attach->mayRestart();
    });
}

void lintFile(const spec::Stack& stack, const spec::Project& project, const spec::ProjectFile& file,
              const FieldPath& at, const spec::Reporter& report) {
    const bool from = report.written(at / "from") || !file.from.empty();
    const bool secret = report.written(at / "secret") || !file.secret.empty();
    if (from == secret) {
        report.error(
            code::VG0547, from ? at / "secret" : at,
            from ? "`from` and `secret` exclude each other" : "the file `" + file.to + "` has no content",
            from ? "keep one of them"
                 : "write `from`, a file beside the document, or `secret`, a name of `spec.secrets`");
    }
    const bool acts = !file.onChange.empty() && file.onChange != "none";
    if (acts && file.attach.empty() && !report.written(at / "attach")) {
        report.error(code::VG0547, at / "onChange",
                     "`onChange: " + file.onChange + "` does not say whose process that is",
                     "add `attach: SERVICE`, the service that reads the file, or write `onChange: none`");
    }
    if (file.onChange == "restart" && !file.attach.empty() && !mayRestart(stack, project, file.attach)) {
        report.error(
            code::VG0553, at / "onChange", "nobody allows vigie to restart the service `" + file.attach + "`",
            "write `restart: allowed` at the component that is attached to it (`attach: { service: " +
                file.attach + ", restart: allowed }`), or tell it by a signal");
    }
}

}  // namespace

void lintProjectFiles(const spec::Stack& stack, const spec::Reporter& report) {
    for (std::size_t i = 0; i < stack.projects.size(); ++i) {
        const auto& project = stack.projects[i];
        for (std::size_t j = 0; j < project.files.size(); ++j) {
            const FieldPath at = (FieldPath{"spec", "projects"}[i] / "files")[j];
            lintPlace(project, project.files[j], at, report);
            lintFile(stack, project, project.files[j], at, report);
        }
    }
}

}  // namespace vigie::lint
