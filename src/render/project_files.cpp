// Further files of projects, out of the document's directory or of secrets.

#include "render/builder.hpp"

#include <charconv>
#include <map>
#include <optional>
#include <utility>

namespace vigie::render {
namespace {

/// Octal, of a form that the schema has checked.
unsigned modeOf(const spec::ProjectFile& file) {
    unsigned out = file.secret.empty() ? 0644 : 0400;
    constexpr int kOctal = 8;
    std::from_chars(file.mode.data(), file.mode.data() + file.mode.size(), out, kOctal);
    return out;
}

/// `UID:GID`, or a UID that is both.
Owner ownerOf(const spec::ProjectFile& file) {
    Owner out;
    const auto colon = std::min(file.owner.find(':'), file.owner.size());
    std::from_chars(file.owner.data(), file.owner.data() + colon, out.uid);
    out.gid = out.uid;
    if (colon != file.owner.size()) {
        std::from_chars(file.owner.data() + colon + 1, file.owner.data() + file.owner.size(), out.gid);
    }
    return out;
}

Text contentOf(const Builder& builder, const spec::ProjectFile& file) {
    if (file.secret.empty()) {
        const auto it = builder.inputs.files.find(file.from);
        return Text(it == builder.inputs.files.end() ? "" : it->second);
    }
    Text out;
    out.append(builder.secret(file.secret), Encoding::raw);
    return out;
}

/// Who is told of which files, by service and way.
using Told = std::map<std::pair<std::string, FileSignal::Way>, std::vector<std::string>>;

std::optional<FileSignal::Way> wayOf(const spec::ProjectFile& file) {
    using Way = FileSignal::Way;
    static const std::map<std::string_view, Way> kWays = {{"signal:HUP", Way::hup},
                                                          {"signal:USR1", Way::usr1},
                                                          {"signal:USR2", Way::usr2},
                                                          {"restart", Way::restart}};
    const auto it = kWays.find(file.onChange);
    return it == kWays.end() || file.attach.empty() ? std::nullopt : std::optional(it->second);
}

std::string renderFile(Builder& builder, const spec::Project& project, const spec::ProjectFile& file) {
    std::string folder = builder.directory(project.directory, "the project's directory");
    const std::string path = pathIn(project, file.to);
    for (auto slash = path.find('/', project.directory.size() + 1); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
        folder = builder.directory(path.substr(0, slash), "files of the project " + project.name);
    }
    return builder.file({path, contentOf(builder, file), modeOf(file), ownerOf(file)},
                        file.secret.empty()
                            ? "a file of the project " + project.name
                            : "the secret " + file.secret + " for the project " + project.name,
                        {folder});
}

}  // namespace

void renderProjectFiles(Builder& builder) {
    for (std::size_t i = 0; i < builder.stack.projects.size(); ++i) {
        const auto& project = builder.stack.projects[i];
        Told told;
        for (std::size_t j = 0; project.host == builder.host.name && j < project.files.size(); ++j) {
            builder.from((spec::FieldPath{"spec", "projects"}[i] / "files")[j] / "to");
            const auto& file = project.files[j];
            if (file.to.empty()) {
                continue;
            }
            auto id = renderFile(builder, project, file);
            if (const auto way = wayOf(file)) {
                told[{file.attach, *way}].push_back(std::move(id));
            }
        }
        for (auto& [who, files] : told) {
            const auto& [service, way] = who;
            builder.add({kinds::idOf(kinds::Kind::signal,
                                     project.name + "/" + service + "/" + std::string(toText(way))),
                         FileSignal{project.name, service, way, files}, files,
                         service + " is told that its files changed"});
        }
    }
}

}  // namespace vigie::render
