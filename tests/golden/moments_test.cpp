// examples/moments means what the hand-written files of the runbook mean, but for a list of deviations with
// reasons.

#include "apply/inputs/desired_state.hpp"
#include "base/text.hpp"
#include "source/directory.hpp"
#include "spec/read_yaml.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"

#include <map>
#include <set>

namespace vigie::tests {
namespace {

/// path → value: a file's meaning, without order of keys, quoting or comments.
using Meaning = std::map<std::string, std::string>;

/// `["A=b"]` and `{A: b}` say the same in compose's `environment`.
bool isAssignmentList(const std::string& path) {
    const std::string_view suffix = ".environment";
    return path.size() > suffix.size() && path.substr(path.size() - suffix.size()) == suffix;
}

/// Lists whose items have names are keyed by them, so that one more job does not shift the others.
std::string itemKey(const spec::Node& item, std::size_t index) {
    if (const auto* name = item.find("job_name")) {
        return "[" + name->scalar + "]";
    }
    return "[" + std::to_string(index) + "]";
}

void flatten(const spec::Node& node, const std::string& path, Meaning& out) {
    for (const auto& entry : node.entries) {
        flatten(entry.value, path.empty() ? entry.key : path + "." + entry.key, out);
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const auto& item = node.items[i];
        const auto equals = item.scalar.find('=');
        if (isAssignmentList(path) && equals != std::string::npos) {
            out[path + "." + item.scalar.substr(0, equals)] = item.scalar.substr(equals + 1);
        } else {
            flatten(item, path + itemKey(item, i), out);
        }
    }
    if (node.kind == spec::Node::Kind::scalar) {
        out[path] = node.scalar;
    }
}

Meaning yamlMeaning(const std::string& text) {
    spec::Diagnostics diagnostics;
    const auto node = spec::readYaml(text, "", diagnostics);
    REQUIRE(diagnostics.empty());
    Meaning out;
    flatten(*node, "", out);
    return out;
}

Meaning wireguardMeaning(const std::string& text) {
    Meaning out;
    std::string section;
    for (const auto line : splitLines(text)) {
        const auto trimmed = trim(line);
        const auto equals = trimmed.find('=');
        if (trimmed.empty() || trimmed.front() == '#') {
            continue;
        }
        if (trimmed.front() == '[') {
            section = trimmed;
        } else {
            out[section + "." + std::string(trim(trimmed.substr(0, equals)))] =
                trim(trimmed.substr(equals + 1));
        }
    }
    return out;
}

std::string placeholders(std::string text, const spec::Stack& stack, const std::string& self) {
    const auto replace = [&](const std::string& what, const std::string& with) {
        const auto at = text.find(what);
        if (at != std::string::npos) {
            text.replace(at, what.size(), with);
        }
    };
    for (const auto& host : stack.hosts) {
        replace(host.publicKey, "<" + host.name + " public key>");
    }
    replace("PrivateKey = ***", "PrivateKey = <" + self + " private key>");
    return text;
}

/// One line for each difference, in the form in which deviations.txt lists them.
std::set<std::string> differences(const std::string& file, const Meaning& byHand, const Meaning& ours) {
    std::set<std::string> out;
    for (const auto& [path, value] : byHand) {
        const auto it = ours.find(path);
        if (it == ours.end()) {
            out.insert(file + " " + path + ": " + value + " -> (absent)");
        } else if (it->second != value) {
            out.insert(file + " " + path + ": " + value + " -> " + it->second);
        }
    }
    for (const auto& [path, value] : ours) {
        if (byHand.count(path) == 0) {
            out.insert(file + " " + path + ": (absent) -> " + value);
        }
    }
    return out;
}

std::string renderedFile(const source::Loaded& loaded, const std::string& host, const std::string& path) {
    for (const auto& resource : apply::makeSealedDesiredState(loaded, host).desired) {
        const auto* file = std::get_if<render::File>(&resource.what);
        if (file != nullptr && file->path == path) {
            return placeholders(file->content.masked(), loaded.document->stack, host);
        }
    }
    FAIL(path << " is not rendered");
    return {};
}

TEST_CASE("examples/moments renders like the hand-written files it replaces, but for listed deviations",
          "[golden][moments]") {
    const auto loaded = source::loadDirectory(sourcePath("examples/moments"));
    REQUIRE(loaded.diagnostics.empty());
    struct Pair {
        const char* byHand;
        const char* host;
        const char* path;
    };
    std::set<std::string> found;
    for (const auto& pair : {Pair{"vps-wg0.conf", "vps", "/etc/wireguard/wg0.conf"},
                             Pair{"vm-wg0.conf", "vm", "/etc/wireguard/wg0.conf"},
                             Pair{"prometheus.yml", "vm", "/opt/monitoring/prometheus/prometheus.yml"},
                             Pair{"vm-compose.yaml", "vm", "/opt/monitoring/compose.yaml"},
                             Pair{"vps-compose.yaml", "vps", "/opt/moments/docker-compose.monitoring.yml"}}) {
        const std::string byHand = readSource("tests/golden/moments/" + std::string(pair.byHand));
        const std::string ours = renderedFile(loaded, pair.host, pair.path);
        const bool wireguard = std::string_view(pair.byHand).find("wg0") != std::string_view::npos;
        found.merge(wireguard ? differences(pair.byHand, wireguardMeaning(byHand), wireguardMeaning(ours))
                              : differences(pair.byHand, yamlMeaning(byHand), yamlMeaning(ours)));
    }
    std::set<std::string> listed;
    std::string reason;
    const std::string list = readSource("tests/golden/moments/deviations.txt");
    for (const auto line : splitLines(list)) {
        if (line.substr(0, 2) == "# ") {
            reason = line;
        } else if (!line.empty()) {
            CHECK_FALSE(reason.empty());  // every deviation stands below its reason
            listed.insert(std::string(line));
        } else {
            reason.clear();
        }
    }
    std::string unlisted;
    for (const auto& each : found) {
        unlisted += listed.count(each) == 0 ? each + "\n" : "";
    }
    std::string gone;
    for (const auto& each : listed) {
        gone += found.count(each) == 0 ? each + "\n" : "";
    }
    INFO("deviations that are not listed:\n" << unlisted);
    CHECK(unlisted.empty());
    CHECK(gone.empty());
}

TEST_CASE("examples/moments writes each address only once", "[golden][moments]") {
    const std::string text = readSource("examples/moments/stack.yaml");
    for (const char* address : {"203.0.113.10", "10.66.66.1,", "10.66.66.2,", "10.66.66.0/30"}) {
        CAPTURE(address);
        const auto first = text.find(address);
        REQUIRE(first != std::string::npos);
        CHECK(text.find(address, first + 1) == std::string::npos);
    }
}

}  // namespace
}  // namespace vigie::tests
