// One description of each struct's fields: reading it from a node, and building a node of it.
#pragma once

#include "base/enum_text.hpp"
#include "spec/node.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

/// One description of each struct's fields serves both directions, so that decode and encode cannot drift
/// apart: `describe(io, value)` names every field, and `io` either reads a node or builds one.
namespace vigie::spec {

/// An enumeration whose words `wordsOf` lists.
template <class T>
concept HasWords = std::is_enum_v<T> && requires(T value) {
    wordsOf(value);
};

/// The word of `value`.
template <HasWords T>
std::string_view toText(T value) {
    return textIn(wordsOf(value), value);
}
/// Leaves `value` alone when `text` is none of its words.
template <HasWords T>
void fromText(std::string_view text, T& value) {
    value = valueIn(wordsOf(value), text).value_or(value);
}

/// A type that the document writes as one text: `fromText(text, value)` reads it, `toText(value)` writes it.
template <class T>
concept WrittenAsText = requires(T& value) {
    fromText(std::string_view(), value);
};

/// Fills structs from a node that `checkSchema` has looked at.
class NodeReader {
public:
    explicit NodeReader(const Node& node) : node_(&node) {}

    template <class T>
    void field(const char* key, T& value) const {
        if (const Node* child = node_->find(key)) {
            read(*child, value);
        }
    }

    /// Every field but the `known` ones, as it is written.
    void rest(Node& value, std::initializer_list<std::string_view> known) const {
        for (const auto& entry : node_->entries) {
            if (std::find(known.begin(), known.end(), entry.key) == known.end()) {
                value.kind = Node::Kind::map;
                value.entries.push_back(entry);
            }
        }
    }

    /// The fields of a nested mapping that has no struct of its own.
    template <class F>
    void group(const char* key, F fields) const {
        if (const Node* child = node_->find(key)) {
            NodeReader inner(*child);
            fields(inner);
        }
    }

private:
    // What the schema refused counts as not written: its value means nothing.
    static void read(const Node& node, std::string& value) {
        if (!node.refused) {
            value = node.scalar;
        }
    }
    static void read(const Node& node, bool& value) {
        if (!node.refused) {
            value = node.scalar == "true";
        }
    }
    template <class T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) static void read(const Node& node, T& value) {
        if (!node.refused) {
            std::from_chars(node.scalar.data(), node.scalar.data() + node.scalar.size(), value);
        }
    }
    template <WrittenAsText T>
    static void read(const Node& node, T& value) {
        if (!node.refused) {
            fromText(node.scalar, value);
        }
    }
    static void read(const Node& node, Node& value) { value = node; }
    static void read(const Node& node, std::map<std::string, std::string>& value) {
        for (const auto& entry : node.entries) {
            value[entry.key] = entry.value.scalar;
        }
    }
    template <class T>
    static void read(const Node& node, std::map<std::string, T>& value) {
        for (const auto& entry : node.entries) {
            read(entry.value, value[entry.key]);
        }
    }
    template <class T>
    static void read(const Node& node, std::vector<T>& value) {
        if (node.refused) {
            value.emplace_back();  // somebody wrote one: it is not the same as none
            return;
        }
        for (const auto& item : node.items) {
            read(item, value.emplace_back());
        }
    }
    template <class T>
    static void read(const Node& node, std::optional<T>& value) {
        if (!std::is_enum_v<T> || !node.refused) {
            read(node, value.emplace());
        }
    }
    template <class T>
    requires(std::is_class_v<T> && !WrittenAsText<T>) static void read(const Node& node, T& value) {
        NodeReader inner(node);
        describe(inner, value);
    }

    const Node* node_;
};

/// Builds a node from structs; what is absent is left away.
class NodeWriter {
public:
    explicit NodeWriter(Node& node) : node_(&node) { node.kind = Node::Kind::map; }

    template <class T>
    void field(const char* key, const T& value) {
        if (auto child = write(value)) {
            node_->entries.push_back({key, {}, std::move(*child)});
        }
    }

    void rest(const Node& value, std::initializer_list<std::string_view> /*known*/) {
        node_->entries.insert(node_->entries.end(), value.entries.begin(), value.entries.end());
    }

    template <class F>
    void group(const char* key, F fields) {
        Node child;
        NodeWriter inner(child);
        fields(inner);
        node_->entries.push_back({key, {}, std::move(child)});
    }

private:
    static std::optional<Node> plain(const std::string& text) {
        Node node = Node::text(text);
        node.plain = true;
        return node;
    }
    static std::optional<Node> write(const std::string& value) {
        return value.empty() ? std::nullopt : std::optional(Node::text(value));
    }
    static std::optional<Node> write(bool value) { return plain(value ? "true" : "false"); }
    static std::optional<Node> write(int value) { return plain(std::to_string(value)); }
    static std::optional<Node> write(const Node& value) { return value; }
    static std::optional<Node> write(const std::map<std::string, std::string>& value) {
        if (value.empty()) {
            return std::nullopt;
        }
        Node node;
        node.kind = Node::Kind::map;
        for (const auto& [key, text] : value) {
            node.entries.push_back({key, {}, Node::text(text)});
        }
        return node;
    }
    template <class T>
    static std::optional<Node> write(const std::vector<T>& value) {
        if (value.empty()) {
            return std::nullopt;
        }
        Node node;
        node.kind = Node::Kind::sequence;
        for (const auto& item : value) {
            node.items.push_back(write(item).value_or(Node::text("")));
        }
        return node;
    }
    template <class T>
    static std::optional<Node> write(const std::optional<T>& value) {
        return value ? write(*value) : std::nullopt;
    }
    template <WrittenAsText T>
    static std::optional<Node> write(const T& value) {
        return write(std::string(toText(value)));
    }
    template <class T>
    requires(std::is_class_v<T> && !WrittenAsText<T>) static std::optional<Node> write(const T& value) {
        Node node;
        NodeWriter inner(node);
        describe(inner, value);
        return node;
    }

    Node* node_;
};

}  // namespace vigie::spec
