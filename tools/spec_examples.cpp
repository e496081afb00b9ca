// Finds, shortens and writes the examples of docs/spec.md.
#include "spec_examples.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

namespace spec_examples {
namespace {

constexpr std::ptrdiff_t kMostLines = 12;

struct Step {
    std::string key;
    bool list = false;
};

std::vector<Step> stepsOf(const std::string& path) {
    std::vector<Step> out;
    std::istringstream parts(path);
    for (std::string part; std::getline(parts, part, '.');) {
        const bool list = part.size() > 2 && part.substr(part.size() - 2) == "[]";
        out.push_back({list ? part.substr(0, part.size() - 2) : part, list});
    }
    return out;
}

/// One place of a document: the nodes from its top to the section.
using Trail = std::vector<YAML::Node>;

void collect(const YAML::Node& node, const std::vector<Step>& steps, Trail trail, std::vector<Trail>& out) {
    if (steps.empty()) {
        out.push_back(std::move(trail));
        return;
    }
    if (!node.IsMap() || !node[steps[0].key]) {
        return;
    }
    const YAML::Node child = node[steps[0].key];
    const std::vector<Step> rest(steps.begin() + 1, steps.end());
    if (!steps[0].list) {
        trail.push_back(child);
        return collect(child, rest, std::move(trail), out);
    }
    for (const auto& item : child) {
        auto longer = trail;
        longer.push_back(item);
        collect(item, rest, std::move(longer), out);
    }
}

std::string scalar(const YAML::Node& node) {
    const auto text = node.Scalar();
    if (node.IsNull()) {
        return "null";
    }
    if (node.Tag() != "!") {
        return text;
    }
    if (text.find('"') != std::string::npos && text.find_first_of("'\n") == std::string::npos) {
        return "'" + text + "'";
    }
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c == '\n' ? "\\n" : std::string(1, c);
    }
    return out + "\"";
}

std::string flow(const YAML::Node& node) {
    if (!node.IsMap() && !node.IsSequence()) {
        return scalar(node);
    }
    std::string out;
    for (const auto& each : node) {
        out += out.empty() ? "" : ", ";
        out += node.IsMap() ? scalar(each.first) + ": " + flow(each.second) : flow(each);
    }
    if (node.IsMap()) {
        return out.empty() ? "{}" : "{ " + out + " }";
    }
    return "[" + out + "]";
}

/// As it was written: flow stays flow, block stays block.
std::string block(const YAML::Node& node, std::size_t indent) {
    const std::string before(indent, ' ');
    std::string out;
    for (const auto& each : node) {
        const YAML::Node value = node.IsMap() ? each.second : YAML::Node(each);
        const bool nested = (value.IsMap() || value.IsSequence()) && value.size() > 0 &&
                            value.Style() != YAML::EmitterStyle::Flow;
        if (node.IsMap()) {
            out += before + scalar(each.first) + ":";
            out += nested ? "\n" + block(value, indent + 2) : " " + flow(value) + "\n";
        } else if (nested) {
            out += before + "- " + block(value, indent + 2).substr(indent + 2);
        } else {
            out += before + "- " + flow(value) + "\n";
        }
    }
    return out;
}

std::string blockOf(const YAML::Node& node, std::size_t indent) {
    return node.Style() == YAML::EmitterStyle::Flow ? std::string(indent, ' ') + flow(node) + "\n"
                                                    : block(node, indent);
}

std::ptrdiff_t lines(const YAML::Node& node) {
    const auto text = blockOf(node, 0);
    return std::count(text.begin(), text.end(), '\n');
}

bool hasSection(const YAML::Node& schema) {
    const YAML::Node inner = schema["items"] ? schema["items"] : schema;
    return static_cast<bool>(inner["properties"]);
}

/// Without optional sections of their own, the longest first, until it is short; lists end behind their first
/// item.
YAML::Node shortened(const YAML::Node& node, const YAML::Node& schema) {
    YAML::Node out = YAML::Clone(node);
    std::set<std::string> required;
    for (const auto& name : schema["required"]) {
        required.insert(name.as<std::string>());
    }
    while (lines(out) > kMostLines) {
        std::string longest;
        std::ptrdiff_t most = 1;
        for (const auto& each : out) {
            const auto name = each.first.as<std::string>();
            const auto field = schema["properties"][name];
            if (field && hasSection(field) && required.count(name) == 0 && lines(each.second) >= most) {
                most = lines(each.second);
                longest = name;
            }
        }
        if (longest.empty()) {
            break;
        }
        out.remove(longest);
    }
    return out;
}

/// The fields by which one knows an item of a list, before the field that leads on.
std::string itemName(const YAML::Node& item, const std::string& newLine) {
    if (item.IsMap() && item["name"] && item["type"]) {
        return "name: " + scalar(item["name"]) + newLine + "type: " + scalar(item["type"]);
    }
    for (const char* key : {"name", "jobName", "alert", "server"}) {
        if (item.IsMap() && item[key] && item[key].IsScalar()) {
            return std::string(key) + ": " + scalar(item[key]);
        }
    }
    return {};
}

/// The section with what leads to it.
std::string around(const std::vector<Step>& steps, const Trail& trail, const YAML::Node& section) {
    std::string out;
    std::size_t indent = 0;
    std::string dash;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const bool last = i + 1 == steps.size();
        const std::string before = dash.empty() ? std::string(indent, ' ') : dash;
        dash.clear();
        out += before + steps[i].key + ":";
        indent += 2;
        if (!steps[i].list) {
            out += last && section.Style() == YAML::EmitterStyle::Flow ? " " + flow(section) + "\n" : "\n";
            if (last && section.Style() != YAML::EmitterStyle::Flow) {
                out += block(section, indent);
            }
            continue;
        }
        out += "\n";
        const std::string item = std::string(indent, ' ') + "- ";
        indent += 2;
        if (last) {
            out += item + blockOf(section, indent).substr(indent);
        } else if (const auto name = itemName(trail[i], "\n" + std::string(indent, ' ')); !name.empty()) {
            out += item + name + "\n";
        } else {
            dash = item;
        }
    }
    return out;
}

/// How good a place is: one that is short without being shortened comes first, then the one that says most.
std::ptrdiff_t worth(const YAML::Node& section, bool whole) {
    constexpr std::ptrdiff_t kWhole = 1000;
    return static_cast<std::ptrdiff_t>(section.size()) + (whole ? kWhole : 0);
}

}  // namespace

std::vector<Source> load(const std::string& directory) {
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.path().extension() == ".yaml") {
            files.insert(entry.path().string());
        }
    }
    std::vector<Source> out;  // never sorted: to assign a node is to write into its document
    for (const auto& file : files) {
        out.push_back({file, YAML::LoadFile(file)});
    }
    return out;
}

std::optional<Example> find(const std::string& path, const YAML::Node& schema,
                            const std::vector<Source>& sources) {
    const auto steps = stepsOf(path);
    std::optional<Example> best;
    std::ptrdiff_t most = 0;
    for (const auto& source : sources) {
        // What is put into the document is put into a copy of its own.
        const YAML::Node document = YAML::Clone(source.document);
        std::vector<Trail> trails;
        collect(document, steps, {}, trails);
        for (auto& trail : trails) {
            YAML::Node place = trail.back();
            if (!place.IsMap() || place.size() == 0) {
                continue;
            }
            const auto section = shortened(place, schema);
            const auto value = worth(section, section.size() == place.size());
            if (best && value <= most) {
                continue;
            }
            most = value;
            const YAML::Node before = YAML::Clone(place);
            place = section;
            best = Example{path, around(steps, trail, section), block(document, 0)};
            place = before;
        }
    }
    return best;
}

}  // namespace spec_examples
