// A node of a YAML document with its position, and paths of fields.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vigie::spec {

/// 1-based, as editors count; columns in bytes. Line 0: no position.
struct Position {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

/// Where the byte at `offset` of a text stands.
Position positionIn(std::string_view text, std::size_t offset);

struct Entry;

/// A YAML value that knows where it was written. Aliases are resolved by copying; the reader caps the total.
struct Node {
    enum class Kind : std::uint8_t { null, scalar, sequence, map };

    Kind kind = Kind::null;
    bool plain = false;       ///< a scalar without quotes: only these may be read as numbers or booleans
    bool refused = false;     ///< by the schema: nothing follows from it any more
    bool incomplete = false;  ///< something in it was refused, or is missing
    Position at;
    std::string scalar;
    std::vector<Node> items;
    std::vector<Entry> entries;

    /// The value of a map's key, or null.
    [[nodiscard]] const Node* find(std::string_view key) const;

    static Node text(std::string_view value);
};

struct Entry {
    std::string key;
    Position keyAt;
    Node value;
};

/// Equal content. Positions do not count, quoting does (`"1"` is not `1`), and so does the order of keys.
bool operator==(const Node& a, const Node& b);
bool operator==(const Entry& a, const Entry& b);

/// One step from a node to a child: a key, or an index when the key is empty.
struct PathStep {
    std::string key;
    std::size_t index = 0;
};

/// The way to a field, such as `spec.exporters[0].project`. Structs carry no positions; whoever finds a
/// mistake names the path, and `resolve` finds the place in the text.
class FieldPath {
public:
    FieldPath() = default;
    FieldPath(std::initializer_list<std::string_view> keys);

    [[nodiscard]] FieldPath operator/(std::string_view key) const;
    [[nodiscard]] FieldPath operator[](std::size_t index) const;
    [[nodiscard]] const std::vector<PathStep>& steps() const { return steps_; }
    [[nodiscard]] std::string text() const;

private:
    std::vector<PathStep> steps_;
};

/// Finds children of large mappings at once, where `Node::find` looks at one after the other. The tree stays
/// as it is meanwhile.
class ChildIndex {
public:
    /// As `Node::find`.
    const Node* find(const Node& node, std::string_view key);

private:
    std::unordered_map<const Node*, std::unordered_map<std::string_view, const Node*>> large_;
};

/// Where `path` is written below `root`: its value, or as much of the path as exists.
Position resolve(const Node& root, const FieldPath& path);
Position resolve(const Node& root, const FieldPath& path, ChildIndex& children);

/// Whether nothing more can be said of `path` than the schema said: it was refused itself, or lies in what
/// was, or is about something as a whole of which a part was refused.
bool passedOver(const Node& root, const FieldPath& path, ChildIndex& children);

}  // namespace vigie::spec
