// Turns a program's configuration into settings of the document.

#include "import/settings.hpp"

#include "base/redact.hpp"
#include "spec/check_schema.hpp"

#include <algorithm>

namespace vigie::imports {
namespace {

using spec::Entry;
using spec::Node;
using spec::Schema;

Node emptyMap() {
    Node out;
    out.kind = Node::Kind::map;
    return out;
}

const Schema& schemaAt(std::initializer_list<std::string_view> path) {
    const Schema* here = &spec::stackSchema();
    for (const auto key : path) {
        const auto it = std::find_if(here->properties.begin(), here->properties.end(),
                                     [&](const spec::Property& property) { return property.name == key; });
        if (it == here->properties.end()) {
            static const Schema kNothing{};
            return kNothing;
        }
        here = it->schema->items != nullptr ? it->schema->items : it->schema;
    }
    return *here;
}

/// Files of the host: the document names files of its own directory.
bool namesFiles(std::string_view where, std::string_view field) {
    return field == "caFile" || field == "certFile" || (where == "fileSDConfigs" && field == "files");
}

class Translator {
public:
    Translator(spec::Program program, const std::optional<spec::ImageVersion>& version)
        : program_(program), version_(version) {}

    /// The field that the program calls `key`, or null.
    [[nodiscard]] const spec::Property* fieldFor(const Schema& schema, std::string_view where,
                                                 const std::string& key) const {
        for (const auto& property : schema.properties) {
            if (property.name != "raw" && spec::nameOf(program_, where, property.name, version_) == key) {
                return &property;
            }
        }
        return nullptr;
    }

    /// Nothing when the field cannot hold all of it.
    [[nodiscard]] std::optional<Node> value(const Node& theirs, const spec::Property& field,
                                            std::string_view where) const {
        if (namesFiles(where, field.name) || field.name == "httpHeaders") {
            return std::nullopt;
        }
        const auto* word = spec::wordFor(program_, where, field.name);
        auto out = word != nullptr && word->verbatim ? verbatim(theirs)
                                                     : translated(theirs, *field.schema, field.name);
        if (out) {
            spec::Diagnostics problems;
            Node checked = *out;  // in which defaults are filled in
            spec::checkSchema(checked, *field.schema, spec::Reporter(problems, ""));
            if (problems.hasErrors()) {
                return std::nullopt;
            }
        }
        return out;
    }

private:
    /// Keys of the user's own, with texts.
    static Node verbatim(const Node& theirs) {
        Node out = theirs;
        for (auto& entry : out.entries) {
            entry.value.plain = false;
            for (auto& item : entry.value.items) {
                item.plain = false;
            }
        }
        return out;
    }

    static Node scalar(const Node& theirs, const Schema& schema) {
        Node out = theirs;
        out.plain = schema.type != Schema::Type::string;
        const auto word = lowerCase(theirs.scalar);
        if (schema.type == Schema::Type::boolean) {
            const bool yes = word == "true" || word == "yes" || word == "on" || word == "y";
            out.scalar = yes ? "true" : "false";
        }
        return out;
    }

    [[nodiscard]] std::optional<Node> translated(const Node& theirs, const Schema& schema,
                                                 std::string_view field) const {
        if (theirs.kind == Node::Kind::scalar) {
            return scalar(theirs, schema);
        }
        Node out = theirs;
        out.items.clear();
        out.entries.clear();
        for (const auto& item : theirs.items) {
            auto each = schema.items == nullptr ? std::nullopt : translated(item, *schema.items, field);
            if (!each) {
                return std::nullopt;
            }
            out.items.push_back(std::move(*each));
        }
        for (const auto& entry : theirs.entries) {
            const auto* inner = fieldFor(schema, field, entry.key);
            auto each = inner == nullptr ? std::nullopt : value(entry.value, *inner, field);
            if (!each) {
                return std::nullopt;
            }
            out.entries.push_back({std::string(inner->name), entry.keyAt, std::move(*each)});
        }
        return out;
    }

    spec::Program program_;
    std::optional<spec::ImageVersion> version_;
};

}  // namespace

Settings settingsFrom(const spec::Node& theirs, spec::Program program,
                      std::initializer_list<std::string_view> path, std::string_view where,
                      const std::optional<spec::ImageVersion>& version,
                      std::initializer_list<std::string_view> known) {
    const auto& schema = schemaAt(path);
    const Translator translator(program, version);
    Settings out{emptyMap(), emptyMap(), {}};
    const bool hasRaw = std::any_of(schema.properties.begin(), schema.properties.end(),
                                    [](const spec::Property& property) { return property.name == "raw"; });
    for (const auto& entry : theirs.entries) {
        if (std::find(known.begin(), known.end(), entry.key) != known.end() ||
            entry.value.kind == Node::Kind::null) {
            continue;
        }
        const auto* field = translator.fieldFor(schema, where, entry.key);
        if (field == nullptr) {
            (hasRaw ? out.raw.entries : out.lost).push_back(entry);
        } else if (auto value = translator.value(entry.value, *field, where)) {
            out.settings.entries.push_back({std::string(field->name), entry.keyAt, std::move(*value)});
        } else {
            out.lost.push_back(entry);
        }
    }
    return out;
}

}  // namespace vigie::imports
