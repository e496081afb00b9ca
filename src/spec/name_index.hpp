// Named items of a list, found without looking at one after the other.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vigie::spec {

/// Where the names of one list stand. Who has filled a list notes it; a copy of the list, or one that has
/// grown since, is searched from its beginning, and so is a short one. Nobody renames items of a list that
/// was noted.
class NameIndex {
public:
    NameIndex() = default;
    ~NameIndex() = default;
    NameIndex(const NameIndex& /*of another list*/) {}
    NameIndex& operator=(const NameIndex& other) {
        if (this != &other) {
            *this = NameIndex();
        }
        return *this;
    }
    NameIndex(NameIndex&&) = default;
    NameIndex& operator=(NameIndex&&) = default;

    template <class T>
    void note(const std::vector<T>& list) {
        places_.clear();
        list_ = list.data();
        size_ = list.size();
        for (std::size_t i = 0; i < list.size() && size_ >= kLong; ++i) {
            places_.emplace(list[i].name, i);
        }
    }

    /// The first item of that name. Null when there is none.
    template <class T>
    const T* find(const std::vector<T>& list, std::string_view name) const {
        if (list.size() < kLong || list_ != list.data() || size_ != list.size()) {
            for (const auto& item : list) {
                if (item.name == name) {
                    return &item;
                }
            }
            return nullptr;
        }
        const auto it = places_.find(std::string(name));
        return it == places_.end() ? nullptr : &list[it->second];
    }

    bool operator==(const NameIndex& /*other*/) const { return true; }  // it says nothing of its own

private:
    static constexpr std::size_t kLong = 64;

    const void* list_ = nullptr;
    std::size_t size_ = 0;
    std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace vigie::spec
