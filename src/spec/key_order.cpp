// The order of a document's keys: fields by the schema, the rest by their bytes.

#include "spec/key_order.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace vigie::spec {
namespace {

bool nested(const Entry& entry) {
    return entry.value.kind == Node::Kind::map || entry.value.kind == Node::Kind::sequence;
}

/// Lines of their own first, as people write them.
void orderFreely(Node& node) {
    std::stable_sort(node.entries.begin(), node.entries.end(), [](const Entry& a, const Entry& b) {
        return nested(a) != nested(b) ? nested(b) : a.key < b.key;
    });
    for (auto& entry : node.entries) {
        orderFreely(entry.value);
    }
    for (auto& item : node.items) {
        orderFreely(item);
    }
}

/// The place of a field in its schema; behind the last one for a key of the user's own.
std::size_t placeOf(const Entry& entry, const Schema& schema) {
    return static_cast<std::size_t>(
        std::find_if(schema.properties.begin(), schema.properties.end(),
                     [&](const Property& property) { return property.name == entry.key; }) -
        schema.properties.begin());
}

void orderEntries(Node& node, const Schema& schema) {
    std::vector<std::pair<std::size_t, Entry>> placed;
    placed.reserve(node.entries.size());
    for (auto& entry : node.entries) {
        const auto place = placeOf(entry, schema);
        if (place < schema.properties.size()) {
            orderKeys(entry.value, *schema.properties[place].schema);
        } else if (schema.additional != nullptr) {
            orderKeys(entry.value, *schema.additional);
        }
        placed.emplace_back(place, std::move(entry));
    }
    std::stable_sort(placed.begin(), placed.end(), [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first < b.first : a.second.key < b.second.key;
    });
    for (std::size_t i = 0; i < placed.size(); ++i) {
        node.entries[i] = std::move(placed[i].second);
    }
}

}  // namespace

void orderKeys(Node& node, const Schema& schema) {
    if (schema.preserveUnknown) {
        return orderFreely(node);
    }
    orderEntries(node, schema);
    for (auto& item : node.items) {
        if (schema.items != nullptr) {
            orderKeys(item, *schema.items);
        }
    }
}

}  // namespace vigie::spec
