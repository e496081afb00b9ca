#include "render/alertmanager.hpp"

#include "base/hash.hpp"
#include "render/yaml_writer.hpp"

namespace vigie::render {
namespace {

constexpr const char* kPasswordFile = "secrets/smtp-password";

void optionalText(YamlWriter& yaml, const char* key, const std::string& value) {
    if (!value.empty()) {
        yaml.text(key, value);
    }
}

void global(YamlWriter& yaml, const spec::Smtp& smtp) {
    yaml.map("global", [&] {
        yaml.text("smtp_smarthost", smtp.smarthost);
        yaml.text("smtp_from", smtp.from);
        optionalText(yaml, "smtp_auth_username", smtp.username);
        if (smtp.passwordFrom) {
            // Alertmanager resolves a relative path against its working directory, not against this file.
            yaml.text("smtp_auth_password_file", std::string("/etc/alertmanager/") + kPasswordFile);
        }
        yaml.boolean("smtp_require_tls", smtp.requireTls);
    });
}

void route(YamlWriter& yaml, const spec::Route& route) {
    yaml.map("route", [&] {
        yaml.text("receiver", route.receiver);
        if (!route.groupBy.empty()) {
            yaml.list("group_by", [&] {
                for (const auto& label : route.groupBy) {
                    yaml.item(label);
                }
            });
        }
        optionalText(yaml, "group_wait", route.groupWait);
        optionalText(yaml, "group_interval", route.groupInterval);
        optionalText(yaml, "repeat_interval", route.repeatInterval);
        if (!route.routes.empty()) {
            yaml.list("routes", [&] {
                for (const auto& child : route.routes) {
                    yaml.itemMap([&] {
                        yaml.text("receiver", child.receiver);
                        yaml.list("matchers", [&] {
                            for (const auto& matcher : child.matchers) {
                                yaml.item(matcher);
                            }
                        });
                        if (child.proceed) {
                            yaml.boolean("continue", true);
                        }
                    });
                }
            });
        }
    });
}

void receiver(YamlWriter& yaml, const spec::Receiver& receiver) {
    yaml.itemMap([&] {
        yaml.text("name", receiver.name);
        if (!receiver.emailConfigs.empty()) {
            yaml.list("email_configs", [&] {
                for (const auto& mail : receiver.emailConfigs) {
                    yaml.itemMap([&] {
                        yaml.text("to", mail.to);
                        if (mail.sendResolved) {
                            yaml.boolean("send_resolved", true);
                        }
                    });
                }
            });
        }
        if (receiver.raw) {
            for (const auto& entry : receiver.raw->entries) {
                yaml.node(entry.key, entry.value);
            }
        }
    });
}

/// `proof` is the name of a receiver that nothing routes to; it shows which configuration is loaded.
Text configuration(const spec::Alertmanager& alertmanager, const std::string& proof) {
    YamlWriter yaml;
    yaml.comment(kManaged);
    if (alertmanager.smtp) {
        global(yaml, *alertmanager.smtp);
    }
    route(yaml, alertmanager.route);
    yaml.list("receivers", [&] {
        for (const auto& each : alertmanager.receivers) {
            receiver(yaml, each);
        }
        yaml.itemMap([&] { yaml.text("name", proof); });
    });
    return yaml.result();
}

}  // namespace

std::string alertmanagerDirectory(const spec::Project& project) {
    return project.directory + "/alertmanager";
}
std::string alertmanagerDataDirectory(const spec::Project& project) {
    return project.directory + "/alertmanager-data";
}

std::string alertmanagerDigest(const spec::Stack& stack, const Inputs& inputs) {
    Sha256 hash;
    hash.field(configuration(*stack.alertmanager, {}).digest());
    if (stack.alertmanager->smtp && stack.alertmanager->smtp->passwordFrom) {
        const auto it = inputs.secrets.find(stack.alertmanager->smtp->passwordFrom->secret);
        hash.field(it == inputs.secrets.end() ? "" : it->second.id);
    }
    return hash.hex();
}

void renderAlertmanager(Builder& builder) {
    const auto& stack = builder.stack;
    if (!stack.alertmanager || stack.hostOf(stack.alertmanager->project) != &builder.host) {
        return;
    }
    const auto& alertmanager = *stack.alertmanager;
    const auto& project = *stack.project(alertmanager.project);
    const std::string directory = alertmanagerDirectory(project);
    const auto parent = builder.directory(project.directory, "the project's directory");
    const auto directoryId =
        builder.directory(directory, "Alertmanager's configuration, mounted as a directory");
    builder.exactDirectory(alertmanagerDataDirectory(project), 0755, kNobody,
                           "Alertmanager's silences, owned by the user it runs as");
    if (alertmanager.smtp && alertmanager.smtp->passwordFrom) {
        const auto secrets =
            builder.exactDirectory(directory + "/secrets", 0700, kNobody, "Alertmanager's passwords");
        Text password;
        password.append(builder.secret(alertmanager.smtp->passwordFrom->secret), Encoding::raw);
        builder.file({directory + "/" + kPasswordFile, password, 0400, kNobody}, Effect::reload,
                     "the password of the mail server", {secrets});
    }
    const std::string proof = kAlertmanagerProof + alertmanagerDigest(stack, builder.inputs);
    builder.file({directory + "/alertmanager.yml", configuration(alertmanager, proof), 0644, {}},
                 Effect::reload, "Alertmanager's configuration", {parent, directoryId});
}

}  // namespace vigie::render
