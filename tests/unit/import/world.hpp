// Hosts in memory, as `vigie import` reads them.
#pragma once

#include "base/error.hpp"
#include "import/collect.hpp"
#include "import/emit.hpp"
#include "import/join.hpp"
#include "lint/lint.hpp"
#include "spec/load.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace vigie::imports {

using Tree = std::map<std::string, std::string>;

inline HostFiles filesOf(const Tree& tree) {
    HostFiles out;
    out.read = [&tree](const std::string& path) -> std::optional<SecureBytes> {
        const auto it = tree.find(path);
        if (it != tree.end() && it->second == "unreadable") {
            throw Error("cannot read " + path);
        }
        return it == tree.end() ? std::nullopt : std::optional(secureBytes(it->second));
    };
    out.list = [&tree](const std::string& path) {
        std::set<std::string> names;
        for (const auto& [file, text] : tree) {
            if (file.substr(0, path.size() + 1) == path + "/") {
                const auto rest = file.substr(path.size() + 1);
                names.insert(rest.substr(0, rest.find('/')));
            }
        }
        return std::vector<std::string>(names.begin(), names.end());
    };
    return out;
}

struct World {
    std::vector<HostSeen> hosts;
    std::vector<std::string> mistakes;
    Tree sealed;            ///< name → value
    std::string ipAddress;  ///< of the hosts that are read next

    World& host(const std::string& name, const Tree& tree) {
        CollectOptions options;
        options.host = name;
        options.sealingKey = "key of " + name;
        options.ipAddress = ipAddress;
        options.seal = [&](const std::string& secret, std::string_view value) {
            sealed[secret] = value;
            return "sealed";
        };
        hosts.push_back(collect(filesOf(tree), options, mistakes).seen);
        return *this;
    }
    [[nodiscard]] Draft draft() const { return join(hosts, "stack"); }
};

inline std::string found(const Draft& draft, const std::string& kind) {
    std::string out;
    for (const auto& finding : draft.findings) {
        if (finding.kind == kind) {
            out += finding.file + ":" + std::to_string(finding.line) + " " + finding.what + "\n";
        }
    }
    return out;
}

/// What `validate` calls an error in the document.
inline std::string errorsOf(const Draft& draft) {
    auto stack = draft.stack;
    for (auto& host : stack.hosts) {
        host.sealingKey = "PjakRAGk+qnQeJED/7fHWIWsDoff+plDAOkbfHU3gjo=";
    }
    for (auto& secret : stack.secrets) {
        for (auto& [host, text] : secret.sealed) {
            text = std::string(80, 'A');
        }
    }
    spec::Diagnostics diagnostics;
    const auto document = spec::loadStack(emit(stack, {}), "stack.yaml", "0.2.0", diagnostics);
    if (document) {
        lint::lint(document->stack, spec::Reporter(diagnostics, "stack.yaml", &document->root));
    }
    std::string out;
    for (const auto& each : diagnostics.all()) {
        out += each.severity == spec::Severity::error ? each.message + "\n" : "";
    }
    return out;
}

}  // namespace vigie::imports
