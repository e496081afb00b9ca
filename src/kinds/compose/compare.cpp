// Containers: what of them differs, and what becomes of it.

#include "kinds/compose/compare.hpp"

#include "base/redact.hpp"
#include "base/text.hpp"
#include "plan/context.hpp"
#include "plan/diff.hpp"
#include "plan/found.hpp"
#include "spec/address.hpp"

#include <algorithm>

namespace vigie::plan {
namespace {

using render::Container;
using render::Service;

/// The user's own services may be in the middle of his deploy: a change is let settle first.
constexpr std::int64_t kQuietMs = 60'000;

constexpr std::string_view kProxy = "_proxy";

/// The name that `spec.ignore` has for what is compared here as `environment PATH`, `image digest`, ….
std::string ignorable(std::string_view field) {
    const auto word = field.substr(0, field.find(' '));
    return word == "health"    ? "healthcheck"
           : word == "network" ? "networks"
           : word == "label"   ? "labels"
                               : std::string(word);
}

/// Collects the fields that differ, but for those that are ignored.
class Fields {
public:
    explicit Fields(const std::set<std::string>& ignored) : ignored_(&ignored) {}

    void compare(const std::string& field, const std::string& is, const std::string& wanted) {
        if (is != wanted) {
            add(field, is, wanted);
        }
    }
    void add(const std::string& field, const std::string& is, const std::string& wanted) {
        if (ignores(field)) {
            return;
        }
        std::string diff = is.empty() ? "" : "-" + field + ": " + is + "\n";
        diff += wanted.empty() ? "" : "+" + field + ": " + wanted + "\n";
        add(field, Diff::ofFacts(std::move(diff)));
    }
    void add(const std::string& field, const Diff& diff) {
        if (ignores(field)) {
            return;
        }
        names_.push_back(field);
        published_ += diff.text();
        forTerminal_ += diff.text(Audience::terminal);
    }
    [[nodiscard]] bool empty() const { return names_.empty(); }
    [[nodiscard]] std::string names() const { return join(names_, ", "); }
    [[nodiscard]] Diff diff() const { return Diff::ofFound(published_, forTerminal_); }
    [[nodiscard]] bool ignoresSomething() const { return !ignored_->empty(); }

private:
    [[nodiscard]] bool ignores(std::string_view field) const {
        return ignored_->count(ignorable(field)) != 0;
    }

    const std::set<std::string>* ignored_;
    std::vector<std::string> names_;
    std::string published_;
    std::string forTerminal_;
};

/// Whether `name`, of an option or a variable, is that of a secret.
bool namesSecret(std::string_view name) {
    std::string setting = std::string(name) + "=x";
    std::replace(setting.begin(), setting.end(), '-', '_');
    return redactLine(setting) != setting;
}

/// Whether the word behind `option` is a secret.
bool announcesSecret(std::string_view option) {
    return option.substr(0, 1) == "-" && option.find('=') == std::string_view::npos && namesSecret(option);
}

/// Arguments that are not ours, as they may be shown: somebody may have put a password into one by hand.
std::vector<std::string> showableArguments(const std::vector<std::string>& arguments) {
    std::vector<std::string> out;
    bool secret = false;
    for (const auto& argument : arguments) {
        if (secret) {
            out.emplace_back(kSecretMask);
            secret = announcesSecret(argument);
            continue;
        }
        const std::string shown = redactLine(argument);
        std::vector<std::string> words;
        for (const auto word : split(shown, ' ')) {
            const auto equals = word.find('=');
            words.emplace_back(secret ? kSecretMask : word);
            if (equals != std::string_view::npos && namesSecret(word.substr(0, equals))) {
                words.back() = std::string(word.substr(0, equals + 1)) + std::string(kSecretMask);
            }
            secret = announcesSecret(word);
        }
        out.push_back(join(words, " "));
    }
    return out;
}

std::vector<std::string> sorted(std::vector<std::string> values) {
    std::sort(values.begin(), values.end());
    return values;
}

std::vector<std::string> wantedPorts(const Service& service) {
    std::vector<std::string> out;
    for (const auto& port : service.ports) {
        // Without an address compose asks the engine for all, which it shows as the one of IPv4.
        const std::string address = port.address.empty() ? "0.0.0.0" : port.address;
        out.push_back(spec::hostPort(address, port.hostPort) + ":" + std::to_string(port.containerPort) +
                      (port.udp ? "/udp" : ""));
    }
    return sorted(std::move(out));
}

/// As the engine is asked about them.
std::string wantedCapabilities(const Service& service) {
    std::vector<std::string> out;
    for (const auto& capability : service.capabilities) {
        out.push_back("+" + capability);
    }
    const auto* further = service.compose.find("cap_add");
    for (const auto& item : further == nullptr ? std::vector<spec::Node>{} : further->items) {
        constexpr std::string_view kKernels = "CAP_";
        const auto& name = item.scalar;
        out.push_back("+" + (name.starts_with(kKernels) ? name.substr(kKernels.size()) : name));
    }
    if (!service.capabilities.empty()) {
        out.emplace_back("-ALL");
    }
    if (service.privileged) {
        out.emplace_back("privileged");
    }
    return join(out, ", ");
}

/// The engine keeps the number of tries apart.
std::string wantedRestart(const Service& service) {
    return service.restart.substr(0, service.restart.find(':'));
}

/// Of a container in a project of ours.
std::string wantedNetworks(const Container& compose) {
    if (compose.service.hostNetwork) {
        return "host";
    }
    auto out = compose.service.networks;
    out.push_back(compose.project.name + "_default");
    return join(sorted(std::move(out)), ", ");
}

/// Arguments one below the other, as a text in which secrets are known.
render::Text linesOf(const std::vector<render::Text>& arguments) {
    render::Text out;
    for (const auto& argument : arguments) {
        out.appendText(argument).append("\n");
    }
    return out;
}

void compareArguments(const std::string& field, const std::vector<std::string>& is,
                      const std::vector<std::string>& wanted, Fields& fields) {
    if (is == wanted) {
        return;
    }
    const std::string end = wanted.empty() ? "" : "+" + field + ": " + join(wanted, " ") + "\n";
    const std::string found = is.empty() ? "" : "-" + field + ": " + join(showableArguments(is), " ") + "\n";
    const std::string hidden = is.empty() ? "" : "-" + field + ": another one (not shown)\n";
    fields.add(field, Diff::ofFound(hidden + end, found + end));
}

void compareCommand(const Container& compose, const ObservedContainer& is, const ObservedImage* image,
                    const Service* was, Fields& fields) {
    const auto& service = compose.service;
    if (service.command.empty()) {
        if (image != nullptr) {
            compareArguments("command", is.command, image->command, fields);
        }
        return;
    }
    const auto wanted = linesOf(service.command);
    if (was != nullptr && linesOf(was->command).digest() == wanted.digest()) {
        return;
    }
    SecureBytes observed;
    for (const auto& argument : is.command) {
        append(observed, argument);
        observed.push_back('\n');
    }
    if (was == nullptr && view(observed) == view(wanted.reveal())) {
        return;
    }
    const auto diff = diffOfFound(join(showableArguments(is.command), "\n") + "\n", {wanted, "command"},
                                  was == nullptr ? Whose::others : Whose::ours);
    fields.add("command",
               diff.empty() ? Diff::ofFacts("a secret in the command differs; it is not shown\n") : diff);
}

/// Whether a container has the secret of that name; `was` as in `differences`.
bool hasSecret(const ObservedContainer& is, const Service* was, const std::string& name,
               const render::SecretValue& secret) {
    if (was != nullptr) {
        const auto it = was->secretEnvironment.find(name);
        return it != was->secretEnvironment.end() && it->second.id == secret.id;
    }
    const auto it = is.environment.find(name);
    return it != is.environment.end() && (!secret.available() || sameSecret(it->second, view(*secret.value)));
}

void compareEnvironment(const Service& service, const ObservedContainer& is, const ObservedImage* image,
                        const Service* was, Fields& fields) {
    for (const auto& [name, value] : service.environment) {
        const auto it = is.environment.find(name);
        const std::string there = it == is.environment.end() ? "" : it->second;
        if (it == is.environment.end() || there != value) {
            const bool shows = was != nullptr && was->environment.count(name) != 0;
            fields.add("environment " + name,
                       it == is.environment.end() ? "" : (shows ? there : std::string(kSecretMask)), value);
        }
    }
    for (const auto& [name, secret] : service.secretEnvironment) {
        const auto it = is.environment.find(name);
        const bool there = it != is.environment.end();
        if (!hasSecret(is, was, name, secret)) {
            fields.add("environment " + name, there ? std::string(kSecretMask) + " (another one)" : "",
                       std::string(kSecretMask));
        }
    }
    if (!service.whole() || image == nullptr) {
        return;
    }
    for (const auto& [name, value] : is.environment) {
        const auto ofImage = image->environment.find(name);
        // The engine's own settings may name a proxy for every container.
        const bool proxy =
            name.size() > kProxy.size() && lowerCase(name.substr(name.size() - kProxy.size())) == kProxy;
        const bool known = service.environment.count(name) != 0 ||
                           service.secretEnvironment.count(name) != 0 || name == "PATH" || name == "HOME" ||
                           proxy || (ofImage != image->environment.end() && ofImage->second == value);
        if (!known) {
            fields.add("environment " + name, "***", "");
        }
    }
}

std::string mountText(const ObservedMount& mount) {
    return mount.source + ":" + mount.target + (mount.readOnly ? ":ro" : "");
}

/// Volumes without a name come with images: only those that are wanted are looked for.
void compareVolume(const render::Mount& wanted, const ObservedContainer& is, Fields& fields) {
    const auto text = mountText({wanted.source, wanted.target, wanted.readOnly});
    std::string there;
    for (const auto& volume : is.volumes) {
        if (volume.target == wanted.target) {
            there = mountText(volume);
        }
    }
    fields.compare("mounts", there, text);
}

void compareMounts(const Container& compose, const ObservedContainer& is, Fields& fields) {
    std::vector<std::string> wanted;
    for (const auto& mount : compose.service.mounts) {
        if (mount.isVolume()) {
            compareVolume(mount, is, fields);
        } else {
            wanted.push_back(
                mountText({mount.path(compose.project.directory), mount.target, mount.readOnly}));
        }
    }
    std::vector<std::string> there;
    for (const auto& bind : is.binds) {
        there.push_back(mountText(bind));
    }
    if (!compose.service.whole()) {  // beside the user's own
        for (const auto& mount : wanted) {
            if (std::find(there.begin(), there.end(), mount) == there.end()) {
                fields.add("mounts", "", mount);
            }
        }
        return;
    }
    fields.compare("mounts", join(sorted(there), ", "), join(sorted(wanted), ", "));
}

/// `was` is null for a container that was looked at, and what `is` was made from for one that was not.
Fields differences(const Container& compose, const ObservedContainer& is, const ObservedImage* image,
                   const std::set<std::string>& ignored, const Service* was = nullptr) {
    const Service& service = compose.service;
    Fields out(ignored);
    if (service.whole()) {
        out.compare("image", is.image, service.image);
        if (image != nullptr && is.image == service.image && is.imageId != image->id) {
            out.add("image digest", is.imageId, image->id);
        }
        compareCommand(compose, is, image, was, out);
        if (image != nullptr) {
            compareArguments("entrypoint", is.entrypoint, image->entrypoint, out);
            out.compare("user", is.user, service.user.empty() ? image->user : service.user);
            if (service.compose.find("healthcheck") == nullptr) {  // else its label says whether it differs
                compareArguments("health check", is.healthcheck, image->healthcheck, out);
            }
        } else if (!service.user.empty()) {
            out.compare("user", is.user, service.user);
        }
        out.compare("restart policy", is.restart, wantedRestart(service));
        out.compare("ports", join(is.ports, ", "), join(wantedPorts(service), ", "));
        compareMounts(compose, is, out);
        if (compose.project.ours) {  // in the user's project, his files name the network
            out.compare("networks", join(sorted(is.networks), ", "), wantedNetworks(compose));
        }
        out.compare("capabilities", join(is.capabilities, ", "), wantedCapabilities(service));
        if (!service.containerName.empty()) {
            out.compare("name", is.name, service.containerName);
        }
    }
    if (!service.whole()) {
        compareMounts(compose, is, out);
    }
    for (const auto& network : service.networks) {
        const bool told = service.whole() && compose.project.ours;
        if (!told && std::find(is.networks.begin(), is.networks.end(), network) == is.networks.end()) {
            out.add("network " + network, "", "joined");
        }
    }
    compareEnvironment(service, is, image, was, out);
    const auto labels = service.labels();
    // The one of the whole definition comes last: it says nothing where another field differs already.
    for (auto wanted = labels.rbegin(); wanted != labels.rend(); ++wanted) {
        const auto& label = wanted->first;
        const auto& value = wanted->second;
        const auto it = is.labels.find(label);
        if (label == render::kConfigLabel && out.ignoresSomething()) {
            continue;  // it stands for the ignored fields as well
        }
        if (it == is.labels.end() && !service.whole()) {
            continue;  // the user's own, never made by us: it has what we add already, and is left running
        }
        if (it == is.labels.end() || it->second != value) {
            if (label == render::kContentLabel) {
                out.add("content of its mounts",
                        Diff::ofFacts("changed: the files are read at the start only\n"));
            } else if (out.empty()) {
                out.add("label " + label, it == is.labels.end() ? "" : it->second, value);
            }
        }
    }
    return out;
}

/// The container of `compose`, as the engine would show it if its image brought nothing along.
ObservedContainer asMadeFrom(const Container& compose) {
    const Service& service = compose.service;
    ObservedContainer out;
    out.name = service.containerName;
    out.image = service.image;
    for (const auto& argument : service.command) {
        out.command.push_back(argument.masked());
    }
    out.user = service.user;
    out.restart = wantedRestart(service);
    out.environment = service.environment;
    for (const auto& [name, secret] : service.secretEnvironment) {
        out.environment[name] = kSecretMask;
    }
    out.ports = wantedPorts(service);
    for (const auto& mount : service.mounts) {
        if (mount.isVolume()) {
            out.volumes.push_back({mount.source, mount.target, mount.readOnly});
        } else {
            out.binds.push_back({mount.path(compose.project.directory), mount.target, mount.readOnly});
        }
    }
    if (compose.project.ours) {
        out.networks.push_back(service.hostNetwork ? "host" : compose.project.name + "_default");
    }
    out.networks.insert(out.networks.end(), service.networks.begin(), service.networks.end());
    if (auto capabilities = wantedCapabilities(service); !capabilities.empty()) {
        out.capabilities.push_back(std::move(capabilities));
    }
    out.labels = service.labels();
    return out;
}

bool runs(const ObservedContainer& container) {
    return container.state == "running";
}

/// What is wrong with a container that is configured as it should be; empty when nothing is.
std::string ill(const ObservedContainer& is) {
    if (is.state == "restarting") {
        return "keeps restarting (exit code " + std::to_string(is.exitCode) + ")";
    }
    if (!runs(is)) {
        return "is " + is.state +
               (is.state == "exited" ? " (exit code " + std::to_string(is.exitCode) + ")" : "");
    }
    return is.health == "unhealthy" ? "runs and is unhealthy" : "";
}

/// A network that was made anew has another id. A container that was in the old one is not started any more,
/// neither by the engine nor by compose ("network … not found"): it is made anew.
void compareNetworkIds(const Container& compose, const ObservedContainer& is, const Observed& observed,
                       Fields& fields) {
    constexpr std::size_t kShown = 12;
    for (const auto& network : compose.service.networks) {
        const auto now = observed.networks.find(network);
        const auto was = is.networkIds.find(network);
        if (now != observed.networks.end() && !now->second.empty() && was != is.networkIds.end() &&
            was->second != now->second) {
            fields.add("network " + network, was->second.substr(0, kShown), now->second.substr(0, kShown));
        }
    }
}

/// Why data that were there before cannot be used by a program that runs as `user`, which is `UID:GID`, or
/// empty: as its image says.
std::string unusable(const render::Mount& mount, const ObservedData& is, const std::string& user) {
    const std::string what = "the data at `" + mount.source + "` ";
    if (!is.problem.empty()) {
        return what + is.problem;
    }
    const auto uid = user.substr(0, user.find(':'));
    if (user.empty() || uid == "0" || uid == std::to_string(is.owner.uid)) {
        return {};
    }
    return what + "belong to " + render::userText(is.owner) + ", and the program runs as " + user +
           ": vigie never changes the owner of data that were there before; `chown -R " + user + " " +
           (mount.isVolume() ? "\"$(docker volume inspect -f '{{.Mountpoint}}' " + mount.source + ")\""
                             : mount.source) +
           "` does";
}

/// Whether it no longer sees a directory that vigie has it mount.
bool losesOurs(const Container& compose, const ObservedContainer& is) {
    const auto& mounts = compose.service.mounts;
    return std::any_of(mounts.begin(), mounts.end(), [&](const render::Mount& mount) {
        return std::find(is.staleMounts.begin(), is.staleMounts.end(), mount.target) != is.staleMounts.end();
    });
}

}  // namespace

Lacking lacking(const Container& compose, const Observed& observed) {
    Lacking out;
    for (const auto& network : compose.service.networks) {
        const auto there = observed.networks.find(network);
        if (there != observed.networks.end() && there->second.empty()) {
            out.network = "the network `" + network +
                          "` is not there: start the project that has it, or create it with `docker network "
                          "create " +
                          network + "`";
        }
    }
    for (const auto& mount : compose.service.mounts) {
        const auto data = observed.data.find(mount.source);
        if (mount.found && data != observed.data.end()) {
            out.data = unusable(mount, data->second, compose.service.user);
        }
    }
    return out;
}

std::string Lacking::text() const {
    std::string out = network;
    out += (out.empty() || data.empty() ? "" : "; ") + data;
    return out;
}

std::string staleMountReason(const ObservedContainer& container) {
    return "the container " + container.name + " no longer sees what lies at " +
           join(container.staleMounts, ", ") +
           " in it: the directory was replaced on this host after it had started";
}

Differing differing(const Container& was, const Container& wanted, const std::set<std::string>& ignored) {
    const ObservedImage bare;
    const auto found = differences(wanted, asMadeFrom(was), &bare, ignored, &was.service);
    return {found.names(), found.diff().text()};
}

const ObservedContainer* ObservedProject::service(const std::string& name) const {
    for (const auto& container : containers) {
        if (container.service == name) {
            return &container;
        }
    }
    return nullptr;
}

void planContainer(const Context& context, const render::Resource& resource, const Container& compose,
                   Change& out) {
    static const ObservedProject kUnknown{"it was not looked at", {}};
    const auto it = context.observed.projects.find(compose.project.name);
    const auto& project = it == context.observed.projects.end() ? kUnknown : it->second;
    if (!project.problem.empty()) {
        // What is applied already needs no engine: a dead one must not keep the tunnel from being repaired.
        out.action = context.applied(resource) ? Action::none : Action::refuse;
        out.reason = project.problem;
        out.unobserved = true;
        return;
    }
    const bool users = !compose.service.whole();
    const std::string lack = users ? std::string() : lacking(compose, context.observed).text();
    const std::string lacks = lack.empty() ? "" : "; an apply refuses, as " + lack;
    const auto* is = project.service(compose.service.name);
    if (is == nullptr) {
        if (users && !context.ours(resource.id)) {
            out.ownable = false;
            out.reason = "does not exist; it gets what we add when you start it";
            return;
        }
        out.action = Action::create;
        out.reason =
            resource.purpose + (context.ours(resource.id) ? ": is gone" : ": does not exist yet") + lacks;
        return;
    }
    if (!users && !compose.project.ours && !compose.service.component.empty() && !context.ours(resource.id) &&
        is->labels.count(render::kConfigLabel) == 0 && !context.mayAdopt(resource.id)) {
        out.action = Action::refuse;
        out.reason = "your project has a service `" + compose.service.name +
                     "` already: write `attach: " + compose.service.name +
                     "` to leave it alone; or remove it from your compose files and name `" + resource.id +
                     "` in `spec.adopt`";
        return;
    }
    const auto image = context.observed.images.find(compose.service.image);
    auto differing =
        differences(compose, *is, image == context.observed.images.end() ? nullptr : &image->second,
                    context.ignoredOf(resource.id));
    compareNetworkIds(compose, *is, context.observed, differing);
    const bool settled = !users || !context.applied(resource) || is->quietMs >= kQuietMs;
    const std::string trouble = ill(*is);
    if (!differing.empty()) {
        out.diff = differing.diff();
        out.action = settled ? Action::recreate : Action::none;
        out.settling = !settled;
        out.reason = differing.names() + (context.applied(resource) ? " differ on the host" : " changed") +
                     (settled ? kMemoryIsLost : "; changed less than a minute ago") + lacks;
    } else if (runs(*is) && losesOurs(compose, *is)) {
        // The user's own is only told about: what he has moved, and why, he knows.
        out.action = users ? Action::drift : Action::restart;
        out.reason = staleMountReason(*is) + (users ? "; only reported: start it again" : "");
    } else if (!trouble.empty() && (runs(*is) || is->state == "restarting")) {
        // It runs as it was told to: starting it over and over mends nothing.
        out.action = Action::drift;
        out.reason = trouble + ": only reported";
    } else if (!trouble.empty()) {
        out.action = settled ? Action::restart : Action::none;
        out.settling = !settled;
        out.reason = trouble + (settled ? "" : "; changed less than a minute ago") + lacks;
    } else {
        out.reason = "as it should be";
    }
}

}  // namespace vigie::plan
