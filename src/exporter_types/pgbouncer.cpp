// The exporter type `pgbouncer`: pgbouncer_exporter, the PgBouncer that it observes, and the list of
// PgBouncer's users.

#include "base/hash.hpp"
#include "base/password.hpp"
#include "render/exporters.hpp"
#include "spec/exporter_types.hpp"

#include <algorithm>
#include <array>

namespace vigie {
namespace {

using render::Builder;
using render::Encoding;
using render::escaped;
using render::SecretValue;
using render::Text;
using spec::Exporter;

constexpr std::array kVersions = {spec::ImageVersion{0, 10}, spec::ImageVersion{0, 12}};
constexpr std::array<std::string_view, 2> kVariables = {"PGPASSFILE", "PGBOUNCER_EXPORTER_CONNECTION_STRING"};
constexpr const char* kPassfile = "pgpass";
/// PgBouncer answers SHOW commands only in this database.
constexpr const char* kAdminDatabase = "pgbouncer";
/// PostgreSQL's own (SCRAM_DEFAULT_ITERATIONS).
constexpr std::uint32_t kIterations = 4096;

/// A quote inside of a quoted text is doubled (PgBouncer's documentation of its `auth_file`).
SecureBytes quotesDoubled(std::string_view text) {
    SecureBytes out;
    for (const char c : text) {
        if (c == '"') {
            out.push_back(c);
        }
        out.push_back(c);
    }
    return out;
}

/// Always the same for one ciphertext, so that the file has the same bytes in every render, and another one
/// when the secret is sealed again.
std::string saltOf(const SecretValue& password, const std::string& user) {
    constexpr std::size_t kLength = 32;
    return Sha256().field("vigie scram salt").field(password.id).field(user).hex().substr(0, kLength);
}

SecureBytes formOf(const SecretValue& password, const std::string& user, const std::string& authType) {
    if (authType == "md5") {
        return postgresMd5(user, view(*password.value));
    }
    if (authType == "scram-sha-256") {
        return scramSha256(view(*password.value), saltOf(password, user), kIterations);
    }
    return quotesDoubled(view(*password.value));
}

/// The password as a line of the `auth_file` has it: still a secret, known by that of `password`.
SecretValue userlistPassword(const SecretValue& password, const std::string& user,
                             const std::string& authType) {
    SecretValue out{"userlist:" + authType + ":" + user + ":" + password.id, nullptr};
    if (password.available()) {
        out.value = std::make_shared<const SecureBytes>(formOf(password, user, authType));
    }
    return out;
}

/// PgBouncer's `auth_file`.
Text userlistFile(const Builder& builder, const spec::Pgbouncer& pgbouncer) {
    Text out;
    const auto line = [&](const std::string& user, const spec::SecretReference& from) {
        out.append("\"").append(view(quotesDoubled(user))).append("\" \"");
        out.append(userlistPassword(builder.secret(from.secret), user, pgbouncer.userlist->authType),
                   Encoding::raw);
        out.append("\"\n");
    };
    line(pgbouncer.user, pgbouncer.passwordFrom);
    for (const auto& user : pgbouncer.userlist->users) {
        line(user.name, user.passwordFrom);
    }
    return out;
}

/// `host:port:database:user:password`, the one line of PostgreSQL's password file.
Text passfile(const spec::Pgbouncer& pgbouncer, const SecretValue& password) {
    Text out;
    out.append(pgbouncer.service).append(":").append(std::to_string(pgbouncer.port)).append(":");
    out.append(kAdminDatabase).append(":").append(escaped(pgbouncer.user, Encoding::pgpass)).append(":");
    out.append(password, Encoding::pgpass).append("\n");
    return out;
}

/// The user is percent-encoded; so is the password where the document wants it in the command.
Text dsn(const spec::Pgbouncer& pgbouncer, const SecretValue& password) {
    Text out("postgres://");
    out.append(escaped(pgbouncer.user, Encoding::percent));
    if (pgbouncer.passwordIn == "command") {
        out.append(":").append(password, Encoding::percent);
    }
    out.append("@").append(pgbouncer.service).append(":").append(std::to_string(pgbouncer.port));
    out.append("/").append(kAdminDatabase).append("?sslmode=disable");
    return out;
}

bool hasPassfile(const Exporter& exporter) {
    return exporter.pgbouncer && exporter.pgbouncer->passwordIn != "command";
}

std::vector<render::MountedFile> files(const Builder& builder, const Exporter& exporter, const Owner& user) {
    if (!hasPassfile(exporter)) {
        return {};
    }
    const auto password = builder.secret(exporter.pgbouncer->passwordFrom.secret);
    return {{kPassfile, passfile(*exporter.pgbouncer, password), user, "the password of " + exporter.name}};
}

void container(render::Service& out, const Builder& builder, const Exporter& exporter) {
    const auto& pgbouncer = *exporter.pgbouncer;
    Text option("--pgBouncer.connectionString=");
    out.command = {option.appendText(dsn(pgbouncer, builder.secret(pgbouncer.passwordFrom.secret)))};
    if (pgbouncer.passwordIn == "passfile") {
        out.environment["PGPASSFILE"] = std::string(render::kExporterMount) + "/" + kPassfile;
    }
}

/// The `auth_file` lies with PgBouncer, not with the exporter.
void userlist(Builder& builder, const Exporter& exporter, const spec::FieldPath& at) {
    const auto& userlist = exporter.pgbouncer->userlist;
    if (!userlist) {
        return;
    }
    builder.from(at / "userlist" / "file");
    // Before a directory below it, which would bring it into being.
    builder.directory(builder.stack.projectNamed(exporter.project).directory, "the project's directory");
    const auto parent =
        builder.directory(userlist->file.substr(0, std::max<std::size_t>(1, userlist->file.rfind('/'))),
                          "the directory of PgBouncer's users");
    builder.file({userlist->file,
                  userlistFile(builder, *exporter.pgbouncer),
                  0400,
                  {static_cast<unsigned>(userlist->uid), static_cast<unsigned>(userlist->gid)}},
                 "the users of " + exporter.pgbouncer->service, {parent});
}

spec::Observed observed(const Exporter& exporter) {
    return exporter.pgbouncer ? spec::Observed{exporter.pgbouncer->service, exporter.pgbouncer->port}
                              : spec::Observed{};
}

std::vector<spec::SecretUse> secrets(const Exporter& exporter, const spec::FieldPath& at) {
    if (!exporter.pgbouncer) {
        return {};
    }
    std::vector<spec::SecretUse> out{
        {exporter.pgbouncer->passwordFrom.secret, at / "passwordFrom" / "secret"}};
    const auto& userlist = exporter.pgbouncer->userlist;
    for (std::size_t i = 0; userlist && i < userlist->users.size(); ++i) {
        out.push_back({userlist->users[i].passwordFrom.secret,
                       (at / "userlist" / "users")[i] / "passwordFrom" / "secret"});
    }
    return out;
}

std::string ownFile(const Exporter& exporter) {
    return hasPassfile(exporter) ? kPassfile : "";
}

constexpr render::ExporterRendering kRendering{
    .files = files, .container = container, .furtherFiles = userlist};

}  // namespace

const spec::ExporterTypeRow spec::kPgbouncerType{
    .program = {"pgbouncer", "pgbouncer_exporter", "prometheuscommunity/pgbouncer-exporter:v0.10.2",
                kVersions, kTestedNewest},
    .port = 9127,
    .observes = "PgBouncer",
    .upMetric = "pgbouncer_up",
    .user =
        [](const Exporter&) {
            return Owner{65522, 65522};
        },
    .observed = observed,
    .secrets = secrets,
    .ownVariables = kVariables,
    .ownFile = ownFile,
    .rendering = &kRendering,
};

}  // namespace vigie
