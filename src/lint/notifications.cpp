// Required settings of notifications, and mail addresses.

#include "base/text.hpp"
#include "lint/rules.hpp"
#include "spec/settings.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace vigie::lint {
namespace {

using spec::FieldPath;
using spec::Node;

const FieldPath kAlertmanager{"spec", "alertmanager"};

/// The defaults for all receivers in `alertmanager.global`, in its fields or in its `raw`.
class Globals {
public:
    explicit Globals(const spec::Alertmanager& alertmanager)
        : global_(alertmanager.global ? &*alertmanager.global : nullptr),
          raw_(global_ == nullptr ? nullptr : global_->find("raw")) {}

    /// By the name of the field.
    [[nodiscard]] bool has(std::string_view field) const {
        return !field.empty() && global_ != nullptr &&
               (global_->find(field) != nullptr ||
                hasNative(nameOf(spec::Program::alertmanager, "global", field, std::nullopt)));
    }
    /// By Alertmanager's own name, with or without `_file`.
    [[nodiscard]] bool hasNative(const std::string& name) const {
        return raw_ != nullptr && (raw_->find(name) != nullptr || raw_->find(name + "_file") != nullptr);
    }

private:
    const Node* global_;
    const Node* raw_;
};

/// One thing that a kind of receiver must be told. Tried for every kind with amtool 0.33.1 and 0.25; what has
/// a default in Alertmanager, such as the address of Rocket.Chat, is no need.
struct Need {
    std::string_view kind;
    std::vector<std::string_view> oneOf;
    bool exclusive = false;        ///< several of `oneOf` are refused
    std::string_view global = {};  ///< the field of `global` that says it for all
    std::string_view native = {};  ///< another one, which only `global.raw` can say
};

const std::vector<Need>& needs() {
    static const std::vector<Need> kNeeds = {
        {"webhookConfigs", {"url", "urlFrom"}, true},
        {"slackConfigs", {"apiURLFrom"}, false, "slackAPIURLFrom", "slack_app_token"},
        {"pagerdutyConfigs", {"routingKeyFrom", "serviceKeyFrom"}},
        {"opsgenieConfigs", {"apiKeyFrom"}, false, "opsgenieAPIKeyFrom"},
        {"victoropsConfigs", {"apiKeyFrom"}, false, "victoropsAPIKeyFrom"},
        {"wechatConfigs", {"apiSecretFrom"}, false, "wechatAPISecretFrom"},
        {"wechatConfigs", {"corpID"}, false, "wechatAPICorpID"},
        {"jiraConfigs", {"apiURL"}, false, "jiraAPIURL"},
        {"snsConfigs", {"topicARN", "phoneNumber", "targetARN"}, true}};
    return kNeeds;
}

std::string listed(const std::vector<std::string_view>& fields) {
    std::vector<std::string> out;
    for (const auto field : fields) {
        out.push_back("`" + std::string(field) + "`");
    }
    return join(out, ", ");
}

void lintNeeds(std::string_view kind, const Node& item, const FieldPath& at, const Globals& globals,
               const spec::Reporter& report) {
    for (const auto& need : needs()) {
        if (need.kind != kind) {
            continue;
        }
        const auto given = std::count_if(need.oneOf.begin(), need.oneOf.end(),
                                         [&](auto field) { return item.find(field) != nullptr; });
        const bool global =
            globals.has(need.global) || (!need.native.empty() && globals.hasNative(std::string(need.native)));
        if (given == 0 && !global) {
            report.error(code::VG0438, at, "this receiver lacks its address or key",
                         (need.oneOf.size() == 1 ? "add " : "add one of ") + listed(need.oneOf) +
                             (need.global.empty()
                                  ? ""
                                  : ", or `" + std::string(need.global) + "` to `alertmanager.global`"));
        } else if (given > 1 && need.exclusive) {
            report.error(code::VG0438, at, "only one of " + listed(need.oneOf) + " is allowed",
                         "keep one of them");
        }
    }
}

bool isTemplate(std::string_view text) {
    return text.find("{{") != std::string_view::npos;
}

/// Fields that depend on another field.
void lintPairs(std::string_view kind, const Node& item, const FieldPath& at, const spec::Reporter& report) {
    const auto* client = item.find("httpConfig");
    if (kind == "webexConfigs" && (client == nullptr || client->find("authorization") == nullptr)) {
        report.error(code::VG0438, client == nullptr ? at : at / "httpConfig",
                     "Webex needs a token in `httpConfig.authorization`",
                     "write `httpConfig: { authorization: { credentialsFrom: { secret: … } } }`");
    }
    if (kind == "pagerdutyConfigs" && item.find("routingKeyFrom") != nullptr &&
        item.find("serviceKeyFrom") != nullptr) {
        report.warning(code::VG0438, at / "serviceKeyFrom",
                       "Alertmanager ignores `serviceKeyFrom` beside `routingKeyFrom`",
                       "keep the one that belongs to your integration");
    }
}

/// One address of a list, without the name in front; nothing is refused that Go's mail.ParseAddressList
/// takes.
std::optional<std::string> addressProblem(std::string_view text) {
    const auto angle = text.rfind('<');
    if (angle != std::string_view::npos && text.back() != '>') {
        return "has a `<` without its `>`";
    }
    const auto address =
        trim(angle == std::string_view::npos ? text : text.substr(angle + 1, text.size() - angle - 2));
    const auto sign = address.rfind('@');
    if (sign == std::string_view::npos) {
        return "has no `@`";
    }
    if (sign == 0 || sign + 1 == address.size()) {
        return "has nothing before or after its `@`";
    }
    if (address.front() != '"' && address.find_first_of(" \t") != std::string_view::npos) {
        return "contains a space";
    }
    return std::nullopt;
}

/// Typographic quotes are characters like any other: a mailbox of that name would get the mail.
bool typographicQuote(std::string_view text) {
    static constexpr std::array<std::string_view, 6> kQuotes = {"\u201c", "\u201d", "\u201e",
                                                                "\u2018", "\u2019", "\u201a"};
    return std::any_of(kQuotes.begin(), kQuotes.end(), [&](std::string_view quote) {
        return text.starts_with(quote) ||
               (text.size() > quote.size() && text.substr(text.size() - quote.size()) == quote);
    });
}

void lintAddresses(const std::string& list, const FieldPath& at, const spec::Reporter& report) {
    // What a template makes is not known; comments and groups (RFC 5322) are as rare as they are long.
    if (list.empty() || isTemplate(list) || list.find_first_of("(:;\\") != std::string::npos) {
        return;
    }
    bool quoted = false;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= list.size(); ++i) {
        if (i < list.size() && (list[i] != ',' || quoted)) {
            quoted = quoted != (list[i] == '"');
            continue;
        }
        const auto address = trim(std::string_view(list).substr(begin, i - begin));
        begin = i + 1;
        if (typographicQuote(address)) {
            report.warning(
                code::VG0462, at,
                "the typographic quotes in `" + std::string(address) + "` become a part of the address",
                "remove them, or write ASCII quotes");
        } else if (const auto problem = addressProblem(address)) {
            report.error(code::VG0462, at, "the address `" + std::string(address) + "` " + *problem,
                         "write it like `ops@example.org`, several with commas between them");
        }
    }
}

void lintMail(const spec::Alertmanager& alertmanager, const spec::EmailConfig& mail, const FieldPath& at,
              const Globals& globals, const spec::Reporter& report) {
    std::vector<std::string_view> missing;
    for (const char* field : {"smarthost", "from"}) {
        if (!alertmanager.smtp && mail.settings.find(field) == nullptr &&
            !globals.hasNative(std::string("smtp_") + field)) {
            missing.emplace_back(field);
        }
    }
    if (!missing.empty()) {
        report.error(code::VG0416, at, "this receiver sends mail, but there is no mail server",
                     "add `spec.alertmanager.smtp`, or " + listed(missing) + " here");
    }
    lintAddresses(mail.to, at / "to", report);
    if (const auto* from = mail.settings.find("from")) {
        lintAddresses(from->scalar, at / "from", report);
    }
}

/// On 465 TLS comes first.
void lintPassword(const spec::Alertmanager& alertmanager, const spec::Reporter& report) {
    const auto& smtp = alertmanager.smtp;
    if (!smtp) {
        return;
    }
    lintAddresses(smtp->from, kAlertmanager / "smtp" / "from", report);
    if (!smtp->username.empty() && !smtp->passwordFrom) {
        report.error(code::VG0415, kAlertmanager / "smtp" / "username",
                     "`username` is set, but there is no `passwordFrom`",
                     "add `passwordFrom: { secret: … }`, or remove `username`");
    }
    const auto port = smtp->smarthost.substr(smtp->smarthost.rfind(':') + 1);
    if (!smtp->username.empty() && !smtp->requireTls && port != "465") {
        report.warning(
            code::VG0439, kAlertmanager / "smtp" / "requireTLS",
            "the password may go to the mail server unencrypted; Alertmanager then refuses to log in",
            "remove `requireTLS: false`, or use port 465, where every connection begins with TLS");
    }
}

}  // namespace

void lintNotifications(const spec::Alertmanager& alertmanager, const spec::Reporter& report) {
    const Globals globals(alertmanager);
    lintPassword(alertmanager, report);
    for (std::size_t i = 0; i < alertmanager.receivers.size(); ++i) {
        const auto& receiver = alertmanager.receivers[i];
        const FieldPath at = (kAlertmanager / "receivers")[i];
        for (std::size_t j = 0; j < receiver.emailConfigs.size(); ++j) {
            lintMail(alertmanager, receiver.emailConfigs[j], (at / "emailConfigs")[j], globals, report);
        }
        for (const auto& kind : receiver.settings.entries) {
            for (std::size_t j = 0; j < kind.value.items.size(); ++j) {
                const auto& item = kind.value.items[j];
                const FieldPath here = (at / kind.key)[j];
                lintNeeds(kind.key, item, here, globals, report);
                lintPairs(kind.key, item, here, report);
            }
        }
    }
}

}  // namespace vigie::lint
