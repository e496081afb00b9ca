// `vigie import`: makes a document of hosts that were set up by hand.
#include "apply/inputs/desired_state.hpp"
#include "base/error.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/host_system.hpp"
#include "cli/terminal.hpp"
#include "import/collect.hpp"
#include "import/emit.hpp"
#include "import/join.hpp"
#include "import/report.hpp"
#include "render/yaml_writer.hpp"
#include "secrets/identity.hpp"
#include "secrets/sealing.hpp"
#include "spec/format.hpp"
#include "spec/read_yaml.hpp"

#include <unistd.h>

#include <array>
#include <filesystem>

namespace vigie::cli {
namespace {

/// Beside the document: what was seen of each host, so that the next import can join it.
constexpr const char* kSeenFolder = "/import";
constexpr const char* kDocument = "/stack.yaml";
constexpr const char* kDigestFile = "/import/stack.yaml.sha256";

struct Source {
    std::string host;
    std::string root;
};

std::string hostName() {
    constexpr std::size_t kLongest = 256;
    std::array<char, kLongest> out{};
    if (::gethostname(out.data(), out.size() - 1) != 0) {
        throw Error("the name of this host cannot be read", "add --host NAME");
    }
    const std::string name = out.data();
    return name.substr(0, name.find('.'));
}

/// `NAME=VALUE` of an option.
std::pair<std::string, std::string> assignment(const std::string& option, const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
        throw Error(option + " `" + printable(text) + "` is not of the form HOST=VALUE");
    }
    return {text.substr(0, equals), text.substr(equals + 1)};
}

std::vector<Source> sourcesOf(const ImportOptions& options) {
    std::vector<Source> out;
    for (const auto& each : options.from) {
        const auto [host, root] = assignment("--from", each);
        out.push_back({host, root});
    }
    if (out.empty()) {
        out.push_back({options.host.empty() ? hostName() : options.host, options.root.root});
    }
    for (const auto& source : out) {
        if (const auto problem = spec::checkFormat("name", source.host)) {
            throw Error("the host's name `" + printable(source.host) + "` " + problem->message,
                        "name the host with --host");
        }
        if (!std::filesystem::is_directory(source.root)) {
            throw Error("there is no directory " + source.root,
                        "--root names the directory that has the host's files");
        }
    }
    return out;
}

/// The key to which the secrets of a host are sealed.
std::string sealingKeyOf(const ImportOptions& options, const Source& source, const HostSystem& host) {
    for (const auto& each : options.sealingKeys) {
        const auto [name, key] = assignment("--sealing-key", each);
        if (name == source.host) {
            if (spec::checkFormat("sealing-key", key)) {
                throw Error("the --sealing-key of " + name + " is not a sealing key",
                            "`vigie keys show` prints it on the host");
            }
            return key;
        }
    }
    const auto path = apply::keyPaths(options.root.state, options.interface).identity;
    if (!host.files.inspect(path).exists()) {
        return {};
    }
    return secrets::decodeIdentity(view(apply::readPrivate(host.files, path))).publicKey;
}

/// Links may lead to another place of the host, which is not another place below its root: they are not
/// followed.
imports::HostFiles filesOf(const HostSystem& host) {
    imports::HostFiles out;
    out.read = [&host](const std::string& path) -> std::optional<SecureBytes> {
        constexpr std::uint64_t kLargest = 16U << 20U;
        if (!host.files.inspect(path).exists()) {
            return std::nullopt;
        }
        return host.files.read(path, kLargest);
    };
    out.list = [&host](const std::string& path) -> std::vector<std::string> {
        return host.files.inspect(path).type == FileInfo::Type::directory ? host.files.list(path)
                                                                          : std::vector<std::string>{};
    };
    return out;
}

/// What the running host says of its addresses; empty when it cannot be asked.
std::string interfacesOf(HostSystem& host) {
    system::Command command;
    command.argv = {"ip", "-json", "address"};
    if (!host.processes.find("ip")) {
        return {};
    }
    const auto answer = host.processes.run(command);
    return answer.ok() ? answer.out : std::string();
}

[[noreturn]] void refuse(const std::string& what, const std::vector<std::string>& mistakes) {
    throw Error(what + ":\n  " + join(mistakes, "\n  "), "nothing was written");
}

struct Seen {
    std::vector<imports::HostSeen> hosts;
    std::map<std::string, std::string> ruleTexts;
};

void readHost(const ImportOptions& options, const Source& source, const std::string& stack, Seen& seen,
              std::vector<std::string>& mistakes) {
    HostSystem host({source.root, options.root.state});
    const std::string key = sealingKeyOf(options, source, host);
    imports::CollectOptions wanted{
        source.host, options.interface, options.projects, key, host.tryOut() ? "" : interfacesOf(host), {}};
    bool missing = false;
    wanted.seal = [&](const std::string& name, std::string_view value) {
        missing = missing || key.empty();
        return key.empty() ? std::string() : secrets::seal(value, {stack, name, source.host}, key);
    };
    auto found = imports::collect(filesOf(host), wanted, mistakes);
    if (imports::isEmpty(found.seen) && mistakes.empty()) {
        mistakes.push_back(
            "host " + source.host + ": there is nothing to import below " + source.root +
            ": no /etc/wireguard/" + options.interface +
            ".conf, and no compose file below /opt, /srv, /root or /home; --project names another directory");
    }
    if (missing) {
        mistakes.push_back(
            "host " + source.host + " has secrets, but no key to seal them to: run `vigie keys init" +
            (source.root == "/" ? "" : " --root " + source.root) +
            "` there first, or add the key that it printed: --sealing-key " + source.host + "=KEY");
    }
    for (auto& [name, text] : found.ruleTexts) {
        const auto [it, added] = seen.ruleTexts.emplace(name, text);
        if (!added && it->second != text) {
            mistakes.push_back("two different rule files have the name " + name);
        }
    }
    seen.hosts.push_back(std::move(found.seen));
}

std::string textOf(const std::string& path) {
    const system::RealFiles files("", system::Links::asTyped);
    constexpr std::uint64_t kLargest = 64U << 20U;
    return std::string(view(files.read(path, kLargest)));
}

/// The hosts that were imported into this directory before.
void readEarlier(const std::string& directory, Seen& seen) {
    if (!std::filesystem::is_directory(directory + kSeenFolder)) {
        return;
    }
    for (const auto& entry : std::filesystem::directory_iterator(directory + kSeenFolder)) {
        const std::string path = entry.path();
        if (entry.path().extension() != ".yaml") {
            continue;
        }
        spec::Diagnostics diagnostics;
        const auto node = spec::readYaml(textOf(path), path, diagnostics);
        if (!node || diagnostics.hasErrors()) {
            throw Error(path + " is damaged", "remove the file, and import that host again");
        }
        auto host = imports::fromNode(*node);
        const bool again = std::any_of(seen.hosts.begin(), seen.hosts.end(),
                                       [&](const auto& each) { return each.name == host.name; });
        if (!again && !host.name.empty()) {
            seen.hosts.push_back(std::move(host));
        }
    }
}

/// Refuses to overwrite a document that a person wrote, or changed after the last import.
void protectDocument(const ImportOptions& options) {
    const std::string path = options.out + kDocument;
    if (!std::filesystem::exists(path) || options.force) {
        return;
    }
    const std::string digest = options.out + kDigestFile;
    if (!std::filesystem::exists(digest) || trim(textOf(digest)) != sha256Hex(textOf(path))) {
        throw Error(path + " was changed since the last import, or was not written by an import",
                    "import into another directory and compare, or add --force to overwrite it");
    }
}

std::string stackName(const ImportOptions& options) {
    std::string name = options.name;
    if (name.empty() && std::filesystem::exists(options.out + kDocument)) {
        spec::Diagnostics ignored;
        if (const auto document = spec::loadStack(textOf(options.out + kDocument), "", "", ignored)) {
            name = document->stack.name;  // secrets are sealed to it
        }
    }
    if (name.empty()) {
        name = std::filesystem::absolute(options.out).lexically_normal().filename();
        name =
            name.empty()
                ? std::filesystem::absolute(options.out).lexically_normal().parent_path().filename().string()
                : name;
    }
    if (const auto problem = spec::checkFormat("name", name)) {
        throw Error("the stack's name `" + printable(name) + "` " + problem->message,
                    "name the stack with --name");
    }
    return name;
}

void writeFile(const std::string& path, std::string_view text) {
    system::RealFiles files("", system::Links::asTyped);
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    files.write(path, text, 0644, std::nullopt);
}

std::string header(const std::string& name, const std::vector<imports::HostSeen>& hosts) {
    std::vector<std::string> names;
    for (const auto& host : hosts) {
        names.push_back(host.name);
    }
    return "# The stack " + name + ", imported from what was set up by hand on " + join(names, ", ") +
           ". You own this file now: edit it freely.\n";
}

void writeAll(const ImportOptions& options, const Seen& seen, const std::string& document) {
    const std::string& out = options.out;
    for (const auto& [name, text] : seen.ruleTexts) {
        writeFile(out + "/" + name, text);
    }
    for (const auto& host : seen.hosts) {
        render::YamlWriter yaml;
        yaml.comment(
            "What `vigie import` read from this host, to join it with other hosts. You can delete it after "
            "all hosts are imported.");
        for (const auto& entry : imports::toNode(host).entries) {
            yaml.node(entry.key, entry.value);
        }
        writeFile(out + kSeenFolder + "/" + host.name + ".yaml", yaml.result().masked());
    }
    writeFile(out + kDocument, document);
    writeFile(out + kDigestFile, sha256Hex(document) + "\n");
}

imports::FirstPlan firstPlan(const ImportOptions& options, const source::Loaded& loaded,
                             const Source& source) {
    HostSystem host({source.root, options.root.state});
    plan::Options planOptions;
    planOptions.activation = plan::Activation::none;
    const auto identity = apply::keyPaths(options.root.state, options.interface).identity;
    if (host.files.inspect(identity).exists()) {
        const auto target = apply::makeDesiredState(
            loaded, {source.host, "", options.root.state, host.tryOut(), planOptions}, host.files);
        return {source.host, source.root, apply::planFor(target, {}, host.system())};
    }
    // Secrets that were sealed to a key which lies elsewhere cannot be opened here.
    auto target = apply::makeSealedDesiredState(loaded, source.host);
    target.options = planOptions;
    target.options.masked = true;
    return {source.host, source.root, apply::planFor(target, {}, host.system())};
}

/// The first plan of each host whose files this import reads.
std::vector<imports::FirstPlan> firstPlans(const ImportOptions& options, const source::Loaded& loaded,
                                           const std::vector<Source>& sources) {
    std::vector<imports::FirstPlan> out;
    for (const auto& source : sources) {
        try {
            out.push_back(firstPlan(options, loaded, source));
        } catch (const Error& error) {
            // The document is written and valid; only the plan of this host failed.
            say("cannot plan " + source.host + ": " + error.what());
        }
    }
    return out;
}

imports::Draft draftOf(const Seen& seen, const ImportOptions& options, const std::string& name) {
    auto draft = imports::join(seen.hosts, name);
    draft.stack.adopt = options.adopt;
    return draft;
}

}  // namespace

int importHosts(const ImportOptions& given) {
    ImportOptions options = given;
    while (options.out.size() > 1 && options.out.back() == '/') {
        options.out.pop_back();
    }
    const auto sources = sourcesOf(options);
    protectDocument(options);
    const std::string name = stackName(options);
    Seen seen;
    std::vector<std::string> mistakes;
    for (const auto& source : sources) {
        readHost(options, source, name, seen, mistakes);
    }
    if (!mistakes.empty()) {
        refuse("cannot import", mistakes);
    }
    readEarlier(options.out, seen);
    const auto draft = draftOf(seen, options, name);
    std::vector<imports::HostSeen> ordered;
    for (const auto& host : draft.stack.hosts) {
        ordered.push_back(*std::find_if(seen.hosts.begin(), seen.hosts.end(),
                                        [&](const auto& each) { return each.name == host.name; }));
    }
    seen.hosts = std::move(ordered);
    const std::string document = header(name, seen.hosts) + imports::emit(draft.stack, draft.comments);
    writeAll(options, seen, document);

    const auto loaded = source::loadDirectory(options.out);
    const std::string diagnostics = formatAll(loaded, colourOn(STDOUT_FILENO));
    std::string text;
    if (loaded.usable()) {
        const auto differences = imports::differences(loaded.document->stack, seen.hosts);
        text = imports::report(draft, differences, firstPlans(options, loaded, sources));
    } else {
        text = imports::report(draft, {}, {});
    }
    if (!diagnostics.empty()) {
        text += "Findings of `vigie validate`\n" + diagnostics + "\n";
    }
    print(text);
    say("wrote " + options.out + kDocument + " with " + count(draft.stack.hosts.size(), "host") + " and " +
        count(seen.ruleTexts.size(), "rule file"));
    return loaded.usable() ? kOk : kDifference;
}

}  // namespace vigie::cli
