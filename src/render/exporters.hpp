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

/// `host:port:database:user:password`, the one line of PostgreSQL's password file.
Text pgbouncerPassfile(const spec::Exporter& exporter, const SecretValue& password);

/// PgBouncer's DSN. The user is percent-encoded; so is the password where the document wants it in the
/// command.
Text pgbouncerDsn(const spec::Exporter& exporter, const SecretValue& password);

/// redis_exporter's map of addresses to passwords, in JSON. An address names the user, as the program looks
/// it up.
Text redisPasswords(const spec::RedisTarget& redis, const SecretValue& password);

/// The address of Redis, without a user.
std::string redisAddress(const spec::RedisTarget& redis);

/// `host:port/database?sslmode=…`, PostgreSQL's address without a login.
std::string postgresUri(const spec::PostgresTarget& postgres);

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

/// The configuration of a blackbox exporter whose files are below `mount`.
Text blackboxConfiguration(const spec::Blackbox& blackbox, const std::string& mount);

/// The secrets that its probes name, as files.
std::vector<MountedFile> blackboxFiles(const Builder& builder, const spec::Exporter& exporter);

/// The password as a line of PgBouncer's `auth_file` has it: still a secret, known by that of `password`.
SecretValue userlistPassword(const SecretValue& password, const std::string& user,
                             const std::string& authType);

/// PgBouncer's `auth_file`.
Text userlistFile(const Builder& builder, const spec::Pgbouncer& pgbouncer);

/// Publishes a port on the addresses that `exposure` stands for: Docker's own rules bypass the firewall, an
/// address does not.
void publish(Service& service, const Builder& builder, const std::string& exposure, int hostPort,
             int containerPort, bool udp = false);

/// The mount point of `exporterDirectory` in the container.
constexpr const char* kExporterMount = "/etc/vigie-exporter";
/// That of the files of an application.
constexpr const char* kApplicationMount = "/etc/vigie-secrets";

}  // namespace vigie::render
