// Alertmanager's configuration and files.

#include "render/alertmanager.hpp"

#include "base/hash.hpp"
#include "render/attached.hpp"
#include "render/native.hpp"
#include "render/placement.hpp"
#include "render/settings.hpp"
#include "spec/address.hpp"
#include "spec/exposure.hpp"
#include "spec/format.hpp"
#include "spec/ports.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace vigie::render {
namespace {

constexpr const char* kMount = "/etc/alertmanager";
constexpr auto kProgram = spec::Program::alertmanager;

void texts(YamlWriter& yaml, const char* key, const std::vector<std::string>& values) {
    if (!values.empty()) {
        yaml.list(key, [&] {
            for (const auto& value : values) {
                yaml.item(value);
            }
        });
    }
}

/// On port 465 TLS comes first; asked for STARTTLS as well, Alertmanager fails there.
bool implicitTls(std::string_view smarthost) {
    return smarthost.substr(smarthost.rfind(':') + 1) == "465";
}

void smtpSettings(YamlWriter& yaml, const spec::Smtp& smtp, SettingsWriter& settings) {
    yaml.text("smtp_smarthost", smtp.smarthost);
    yaml.text("smtp_from", smtp.from);
    yaml.optionalText("smtp_auth_username", smtp.username);
    if (smtp.passwordFrom) {
        settings.secret(yaml, "smtp", "passwordFrom", smtp.passwordFrom->secret);
    }
    yaml.boolean("smtp_require_tls", smtp.requireTls && !implicitTls(smtp.smarthost));
    settings.entries(yaml, smtp.settings, "smtp");
}

void global(YamlWriter& yaml, const spec::Alertmanager& alertmanager, SettingsWriter& settings) {
    const bool any = alertmanager.global && !alertmanager.global->entries.empty();
    if (!alertmanager.smtp && !any) {
        return;
    }
    yaml.map("global", [&] {
        if (alertmanager.smtp) {
            smtpSettings(yaml, *alertmanager.smtp, settings);
        }
        if (any) {
            settings.entries(yaml, *alertmanager.global, "global");
        }
    });
}

void childRoutes(YamlWriter& yaml, const std::vector<spec::ChildRoute>& routes) {
    if (routes.empty()) {
        return;
    }
    yaml.list("routes", [&] {
        for (const auto& child : routes) {
            yaml.itemMap([&] {
                yaml.optionalText("receiver", child.receiver);
                texts(yaml, "matchers", child.matchers);
                if (child.proceed) {
                    yaml.boolean("continue", true);
                }
                texts(yaml, "group_by", child.groupBy);
                yaml.optionalText("group_wait", child.groupWait);
                yaml.optionalText("group_interval", child.groupInterval);
                yaml.optionalText("repeat_interval", child.repeatInterval);
                texts(yaml, "mute_time_intervals", child.muteTimeIntervals);
                texts(yaml, "active_time_intervals", child.activeTimeIntervals);
                childRoutes(yaml, child.routes);
            });
        }
    });
}

void route(YamlWriter& yaml, const spec::Route& route) {
    yaml.map("route", [&] {
        yaml.text("receiver", route.receiver);
        texts(yaml, "group_by", route.groupBy);
        yaml.optionalText("group_wait", route.groupWait);
        yaml.optionalText("group_interval", route.groupInterval);
        yaml.optionalText("repeat_interval", route.repeatInterval);
        childRoutes(yaml, route.routes);
    });
}

void receiver(YamlWriter& yaml, const spec::Receiver& receiver, SettingsWriter& settings) {
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
                        const auto* smarthost = mail.settings.find("smarthost");
                        if (smarthost != nullptr && implicitTls(smarthost->scalar) &&
                            mail.settings.find("requireTLS") == nullptr) {
                            yaml.boolean("require_tls", false);
                        }
                        settings.entries(yaml, mail.settings, "emailConfigs");
                    });
                }
            });
        }
        settings.entries(yaml, receiver.settings, "receivers");
        if (receiver.raw) {
            for (const auto& entry : receiver.raw->entries) {
                yaml.node(entry.key, entry.value);
            }
        }
    });
}

void lists(YamlWriter& yaml, const spec::Alertmanager& alertmanager, SettingsWriter& settings) {
    if (!alertmanager.inhibitRules.empty()) {
        yaml.list("inhibit_rules", [&] { settings.items(yaml, alertmanager.inhibitRules, "inhibitRules"); });
    }
    if (!alertmanager.timeIntervals.empty()) {
        yaml.list("time_intervals",
                  [&] { settings.items(yaml, alertmanager.timeIntervals, "timeIntervals"); });
    }
}

/// `proof` is the name of a receiver that nothing routes to; it shows which configuration is loaded.
Text configuration(const spec::Alertmanager& alertmanager, const std::string& proof,
                   SettingsWriter& settings) {
    YamlWriter yaml;
    yaml.comment(kManaged);
    global(yaml, alertmanager, settings);
    route(yaml, alertmanager.route);
    lists(yaml, alertmanager, settings);
    if (!alertmanager.templates.empty()) {
        yaml.list("templates", [&] {
            for (const auto& file : alertmanager.templates) {
                yaml.item(std::string(kMount) + "/" + file);
            }
        });
    }
    yaml.list("receivers", [&] {
        for (const auto& each : alertmanager.receivers) {
            receiver(yaml, each, settings);
        }
        if (!alertmanager.had.attach) {  // of that one its own hash tells
            yaml.itemMap([&] { yaml.text("name", proof); });
        }
    });
    return yaml.result();
}

SettingsWriter settingsWriter(const spec::Alertmanager& alertmanager, const Inputs& inputs) {
    return {kProgram, alertmanager.image, kMount, inputs};
}

spec::Entry* entryIn(spec::Node& map, std::string_view key) {
    const auto it = std::find_if(map.entries.begin(), map.entries.end(),
                                 [&](const spec::Entry& entry) { return entry.key == key; });
    return it == map.entries.end() ? nullptr : &*it;
}

/// What nobody has written stands on no side: the schema's word moves to what is derived.
void moveDefault(spec::NativeOurs& ours) {
    constexpr const char* kKey = "smtp_require_tls";
    auto* global = entryIn(ours.written, "global");
    auto* value = global == nullptr ? nullptr : entryIn(global->value, kKey);
    if (value == nullptr) {
        return;
    }
    spec::Entry moved{"global", {}, {}};
    moved.value.kind = spec::Node::Kind::map;
    moved.value.entries.push_back(*value);
    ours.derived.entries.push_back(std::move(moved));
    auto& entries = global->value.entries;
    entries.erase(std::remove_if(entries.begin(), entries.end(),
                                 [&](const spec::Entry& entry) { return entry.key == kKey; }),
                  entries.end());
}

/// The proof's receiver behind all others.
void addProof(spec::Node& root, const std::string& proof) {
    auto* receivers = entryIn(root, "receivers");
    if (receivers == nullptr) {
        root.entries.push_back({"receivers", {}, {}});
        receivers = &root.entries.back();
    }
    if (receivers->value.kind == spec::Node::Kind::null) {
        receivers->value.kind = spec::Node::Kind::sequence;
    }
    spec::Node item;
    item.kind = spec::Node::Kind::map;
    item.entries.push_back({"name", {}, spec::Node::text(proof)});
    receivers->value.items.push_back(std::move(item));
}

/// What Alertmanager loads, by whichever way it is configured.
struct Loaded {
    Configuration main;
    std::vector<spec::NativeFile> native = {};
    std::set<std::string> nativePaths = {};  ///< of them, in the repository
};

Loaded loadedBy(const spec::Stack& stack, const std::string& proof, const Inputs& inputs) {
    Loaded out;
    const auto& alertmanager = *stack.alertmanager;
    const auto source = spec::nativeSource(stack, kProgram);
    if (!source) {
        auto settings = settingsWriter(alertmanager, inputs);
        out.main.text = configuration(alertmanager, proof, settings);
        out.main.secretFiles = settings.secretFiles();
        return out;
    }
    NativeInputs native(*source, inputs);
    auto settings = settingsWriter(alertmanager, native.standIns);
    std::vector<spec::NativeConflict> reported;
    auto root = nativeAlertmanager(alertmanager, native, settings, reported);
    std::optional<std::string> kept;
    const auto text = inputs.files.find(source->from->file);
    if (!alertmanager.had.attach) {
        addProof(root, proof);
    } else if (text != inputs.files.end()) {
        kept = keptText(text->second, root);
    }
    out.main.text = kept ? Text(*kept) : nativeText(root, inputs);
    out.main.secretFiles = ownValues(settings.secretFiles(), inputs);
    out.native = std::move(native.files);
    out.nativePaths = std::move(native.paths);
    return out;
}

/// The files of the document that the configuration names, and where it does.
std::map<std::string, spec::FieldPath> namedFiles(const spec::Stack& stack) {
    std::map<std::string, spec::FieldPath> out;
    for (std::size_t i = 0; i < stack.alertmanager->templates.size(); ++i) {
        out.emplace(stack.alertmanager->templates[i],
                    spec::FieldPath{"spec", "alertmanager", "templates"}[i]);
    }
    for (const auto& block : spec::settingBlocks(stack)) {
        if (block.program == kProgram) {
            for (const auto& file : spec::filesOf(block)) {
                out.emplace(file.path, file.at);
            }
        }
    }
    return out;
}

}  // namespace

spec::Node nativeAlertmanager(const spec::Alertmanager& alertmanager, const NativeInputs& native,
                              SettingsWriter& settings, std::vector<spec::NativeConflict>& conflicts) {
    YamlWriter written;
    global(written, alertmanager, settings);
    if (alertmanager.route != spec::Route{}) {
        route(written, alertmanager.route);
    }
    lists(written, alertmanager, settings);
    written.list("templates", [&] {
        for (const auto& file : alertmanager.templates) {
            if (!native.delivers(file)) {
                written.item(std::string(kMount) + "/" + file);
            }
        }
    });
    written.list("receivers", [&] {
        for (const auto& each : alertmanager.receivers) {
            receiver(written, each, settings);
        }
    });
    spec::NativeOurs ours{nodeOf(written), {}};
    ours.derived.kind = spec::Node::Kind::map;
    if (spec::isDefault(*native.source.from, "requireTLS")) {
        moveDefault(ours);
    }
    return spec::mergeNative(native.root, ours, conflicts);
}

std::string alertmanagerDirectory(const spec::Project& project) {
    return project.directory + "/" + serverDirectory(project, "alertmanager");
}
Owner alertmanagerUser(const Builder& builder) {
    const auto& alertmanager = *builder.stack.alertmanager;
    return builder.user(builder.stack.alertmanagerOn(builder.host), "alertmanager",
                        spec::userOf(alertmanager));
}

std::string alertmanagerFile(const spec::Project& project, const spec::Alertmanager& alertmanager) {
    return alertmanager.configFile.empty() ? alertmanagerDirectory(project) + "/" + kAlertmanagerFile
                                           : pathIn(project, alertmanager.configFile);
}

Mount alertmanagerMount(const spec::Project& project, const spec::Alertmanager& alertmanager) {
    const auto& own = alertmanager.configFile;
    if (own.empty()) {
        return {"./" + serverDirectory(project, "alertmanager"), kMount, true};
    }
    const auto slash = own.rfind('/');
    // The project's own directory holds what is not Alertmanager's business.
    return slash == std::string::npos ? Mount{"./" + own, std::string(kMount) + "/" + own, true}
                                      : Mount{"./" + own.substr(0, slash), kMount, true};
}

std::vector<Text> alertmanagerArguments(const spec::Stack& stack, const spec::Host& host) {
    const auto& alertmanager = *stack.alertmanager;
    const auto& file = alertmanager.configFile;
    std::vector<Text> out = {Text("--config.file=" + std::string(kMount) + "/" +
                                  (file.empty() ? kAlertmanagerFile : file.substr(file.rfind('/') + 1))),
                             "--storage.path=/alertmanager"};
    if (!alertmanager.web.externalUrl.empty()) {
        out.emplace_back("--web.external-url=" + alertmanager.web.externalUrl);
    }
    if (!alertmanager.web.routePrefix.empty()) {
        out.emplace_back("--web.route-prefix=" + alertmanager.web.routePrefix);
    }
    const bool outside = spec::alertmanagerInHostNetwork(stack);
    if (outside) {
        const auto address = spec::bindAddresses(stack, host, alertmanager.exposure).front();
        out.emplace_back("--web.listen-address=" + spec::hostPort(address, alertmanager.port));
    }
    if (alertmanager.clustered()) {
        const int port = spec::clusterPort(alertmanager);
        const auto own = spec::hostPort(spec::scrapeAddress(stack, host), port);
        out.emplace_back("--cluster.listen-address=" + (outside ? own : spec::hostPort("0.0.0.0", port)));
        out.emplace_back("--cluster.advertise-address=" + own);
        for (const auto& project : alertmanager.projects()) {
            const auto* peer = stack.hostOf(project);
            if (peer != nullptr && peer != &host) {
                out.emplace_back("--cluster.peer=" + spec::hostPort(spec::scrapeAddress(stack, *peer), port));
            }
        }
    }
    for (const auto& extra : alertmanager.extraArgs) {
        out.emplace_back("--" + extra.name + (extra.value.empty() ? "" : "=" + extra.value));
    }
    return out;
}

std::string alertmanagerDigest(const spec::Stack& stack, const Inputs& inputs) {
    if (!stack.alertmanager->configFile.empty() || stack.alertmanager->had.attach) {
        return {};  // what it loads is told by the file itself
    }
    const auto loaded = loadedBy(stack, {}, inputs);
    Sha256 hash;
    hash.field(loaded.main.text.digest());
    for (const auto& [file, at] : namedFiles(stack)) {
        const auto it = inputs.files.find(file);
        hash.field(file).field(it == inputs.files.end() ? "" : it->second);
    }
    for (const auto& file : loaded.native) {
        hash.field(file.place).field(inputs.files.at(file.path));
    }
    for (const auto& [name, value] : loaded.main.secretFiles) {
        hash.field(name).field(value.id);
    }
    return hash.hex();
}

void renderAlertmanager(Builder& builder) {
    const auto& stack = builder.stack;
    const auto server = stack.alertmanagerOn(builder.host);
    if (server.empty()) {
        return;
    }
    const auto& alertmanager = *stack.alertmanager;
    const auto& project = stack.projectNamed(server);
    const std::string directory = alertmanagerDirectory(project);
    const spec::FieldPath at{"spec", "alertmanager"};
    builder.from(at / "project");
    if (alertmanager.had.attach) {
        if (!spec::writesConfiguration(alertmanager)) {
            return;
        }
        builder.attach(Builder::Attached{attachedProgram(builder, *alertmanager.had.attach, server),
                                         ConfiguredProgram::Program::alertmanager, directory,
                                         kAlertmanagerFile, kMount});
    }
    const auto parent = builder.directory(project.directory, "the project's directory");
    const bool ours = alertmanager.configFile.empty();
    const auto directoryId =
        ours ? builder.directory(directory, "Alertmanager's configuration, mounted as a directory") : parent;
    const Owner user = alertmanagerUser(builder);
    if (!alertmanager.had.attach && alertmanager.had.data.empty()) {
        builder.dataDirectory(spec::alertmanagerData(project), user,
                              "Alertmanager's silences, owned by the user it runs as");
    }
    if (!ours) {
        return;
    }
    builder.from(at);
    const std::string proof = alertmanager.had.attach
                                  ? std::string()
                                  : kAlertmanagerProof + alertmanagerDigest(stack, builder.inputs);
    const auto loaded = loadedBy(stack, proof, builder.inputs);
    const Text& main = loaded.main.text;
    builder.secretFiles(directory, loaded.main.secretFiles, "Alertmanager", user);
    for (const auto& [file, field] : namedFiles(stack)) {
        builder.from(field);
        if (loaded.nativePaths.count(file) == 0) {
            builder.copy(directory, file, "what Alertmanager's configuration names");
        }
    }
    builder.from(at / "configFrom" / "file");
    deliver(builder, directory, loaded.native);
    builder.from(at);
    // A secret that Alertmanager takes from no file stands in the configuration itself.
    const bool inlineSecrets = main.hasSecrets();
    builder.file({directory + "/" + kAlertmanagerFile, main, inlineSecrets ? 0400U : 0644U,
                  inlineSecrets ? user : Owner{}},
                 "Alertmanager's configuration", {parent, directoryId});
    builder.attach(std::nullopt);
}

void renderSilences(Builder& builder) {
    const auto& stack = builder.stack;
    if (!stack.alertmanager || stack.hostOf(stack.alertmanager->project) != &builder.host) {
        return;
    }
    for (std::size_t i = 0; i < stack.alertmanager->silences.size(); ++i) {
        const auto& silence = stack.alertmanager->silences[i];
        builder.from(spec::FieldPath{"spec", "alertmanager", "silences"}[i]);
        Silence out;
        out.baseUrl = "http://" +
                      spec::hostPort(spec::ownAddress(stack, builder.host, stack.alertmanager->exposure),
                                     stack.alertmanager->port) +
                      stack.alertmanager->web.prefix();
        out.stack = stack.name;
        out.name = silence.name;
        out.startsAt = spec::parseTimestamp(silence.startsAt).value_or(0);
        out.endsAt = spec::parseTimestamp(silence.endsAt).value_or(0);
        out.comment = silence.comment;
        for (const auto& matcher : silence.matchers) {
            out.matchers.push_back(
                {matcher.name, matcher.value, matcher.isRegex, matcher.isEqual.value_or(true)});
        }
        builder.add({"silence:" + silence.name,
                     std::move(out),
                     {"reload:alertmanager"},
                     "alerts that are silenced for a time"});
    }
}

}  // namespace vigie::render
