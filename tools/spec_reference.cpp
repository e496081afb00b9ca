// Build tool: writes docs/spec.md, the reference of the document, from the schema of the
// CustomResourceDefinition, so that the two cannot disagree.
//
//   spec-reference CRD.yaml FIELDS OUT.md         the reference; the examples are cut out of the documents in
//   FIELDS spec-reference --table CRD.yaml FIELDS OUT.cpp  the examples, for `vigie explain FIELD`
//   spec-reference --documents CRD.yaml FIELDS OUT  a whole document around each example, for a test

#include "object_meta.hpp"
#include "spec_examples.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

std::string textOf(const YAML::Node& node, const char* key) {
    return node[key] ? node[key].as<std::string>() : std::string();
}

bool isObject(const YAML::Node& node) {
    return (textOf(node, "type") == "object" || !node["type"]) && node["properties"];
}

std::string code(const std::string& text) {
    return "`" + text + "`";
}

/// A cell of a table: a bar would end it.
std::string cell(const std::string& text) {
    std::string out;
    for (const char c : text) {
        out += c == '|' ? "\\|" : std::string(1, c == '\n' ? ' ' : c);
    }
    return out;
}

/// The anchor that Markdown renderers make of a heading.
std::string anchor(const std::string& heading) {
    std::string out;
    for (const char c : heading) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_') {
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    return out;
}

std::string link(const std::string& path) {
    return "[" + code(path) + "](#" + anchor(path) + ")";
}

std::string typeOf(const YAML::Node& node, const std::string& path) {
    if (!node["type"]) {
        return "text or mapping, " + link(path);
    }
    const std::string type = node["type"].as<std::string>();
    if (type == "object") {
        if (node["additionalProperties"]) {
            return "mapping of names to " + typeOf(node["additionalProperties"], path);
        }
        if (node["format"] && !node["properties"]) {
            return "mapping with the same fields";
        }
        return node["properties"] ? "mapping, " + link(path) : "mapping, passed through";
    }
    if (type == "array") {
        return "list of " + (isObject(node["items"]) ? link(path + "[]") : typeOf(node["items"], path));
    }
    if (type == "string") {
        return node["format"] ? "text, " + code(textOf(node, "format")) : "text";
    }
    return type == "integer" ? "whole number" : type;
}

/// What the field may hold beside its type. A list of plain values shows what its items may hold.
std::string allowed(const YAML::Node& node) {
    std::ostringstream out;
    const auto add = [&out](const std::string& words) { out << (out.tellp() > 0 ? "; " : "") << words; };
    if (node["enum"]) {
        std::string values;
        for (const auto& value : node["enum"]) {
            values += (values.empty() ? "" : ", ") + code(value.as<std::string>());
        }
        add(values);
    }
    if (node["minimum"] || node["maximum"]) {
        add(textOf(node, "minimum") + " to " + textOf(node, "maximum"));
    }
    if (node["minLength"] || node["maxLength"]) {
        add("length " + textOf(node, "minLength") + " to " + textOf(node, "maxLength"));
    }
    if (node["minItems"]) {
        add("at least " + textOf(node, "minItems"));
    }
    if (const auto keys = node["x-kubernetes-list-map-keys"]) {
        add("each " + code(keys[0].as<std::string>()) + " once");
    }
    if (node["pattern"]) {
        add(code(textOf(node, "pattern")));
    }
    for (const char* inner : {"items", "additionalProperties"}) {
        if (node[inner] && !isObject(node[inner])) {
            if (const auto words = allowed(node[inner]); !words.empty()) {
                add("each: " + words);
            }
        }
    }
    return out.str();
}

std::string presence(const YAML::Node& node, bool required) {
    if (required) {
        return "**required**";
    }
    return node["default"] && node["default"].IsScalar() ? code(textOf(node, "default")) : "";
}

class Reference {
public:
    explicit Reference(const std::vector<spec_examples::Source>& sources) : sources_(sources) {}

    /// The path under which `node` is shown already; the same object may be named in several places.
    [[nodiscard]] std::string shownAt(const YAML::Node& node) const {
        for (const auto& [known, path] : shown_) {
            if (known.is(node)) {
                return path;
            }
        }
        return {};
    }

    /// One heading with a table of fields, then the same for each mapping below it.
    void section(const YAML::Node& node, const std::string& path, std::size_t level) {
        out_ << "\n"
             << std::string(std::min<std::size_t>(level, 6), '#') << " " << path << "\n\n"
             << textOf(node, "description") << "\n\n";
        if (auto example = spec_examples::find(path, node, sources_)) {
            out_ << "```yaml\n" << example->text << "```\n\n";
            examples_.push_back(std::move(*example));
        }
        out_ << "| field | type | default | allowed | meaning |\n|---|---|---|---|---|\n";
        std::set<std::string> required;
        for (const auto& name : node["required"]) {
            required.insert(name.as<std::string>());
        }
        std::vector<std::pair<YAML::Node, std::string>> below;
        for (const auto& property : node["properties"]) {
            const auto name = property.first.as<std::string>();
            const auto& field = property.second;
            std::string at = shownAt(field);
            if (at.empty()) {
                at = path + "." + name;
                if (isObject(field) || (field["items"] && isObject(field["items"]))) {
                    shown_.emplace_back(field, at);
                    below.emplace_back(field, at);
                }
            }
            out_ << "| " << code(name) << " | " << cell(typeOf(field, at)) << " | "
                 << presence(field, required.count(name) != 0) << " | " << cell(allowed(field)) << " | "
                 << cell(textOf(field, "description")) << " |\n";
        }
        for (const auto& [field, at] : below) {
            if (isObject(field)) {
                section(field, at, level + 1);
            } else {
                section(field["items"], at + "[]", level + 1);
            }
        }
    }

    [[nodiscard]] std::string text() const { return out_.str(); }
    [[nodiscard]] const std::vector<spec_examples::Example>& examples() const { return examples_; }

private:
    const std::vector<spec_examples::Source>& sources_;
    std::vector<spec_examples::Example> examples_;
    std::ostringstream out_;
    std::vector<std::pair<YAML::Node, std::string>> shown_;
};

/// `metadata` as the program checks it, with the pattern that the CRD may say.
YAML::Node metadata(const YAML::Node& inCrd) {
    YAML::Node out = YAML::Load(object_meta::kSchema);
    out["properties"]["name"]["pattern"] = textOf(inCrd["properties"]["name"], "pattern");
    return out;
}

void writeReference(std::ostream& out, const YAML::Node& crd, const Reference& reference) {
    const YAML::Node version = crd["spec"]["versions"][0];
    const auto kind = crd["spec"]["names"]["kind"].as<std::string>();
    out << "<!-- Generated from the CRD and from docs/fields by tools/spec_reference.cpp. Do not edit. "
           "-->\n# "
        << kind << "\n\n"
        << textOf(version["schema"]["openAPIV3Schema"], "description")
        << " A document begins with\n\n```yaml\napiVersion: " << crd["spec"]["group"].as<std::string>() << "/"
        << version["name"].as<std::string>() << "\nkind: " << kind << "\n```\n\n"
        << "`vigie new DIR` writes a first one, [examples.md](examples.md) has whole ones, and `vigie "
           "explain "
           "spec.prometheus.web` shows a section of this page.\n\n"
        << "In the tables, an empty default means that the field may be left out. The word behind `text` "
           "names a check of\n"
        << "`src/spec/format.cpp`; a pattern beside it says the same as far as a pattern can. `[]` "
           "stands for an item of a list.\n"
        << reference.text();
}

void writeTable(std::ostream& out, const Reference& reference) {
    out << "// Generated by spec-reference. Do not edit.\n// NOLINTBEGIN\n#include "
           "\"cli/field_examples.hpp\"\n\n"
           "namespace vigie::cli {\nnamespace {\n\nconstexpr FieldExample kExamples[] = {\n";
    for (const auto& example : reference.examples()) {
        out << "    {\"" << example.path << "\", R\"page(" << example.text << ")page\"},\n";
    }
    out << "};\n\n}  // namespace\n\nstd::span<const FieldExample> fieldExamples() { return kExamples; }\n\n"
           "}  // namespace vigie::cli\n// NOLINTEND\n";
}

void writeDocuments(const std::string& directory, const Reference& reference) {
    for (const auto& example : reference.examples()) {
        std::ofstream out(directory + "/" + example.path + ".yaml");
        out << example.document;
        out.close();
        if (!out) {
            throw std::runtime_error("cannot write below " + directory);
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> words(argv + 1, argv + argc);
    std::string mode;
    if (!words.empty() && words[0].substr(0, 2) == "--") {
        mode = words[0];
        words.erase(words.begin());
    }
    if (words.size() != 3) {
        std::cerr << "usage: spec-reference [--table | --documents] CRD.yaml FIELDS OUT\n";
        return 2;
    }
    try {
        const YAML::Node crd = YAML::LoadFile(words[0]);
        const YAML::Node properties = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"];
        const auto sources = spec_examples::load(words[1]);
        Reference reference(sources);
        reference.section(metadata(properties["metadata"]), "metadata", 2);
        reference.section(properties["spec"], "spec", 2);
        reference.section(properties["status"], "status", 2);
        if (mode == "--documents") {
            writeDocuments(words[2], reference);
            return 0;
        }
        std::ofstream out(words[2]);
        if (mode == "--table") {
            writeTable(out, reference);
        } else {
            writeReference(out, crd, reference);
        }
        out.close();
        return out ? 0 : 2;
    } catch (const std::exception& error) {
        std::cerr << words[0] << ": " << error.what() << "\n";
        return 2;
    }
}
