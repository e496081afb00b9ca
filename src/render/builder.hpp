// Collects the resources of a host while its components are rendered.
#pragma once

#include "render/host.hpp"
#include "render/places.hpp"
#include "spec/users.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace vigie::render {

/// Where the renderers of the components put a host's resources.
class Builder {
public:
    Builder(const spec::Stack& ofStack, const spec::Host& forHost, const Inputs& with)
        : stack(ofStack), host(forHost), inputs(with) {}

    const spec::Stack& stack;
    const spec::Host& host;
    const Inputs& inputs;

    /// What is added from now on is wanted by this field.
    void from(spec::FieldPath field) { from_ = std::move(field); }

    /// Adds a resource and returns its id. One that is there already, and the same, is not added twice.
    std::string add(Resource resource);

    /// Adds a directory whose mode and owner are left alone when it exists.
    std::string directory(const std::string& path, const std::string& purpose, unsigned mode = 0755);
    std::string exactDirectory(const std::string& path, unsigned mode, Owner owner,
                               const std::string& purpose);
    /// A directory that a program writes to as `owner`, with all that it has put there.
    std::string dataDirectory(const std::string& path, Owner owner, const std::string& purpose);
    std::string file(File file, const std::string& purpose, std::vector<std::string> dependsOn) {
        if (attached_) {
            return attachedFile(file.path.substr(attached_->directory.size() + 1), std::move(file.content),
                                purpose);
        }
        auto id = kinds::idOf(kinds::Kind::file, file.path);
        return add({std::move(id), std::move(file), std::move(dependsOn), purpose});
    }

    /// A program that reads what is added below `directory`, wherever that is on the host.
    struct Attached {
        AttachedProgram program;
        ConfiguredProgram::Program kind = ConfiguredProgram::Program::prometheus;
        std::string directory;
        std::string main;     ///< below it: the configuration
        std::string assumed;  ///< what texts believe that the program calls it
    };
    /// From now on, until there is none again: files are those of this program, and directories are made with
    /// them.
    void attach(std::optional<Attached> attached) { attached_ = std::move(attached); }

    /// Copies a file of the document's directory to the same relative place below `directory`.
    void copy(const std::string& directory, const std::string& path, const std::string& purpose);
    /// The secrets of a program that runs as `owner`, each a file below `directory`.
    void secretFiles(const std::string& directory, const std::map<std::string, SecretValue>& secrets,
                     const std::string& program, Owner owner);

    /// The secret, or one that is sealed elsewhere when this host does not have it.
    [[nodiscard]] SecretValue secret(const std::string& name) const;

    /// `own`, or what the program of 0.1 ran as, where it keeps that.
    [[nodiscard]] Owner user(const std::string& project, const std::string& service, Owner own) const;

    [[nodiscard]] bool has(const std::string& id) const { return ids_.count(id) != 0; }
    [[nodiscard]] const std::vector<Resource>& resources() const { return resources_; }
    /// Resources that were added although another one has their id.
    [[nodiscard]] const std::vector<Clash>& clashes() const { return clashes_; }
    std::vector<Resource> take() { return std::move(resources_); }

private:
    std::string attachedFile(std::string path, Text content, const std::string& purpose);

    std::vector<Resource> resources_;
    std::map<std::string, std::size_t> ids_;  ///< to places in `resources_`
    std::vector<Clash> clashes_;
    std::optional<Attached> attached_;
    spec::FieldPath from_;
};

/// What the docker command reads of a directory that it is told of. Below the state's default place, for the
/// service writes nothing in `/etc/vigie`.
constexpr const char* kRegistryLogins = "/var/lib/vigie/docker/config.json";

/// `relative`, which may begin with `./`, inside of the project's directory.
std::string pathIn(const spec::Project& project, std::string_view relative);

/// The first line of every file that we write.
constexpr std::string_view kManaged =
    "Written by vigie from the MonitoringStack document. Changes made here are undone.";
/// Whether a file begins with it, as a comment.
bool isManaged(std::string_view text);

/// All of the above in the order in which a host is made.
void renderAll(Builder& builder);

// One function for each component; each adds what `builder.host` needs of it, and nothing elsewhere.
void renderRegistries(Builder& builder);
void renderWireguard(Builder& builder);
void renderFirewall(Builder& builder);
void renderPrometheus(Builder& builder);
void renderAlertmanager(Builder& builder);
void renderExporters(Builder& builder);
void renderJaeger(Builder& builder);
void renderGrafana(Builder& builder);
void renderProjectFiles(Builder& builder);
void renderCompose(Builder& builder);
void renderReloads(Builder& builder);

}  // namespace vigie::render
