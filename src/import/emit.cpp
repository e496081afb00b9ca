// Writes a document as a person would.

#include "import/emit.hpp"

#include "base/text.hpp"
#include "render/yaml_writer.hpp"
#include "spec/codec.hpp"
#include "spec/key_order.hpp"
#include "spec/schema.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace vigie::imports {
namespace {

using spec::Node;
using spec::Schema;

bool digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// 10.66.66.1 or 10.66.66.0/30: no YAML reader takes it for a number.
bool dottedQuad(std::string_view text) {
    const auto slash = text.find('/');
    const auto parts = split(text.substr(0, slash), '.');
    constexpr std::size_t kParts = 4;
    return parts.size() == kParts && std::all_of(parts.begin(), parts.end(), digits) &&
           (slash == std::string_view::npos || digits(text.substr(slash + 1)));
}

/// 15s, 10m, 1h: but no `1e3`.
bool duration(std::string_view text) {
    const auto unit = text.find_first_not_of("0123456789");
    static constexpr std::array<std::string_view, 7> kUnits = {"ms", "s", "m", "h", "d", "w", "y"};
    return unit != std::string_view::npos && unit != 0 &&
           std::find(kUnits.begin(), kUnits.end(), text.substr(unit)) != kUnits.end();
}

bool word(std::string_view text) {
    static constexpr std::array<std::string_view, 10> kOthers = {"y",   "n",    "yes",   "no",   "on",
                                                                 "off", "true", "false", "null", "nan"};
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const bool begins = std::isalpha(static_cast<unsigned char>(text.front())) != 0 || text.front() == '/' ||
                        (text.size() > 1 && text.front() == '.' &&
                         (std::isalpha(static_cast<unsigned char>(text[1])) != 0 || text[1] == '/'));
    return begins && text.size() < 80 && std::find(kOthers.begin(), kOthers.end(), lower) == kOthers.end() &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                      std::string_view("_-./@").find(c) != std::string_view::npos;
           });
}

bool plainText(std::string_view text) {
    return !text.empty() && (word(text) || dottedQuad(text) || duration(text));
}

std::string scalarText(const Node& node) {
    if (node.kind == Node::Kind::null) {
        return "null";
    }
    // A plain scalar keeps its meaning only if it stays plain; those of the user's own may be anything.
    const bool number =
        node.plain && !node.scalar.empty() &&
        node.scalar.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+-_") ==
            std::string::npos &&
        node.scalar != "-" && !node.scalar.starts_with("---") && !node.scalar.starts_with("...");
    return number || plainText(node.scalar) ? node.scalar : render::yamlQuoted(node.scalar);
}

const Schema* below(const Schema* schema, const std::string& key) {
    if (schema == nullptr) {
        return nullptr;
    }
    for (const auto& property : schema->properties) {
        if (property.name == key) {
            return property.schema;
        }
    }
    return schema->additional;
}

bool isDefault(const Node& value, const Schema* schema) {
    if (schema == nullptr || schema->defaultYaml.empty()) {
        return false;
    }
    return value.kind == Node::Kind::scalar ? value.scalar == schema->defaultYaml
                                            : value.items.empty() && value.entries.empty();
}

/// Leaves away what says nothing; the tunnel's and the images' stay, for they are what people look for.
void dropDefaults(Node& node, const Schema* schema) {
    if (schema == nullptr || schema->preserveUnknown) {
        return;
    }
    for (auto& entry : node.entries) {
        if (entry.key != "wireguard") {
            dropDefaults(entry.value, below(schema, entry.key));
        }
    }
    node.entries.erase(std::remove_if(node.entries.begin(), node.entries.end(),
                                      [&](const auto& entry) {
                                          if (entry.key == "lint" && entry.value.entries.empty()) {
                                              return true;
                                          }
                                          return entry.key != "image" && entry.key != "wireguard" &&
                                                 isDefault(entry.value, below(schema, entry.key));
                                      }),
                       node.entries.end());
    for (auto& item : node.items) {
        dropDefaults(item, schema->items);
    }
}

class Emitter {
public:
    explicit Emitter(const std::map<std::string, std::string>& comments) : comments_(comments) {}

    void entries(const Node& map, const std::string& path, int depth, bool behindDash = false) {
        bool first = behindDash;
        for (const auto& entry : map.entries) {
            const std::string here = path.empty() ? entry.key : path + "." + entry.key;
            if (!first) {
                comment(here, depth);
                indent(depth);
            }
            first = false;
            out_ += (plainText(entry.key) ? entry.key : render::yamlQuoted(entry.key)) + ":";
            value(entry.value, here, depth);
        }
    }

    std::string take() { return std::move(out_); }

private:
    void indent(int depth) { out_.append(static_cast<std::size_t>(depth) * 2, ' '); }

    void comment(const std::string& path, int depth) {
        if (const auto it = comments_.find(path); it != comments_.end()) {
            indent(depth);
            // A file's name may hold anything; a line end would end the comment.
            out_ += "# " + printable(it->second) + "\n";
        }
    }

    [[nodiscard]] bool inOneLine(const Node& list, const std::string& path) const {
        std::size_t length = 0;
        for (std::size_t i = 0; i < list.items.size(); ++i) {
            const auto& item = list.items[i];
            if (item.kind != Node::Kind::scalar ||
                comments_.count(path + "[" + std::to_string(i) + "]") != 0) {
                return false;
            }
            length += scalarText(item).size() + 2;
        }
        constexpr std::size_t kMost = 70;
        return length < kMost;
    }

    void value(const Node& node, const std::string& path, int depth) {
        if (node.kind == Node::Kind::scalar || node.kind == Node::Kind::null) {
            out_ += " " + scalarText(node) + "\n";
        } else if (node.items.empty() && node.entries.empty()) {
            out_ += node.kind == Node::Kind::sequence ? " []\n" : " {}\n";
        } else if (node.kind == Node::Kind::map) {
            out_ += "\n";
            entries(node, path, depth + 1);
        } else if (inOneLine(node, path)) {
            std::vector<std::string> texts;
            for (const auto& item : node.items) {
                texts.push_back(scalarText(item));
            }
            out_ += " [" + join(texts, ", ") + "]\n";
        } else {
            out_ += "\n";
            items(node, path, depth + 1);
        }
    }

    void items(const Node& list, const std::string& path, int depth) {
        for (std::size_t i = 0; i < list.items.size(); ++i) {
            const auto& item = list.items[i];
            const std::string here = path + "[" + std::to_string(i) + "]";
            comment(here, depth);
            indent(depth);
            out_ += "-";
            if (item.kind == Node::Kind::map && !item.entries.empty()) {
                out_ += " ";
                entries(item, here, depth + 1, true);
            } else {
                value(item, here, depth);
            }
        }
    }

    const std::map<std::string, std::string>& comments_;
    std::string out_;
};

/// No file said a port: the schema's is as good as any.
void dropUnknownPort(Node& document) {
    for (auto& spec : document.entries) {
        for (auto& section : spec.value.entries) {
            if (spec.key == "spec" && section.key == "wireguard") {
                auto& entries = section.value.entries;
                entries.erase(std::remove_if(entries.begin(), entries.end(),
                                             [](const auto& entry) {
                                                 return entry.key == "listenPort" &&
                                                        entry.value.scalar == "0";
                                             }),
                              entries.end());
            }
        }
    }
}

}  // namespace

std::string emit(const spec::Stack& stack, const std::map<std::string, std::string>& comments) {
    auto document = spec::encode(stack);
    dropUnknownPort(document);
    dropDefaults(document, &spec::stackSchema());
    spec::orderKeys(document, spec::stackSchema());
    Emitter emitter(comments);
    emitter.entries(document, "", 0);
    return emitter.take();
}

}  // namespace vigie::imports
