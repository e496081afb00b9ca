// Checks a document against the schema and fills in defaults.

#include "spec/check_schema.hpp"

#include "base/text.hpp"
#include "spec/first_guesses.hpp"
#include "spec/format.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

namespace vigie::spec {
namespace {

using Type = Schema::Type;

std::string describe(const Node& node) {
    switch (node.kind) {
        case Node::Kind::null:
            return "nothing";
        case Node::Kind::sequence:
            return "a list";
        case Node::Kind::map:
            return "a mapping";
        case Node::Kind::scalar:
            break;
    }
    constexpr std::size_t kEnough = 60;
    const auto start = utf8Prefix(node.scalar, kEnough);
    const std::string quote = node.plain ? "" : "\"";
    return "`" + quote + std::string(start) + (start.size() < node.scalar.size() ? "…" : "") + quote + "`";
}

std::string wanted(const Schema& schema) {
    switch (schema.type) {
        case Type::object:
            return schema.shortFor.empty() ? "a mapping" : "a name or a mapping";
        case Type::array:
            return "a list";
        case Type::string:
            return "text";
        case Type::integer:
            return "a whole number";
        case Type::boolean:
            return "`true` or `false`";
    }
    return {};
}

/// YAML 1.2's core integers in decimal. Octal and hexadecimal forms mean different numbers to different
/// tools.
std::optional<std::int64_t> integerOf(const Node& node) {
    const std::string& text = node.scalar;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool leadingZero = text.size() > 1 && text.front() == '0';
    if (!node.plain || error != std::errc{} || end != text.data() + text.size() || leadingZero) {
        return std::nullopt;
    }
    return value;
}

/// Whether YAML 1.1 or 1.2 takes an unquoted scalar for a number or a boolean. A Kubernetes API server
/// refuses these where text is wanted; so the same document works there, and `1.10` never becomes 1.1.
bool looksTyped(const Node& node) {
    static const std::array<std::string_view, 8> kBooleans = {"true", "false", "yes", "no",
                                                              "on",   "off",   "y",   "n"};
    if (!node.plain || node.scalar.empty()) {
        return false;
    }
    std::string text = node.scalar;
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (std::find(kBooleans.begin(), kBooleans.end(), text) != kBooleans.end()) {
        return true;
    }
    text.erase(std::remove(text.begin(), text.end(), '_'), text.end());
    const char* begin = text.data() + (!text.empty() && (text.front() == '+' || text.front() == '-') ? 1 : 0);
    const char* end = text.data() + text.size();
    double number = 0;
    std::uint64_t radix = 0;
    if (end - begin > 2 && begin[0] == '0' && (begin[1] == 'x' || begin[1] == 'o')) {
        return std::from_chars(begin + 2, end, radix, begin[1] == 'x' ? 16 : 8).ptr == end;
    }
    const bool digits = begin != end && ((*begin >= '0' && *begin <= '9') || *begin == '.');
    return digits && std::from_chars(begin, end, number).ptr == end;
}

/// True for the names of fields that may contain a plain secret by mistake.
bool mayHoldSecret(const std::string& field) {
    return field.find("password") != std::string::npos;
}

/// What is said of a node: its name in messages, and what to write there when the schema does not say.
struct Subject {
    std::string name;
    std::string advice;
};

/// The advice of the schema itself, else of what the node is in, else by its type.
std::string adviceFor(const Schema& schema, const Subject& subject) {
    if (!schema.description.empty()) {
        return std::string(schema.description);
    }
    return subject.advice.empty() ? "write " + wanted(schema) : subject.advice;
}

class Checker {
public:
    explicit Checker(const Reporter& report) : report_(report) {}

    /// Notes in the nodes what was refused.
    void check(Node& node, const Schema& schema, const Subject& subject) {
        switch (schema.type) {
            case Type::object:
                checkObject(node, schema, subject);
                break;
            case Type::array:
                checkArray(node, schema, subject);
                break;
            case Type::string:
                checkString(node, schema, subject);
                break;
            case Type::integer:
                checkInteger(node, schema, subject);
                break;
            case Type::boolean:
                checkBoolean(node, schema, subject);
                break;
        }
        node.incomplete = node.incomplete || node.refused;
    }

private:
    void refuse(Node& node, Code code, const std::string& message, const std::string& hint) {
        node.refused = true;
        report_.error(code, node.at, message, hint);
    }

    void wrongType(Node& node, const Schema& schema, const Subject& subject, const std::string& hint = {}) {
        node.refused = true;
        const auto& field = subject.name;
        std::string message = "`" + field + "` must be " + wanted(schema) + ", but this is " + describe(node);
        if (node.kind == Node::Kind::null) {
            message = "`" + field + "` has no value";
        }
        const std::string advice = !hint.empty() ? hint : adviceFor(schema, subject);
        if (mayHoldSecret(field)) {
            report_.secretError(code::VG0102, node.at, "`" + field + "` must be " + wanted(schema), advice);
        } else {
            report_.error(code::VG0102, node.at, message, advice);
        }
    }

    void checkObject(Node& node, const Schema& schema, const Subject& subject) {
        if (!schema.shortFor.empty() && node.kind == Node::Kind::scalar) {
            Node whole;
            whole.kind = Node::Kind::map;
            whole.at = node.at;
            whole.entries.push_back({std::string(schema.shortFor), node.at, std::move(node)});
            node = std::move(whole);
        }
        if (node.kind != Node::Kind::map) {
            return wrongType(node, schema, subject);
        }
        if (schema.preserveUnknown) {
            return checkEmptyKeys(node, subject.name);
        }
        checkEntries(node, schema, subject);
        completeObject(node, schema, subject);
    }

    void checkEntries(Node& node, const Schema& schema, const Subject& subject) {
        const std::string advice = adviceFor(schema, subject);
        const auto free = freeFields(node, schema);
        std::map<std::string, Entry> meant;
        around_.push_back({subject.name, &schema});
        for (auto& entry : node.entries) {
            const auto property = std::find_if(schema.properties.begin(), schema.properties.end(),
                                               [&](const Property& p) { return p.name == entry.key; });
            if (property != schema.properties.end()) {
                check(entry.value, *property->schema, {entry.key, {}});
            } else if (entry.key.empty()) {
                emptyKey(entry, subject.name);
            } else if (schema.additional != nullptr) {
                check(entry.value, *schema.additional, {entry.key, advice});
            } else {
                unknownField(schema, free, entry, meant);
                entry.value.refused = entry.value.incomplete = true;
            }
            node.incomplete = node.incomplete || entry.value.incomplete;
        }
        around_.pop_back();
        for (auto& [name, entry] : meant) {
            node.entries.push_back(std::move(entry));
        }
    }

    /// The fields of the schema that the document does not have.
    static std::vector<std::string> freeFields(const Node& node, const Schema& schema) {
        std::vector<std::string> out;
        for (const auto& property : schema.properties) {
            if (node.find(property.name) == nullptr) {
                out.emplace_back(property.name);
            }
        }
        return out;
    }

    /// Adds defaults, and says what is missing.
    void completeObject(Node& node, const Schema& schema, const Subject& subject) {
        std::vector<std::string> missing;
        for (const auto& property : schema.properties) {
            if (node.find(property.name) == nullptr) {
                if (property.required) {
                    missing.push_back("`" + std::string(property.name) + "`");
                } else {
                    addDefault(node, property);
                }
            }
        }
        if (!missing.empty()) {
            node.incomplete = true;
            const auto first = std::find_if(
                schema.properties.begin(), schema.properties.end(),
                [&](const Property& p) { return "`" + std::string(p.name) + "`" == missing[0]; });
            report_.error(code::VG0103, node.at, "`" + subject.name + "` lacks " + join(missing, " and "),
                          std::string(first->name) + ": " + adviceFor(*first->schema, {{}, {}}));
        }
    }

    void emptyKey(const Entry& entry, const std::string& field) {
        report_.error(code::VG0002, entry.keyAt, "a key of `" + field + "` is empty",
                      "write a name, or remove the line");
    }

    /// Where anything goes, a key is still a name.
    void checkEmptyKeys(const Node& node, const std::string& field) {
        for (const auto& entry : node.entries) {
            if (entry.key.empty()) {
                emptyKey(entry, field);
            }
            checkEmptyKeys(entry.value, field);
        }
        for (const auto& item : node.items) {
            checkEmptyKeys(item, field);
        }
    }

    /// Adds the fields that were probably meant, as refused ones, so that they are not reported as missing. A
    /// guess compares every field, so it is made only for the findings that are shown.
    void unknownField(const Schema& schema, const std::vector<std::string>& free, const Entry& entry,
                      std::map<std::string, Entry>& meant) {
        const auto& field = around_.back().name;
        const std::string message = "`" + field + "` has no field `" + entry.key + "`";
        if (++guesses_ > kMostTold) {
            // Without a guess, the value may be a secret.
            report_.secretError(code::VG0101, entry.keyAt, message, "correct the findings above first");
            return;
        }
        const auto guess = guessField(entry.key, schema, free, {around_.begin(), around_.end() - 1});
        if (guess.secret) {
            report_.secretError(code::VG0101, entry.keyAt, message, guess.hint);
        } else {
            report_.error(code::VG0101, entry.keyAt, message, guess.hint);
        }
        for (const auto& name : guess.meant) {
            Entry stand{name, entry.keyAt, {}};
            stand.value.at = entry.keyAt;
            stand.value.refused = stand.value.incomplete = true;
            meant.emplace(name, std::move(stand));
        }
    }

    void addDefault(Node& node, const Property& property) {
        const Schema& schema = *property.schema;
        if (schema.defaultYaml.empty()) {
            return;
        }
        Node value;
        if (schema.type == Type::object) {
            value.kind = Node::Kind::map;
            // Fills in the defaults inside; an object with a default has no required field.
            checkObject(value, schema, {std::string(property.name), {}});
        } else {
            value.kind = Node::Kind::scalar;
            value.plain = schema.type != Type::string;
            value.scalar = schema.defaultYaml;
        }
        node.entries.push_back({std::string(property.name), {}, std::move(value)});
    }

    /// A hint how to write a list, for a mapping of names.
    static std::string asItems(const Node& node, const Schema& schema) {
        const bool names =
            !schema.mapKey.empty() && !node.entries.empty() &&
            std::none_of(schema.items->properties.begin(), schema.items->properties.end(),
                         [&](const Property& each) { return each.name == node.entries[0].key; });
        return names ? "write each one as an item with its name: `- " + std::string(schema.mapKey) + ": " +
                           node.entries[0].key + "`"
                     : "begin each item with `- `, or write `[…]`";
    }

    void checkArray(Node& node, const Schema& schema, const Subject& subject) {
        if (node.kind != Node::Kind::sequence) {
            return wrongType(node, schema, subject,
                             node.kind == Node::Kind::null ? "" : asItems(node, schema));
        }
        const auto& field = subject.name;
        if (node.items.size() < schema.minLength) {
            node.incomplete = true;
            report_.error(code::VG0105, node.at,
                          node.items.empty()
                              ? "`" + field + "` is empty"
                              : "`" + field + "` needs " + std::to_string(schema.minLength) + " items",
                          adviceFor(schema, subject));
        } else if (node.items.size() > schema.maxLength) {
            node.incomplete = true;
            report_.error(code::VG0105, node.at,
                          "`" + field + "` has more than " + std::to_string(schema.maxLength) + " items",
                          adviceFor(schema, subject));
        }
        const std::string advice = adviceFor(schema, subject);
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            const bool named = schema.items->type == Type::object;
            check(node.items[i], *schema.items,
                  {named ? "an item of " + field : field + "[" + std::to_string(i) + "]", advice});
            node.incomplete = node.incomplete || node.items[i].incomplete;
        }
        if (!schema.mapKey.empty()) {
            checkUniqueNames(node, schema, field);
        }
        if (schema.unique) {
            checkUniqueTexts(node, field);
        }
    }

    void checkUniqueTexts(const Node& node, const std::string& field) {
        std::unordered_map<std::string_view, const Node*> seen;
        for (const auto& item : node.items) {
            if (item.kind == Node::Kind::scalar && !seen.emplace(item.scalar, &item).second) {
                report_.error(code::VG0107, item.at, "`" + field + "` has " + describe(item) + " twice",
                              "remove one of them");
            }
        }
    }

    void checkUniqueNames(Node& node, const Schema& schema, const std::string& field) {
        std::unordered_map<std::string_view, const Node*> seen;
        for (auto& item : node.items) {
            const auto entry = std::find_if(item.entries.begin(), item.entries.end(),
                                            [&](const Entry& each) { return each.key == schema.mapKey; });
            if (entry == item.entries.end() || entry->value.kind != Node::Kind::scalar) {
                continue;
            }
            Node& name = entry->value;
            const auto [first, inserted] = seen.emplace(name.scalar, &name);
            if (!inserted) {
                report_.error(code::VG0107, name.at,
                              "`" + field + "` has two items with the " + std::string(schema.mapKey) + " `" +
                                  name.scalar + "`",
                              "the first one is in line " + std::to_string(first->second->at.line) +
                                  "; rename one of them");
                name.refused = name.incomplete = item.incomplete = node.incomplete = true;
            }
        }
    }

    void checkString(Node& node, const Schema& schema, const Subject& subject) {
        if (node.kind != Node::Kind::scalar) {
            return wrongType(node, schema, subject);
        }
        const auto& field = subject.name;
        const std::string& text = node.scalar;
        if (looksTyped(node)) {
            const auto problem = schema.format.empty() ? std::nullopt : checkFormat(schema.format, text);
            return wrongType(node, schema, subject, problem ? problem->hint : "quote it: \"" + text + "\"");
        }
        if (!schema.enumeration.empty()) {
            return checkEnumeration(node, schema, field);
        }
        if (text.size() < schema.minLength || text.size() > schema.maxLength) {
            refuse(node, code::VG0105,
                   "`" + field + "` is " +
                       (text.empty()                     ? "empty"
                        : text.size() < schema.minLength ? "too short"
                                                         : "too long"),
                   adviceFor(schema, subject));
        } else if (const auto problem =
                       schema.format.empty() ? std::nullopt : checkFormat(schema.format, text)) {
            const std::string hint = problem->hint.empty() ? adviceFor(schema, subject) : problem->hint;
            if (problem->secret) {
                node.refused = true;
                return report_.secretError(code::VG0106, node.at, "`" + field + "`: this " + problem->message,
                                           hint);
            }
            refuse(node, code::VG0106, "`" + field + "`: " + describe(node) + " " + problem->message, hint);
        }
    }

    void checkEnumeration(Node& node, const Schema& schema, const std::string& field) {
        std::vector<std::string> allowed;
        for (const auto value : schema.enumeration) {
            if (value == node.scalar) {
                return;
            }
            allowed.emplace_back(value);
        }
        const auto close = nearest(node.scalar, allowed);
        refuse(node, code::VG0104, "`" + field + "` cannot be " + describe(node),
               allowed.size() == 1 ? "write `" + allowed[0] + "`"
               : close.empty()     ? "write one of: " + join(allowed, ", ")
                                   : "did you mean `" + close + "`? Write one of: " + join(allowed, ", "));
    }

    void checkInteger(Node& node, const Schema& schema, const Subject& subject) {
        const auto value = node.kind == Node::Kind::scalar ? integerOf(node) : std::nullopt;
        if (!value) {
            std::string hint;
            if (node.kind == Node::Kind::scalar && !node.plain) {
                hint = "remove the quotes";
            } else if (node.kind == Node::Kind::scalar) {
                const bool digits = node.scalar.find_first_not_of("0123456789") == std::string::npos;
                hint = digits && node.scalar.front() != '0' ? "the number is too large"
                                                            : "write decimal digits without leading zeros";
            }
            return wrongType(node, schema, subject, hint);
        }
        if (*value < schema.minimum || *value > schema.maximum) {
            refuse(node, code::VG0105, "`" + subject.name + "` cannot be " + node.scalar,
                   "write a number between " + std::to_string(schema.minimum) + " and " +
                       std::to_string(schema.maximum));
        }
    }

    void checkBoolean(Node& node, const Schema& schema, const Subject& subject) {
        if (node.kind == Node::Kind::scalar && node.plain &&
            (node.scalar == "true" || node.scalar == "false")) {
            return;
        }
        wrongType(node, schema, subject, "write `true` or `false`, without quotes");
    }

    const Reporter& report_;
    std::size_t guesses_ = 0;
    std::vector<Around> around_;  ///< the mappings around the current node, outermost first
};

}  // namespace

void checkSchema(Node& node, const Schema& schema, const Reporter& report) {
    Checker(report).check(node, schema, {"the document", {}});
}

}  // namespace vigie::spec
