// Joins the configuration of Alertmanager into the document.

#include "base/redact.hpp"
#include "base/text.hpp"
#include "import/joiner.hpp"
#include "import/meaning.hpp"
#include "import/settings.hpp"

#include <algorithm>

namespace vigie::imports {
namespace {

using spec::Node;

constexpr auto kProgram = spec::Program::alertmanager;

std::vector<std::string> texts(const Node& list) {
    std::vector<std::string> out;
    for (const auto& item : list.items) {
        out.push_back(item.scalar);
    }
    return out;
}

std::string quoted(const std::string& value) {
    std::string out = "\"";
    for (const char c : value) {
        out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
    return out + "\"";
}

class AlertmanagerJoiner {
public:
    AlertmanagerJoiner(const Joiner& joiner, const HostSeen& host)
        : joiner_(joiner),
          host_(host),
          config_(*host.alertmanager),
          root_(host.alertmanager->root),
          out_(*joiner.draft.stack.alertmanager),
          version_(spec::imageVersion(out_.image)) {
        dropMasked(root_);
    }

    void join() {
        for (const auto& entry : root_.entries) {
            if (entry.key == "global") {
                global(entry.value);
            } else if (entry.key == "route") {
                route(entry.value);
            } else if (entry.key == "receivers") {
                for (const auto& each : entry.value.items) {
                    receiver(each);
                }
            } else if (entry.key == "inhibit_rules") {
                out_.inhibitRules = items(entry.value, "inhibitRules", "inhibit_rules");
            } else if (entry.key == "time_intervals") {
                out_.timeIntervals = items(entry.value, "timeIntervals", "time_intervals");
            } else if (!(entry.value.items.empty() && entry.value.entries.empty())) {
                lost(entry.keyAt, "`" + printable(entry.key) + "` of Alertmanager's configuration");
            }
        }
    }

private:
    void lost(spec::Position at, const std::string& what,
              const std::string& cure = "the document has no field for it") {
        joiner_.find("lost", host_.name, config_.file, static_cast<int>(at.line), what, cure);
    }

    void lost(const Settings& settings, const std::string& whose) {
        for (const auto& entry : settings.lost) {
            lost(entry.keyAt, "`" + printable(entry.key) + "` " + whose,
                 "the document's field does not accept this form: a secret must be sealed");
        }
    }

    /// The items of a list that may not lack any of their fields.
    std::vector<Node> items(const Node& list, std::string_view field, const std::string& name) {
        std::vector<Node> out;
        for (const auto& item : list.items) {
            auto each = settingsFrom(item, kProgram, {"spec", "alertmanager", field}, field, version_);
            const bool rule = field == "inhibitRules";
            const bool whole = each.lost.empty() &&
                               each.settings.find(rule ? "sourceMatchers" : "name") != nullptr &&
                               each.settings.find(rule ? "targetMatchers" : "timeIntervals") != nullptr;
            if (whole) {
                out.push_back(std::move(each.settings));
            } else {
                lost(item.at, "an item of `" + name + "` of Alertmanager's configuration",
                     "the document has other fields for it");
            }
        }
        return out;
    }

    void global(const Node& node) {
        const auto mail = settingsFrom(node, kProgram, {"spec", "alertmanager", "smtp"}, "smtp", version_,
                                       {"smtp_smarthost", "smtp_from", "smtp_auth_username",
                                        "smtp_require_tls", "smtp_auth_password", "smtp_auth_password_file"});
        Node rest = node;
        rest.entries.clear();
        for (const auto& entry : mail.lost) {
            if (entry.key.starts_with("smtp_")) {
                lost(entry.keyAt, "`global." + printable(entry.key) + "` of Alertmanager's configuration");
            } else {
                rest.entries.push_back(entry);
            }
        }
        auto further = settingsFrom(rest, kProgram, {"spec", "alertmanager", "global"}, "global", version_);
        for (const auto& entry : further.lost) {
            lost(entry.keyAt, "`global." + printable(entry.key) + "` of Alertmanager's configuration");
        }
        if (!further.raw.entries.empty()) {
            further.settings.entries.push_back({"raw", node.at, std::move(further.raw)});
        }
        if (!further.settings.entries.empty()) {
            out_.global = std::move(further.settings);
        }
        spec::Smtp smtp;
        smtp.requireTls = true;
        if (!mail.settings.entries.empty()) {
            smtp.settings = mail.settings;
        }
        for (const auto& entry : node.entries) {
            const auto& value = entry.value.scalar;
            if (entry.key == "smtp_smarthost") {
                smtp.smarthost = value;
            } else if (entry.key == "smtp_from") {
                smtp.from = value;
            } else if (entry.key == "smtp_auth_username") {
                smtp.username = value;
            } else if (entry.key == "smtp_require_tls") {
                smtp.requireTls = lowerCase(value) != "false";
            }
        }
        if (!host_.smtpSecret.empty()) {
            smtp.passwordFrom = spec::SecretReference{host_.smtpSecret};
        }
        if (!smtp.smarthost.empty()) {
            out_.smtp = std::move(smtp);
            joiner_.draft.comments["spec.alertmanager.smtp"] =
                "from " + host_.name + ":" + config_.file + "; the password is sealed";
        }
    }

    void route(const Node& node) {
        for (const auto& entry : node.entries) {
            if (entry.key == "receiver") {
                out_.route.receiver = entry.value.scalar;
            } else if (entry.key == "group_by") {
                out_.route.groupBy = texts(entry.value);
            } else if (entry.key == "group_wait") {
                out_.route.groupWait = entry.value.scalar;
            } else if (entry.key == "group_interval") {
                out_.route.groupInterval = entry.value.scalar;
            } else if (entry.key == "repeat_interval") {
                out_.route.repeatInterval = entry.value.scalar;
            } else if (entry.key == "routes") {
                out_.route.routes = childRoutes(entry.value);
            } else {
                lost(entry.keyAt, "`route." + printable(entry.key) + "`");
            }
        }
    }

    std::vector<spec::ChildRoute> childRoutes(const Node& list) {
        std::vector<spec::ChildRoute> out;
        for (const auto& each : list.items) {
            out.push_back(childRoute(each));
        }
        return out;
    }

    spec::ChildRoute childRoute(const Node& node) {
        spec::ChildRoute out;
        for (const auto& entry : node.entries) {
            if (entry.key == "receiver") {
                out.receiver = entry.value.scalar;
            } else if (entry.key == "matchers") {
                out.matchers = texts(entry.value);
            } else if (entry.key == "match" || entry.key == "match_re") {
                for (const auto& each : entry.value.entries) {
                    out.matchers.push_back(each.key + (entry.key == "match" ? "=" : "=~") +
                                           quoted(each.value.scalar));
                }
            } else if (entry.key == "continue") {
                out.proceed = lowerCase(entry.value.scalar) == "true";
            } else if (entry.key == "group_by") {
                out.groupBy = texts(entry.value);
            } else if (entry.key == "group_wait") {
                out.groupWait = entry.value.scalar;
            } else if (entry.key == "group_interval") {
                out.groupInterval = entry.value.scalar;
            } else if (entry.key == "repeat_interval") {
                out.repeatInterval = entry.value.scalar;
            } else if (entry.key == "mute_time_intervals") {
                out.muteTimeIntervals = texts(entry.value);
            } else if (entry.key == "active_time_intervals") {
                out.activeTimeIntervals = texts(entry.value);
            } else if (entry.key == "routes") {
                out.routes = childRoutes(entry.value);
            } else {
                lost(entry.keyAt, "`" + printable(entry.key) + "` of a child route");
            }
        }
        return out;
    }

    /// Drops webhooks whose URL was removed because it has a secret.
    static Node withAddresses(Node receiver) {
        for (auto& entry : receiver.entries) {
            auto& hooks = entry.value.items;
            if (entry.key == "webhook_configs") {
                hooks.erase(std::remove_if(hooks.begin(), hooks.end(),
                                           [](const Node& hook) { return hook.find("url_file") == nullptr; }),
                            hooks.end());
            }
        }
        receiver.entries.erase(std::remove_if(receiver.entries.begin(), receiver.entries.end(),
                                              [](const auto& entry) {
                                                  return entry.key == "webhook_configs" &&
                                                         entry.value.items.empty();
                                              }),
                               receiver.entries.end());
        return receiver;
    }

    void receiver(const Node& node) {
        spec::Receiver out;
        for (const auto& entry : node.entries) {
            if (entry.key == "name") {
                out.name = entry.value.scalar;
            } else if (entry.key == "email_configs") {
                for (const auto& mail : entry.value.items) {
                    out.emailConfigs.push_back(email(mail));
                }
            }
        }
        auto further = settingsFrom(withAddresses(node), kProgram, {"spec", "alertmanager", "receivers"},
                                    "receivers", version_, {"name", "email_configs"});
        lost(further, "of the receiver `" + printable(out.name) + "`");
        if (!further.settings.entries.empty()) {
            out.settings = std::move(further.settings);
        }
        if (!further.raw.entries.empty()) {
            out.raw = std::move(further.raw);
        }
        out_.receivers.push_back(std::move(out));
    }

    spec::EmailConfig email(const Node& node) {
        spec::EmailConfig out;
        for (const auto& entry : node.entries) {
            if (entry.key == "to") {
                out.to = entry.value.scalar;
            } else if (entry.key == "send_resolved") {
                out.sendResolved = lowerCase(entry.value.scalar) == "true";
            }
        }
        auto further = settingsFrom(node, kProgram, {"spec", "alertmanager", "receivers", "emailConfigs"},
                                    "emailConfigs", version_, {"to", "send_resolved"});
        lost(further, "of a mail");
        if (!further.settings.entries.empty()) {
            out.settings = std::move(further.settings);
        }
        return out;
    }

    const Joiner& joiner_;
    const HostSeen& host_;
    const ConfigSeen& config_;
    Node root_;
    spec::Alertmanager& out_;
    std::optional<spec::ImageVersion> version_;
};

}  // namespace

void joinAlertmanager(const Joiner& joiner) {
    for (const auto& host : joiner.hosts) {
        if (host.alertmanager && joiner.draft.stack.alertmanager) {
            AlertmanagerJoiner(joiner, host).join();
            return;
        }
    }
}

}  // namespace vigie::imports
