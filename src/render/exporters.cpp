#include "render/exporters.hpp"

#include "base/hash.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <set>

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

/// As Go writes the user of a URL (net/url, `encodeUserPassword`): redis_exporter compares the text.
std::string userOfUrl(std::string_view user) {
    std::string out;
    for (const char c : user) {
        out += std::string_view("$&+,;=").find(c) == std::string_view::npos
                   ? escaped(std::string_view(&c, 1), Encoding::percent)
                   : std::string(1, c);
    }
    return out;
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

void renderUserlist(Builder& builder, const spec::Exporter& exporter, const spec::FieldPath& at) {
    const auto& userlist = exporter.pgbouncer.userlist;
    if (!userlist) {
        return;
    }
    builder.from(at / "pgbouncer" / "userlist" / "file");
    // Before a directory below it, which would bring it into being.
    builder.directory(builder.stack.projectNamed(exporter.project).directory, "the project's directory");
    const auto parent =
        builder.directory(userlist->file.substr(0, std::max<std::size_t>(1, userlist->file.rfind('/'))),
                          "the directory of PgBouncer's users");
    builder.file({userlist->file,
                  userlistFile(builder, exporter.pgbouncer),
                  0400,
                  {static_cast<unsigned>(userlist->uid), static_cast<unsigned>(userlist->gid)}},
                 "the users of " + exporter.pgbouncer.service, {parent});
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

std::string redisAddress(const spec::RedisTarget& redis) {
    return (redis.tls ? "rediss://" : "redis://") + redis.service + ":" + std::to_string(redis.port);
}

Text redisPasswords(const spec::RedisTarget& redis, const SecretValue& password) {
    std::vector<std::string> addresses{redisAddress(redis)};
    if (!redis.user.empty()) {  // versions until early 2025 look it up without the user
        addresses.push_back(addresses.front());
        addresses.back().insert(addresses.back().find("://") + 3, userOfUrl(redis.user) + "@");
    }
    Text out;
    for (const auto& address : addresses) {
        out.append(&address == &addresses.front() ? "{\"" : ", \"").append(address).append("\": \"");
        out.append(password, Encoding::json).append("\"");
    }
    return out.append("}\n");
}

std::string postgresUri(const spec::PostgresTarget& postgres) {
    return postgres.service + ":" + std::to_string(postgres.port) + "/" +
           escaped(postgres.database, Encoding::percent) + "?sslmode=" + postgres.sslMode;
}

std::vector<MountedFile> exporterFiles(const Builder& builder, const spec::Exporter& exporter) {
    std::vector<MountedFile> out;
    const Owner user = exporterUser(builder, exporter);
    const std::string password = "the password of " + exporter.name;
    if (exporter.type == "pgbouncer" && exporter.pgbouncer.passwordIn != "command") {
        out.push_back({"pgpass",
                       pgbouncerPassfile(exporter, builder.secret(exporter.pgbouncer.passwordFrom.secret)),
                       user, password});
    } else if (exporter.postgres) {
        Text content;
        content.append(builder.secret(exporter.postgres->passwordFrom.secret), Encoding::raw);
        out.push_back({"password", content, user, password});
    } else if (exporter.redis && exporter.redis->passwordFrom) {
        out.push_back({"passwords.json",
                       redisPasswords(*exporter.redis, builder.secret(exporter.redis->passwordFrom->secret)),
                       user, password});
    } else if (exporter.blackbox) {
        out = blackboxFiles(builder, exporter);
    }
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
        if (builder.stack.hostOf(exporter.project) != &builder.host) {
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
        renderUserlist(builder, exporter, at);
    }
    renderApplications(builder);
}

}  // namespace vigie::render
