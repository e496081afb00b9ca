#include "base/redact.hpp"
#include "base/text.hpp"
#include "import/joiner.hpp"
#include "import/meaning.hpp"

#include <algorithm>

namespace vigie::imports {
namespace {

using spec::Node;

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
          out_(*joiner.draft.stack.alertmanager) {
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
            } else if (!(entry.value.items.empty() && entry.value.entries.empty())) {
                lost(entry.keyAt, "`" + printable(entry.key) + "` of Alertmanager's configuration");
            }
        }
    }

private:
    void lost(spec::Position at, const std::string& what) {
        joiner_.find("lost", host_.name, config_.file, static_cast<int>(at.line), what,
                     "the document has no field for it");
    }

    void global(const Node& node) {
        spec::Smtp smtp;
        smtp.requireTls = true;
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
            } else if (entry.key != "smtp_auth_password" && entry.key != "smtp_auth_password_file") {
                lost(entry.keyAt, "`global." + printable(entry.key) + "` of Alertmanager's configuration");
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
                for (const auto& each : entry.value.items) {
                    childRoute(each);
                }
            } else {
                lost(entry.keyAt, "`route." + printable(entry.key) + "`");
            }
        }
    }

    void childRoute(const Node& node) {
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
            } else {
                lost(entry.keyAt, "`" + printable(entry.key) + "` of a child route");
            }
        }
        if (out.receiver.empty()) {
            out.receiver = out_.route.receiver;
        }
        if (out.matchers.empty()) {
            lost(node.at, "a child route without matchers");
            return;
        }
        out_.route.routes.push_back(std::move(out));
    }

    void receiver(const Node& node) {
        spec::Receiver out;
        Node raw;
        raw.kind = Node::Kind::map;
        for (const auto& entry : node.entries) {
            if (entry.key == "name") {
                out.name = entry.value.scalar;
            } else if (entry.key == "email_configs") {
                for (const auto& mail : entry.value.items) {
                    out.emailConfigs.push_back(email(mail));
                }
            } else {
                raw.entries.push_back(entry);
            }
        }
        if (!raw.entries.empty()) {
            out.raw = std::move(raw);
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
            } else {
                lost(entry.keyAt, "`" + printable(entry.key) + "` of a mail");
            }
        }
        return out;
    }

    const Joiner& joiner_;
    const HostSeen& host_;
    const ConfigSeen& config_;
    Node root_;
    spec::Alertmanager& out_;
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
