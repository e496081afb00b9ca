// `vigie init`: prepares a host for the controller.
#include "apply/inputs/desired_state.hpp"
#include "apply/tools.hpp"
#include "apply/transaction/lock.hpp"
#include "base/error.hpp"
#include "base/parse_json.hpp"
#include "base/text.hpp"
#include "base/wg_lines.hpp"
#include "cli/commands.hpp"
#include "cli/host_key_pin.hpp"
#include "cli/host_keys.hpp"
#include "cli/terminal.hpp"
#include "cli/tool_check.hpp"
#include "kinds/unit/host.hpp"
#include "render/yaml_writer.hpp"
#include "secrets/ssh_key.hpp"
#include "source/directory.hpp"
#include "source/git_client.hpp"
#include "spec/check_schema.hpp"
#include "spec/format.hpp"
#include "spec/places.hpp"
#include "spec/read_yaml.hpp"
#include "spec/schema.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <filesystem>
#include <thread>

namespace vigie::cli {
namespace {

constexpr const char* kFolder = "/etc/vigie";
constexpr const char* kConfig = "/etc/vigie/vigie.yaml";
constexpr const char* kDeployKey = "/etc/vigie/deploy_key";
constexpr const char* kKnownHosts = "/etc/vigie/known_hosts";
constexpr std::uint64_t kLargest = 1U << 20U;

/// The text of vigie.yaml. Paths in it are those of this machine, also below another root.
std::string configText(const HostSystem& here, const InitOptions& options, bool ssh) {
    render::YamlWriter yaml;
    yaml.comment("Written by `vigie init`.");
    yaml.text("host", options.host);
    if (here.tryOut()) {
        const std::string root = here.files.real("/");
        yaml.text("root", root.substr(0, root.find_last_not_of('/') + 1));
    }
    yaml.map("source", [&] {
        yaml.text("url", options.url);
        yaml.text("branch", options.branch);
        yaml.text("path", options.path);
    });
    if (ssh) {
        yaml.map("auth", [&] {
            yaml.text("sshKey", here.files.real(kDeployKey));
            yaml.text("knownHosts", here.files.real(kKnownHosts));
        });
    }
    if (options.root.state != RootOptions().state) {
        yaml.text("state", options.root.state);
    }
    return yaml.result().masked();
}

/// Every mistake of the options is one of the configuration.
void checkConfig(const std::string& text) {
    spec::Diagnostics diagnostics;
    auto root = spec::readYaml(text, kConfig, diagnostics);
    if (root) {
        spec::checkSchema(*root, spec::configSchema(), spec::Reporter(diagnostics, kConfig, &*root));
    }
    std::vector<std::string> mistakes;
    for (const auto& each : diagnostics.all()) {
        mistakes.push_back(each.message + (each.hint.empty() ? "" : ": " + each.hint));
    }
    if (!mistakes.empty()) {
        throw Error(
            "these options do not make a valid configuration:\n"
            "  " +
                join(mistakes, "\n  "),
            "correct the options; nothing was written");
    }
}

/// True if the file has to be written. Throws Error when a different one exists and --force is not given.
bool configDiffers(const HostSystem& here, const InitOptions& options, const std::string& text) {
    if (!here.files.inspect(kConfig).exists()) {
        return true;
    }
    if (view(here.files.read(kConfig, kLargest)) == text) {
        return false;
    }
    if (!options.force) {
        throw Error(here.files.real(kConfig) + " exists and has other content",
                    "compare it, and add --force to overwrite it");
    }
    return true;
}

/// Makes the key when there is none. Returns its public line.
std::string ensureDeployKey(HostSystem& here, const std::string& host) {
    const std::string comment = "vigie@" + host;
    if (!here.files.inspect(kDeployKey).exists()) {
        here.files.write(kDeployKey, view(secrets::generateSshKey(comment)), 0600, std::nullopt);
        say("created the deploy key " + here.files.real(kDeployKey));
    }
    return secrets::sshPublicKey(view(apply::readPrivate(here.files, kDeployKey))) + " " + comment;
}

/// The address of a tunnel that is there already.
std::string tunnelAddress(const HostSystem& here, const std::string& interface) {
    const std::string path = "/etc/wireguard/" + interface + ".conf";
    if (here.files.inspect(path).type != FileInfo::Type::regular) {
        return {};
    }
    const auto text = here.files.read(path, kLargest);
    for (const auto& line : wgLines(view(text))) {
        if (line.isSetting("interface", "address")) {
            return std::string(line.value.substr(0, line.value.find_first_of("/, ")));
        }
    }
    return {};
}

void printLines(const InitOptions& options, const PublicKeys& keys, const std::string& deployKey,
                const std::string& address) {
    std::string out;
    if (!deployKey.empty()) {
        out += "# for the git server: a read-only deploy key\n" + deployKey + "\n";
    }
    out += "# for the document, below `spec.hosts`; both keys are public\n    - name: " + options.host + "\n";
    out += address.empty()
               ? "      # address: a free one of `wireguard.network`\n"
                 "      vpn: { address: , publicKey: \"" +
                     keys.wireguard + "\" }\n"
               : "      vpn: { address: " + address + ", publicKey: \"" + keys.wireguard + "\" }\n";
    out += "      sealingKey: \"" + keys.sealing + "\"\n";
    print(out);
}

/// A directory that goes away with this object.
class Scratch {
public:
    Scratch() : path_((std::filesystem::temp_directory_path() / "vigie-init-XXXXXX").string()) {
        if (::mkdtemp(path_.data()) == nullptr) {
            throw Error("cannot create a temporary directory " + path_);
        }
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    Scratch(Scratch&&) = delete;
    Scratch& operator=(Scratch&&) = delete;
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// Where the document has the service write beyond what its unit names. Its signature is not checked here:
/// whatever it says, nothing around the system's own places is opened.
std::vector<std::string> furtherDirectories(const spec::Stack& stack, const std::string& host) {
    std::vector<std::string> out;
    for (const auto& project : stack.projects) {
        const bool known = spec::liesIn(project.directory, "/opt") || spec::liesIn(project.directory, "/srv");
        if (project.host == host && !known && !spec::neverWritten(project.directory) &&
            !spec::neverWrittenBelow(project.directory)) {
            out.push_back(project.directory);
        }
    }
    const bool attached = (stack.prometheus && stack.prometheus->had.attach) ||
                          (stack.alertmanager && stack.alertmanager->had.attach);
    if (attached) {
        out.emplace_back("/var/lib/docker/volumes");  // a configuration may lie in one
    }
    return out;
}

/// The service may write nothing else: without this, the first apply would fail.
void allowDirectories(HostSystem& here, const std::vector<std::string>& directories) {
    constexpr const char* kDropIn = "/etc/systemd/system/vigie.service.d/directories.conf";
    if (directories.empty()) {
        return;
    }
    std::string text =
        "# Written by `vigie init`: directories of the document beyond /opt and /srv.\n[Service]\n";
    for (const auto& each : directories) {
        text += "ReadWritePaths=\"-";
        for (const char c : each) {
            text += c == '%' ? "%%" : std::string(1, c);  // else one of systemd's specifiers
        }
        text += "\"\n";
    }
    system::makeParents(here.files, kDropIn);
    here.files.write(kDropIn, text, 0644, std::nullopt);
    say(std::string("wrote ") + kDropIn + ": " + join(directories, ", "));
    if (apply::systemdRuns(here.files)) {
        apply::reloadUnits(here.system());
    }
}

/// The reason why the document cannot be applied on this host; empty if it can.
std::string sourceProblem(HostSystem& here, const InitOptions& options, const PublicKeys& keys, bool ssh) {
    source::Remote remote;
    remote.url = options.url;
    remote.branch = options.branch;
    if (ssh) {
        remote.sshKey = here.files.real(kDeployKey);
        remote.knownHosts = here.files.real(kKnownHosts);
    }
    try {
        const source::GitClient git(here.processes, system::helperPath("vigie-git"));
        const Scratch scratch;
        const std::string repository = scratch.path() + "/repository";
        const auto tip = git.fetch(remote, repository, {});
        git.exportTree(remote, repository, tip, {}, options.path, scratch.path() + "/tree");
        const std::string commit = tip.commit.substr(0, 12);
        const auto loaded = source::loadDirectory(scratch.path() + "/tree");
        if (!loaded.usable()) {
            return "the document at " + commit + " has " + count(loaded.diagnostics.errors(), "error") +
                   "; `vigie validate` lists them";
        }
        const auto* host = loaded.document->stack.host(options.host);
        if (host == nullptr) {
            return "the document has no host `" + options.host + "` yet: add the lines above, and push";
        }
        if (host->publicKey != keys.wireguard && host->nextPublicKey != keys.wireguard) {
            return "the `publicKey` of this host in the document is not its key: correct it with the line "
                   "above, and push";
        }
        if (!host->sealingKey.empty() && host->sealingKey != keys.sealing) {
            return "the `sealingKey` of this host in the document is not its key: correct it with the line "
                   "above, seal its secrets again, and push";
        }
        say("git: fetched the document at commit " + commit + ", and it has this host");
        allowDirectories(here, furtherDirectories(loaded.document->stack, options.host));
        return {};
    } catch (const Error& error) {
        return std::string(error.what()) + (error.hint().empty() ? "" : " (" + error.hint() + ")");
    }
}

constexpr const char* kUnit = "vigie.service";

/// A unit of the package, or one of our own.
void enableService(HostSystem& here) {
    bool there = false;
    for (const char* folder : {"/etc/systemd/system/", "/lib/systemd/system/", "/usr/lib/systemd/system/",
                               "/usr/local/lib/systemd/system/"}) {
        there = there || here.files.inspect(std::string(folder) + kUnit).exists();
    }
    if (!there) {
        const std::string program = std::filesystem::read_symlink("/proc/self/exe");
        here.files.write(std::string("/etc/systemd/system/") + kUnit,
                         "# Written by `vigie init`.\n[Unit]\nDescription=vigie keeps this host's monitoring "
                         "as the document says\n"
                         "Wants=network-online.target\nAfter=network-online.target "
                         "docker.service\n\n[Service]\nExecStart=" +
                             program +
                             " run\nRestart=always\nRestartSec=5s\n\n[Install]\nWantedBy=multi-user.target\n",
                         0644, std::nullopt);
        say(std::string("wrote /etc/systemd/system/") + kUnit);
        apply::reloadUnits(here.system());
    }
    apply::mustRun({"systemctl", "enable", "--now", kUnit}, here.processes);
}

/// The controller's word on whether all is well: True, False, or nothing yet.
struct Ready {
    std::string status;
    std::string message;
};

Ready readyOf(const HostSystem& here, const InitOptions& options) {
    const std::string path = options.root.state + "/status.json";
    if (!here.files.inspect(path).exists()) {
        return {};
    }
    const auto json = parseJson(view(here.files.read(path, 4 * kLargest)));
    const auto conditions =
        json.is_object() && json.contains("conditions") ? json["conditions"] : nlohmann::json::array();
    for (const auto& each : conditions) {
        if (memberOr(each, "type", "") == "Ready") {
            return {memberOr(each, "status", ""), memberOr(each, "message", "")};
        }
    }
    return {};
}

int waitForReady(HostSystem& here, const InitOptions& options, std::int64_t milliseconds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    std::string last;
    while (true) {
        const auto ready = readyOf(here, options);
        if (ready.status == "True") {
            print("host " + options.host + " is Ready: " + printable(ready.message) + "\n");
            return kOk;
        }
        if (ready.message != last) {
            last = ready.message;
            say("  waiting: " + printable(last));
        }
        if (std::chrono::steady_clock::now() >= end) {
            say("not Ready yet; the controller continues, and `vigie status` shows its progress");
            return kDifference;
        }
        if (here.stop.waitFor(std::chrono::seconds(1))) {
            throw Interrupted();
        }
    }
}

}  // namespace

int init(const InitOptions& options) {
    const auto wait = spec::parseDuration(options.wait);
    if (!wait) {
        throw Error("--wait " + printable(options.wait) + " is not a duration",
                    "write it like 5m; 0 does not wait");
    }
    const auto server = sshServerOf(options.url);
    HostSystem here(options.root);
    here.stop.listen();
    const std::string config = configText(here, options, server.has_value());
    checkConfig(config);
    const bool differs = configDiffers(here, options, config);

    const KeysOptions keysOptions{options.root, options.interface, false};
    const auto keys = ensureKeys(here, keysOptions);
    if (!here.files.inspect(kFolder).exists()) {
        system::makeParents(here.files, kFolder);
        here.files.makeDirectory(kFolder, 0755, std::nullopt);
    }
    const std::string deployKey = server ? ensureDeployKey(here, options.host) : "";
    printLines(options, keys, deployKey, tunnelAddress(here, options.interface));
    if (server) {
        pinHostKeys(here, options, *server, kKnownHosts);
    }
    if (differs) {
        here.files.write(kConfig, config, 0644, std::nullopt);
        say("wrote " + here.files.real(kConfig));
    }
    if (!here.tryOut()) {
        for (const auto& line : toolProblems(here)) {
            say("tools: " + line);
        }
    }
    const std::string problem = sourceProblem(here, options, keys, server.has_value());
    if (!problem.empty()) {
        say("git: " + problem);
    }
    const bool running = apply::Lock::holder(here.statePath("controller.lock")) != 0;
    if (!running && apply::systemdRuns(here.files)) {
        enableService(here);
    } else if (!running) {
        say("start the controller with: vigie run" +
            (here.tryOut() ? " --config " + here.files.real(kConfig) : ""));
        return problem.empty() ? kOk : kDifference;
    }
    return *wait == 0 && problem.empty() ? kOk : waitForReady(here, options, *wait);
}

}  // namespace vigie::cli
