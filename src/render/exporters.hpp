#pragma once

#include "render/builder.hpp"

#include <string>

namespace vigie::render {

/// The exporter's directory on the host, mounted into its container.
std::string exporterDirectory(const spec::Project& project, const spec::Exporter& exporter);

/// `host:port:database:user:password`, the one line of PostgreSQL's password file.
Text pgbouncerPassfile(const spec::Exporter& exporter, const SecretValue& password);

/// PgBouncer's DSN. The user is percent-encoded; so is the password where the document wants it in the
/// command.
Text pgbouncerDsn(const spec::Exporter& exporter, const SecretValue& password);

/// The mount point of `exporterDirectory` in the container.
constexpr const char* kExporterMount = "/etc/vigie-exporter";

}  // namespace vigie::render
