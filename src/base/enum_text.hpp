// The texts of an enumeration: how its values are stored, written and read.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace vigie {

/// One value and its text. A table of them has a row for each value; see `textIn` and `valueIn`.
template <class Enum>
struct EnumText {
    Enum value;
    std::string_view text;
};

/// The text of `value`; empty where the table has no row for it.
template <class Enum, std::size_t N>
constexpr std::string_view textIn(const std::array<EnumText<Enum>, N>& table, Enum value) {
    for (const auto& each : table) {
        if (each.value == value) {
            return each.text;
        }
    }
    return {};
}

/// The value that `text` stands for; nothing when it is none of the table's.
template <class Enum, std::size_t N>
constexpr std::optional<Enum> valueIn(const std::array<EnumText<Enum>, N>& table, std::string_view text) {
    for (const auto& each : table) {
        if (each.text == text) {
            return each.value;
        }
    }
    return std::nullopt;
}

}  // namespace vigie
