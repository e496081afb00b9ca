// Build tool: turns an OpenAPI v3 schema (a plain one, or that of a CustomResourceDefinition) into the
// constant tables of src/spec/schema.hpp. It refuses what the program would not check, so that nothing in the
// CRD is decoration.
//
//   schema-compiler FUNCTION SCHEMA.yaml OUT.cpp

#include "object_meta.hpp"

#include <yaml-cpp/yaml.h>

#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>

namespace {

// An API server knows no recursive schema. An object with a `format` may be named again inside of itself by
// the same `format` and x-kubernetes-preserve-unknown-fields: there the API server takes anything, and vigie
// checks it as the outer one.

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        if (c == '\n') {
            out += "\\n";
        } else {
            out += c;
        }
    }
    return out + "\"";
}

[[noreturn]] void refuse(const YAML::Node& at, const std::string& why) {
    throw std::runtime_error("line " + std::to_string(at.Mark().line + 1) + ": " + why);
}

class Compiler {
public:
    /// Emits the tables of one schema and returns the name of its variable. Children come first.
    std::string emit(const YAML::Node& node) {
        static const std::set<std::string> kKnown = {"type",
                                                     "description",
                                                     "format",
                                                     "pattern",
                                                     "default",
                                                     "properties",
                                                     "required",
                                                     "items",
                                                     "enum",
                                                     "minimum",
                                                     "maximum",
                                                     "minLength",
                                                     "maxLength",
                                                     "minItems",
                                                     "maxItems",
                                                     "additionalProperties",
                                                     "x-kubernetes-list-type",
                                                     "x-kubernetes-list-map-keys",
                                                     "x-kubernetes-preserve-unknown-fields"};
        for (const auto& entry : node) {
            if (kKnown.count(entry.first.as<std::string>()) == 0) {
                refuse(entry.first, "`" + entry.first.as<std::string>() + "` is not compiled");
            }
        }
        if (node["pattern"] && !node["format"]) {
            refuse(node["pattern"], "a pattern needs a format that checks the same with better words");
        }
        // An API server checks nothing of what has no type; vigie does.
        const bool shortened = !node["type"];
        if (shortened && (!node["format"] || node["format"].as<std::string>() != "text-or-object" ||
                          !node["properties"] || !node["x-kubernetes-preserve-unknown-fields"])) {
            refuse(node, "what has no type is `text-or-object`, and has properties");
        }
        const std::string type = shortened ? "object" : node["type"].as<std::string>();
        const bool recursive = !shortened && type == "object" && node["format"];
        const std::string form = recursive ? node["format"].as<std::string>() : "";
        if (const auto open = open_.find(form); recursive && open != open_.end()) {
            return open->second;  // the same schema again, inside of itself
        }
        if (recursive) {
            open_[form] = "kRecursive" + std::to_string(next_++);
            out_ << "extern const Schema " << open_[form] << ";\n";
        }
        std::ostringstream fields;
        fields << "    .type = Schema::Type::" << (shortened ? type : checkedType(node["type"])) << ",\n";
        text(fields, node, "description", "description");
        if (!recursive && !shortened) {
            text(fields, node, "format", "format");
        }
        defaultValue(fields, node);
        std::string name;
        if (type == "object") {
            object(fields, node);
            if (shortened) {
                fields << "    .shortFor = " << quoted(node["properties"].begin()->first.as<std::string>())
                       << ",\n";
            }
        } else if (type == "array") {
            array(fields, node);
        }
        enumeration(fields, node);
        number(fields, node, "minimum", "minimum");
        number(fields, node, "maximum", "maximum");
        number(fields, node, type == "array" ? "minItems" : "minLength", "minLength");
        number(fields, node, type == "array" ? "maxItems" : "maxLength", "maxLength");
        name = recursive ? open_[form] : "kSchema" + std::to_string(next_++);
        if (recursive) {
            open_.erase(form);
        }
        out_ << "constexpr Schema " << name << " = {\n" << fields.str() << "};\n";
        return name;
    }

    std::string tables() const { return out_.str(); }

private:
    static std::string checkedType(const YAML::Node& node) {
        const auto type = node.as<std::string>();
        if (type != "object" && type != "array" && type != "string" && type != "integer" &&
            type != "boolean") {
            refuse(node, "type `" + type + "` is not compiled");
        }
        return type;
    }

    static void text(std::ostringstream& out, const YAML::Node& node, const char* key, const char* field) {
        if (node[key]) {
            out << "    ." << field << " = " << quoted(node[key].as<std::string>()) << ",\n";
        }
    }

    static void number(std::ostringstream& out, const YAML::Node& node, const char* key, const char* field) {
        if (node[key]) {
            out << "    ." << field << " = " << node[key].as<long long>() << ",\n";
        }
    }

    static void defaultValue(std::ostringstream& out, const YAML::Node& node) {
        if (const auto value = node["default"]) {
            if (value.IsMap() && value.size() == 0) {
                out << "    .defaultYaml = \"{}\",\n";
            } else if (value.IsScalar()) {
                out << "    .defaultYaml = " << quoted(value.as<std::string>()) << ",\n";
            } else {
                refuse(value, "only scalars and {} can be defaults");
            }
        }
    }

    void object(std::ostringstream& fields, const YAML::Node& node) {
        std::set<std::string> required;
        for (const auto& name : node["required"]) {
            required.insert(name.as<std::string>());
            if (!node["properties"][name.as<std::string>()]) {
                refuse(name, "required, but no property");
            }
        }
        if (node["properties"]) {
            std::ostringstream table;
            for (const auto& property : node["properties"]) {
                const auto key = property.first.as<std::string>();
                const std::string child = emit(property.second);
                table << "    {" << quoted(key) << ", &" << child << ", "
                      << (required.count(key) != 0 ? "true" : "false") << "},\n";
            }
            const std::string name = "kProperties" + std::to_string(next_++);
            out_ << "constexpr Property " << name << "[] = {\n" << table.str() << "};\n";
            fields << "    .properties = " << name << ",\n";
        }
        if (node["additionalProperties"]) {
            fields << "    .additional = &" << emit(node["additionalProperties"]) << ",\n";
        }
        if (node["x-kubernetes-preserve-unknown-fields"] && node["type"]) {
            fields << "    .preserveUnknown = true,\n";
        }
    }

    void array(std::ostringstream& fields, const YAML::Node& node) {
        fields << "    .items = &" << emit(node["items"]) << ",\n";
        if (const auto keys = node["x-kubernetes-list-map-keys"]) {
            if (keys.size() != 1) {
                refuse(keys, "exactly one key names an item");
            }
            fields << "    .mapKey = " << quoted(keys[0].as<std::string>()) << ",\n";
        }
        if (const auto kind = node["x-kubernetes-list-type"]; kind && kind.as<std::string>() == "set") {
            fields << "    .unique = true,\n";
        }
    }

    void enumeration(std::ostringstream& fields, const YAML::Node& node) {
        if (!node["enum"]) {
            return;
        }
        const std::string name = "kEnum" + std::to_string(next_++);
        out_ << "constexpr std::string_view " << name << "[] = {";
        for (const auto& value : node["enum"]) {
            out_ << quoted(value.as<std::string>()) << ", ";
        }
        out_ << "};\n";
        fields << "    .enumeration = " << name << ",\n";
    }

    std::ostringstream out_;
    std::map<std::string, std::string> open_;  ///< format of an object that is being emitted → its variable
    int next_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::cerr << "usage: schema-compiler FUNCTION SCHEMA.yaml OUT.cpp\n";
        return 2;
    }
    try {
        YAML::Node root = YAML::LoadFile(argv[2]);
        if (root["kind"] && root["kind"].as<std::string>() == "CustomResourceDefinition") {
            root = root["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
            root["properties"]["metadata"] = YAML::Load(object_meta::kSchema);
        }
        Compiler compiler;
        const std::string top = compiler.emit(root);
        std::ofstream out(argv[3]);
        out << "// Generated by schema-compiler. Do not edit.\n// NOLINTBEGIN\n#include "
               "\"spec/schema.hpp\"\n\n"
            << "namespace vigie::spec {\nnamespace {\n\n"
            << compiler.tables() << "\n}  // namespace\n\nconst Schema& " << argv[1] << "() { return " << top
            << "; }\n\n}  // namespace vigie::spec\n// NOLINTEND\n";
        out.close();
        return out ? 0 : 2;
    } catch (const std::exception& error) {
        std::cerr << argv[2] << ": " << error.what() << "\n";
        return 2;
    }
}
