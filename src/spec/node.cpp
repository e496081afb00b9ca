// Finds and copies nodes of a document.

#include "spec/node.hpp"

#include <algorithm>

namespace vigie::spec {

Position positionIn(std::string_view text, std::size_t offset) {
    const auto before = text.substr(0, std::min(offset, text.size()));
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const auto line = before.rfind('\n');
    const auto begin = line == std::string_view::npos ? 0 : line + 1;
    return {static_cast<std::uint32_t>(lines) + 1, static_cast<std::uint32_t>(before.size() - begin) + 1};
}

const Node* Node::find(std::string_view key) const {
    const auto it =
        std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
    return it == entries.end() ? nullptr : &it->value;
}

Node Node::text(std::string_view value) {
    Node node;
    node.kind = Kind::scalar;
    node.scalar = value;
    return node;
}

bool operator==(const Node& a, const Node& b) {
    return a.kind == b.kind && a.plain == b.plain && a.scalar == b.scalar && a.items == b.items &&
           a.entries == b.entries;
}

bool operator==(const Entry& a, const Entry& b) {
    return a.key == b.key && a.value == b.value;
}

FieldPath::FieldPath(std::initializer_list<std::string_view> keys) {
    for (const auto key : keys) {
        steps_.push_back({std::string(key), 0});
    }
}

FieldPath FieldPath::operator/(std::string_view key) const {
    FieldPath out = *this;
    out.steps_.push_back({std::string(key), 0});
    return out;
}

FieldPath FieldPath::operator[](std::size_t index) const {
    FieldPath out = *this;
    out.steps_.push_back({{}, index});
    return out;
}

std::string FieldPath::text() const {
    std::string out;
    for (const auto& step : steps_) {
        if (step.key.empty()) {
            out += "[" + std::to_string(step.index) + "]";
        } else {
            out += out.empty() ? step.key : "." + step.key;
        }
    }
    return out;
}

namespace {

/// The nodes on the way to `path`, as far as the document has them; the first is `root`.
std::vector<const Node*> wayTo(const Node& root, const FieldPath& path, ChildIndex& children) {
    std::vector<const Node*> out{&root};
    for (const auto& step : path.steps()) {
        const Node& node = *out.back();
        const Node* child = nullptr;
        if (!step.key.empty()) {
            child = children.find(node, step.key);
        } else if (step.index < node.items.size()) {
            child = &node.items[step.index];
        }
        if (child == nullptr || child->at.line == 0) {
            break;  // absent, or a default
        }
        out.push_back(child);
    }
    return out;
}

}  // namespace

const Node* ChildIndex::find(const Node& node, std::string_view key) {
    constexpr std::size_t kLarge = 32;
    if (node.entries.size() < kLarge) {
        return node.find(key);
    }
    const auto [known, inserted] = large_.try_emplace(&node);
    if (inserted) {
        for (const auto& entry : node.entries) {
            known->second.emplace(entry.key, &entry.value);
        }
    }
    const auto it = known->second.find(key);
    return it == known->second.end() ? nullptr : it->second;
}

Position resolve(const Node& root, const FieldPath& path) {
    ChildIndex once;
    return resolve(root, path, once);
}

Position resolve(const Node& root, const FieldPath& path, ChildIndex& children) {
    return wayTo(root, path, children).back()->at;
}

bool passedOver(const Node& root, const FieldPath& path, ChildIndex& children) {
    const auto way = wayTo(root, path, children);
    return way.back()->incomplete ||
           std::any_of(way.begin(), way.end(), [](const Node* node) { return node->refused; });
}

}  // namespace vigie::spec
