// What exporters and the variables of containers become: files on the host, and the parts of a container.
#pragma once

#include "render/builder.hpp"
#include "render/service.hpp"

#include <string>
#include <vector>

namespace vigie::render {

/// A file that a container reads, below its directory of ours.
struct MountedFile {
    std::string name;
    Text content;
    Owner owner;
    std::string purpose;
};

/// The exporter's directory on the host, mounted into its container.
std::string exporterDirectory(const spec::Project& project, const spec::Exporter& exporter);

/// What is in it; nothing: there is none.
std::vector<MountedFile> exporterFiles(const Builder& builder, const spec::Exporter& exporter);

/// The user that its container runs as.
Owner exporterUser(const Builder& builder, const spec::Exporter& exporter);

/// What a type of exporters makes (src/exporter_types/). Whoever calls has a document without mistakes: the
/// section that the type needs is there.
struct ExporterRendering {
    /// The files of its directory that `user` reads, beside those of variables; null: none.
    std::vector<MountedFile> (*files)(const Builder&, const spec::Exporter&, const Owner& user) = nullptr;
    /// What its container has beside image, name, user, port and variables.
    void (*container)(Service&, const Builder&, const spec::Exporter&);
    /// Files that lie elsewhere on the host; `at` is the type's section. Null: none.
    void (*furtherFiles)(Builder&, const spec::Exporter&, const spec::FieldPath& at) = nullptr;
};

/// That of its type. Throws std::logic_error when it has none: the document was not checked.
const ExporterRendering& renderingOf(const spec::Exporter& exporter);

/// `text` as `encoding` has it.
std::string escaped(std::string_view text, Encoding encoding);

/// The exporter's container.
Service exporterService(const Builder& builder, const spec::Exporter& exporter, const spec::Project& project);

/// The files of an application's service whose variables hold their paths, and its directory of them.
std::vector<MountedFile> applicationFiles(const Builder& builder, const std::string& project,
                                          const std::string& service);
std::string applicationDirectory(const std::string& service);

/// Adds what `env` says to a container in which files are below `mount`.
void addEnvironment(Service& service, const Builder& builder, const std::vector<spec::EnvVar>& env,
                    const std::string& mount);

/// How mounted files are known: a container that reads them at its start is made anew when it differs.
std::string digestOf(const std::vector<MountedFile>& files);

/// Publishes a port on the addresses that `exposure` stands for: Docker's own rules bypass the firewall, an
/// address does not.
void publish(Service& service, const Builder& builder, const std::string& exposure, int hostPort,
             int containerPort, bool udp = false);

/// The mount point of `exporterDirectory` in the container.
constexpr const char* kExporterMount = "/etc/vigie-exporter";
/// That of the files of an application.
constexpr const char* kApplicationMount = "/etc/vigie-secrets";

}  // namespace vigie::render
