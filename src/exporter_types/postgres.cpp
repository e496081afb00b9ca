// The exporter type `postgres`: postgres_exporter, and the PostgreSQL server that it observes.

#include "render/exporters.hpp"
#include "spec/exporter_types.hpp"

#include <array>

namespace vigie {
namespace {

using spec::Exporter;

constexpr std::array kVersions = {spec::ImageVersion{0, 17}, spec::ImageVersion{0, 19}};
constexpr std::array<std::string_view, 7> kVariables = {
    "DATA_SOURCE_NAME",      "DATA_SOURCE_URI",      "DATA_SOURCE_USER",     "DATA_SOURCE_PASS",
    "DATA_SOURCE_PASS_FILE", "DATA_SOURCE_URI_FILE", "DATA_SOURCE_USER_FILE"};
constexpr const char* kPassword = "password";

/// `host:port/database?sslmode=…`, PostgreSQL's address without a login.
std::string uriOf(const spec::PostgresTarget& postgres) {
    return postgres.service + ":" + std::to_string(postgres.port) + "/" +
           render::escaped(postgres.database, render::Encoding::percent) + "?sslmode=" + postgres.sslMode;
}

std::vector<render::MountedFile> files(const render::Builder& builder, const Exporter& exporter,
                                       const Owner& user) {
    render::Text content;
    content.append(builder.secret(exporter.postgres->passwordFrom.secret), render::Encoding::raw);
    return {{kPassword, content, user, "the password of " + exporter.name}};
}

/// Source: postgres_exporter's README, "Environment variables".
void container(render::Service& out, const render::Builder& /*builder*/, const Exporter& exporter) {
    out.environment["DATA_SOURCE_URI"] = uriOf(*exporter.postgres);
    out.environment["DATA_SOURCE_USER"] = exporter.postgres->user;
    out.environment["DATA_SOURCE_PASS_FILE"] = std::string(render::kExporterMount) + "/" + kPassword;
}

spec::Observed observed(const Exporter& exporter) {
    return exporter.postgres ? spec::Observed{exporter.postgres->service, exporter.postgres->port}
                             : spec::Observed{};
}

std::vector<spec::SecretUse> secrets(const Exporter& exporter, const spec::FieldPath& at) {
    if (!exporter.postgres) {
        return {};
    }
    return {{.secret = exporter.postgres->passwordFrom.secret,
             .at = at / "passwordFrom" / "secret",
             .form = spec::SecretForm::word}};
}

std::string ownFile(const Exporter& exporter) {
    return exporter.postgres ? kPassword : "";
}

constexpr render::ExporterRendering kRendering{.files = files, .container = container};

}  // namespace

const spec::ExporterTypeRow spec::kPostgresType{
    .program = {"postgres", "postgres_exporter", "prometheuscommunity/postgres-exporter:v0.17.1", kVersions,
                kTestedNewest},
    .port = 9187,
    .observes = "postgres",
    .upMetric = "pg_up",
    .user =
        [](const Exporter&) {
            return Owner{65523, 65523};
        },
    .observed = observed,
    .secrets = secrets,
    .ownVariables = kVariables,
    .ownFile = ownFile,
    .rendering = &kRendering,
};

}  // namespace vigie
