// Puts items into lists of a document's text, and takes them away.
#pragma once

#include "spec/node.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vigie::spec {

/// An item in both forms.
struct NewItem {
    std::string flow;                ///< `{ name: phone }`
    std::vector<std::string> block;  ///< without indentation; the first line begins with `- `
};

/// `text` with one more item at the end of the list `key` of the mapping at `parent`, in the form of its
/// neighbours; the list is made where there is none. Not one byte else is changed. Throws Error,
/// with the place, where the list cannot be edited. The caller reads the result again: what is written in an
/// odd way may have become something else.
std::string withItem(std::string_view text, const FieldPath& parent, std::string_view key,
                     const NewItem& item);

/// `text` without the item; without the whole list when it was the last one. Comments around it stay.
std::string withoutItem(std::string_view text, const FieldPath& parent, std::string_view key,
                        std::size_t index);

}  // namespace vigie::spec
