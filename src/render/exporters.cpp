// The files of exporters and applications on the host: what is mounted into their containers.

#include "render/exporters.hpp"

#include "base/hash.hpp"
#include "base/text.hpp"
#include "spec/exporter_types.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace vigie::render {
namespace {

SecretValue plainly(std::string_view text) {
    return {std::string(text), std::make_shared<const SecureBytes>(secureBytes(text))};
}

/// Files whose names are those of their variables.
void addEnvironmentFiles(std::vector<MountedFile>& out, const Builder& builder,
                         const std::vector<spec::EnvVar>& env, const Owner& user,
                         const std::string& program) {
    for (const auto& variable : env) {
        if (variable.fileFrom) {
            Owner owner = user;
            if (variable.fileFrom->uid) {
                owner = {static_cast<unsigned>(*variable.fileFrom->uid),
                         static_cast<unsigned>(*variable.fileFrom->uid)};
            }
            Text content;
            content.append(builder.secret(variable.fileFrom->secret), Encoding::raw);
            out.push_back(
                {variable.name, content, owner, "the secret of " + program + " for " + variable.name});
        }
    }
}

/// Only who reads the files may look into the directory; when there are several, each finds its own.
void addFiles(Builder& builder, const std::string& directory, const std::vector<MountedFile>& files,
              const Owner& user, const std::string& purpose, const std::string& parent) {
    if (files.empty()) {
        return;
    }
    constexpr unsigned kOneReader = 0700;
    constexpr unsigned kSeveralReaders = 0711;
    const bool one = std::all_of(files.begin(), files.end(), [&](const MountedFile& file) {
        return file.owner.uid == user.uid && file.owner.gid == user.gid;
    });
    const auto id = builder.exactDirectory(directory, one ? kOneReader : kSeveralReaders, user, purpose);
    for (const auto& file : files) {
        builder.file({directory + "/" + file.name, file.content, 0400, file.owner}, file.purpose,
                     {parent, id});
    }
}

void renderApplications(Builder& builder) {
    std::set<std::string> done;
    for (std::size_t i = 0; i < builder.stack.applications.size(); ++i) {
        const auto& application = builder.stack.applications[i];
        if (builder.stack.hostOf(application.project) != &builder.host ||
            !done.insert(application.project + "/" + application.service).second) {
            continue;
        }
        const auto files = applicationFiles(builder, application.project, application.service);
        if (files.empty()) {
            continue;
        }
        builder.from(spec::FieldPath{"spec", "applications"}[i] / "env");
        const auto& project = builder.stack.projectNamed(application.project);
        const auto parent = builder.directory(project.directory, "the project's directory");
        const std::string directory = project.directory + "/" + applicationDirectory(application.service);
        const auto above =
            builder.directory(directory.substr(0, directory.rfind('/')), "secrets of services");
        addFiles(builder, directory, files, {}, "secrets of " + application.service, above);
    }
}

}  // namespace

std::string exporterDirectory(const spec::Project& project, const spec::Exporter& exporter) {
    return project.directory + "/" + exporter.serviceName();
}

std::string applicationDirectory(const std::string& service) {
    return "vigie-secrets/" + service;
}

Owner exporterUser(const Builder& builder, const spec::Exporter& exporter) {
    return builder.user(exporter.project, exporter.serviceName(), spec::userOf(exporter));
}

std::string escaped(std::string_view text, Encoding encoding) {
    Text out;
    out.append(plainly(text), encoding);
    return std::string(view(out.reveal()));
}

const ExporterRendering& renderingOf(const spec::Exporter& exporter) {
    const auto* rendering = exporter.row().rendering;
    if (rendering == nullptr) {
        throw std::logic_error("exporter " + exporter.name + " has no type");
    }
    return *rendering;
}

std::vector<MountedFile> exporterFiles(const Builder& builder, const spec::Exporter& exporter) {
    const Owner user = exporterUser(builder, exporter);
    const auto files = renderingOf(exporter).files;
    auto out = files == nullptr ? std::vector<MountedFile>{} : files(builder, exporter, user);
    addEnvironmentFiles(out, builder, exporter.env, user, exporter.name);
    return out;
}

std::vector<MountedFile> applicationFiles(const Builder& builder, const std::string& project,
                                          const std::string& service) {
    std::vector<MountedFile> out;
    for (const auto& application : builder.stack.applications) {
        if (application.project == project && application.service == service) {
            addEnvironmentFiles(out, builder, application.env, {0, 0}, application.name);
        }
    }
    return out;
}

void addEnvironment(Service& service, const Builder& builder, const std::vector<spec::EnvVar>& env,
                    const std::string& mount) {
    for (const auto& variable : env) {
        if (variable.valueFrom) {
            service.secretEnvironment[variable.name] = builder.secret(variable.valueFrom->secret);
        } else {
            service.environment[variable.name] =
                variable.fileFrom ? mount + "/" + variable.name : variable.value;
        }
    }
}

std::string digestOf(const std::vector<MountedFile>& files) {
    if (files.size() == 1) {
        return files.front().content.digest();
    }
    Sha256 hash;
    for (const auto& file : files) {
        hash.field(file.name).field(file.content.digest());
    }
    return files.empty() ? "" : hash.hex();
}

void renderExporters(Builder& builder) {
    for (std::size_t i = 0; i < builder.stack.exporters.size(); ++i) {
        const auto& exporter = builder.stack.exporters[i];
        if (exporter.attach || builder.stack.hostOf(exporter.project) != &builder.host) {
            continue;
        }
        const auto at = spec::FieldPath{"spec", "exporters"}[i];
        builder.from(at / (exporter.service.empty() ? "name" : "service"));
        const auto files = exporterFiles(builder, exporter);
        if (!files.empty()) {
            const auto& project = builder.stack.projectNamed(exporter.project);
            const auto parent = builder.directory(project.directory, "the project's directory");
            addFiles(builder, exporterDirectory(project, exporter), files, exporterUser(builder, exporter),
                     "files of " + exporter.name, parent);
        }
        if (const auto further = renderingOf(exporter).furtherFiles) {
            further(builder, exporter, at / toText(exporter.type));
        }
    }
    renderApplications(builder);
}

}  // namespace vigie::render
