// Finds a field of a schema by its path, and says what the schema says about it.
#include "spec/field_help.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <span>
#include <utility>

namespace vigie::spec {
namespace {

using Type = Schema::Type;

/// `hosts[0].vpn` is `hosts`, `vpn`.
std::vector<std::string> stepsOf(std::string_view path) {
    std::vector<std::string> out;
    for (const auto part : split(path, '.')) {
        if (const auto name = part.substr(0, part.find('[')); !name.empty()) {
            out.emplace_back(name);
        }
    }
    return out;
}

/// What is inside of a list's brackets.
const Schema& inside(const Schema& schema) {
    const Schema* inner = &schema;
    while (inner->type == Type::array) {
        inner = inner->items;
    }
    return *inner;
}

std::string brackets(const Schema& schema) {
    std::string out;
    for (const Schema* inner = &schema; inner->type == Type::array; inner = inner->items) {
        out += "[]";
    }
    return out;
}

const Property* propertyOf(const Schema& schema, std::string_view name) {
    const auto found = std::find_if(schema.properties.begin(), schema.properties.end(),
                                    [&](const Property& each) { return each.name == name; });
    return found == schema.properties.end() ? nullptr : &*found;
}

/// As far as the steps lead.
struct Walk {
    FoundField field;
    std::size_t done = 0;
};

Walk walk(const Schema& root, const std::vector<std::string>& steps) {
    Walk out;
    out.field.schema = &root;
    for (const auto& step : steps) {
        const Schema& mapping = inside(*out.field.schema);
        const auto* property = propertyOf(mapping, step);
        const bool any = property == nullptr && mapping.additional != nullptr;
        if (property == nullptr && !any) {
            return out;
        }
        out.field.path += (out.done == 0 ? "" : brackets(*out.field.schema) + ".") + step;
        out.field.schema = any ? mapping.additional : property->schema;
        out.field.required = !any && property->required;
        ++out.done;
    }
    return out;
}

/// From the document, or from `spec` where that leads farther.
std::pair<Walk, std::vector<std::string>> walkFromAnywhere(const Schema& root, std::string_view path) {
    auto steps = stepsOf(path);
    auto fromTop = walk(root, steps);
    auto below = steps;
    below.insert(below.begin(), "spec");
    auto fromSpec = walk(root, below);
    if (fromTop.done == steps.size() || fromTop.done + 1 > fromSpec.done || fromSpec.done <= 1) {
        return {std::move(fromTop), std::move(steps)};
    }
    return {std::move(fromSpec), std::move(below)};
}

/// Every field below `schema`, each schema once: some are in themselves.
void everyField(const Schema& schema, const std::string& path, std::vector<const Schema*>& open,
                const std::function<void(const std::string& path, std::string_view name)>& visit) {
    const Schema& mapping = inside(schema);
    if (std::find(open.begin(), open.end(), &mapping) != open.end()) {
        return;
    }
    open.push_back(&mapping);
    for (const auto& property : mapping.properties) {
        const std::string at =
            (path.empty() ? "" : path + brackets(schema) + ".") + std::string(property.name);
        visit(at, property.name);
        everyField(*property.schema, at, open, visit);
    }
    open.pop_back();
}

bool sameName(std::string_view a, std::string_view b) {
    const std::vector<std::string> one{std::string(b)};
    return a == b || (a.size() == b.size() && nearest(a, one) == b && slipOf(a, one) == b &&
                      std::equal(a.begin(), a.end(), b.begin(), [](unsigned char x, unsigned char y) {
                          return std::tolower(x) == std::tolower(y);
                      }));
}

std::string itemsOf(Type type) {
    switch (type) {
        case Type::object:
            return "mappings";
        case Type::array:
            return "lists";
        case Type::integer:
            return "whole numbers";
        case Type::boolean:
            return "booleans";
        case Type::string:
            break;
    }
    return "texts";
}

std::string typeOf(const Schema& schema) {
    switch (schema.type) {
        case Type::object:
            if (schema.additional != nullptr) {
                return "a mapping of names to " + typeOf(*schema.additional);
            }
            return schema.preserveUnknown ? "a mapping that is passed through unchanged" : "a mapping";
        case Type::array:
            return "a list of " + itemsOf(schema.items->type);
        case Type::string:
            return schema.format.empty() ? "text" : "text, checked as `" + std::string(schema.format) + "`";
        case Type::integer:
            return "a whole number";
        case Type::boolean:
            return "`true` or `false`";
    }
    return {};
}

/// What the value may be beside its type; an entry for each rule.
std::vector<std::string> allowed(const Schema& schema) {
    std::vector<std::string> out;
    if (!schema.enumeration.empty()) {
        std::vector<std::string> values;
        for (const auto value : schema.enumeration) {
            values.push_back("`" + std::string(value) + "`");
        }
        out.push_back(join(values, ", "));
    }
    const bool below = schema.maximum != INT64_MAX;
    if (schema.minimum != INT64_MIN || below) {
        out.push_back((schema.minimum == INT64_MIN ? "at most " : std::to_string(schema.minimum) + " ") +
                      (!below                        ? "or more"
                       : schema.minimum == INT64_MIN ? std::to_string(schema.maximum)
                                                     : "to " + std::to_string(schema.maximum)));
    }
    const std::string unit = schema.type == Type::array ? " items" : " bytes";
    if (schema.minLength > 0) {
        out.push_back("at least " + std::to_string(schema.minLength) +
                      (schema.minLength == 1 ? unit.substr(0, unit.size() - 1) : unit));
    }
    if (schema.maxLength != UINT64_MAX) {
        out.push_back("at most " + std::to_string(schema.maxLength) + unit);
    }
    if (!schema.mapKey.empty()) {
        out.push_back("each `" + std::string(schema.mapKey) + "` once");
    }
    if (schema.unique) {
        out.emplace_back("each value at most once");
    }
    const Schema* inner = schema.items != nullptr ? schema.items : schema.additional;
    if (inner != nullptr && inner->type != Type::object) {
        const auto words = allowed(*inner);
        if (inner->type == Type::string && !inner->format.empty()) {
            out.push_back("each checked as `" + std::string(inner->format) + "`");
        }
        if (!words.empty()) {
            out.push_back("each: " + join(words, "; "));
        }
    }
    return out;
}

std::string presence(const FoundField& field) {
    if (field.required) {
        return "required";
    }
    const auto value = field.schema->defaultYaml;
    return value.empty() || value == "{}" ? "optional" : "default `" + std::string(value) + "`";
}

/// The first sentence.
std::string beginning(std::string_view text) {
    const auto end = text.find(". ");
    return std::string(end == std::string_view::npos ? text : text.substr(0, end + 1));
}

/// Words in lines of at most a hundred bytes.
std::string wrapped(std::string_view text) {
    constexpr std::size_t kWidth = 100;
    std::string out;
    std::size_t width = 0;
    for (const auto word : split(text, ' ')) {
        if (width > 0 && width + 1 + word.size() > kWidth) {
            out += "\n";
            width = 0;
        }
        out += (width == 0 ? "" : " ") + std::string(word);
        width += word.size() + (width == 0 ? 0 : 1);
    }
    return out;
}

std::string fieldsOf(const Schema& mapping) {
    std::size_t widest = 0;
    for (const auto& property : mapping.properties) {
        widest = std::max(widest, property.name.size());
    }
    std::string out;
    for (const auto& property : mapping.properties) {
        const Schema& schema = *property.schema;
        const auto about = schema.description.empty() && schema.type == Type::array
                               ? schema.items->description
                               : schema.description;
        out += "  " + std::string(property.name) + std::string(widest - property.name.size() + 2, ' ') +
               (property.required ? "(required) " : "") + beginning(about) + "\n";
    }
    return out;
}

}  // namespace

std::optional<FoundField> findField(const Schema& root, std::string_view path) {
    auto [found, steps] = walkFromAnywhere(root, path);
    if (steps.empty() || found.done != steps.size()) {
        return std::nullopt;
    }
    return std::move(found.field);
}

const Schema* mappingAt(const Schema& root, std::string_view path) {
    const auto found = findField(root, path);
    if (!found || inside(*found->schema).type != Type::object) {
        return nullptr;
    }
    return &inside(*found->schema);
}

std::vector<std::string> nearFields(const Schema& root, std::string_view path) {
    constexpr std::size_t kMost = 12;
    const auto [found, steps] = walkFromAnywhere(root, path);
    if (steps.empty() || found.done == steps.size()) {
        return {};
    }
    std::vector<std::string> out;
    const auto& wanted = steps.back();
    std::vector<const Schema*> open;
    everyField(root, "", open, [&](const std::string& at, std::string_view name) {
        if (sameName(wanted, name)) {
            out.push_back(at);
        }
    });
    // Fewer brackets and dots: nearer to the document.
    std::stable_sort(out.begin(), out.end(), [](const std::string& a, const std::string& b) {
        return std::count(a.begin(), a.end(), '.') < std::count(b.begin(), b.end(), '.');
    });
    if (found.done > 0) {
        const Schema& mapping = inside(*found.field.schema);
        std::vector<std::string> names;
        for (const auto& property : mapping.properties) {
            names.emplace_back(property.name);
        }
        auto near = likely(steps[found.done], names);
        for (auto name = near.rbegin(); name != near.rend(); ++name) {
            const auto whole = found.field.path + brackets(*found.field.schema) + "." + *name;
            out.erase(std::remove(out.begin(), out.end(), whole), out.end());
            out.insert(out.begin(), whole);
        }
    } else if (out.empty()) {
        std::vector<std::string> names;
        for (const auto& property : mappingAt(root, "spec") == nullptr
                                        ? std::span<const Property>{}
                                        : mappingAt(root, "spec")->properties) {
            names.emplace_back(property.name);
        }
        for (const auto& name : likely(wanted, names)) {
            out.push_back("spec." + name);
        }
    }
    out.resize(std::min(out.size(), kMost));
    return out;
}

std::string describeField(const FoundField& field) {
    const Schema& schema = *field.schema;
    const Schema& mapping = inside(schema);
    std::string out = field.path + brackets(schema) + ": " + typeOf(schema) + "; " + presence(field) + "\n";
    if (const auto rules = allowed(schema); !rules.empty()) {
        out += wrapped("Allowed: " + join(rules, "; ")) + "\n";
    }
    for (const Schema* each = &schema; each != nullptr; each = each->items) {
        if (!each->description.empty()) {
            out += "\n" + wrapped(each->description) + "\n";
        }
    }
    if (mapping.type == Type::object && !mapping.properties.empty()) {
        out += "\nFields:\n" + fieldsOf(mapping);
    }
    return out;
}

}  // namespace vigie::spec
