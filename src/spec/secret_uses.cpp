// Where the document names secrets, and which hosts need them.

#include "spec/secret_uses.hpp"

#include "spec/attached.hpp"
#include "spec/exporter_types.hpp"
#include "spec/guests.hpp"
#include "spec/registry.hpp"

#include <algorithm>
#include <set>

namespace vigie::spec {
namespace {

class Uses {
public:
    explicit Uses(const Stack& stack) : stack_(stack) {}

    void environment(const std::vector<EnvVar>& env, const FieldPath& at, const Host* host) {
        for (std::size_t i = 0; i < env.size(); ++i) {
            if (env[i].valueFrom) {
                add({env[i].valueFrom->secret, at[i] / "valueFrom" / "secret"}, {host}, SecretForm::any);
            }
            if (env[i].fileFrom) {
                add({env[i].fileFrom->secret, at[i] / "fileFrom" / "secret"}, {host}, SecretForm::any);
            }
        }
    }

    void applications() {
        for (std::size_t i = 0; i < stack_.applications.size(); ++i) {
            const auto& application = stack_.applications[i];
            environment(application.env, FieldPath{"spec", "applications"}[i] / "env",
                        stack_.hostOf(application.project));
        }
    }

    void exporters() {
        for (std::size_t i = 0; i < stack_.exporters.size(); ++i) {
            const auto& exporter = stack_.exporters[i];
            const FieldPath at = FieldPath{"spec", "exporters"}[i];
            const auto* host = stack_.hostOf(exporter.project);
            for (const auto* type : kExporterTypes) {  // also of a section that its type does not have
                for (auto& use : type->secrets(exporter, at / type->program.id)) {
                    const auto form = use.form;
                    add(std::move(use), {host}, form);
                }
            }
            environment(exporter.env, at / "env", host);
        }
    }

    void grafana() {
        if (!stack_.grafana) {
            return;
        }
        const FieldPath at{"spec", "grafana"};
        const std::vector<const Host*> hosts{stack_.hostOf(stack_.grafana->project)};
        if (stack_.grafana->adminPasswordFrom) {
            add({stack_.grafana->adminPasswordFrom->secret, at / "adminPasswordFrom" / "secret"}, hosts);
        }
        for (std::size_t i = 0; i < stack_.grafana->datasources.size(); ++i) {
            if (const auto& from = stack_.grafana->datasources[i].passwordFrom) {
                add({from->secret, (at / "datasources")[i] / "passwordFrom" / "secret"}, hosts);
            }
        }
    }

    void program(Program program) {
        std::vector<const Host*> hosts;
        for (const auto& host : stack_.hosts) {
            const bool runs = program == Program::prometheus ? stack_.prometheusOn(host).has_value()
                                                             : !stack_.alertmanagerOn(host).empty();
            if (runs) {
                hosts.push_back(&host);
            }
        }
        for (auto& use : secretsOf(stack_, program)) {
            const auto form = use.form;
            add(std::move(use), hosts, form);
        }
    }

    /// Passwords with which vigie itself asks programs of the user's own.
    void logins() {
        for (const auto& each : attachedIn(stack_)) {
            if (each.attach->web && each.attach->web->passwordFrom) {
                add({each.attach->web->passwordFrom->secret,
                     each.at / "attach" / "web" / "passwordFrom" / "secret"},
                    {stack_.hostOf(each.project)});
            }
        }
    }

    void projectFiles() {
        for (std::size_t i = 0; i < stack_.projects.size(); ++i) {
            const auto& project = stack_.projects[i];
            for (std::size_t j = 0; j < project.files.size(); ++j) {
                const FieldPath at = (FieldPath{"spec", "projects"}[i] / "files")[j] / "secret";
                if (!project.files[j].secret.empty()) {
                    add({project.files[j].secret, at}, {stack_.host(project.host)}, SecretForm::any);
                }
            }
        }
    }

    void registries() {
        for (std::size_t i = 0; i < stack_.registries.size(); ++i) {
            const auto& registry = stack_.registries[i];
            std::vector<const Host*> hosts;
            for (const auto& host : stack_.hosts) {
                const auto needed = registriesOf(stack_, host);
                if (std::find(needed.begin(), needed.end(), &registry) != needed.end()) {
                    hosts.push_back(&host);
                }
            }
            add({registry.passwordFrom.secret,
                 FieldPath{"spec", "registries"}[i] / "passwordFrom" / "secret"},
                hosts);
        }
    }

    void presharedKeys() {
        for (std::size_t i = 0; i < stack_.wireguard.presharedKeys.size(); ++i) {
            const auto& key = stack_.wireguard.presharedKeys[i];
            std::vector<const Host*> hosts;
            for (const auto& name : key.hosts) {
                hosts.push_back(stack_.host(name));
            }
            SecretUse use{key.from.secret,
                          FieldPath{"spec", "wireguard", "presharedKeys"}[i] / "from" / "secret"};
            use.pair = true;
            add(std::move(use), hosts);
        }
    }

    void guests() {
        const auto& guests = stack_.wireguard.guests;
        const Gateways gateways(stack_);
        for (std::size_t i = 0; i < guests.size(); ++i) {
            if (guests[i].presharedKeyFrom) {
                add({guests[i].presharedKeyFrom->secret,
                     FieldPath{"spec", "wireguard", "guests"}[i] / "presharedKeyFrom" / "secret"},
                    {gateways.of(guests[i])});
            }
        }
    }

    std::vector<SecretUse> take() { return std::move(out_); }

private:
    void add(SecretUse use, const std::vector<const Host*>& hosts, SecretForm form = SecretForm::line) {
        use.form = form;
        for (const auto* host : hosts) {
            if (host != nullptr) {  // an unknown name is reported by the references
                use.hosts.push_back(host);
            }
        }
        out_.push_back(std::move(use));
    }

    const Stack& stack_;
    std::vector<SecretUse> out_;
};

}  // namespace

std::vector<SecretUse> secretUses(const Stack& stack) {
    Uses uses(stack);
    uses.applications();
    uses.exporters();
    uses.program(Program::prometheus);
    uses.program(Program::alertmanager);
    uses.grafana();
    uses.logins();
    uses.projectFiles();
    uses.registries();
    uses.presharedKeys();
    uses.guests();
    return uses.take();
}

std::optional<std::string> unfit(SecretForm form, std::string_view value) {
    constexpr std::string_view kBlank = " \t\r\n";
    if (form == SecretForm::trimmedLine) {
        const auto begin = std::min(value.find_first_not_of(kBlank), value.size());
        value = value.substr(begin, value.find_last_not_of(kBlank) + 1 - begin);
    }
    if (form != SecretForm::any &&
        value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
        return value.back() == '\r' ? "ends with a carriage return" : "has a line break in it";
    }
    if (form == SecretForm::word && value.find_first_of(" \t\v\f") != std::string_view::npos) {
        return "has white space in it";
    }
    return std::nullopt;
}

std::vector<Recipient> recipientsOf(const Stack& stack, std::string_view secret) {
    std::set<std::string_view> needed;
    const auto uses = secretUses(stack);
    for (const auto& use : uses) {
        if (use.secret == secret) {
            for (const auto* host : use.hosts) {
                needed.insert(host->name);
            }
        }
    }
    std::vector<Recipient> out;
    for (const auto& host : stack.hosts) {
        if (needed.count(host.name) != 0) {
            out.push_back({host.name, host.sealingKey, false});
        }
    }
    for (const auto& key : stack.secretsRecovery) {
        out.push_back({key.name, key.sealingKey, true});
    }
    return out;
}

}  // namespace vigie::spec
