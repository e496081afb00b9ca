// Classes of ASCII characters, whatever the locale.
#pragma once

#include <algorithm>
#include <string_view>

/// Characters of ASCII, whatever the locale.
namespace vigie::spec {

inline bool digit(char c) {
    return c >= '0' && c <= '9';
}
inline bool letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
inline bool alnum(char c) {
    return digit(c) || letter(c);
}

inline bool hexadecimal(char c) {
    return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

template <class Predicate>
bool all(std::string_view text, Predicate predicate) {
    return std::all_of(text.begin(), text.end(), predicate);
}

inline bool oneOf(char c, std::string_view set) {
    return set.find(c) != std::string_view::npos;
}

}  // namespace vigie::spec
