// Unites native configuration with what the document writes.

#include "spec/native_merge.hpp"

#include "spec/read_yaml.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace vigie::spec {
namespace {

using Kind = Node::Kind;

/// Mappings that mean something as a whole only.
bool whole(const std::vector<std::string>& keys) {
    return keys.size() == 1 && (keys[0] == "route" || keys[0] == "alerting");
}

Entry* entryOf(Node& map, std::string_view key) {
    const auto it = std::find_if(map.entries.begin(), map.entries.end(),
                                 [&](const Entry& entry) { return entry.key == key; });
    return it == map.entries.end() ? nullptr : &*it;
}

std::string shown(const Node& value) {
    return value.kind == Kind::scalar && secretsIn(value.scalar).empty() ? value.scalar : "";
}

std::string nameIn(const Node& item, std::string_view field) {
    const auto* name = item.find(field);
    return name == nullptr ? "" : name->scalar;
}

/// The items of a list by their names.
class Names {
public:
    Names(const Node& list, std::string_view field) {
        for (std::size_t i = 0; i < list.items.size(); ++i) {
            places_.emplace(nameIn(list.items[i], field), i);
        }
    }

    [[nodiscard]] const Node* find(const Node& list, const std::string& name) const {
        const auto it = places_.find(name);
        return it == places_.end() ? nullptr : &list.items[it->second];
    }

private:
    std::map<std::string, std::size_t> places_;
};

class Merger {
public:
    explicit Merger(std::vector<NativeConflict>& conflicts) : conflicts_(conflicts) {}

    void maps(Node& native, const Node& ours, const std::vector<std::string>& above) {
        for (const auto& entry : ours.entries) {
            auto keys = above;
            keys.push_back(entry.key);
            auto* theirs = entryOf(native, entry.key);
            if (theirs == nullptr) {
                native.entries.push_back(entry);
            } else if (saysNothing(theirs->value)) {
                theirs->value = entry.value;
            } else if (!saysNothing(entry.value)) {
                both(theirs->value, entry.value, keys);
            }
        }
    }

private:
    void both(Node& native, const Node& ours, const std::vector<std::string>& keys) {
        if (native.kind == Kind::map && ours.kind == Kind::map && !whole(keys)) {
            maps(native, ours, keys);
        } else if (native.kind == Kind::scalar && ours.kind == Kind::scalar) {
            if (!sameData(native, ours)) {
                conflicts_.push_back(
                    {NativeConflict::Kind::different, keys, native.at, shown(native), shown(ours)});
            }
        } else if (const auto field = keys.size() == 1 ? nativeNameOf(keys[0]) : "";
                   !field.empty() && native.kind == Kind::sequence && ours.kind == Kind::sequence) {
            named(native, ours, field, keys);
        } else {
            conflicts_.push_back({NativeConflict::Kind::both, keys, native.at, {}, {}});
        }
    }

    void named(Node& native, const Node& ours, std::string_view field, const std::vector<std::string>& keys) {
        const Names names(native, field);
        for (const auto& item : ours.items) {
            const auto name = nameIn(item, field);
            const auto* theirs = names.find(native, name);
            if (theirs == nullptr) {
                native.items.push_back(item);
            } else if (!sameData(*theirs, item)) {
                auto here = keys;
                here.push_back(name);
                conflicts_.push_back({NativeConflict::Kind::item, here, theirs->at, {}, {}});
            }
        }
    }

    std::vector<NativeConflict>& conflicts_;
};

/// Adds what nobody has written.
void addDerived(Node& native, const Node& derived) {
    for (const auto& entry : derived.entries) {
        auto* theirs = entryOf(native, entry.key);
        const auto field = nativeNameOf(entry.key);
        if (theirs == nullptr) {
            native.entries.push_back(entry);
        } else if (saysNothing(theirs->value)) {
            theirs->value = entry.value;
        } else if (entry.value.kind == Kind::map && entry.key == "global") {
            for (const auto& each : entry.value.entries) {
                if (theirs->value.find(each.key) == nullptr) {
                    theirs->value.entries.push_back(each);
                }
            }
        } else if (!field.empty()) {
            const Names names(theirs->value, field);
            for (const auto& item : entry.value.items) {
                if (names.find(theirs->value, nameIn(item, field)) == nullptr) {
                    theirs->value.items.push_back(item);
                }
            }
        }
    }
}

}  // namespace

std::string_view nativeNameOf(std::string_view list) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kNames = {
        {{"scrape_configs", "job_name"},
         {"receivers", "name"},
         {"time_intervals", "name"},
         {"mute_time_intervals", "name"}}};
    const auto it =
        std::find_if(kNames.begin(), kNames.end(), [&](const auto& each) { return each.first == list; });
    return it == kNames.end() ? std::string_view() : it->second;
}

Node mergeNative(const Node& native, const NativeOurs& ours, std::vector<NativeConflict>& conflicts) {
    Node out = native;
    Merger(conflicts).maps(out, ours.written, {});
    addDerived(out, ours.derived);
    return out;
}

}  // namespace vigie::spec
