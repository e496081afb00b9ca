// Reads native configuration.

#include "spec/native.hpp"

#include "base/redact.hpp"
#include "base/text.hpp"
#include "spec/read_yaml.hpp"

#include <algorithm>
#include <set>

namespace vigie::spec {
namespace {

using Kind = Node::Kind;

/// A large configuration has some thousand jobs; what it names may be larger.
constexpr YamlLimits kNativeLimits{
    .bytes = 8U << 20U, .nodes = 400'000, .aliasNodes = 100'000, .depth = 100, .secretTag = true};

std::string folderOf(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? "" : path.substr(0, slash);
}

NativeSource sourceOf(Program program, const ConfigFrom& from, const char* component) {
    return {program, &from, FieldPath{"spec", component, "configFrom"}, folderOf(from.file),
            std::string("/etc/") + component};
}

/// Adds what `from` has and `to` lacks.
void addMissing(Node& to, const Node& from) {
    for (const auto& entry : from.entries) {
        if (to.find(entry.key) == nullptr) {
            to.entries.push_back(entry);
        }
    }
}

/// Source: https://yaml.org/type/merge.html, as Go's YAML reads it: keys of the mapping itself win, then the
/// earlier of several mappings.
void expandMerges(Node& node, const Reporter& report) {
    for (auto& entry : node.entries) {
        expandMerges(entry.value, report);
    }
    for (auto& item : node.items) {
        expandMerges(item, report);
    }
    const auto merge = std::find_if(node.entries.begin(), node.entries.end(),
                                    [](const Entry& entry) { return entry.key == "<<"; });
    if (merge == node.entries.end()) {
        return;
    }
    const Entry taken = std::move(*merge);
    node.entries.erase(merge);
    if (taken.value.kind == Kind::map) {
        addMissing(node, taken.value);
        return;
    }
    const auto& items = taken.value.items;
    if (items.empty() ||
        std::any_of(items.begin(), items.end(), [](const Node& each) { return each.kind != Kind::map; })) {
        report.error(code::VG0522, taken.keyAt, "`<<` merges mappings, and this is none",
                     "write the alias of a mapping, such as `<<: *common`");
        return;
    }
    for (const auto& item : items) {
        addMissing(node, item);
    }
}

void collectSecrets(const Node& node, std::map<std::string, Position>& out) {
    for (auto& name : secretsIn(node.scalar)) {
        out.emplace(std::move(name), node.at);
    }
    for (const auto& entry : node.entries) {
        collectSecrets(entry.value, out);
    }
    for (const auto& item : node.items) {
        collectSecrets(item, out);
    }
}

std::string scalarData(const Node& value) {
    if (value.plain) {
        const auto word = lowerCase(value.scalar);
        if (word == "true" || word == "false") {
            return word;
        }
    }
    return value.scalar;
}

}  // namespace

std::optional<NativeSource> nativeSource(const Stack& stack, Program program) {
    if (program == Program::prometheus) {
        if (stack.prometheus && stack.prometheus->configFrom && !stack.prometheus->configFrom->file.empty()) {
            return sourceOf(program, *stack.prometheus->configFrom, "prometheus");
        }
    } else if (stack.alertmanager && stack.alertmanager->configFrom &&
               !stack.alertmanager->configFrom->file.empty() && stack.alertmanager->configFile.empty()) {
        return sourceOf(program, *stack.alertmanager->configFrom, "alertmanager");
    }
    return std::nullopt;
}

std::vector<NativeSource> nativeSources(const Stack& stack) {
    std::vector<NativeSource> out;
    for (const auto program : {Program::prometheus, Program::alertmanager}) {
        if (auto source = nativeSource(stack, program)) {
            out.push_back(std::move(*source));
        }
    }
    return out;
}

bool isDefault(const ConfigFrom& from, std::string_view name) {
    return std::find(from.defaults.begin(), from.defaults.end(), name) != from.defaults.end();
}

std::optional<Node> readNative(std::string_view text, const std::string& file, Diagnostics& diagnostics) {
    const auto before = diagnostics.errors();
    auto root = readYaml(text, file, diagnostics, kNativeLimits);
    if (!root || diagnostics.errors() != before) {
        return std::nullopt;
    }
    const Reporter report(diagnostics, file);
    if (root->kind != Kind::map) {
        report.error(code::VG0522, root->at.line == 0 ? Position{1, 1} : root->at,
                     "this is no configuration: a mapping is expected",
                     "write the program's configuration, such as `global: …`");
        return std::nullopt;
    }
    expandMerges(*root, report);
    return diagnostics.errors() == before ? std::move(root) : std::nullopt;
}

Node nativeRoot(const NativeSource& source, const std::map<std::string, std::string>& files) {
    Diagnostics reported;
    const auto text = files.find(source.from->file);
    auto root = text == files.end() ? std::nullopt : readNative(text->second, source.from->file, reported);
    Node empty;
    empty.kind = Kind::map;
    return root ? std::move(*root) : std::move(empty);
}

std::map<std::string, Position> nativeSecrets(const Node& root) {
    std::map<std::string, Position> out;
    collectSecrets(root, out);
    return out;
}

bool sameData(const Node& a, const Node& b) {
    if (saysNothing(a) && saysNothing(b)) {
        return true;
    }
    if (a.kind != b.kind || a.items.size() != b.items.size() || a.entries.size() != b.entries.size() ||
        scalarData(a) != scalarData(b)) {
        return false;
    }
    for (std::size_t i = 0; i < a.items.size(); ++i) {
        if (!sameData(a.items[i], b.items[i])) {
            return false;
        }
    }
    return std::all_of(a.entries.begin(), a.entries.end(), [&](const Entry& entry) {
        const auto* other = b.find(entry.key);
        return other != nullptr && sameData(entry.value, *other);
    });
}

bool saysNothing(const Node& value) {
    return value.kind != Kind::scalar && value.items.empty() && value.entries.empty();
}

}  // namespace vigie::spec
