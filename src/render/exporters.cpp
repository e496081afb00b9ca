#include "render/exporters.hpp"

namespace vigie::render {
namespace {

/// PgBouncer answers SHOW commands only in this database.
constexpr const char* kAdminDatabase = "pgbouncer";

SecretValue plainly(std::string_view text) {
    return {std::string(text), std::make_shared<const SecureBytes>(secureBytes(text))};
}

std::string escaped(std::string_view text, Encoding encoding) {
    Text out;
    out.append(plainly(text), encoding);
    return std::string(view(out.reveal()));
}

}  // namespace

std::string exporterDirectory(const spec::Project& project, const spec::Exporter& exporter) {
    return project.directory + "/" + exporter.serviceName();
}

Text pgbouncerPassfile(const spec::Exporter& exporter, const SecretValue& password) {
    const auto& pgbouncer = exporter.pgbouncer;
    Text out;
    out.append(pgbouncer.service).append(":").append(std::to_string(pgbouncer.port)).append(":");
    out.append(kAdminDatabase).append(":").append(escaped(pgbouncer.user, Encoding::pgpass)).append(":");
    out.append(password, Encoding::pgpass).append("\n");
    return out;
}

Text pgbouncerDsn(const spec::Exporter& exporter, const SecretValue& password) {
    const auto& pgbouncer = exporter.pgbouncer;
    Text out("postgres://");
    out.append(escaped(pgbouncer.user, Encoding::percent));
    if (pgbouncer.passwordIn == "command") {
        out.append(":").append(password, Encoding::percent);
    }
    out.append("@").append(pgbouncer.service).append(":").append(std::to_string(pgbouncer.port));
    out.append("/").append(kAdminDatabase).append("?sslmode=disable");
    return out;
}

void renderExporters(Builder& builder) {
    for (const auto& exporter : builder.stack.exporters) {
        if (builder.stack.hostOf(exporter.project) != &builder.host ||
            exporter.pgbouncer.passwordIn == "command") {
            continue;
        }
        const auto& project = *builder.stack.project(exporter.project);
        const std::string directory = exporterDirectory(project, exporter);
        const auto parent = builder.directory(project.directory, "the project's directory");
        const auto id = builder.exactDirectory(directory, 0700, kNobody, "files of " + exporter.name);
        builder.file({directory + "/pgpass",
                      pgbouncerPassfile(exporter, builder.secret(exporter.pgbouncer.passwordFrom.secret)),
                      0400, kNobody},
                     Effect::recreate, "the password of " + exporter.name, {parent, id});
    }
}

}  // namespace vigie::render
