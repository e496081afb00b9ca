// Packs fields with their lengths, and reads them back.

#include "base/fields.hpp"

#include "base/error.hpp"

#include <charconv>

namespace vigie {

void packField(SecureBytes& to, std::string_view value) {
    append(to, std::to_string(value.size()));
    to.push_back(':');
    append(to, value);
}

std::string_view FieldReader::next() {
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
    const auto digits = static_cast<std::size_t>(end - rest_.data());
    if (error != std::errc{} || digits >= rest_.size() || rest_[digits] != ':' ||
        rest_.size() - digits - 1 < size) {
        throw Error("a record of the state database is damaged");
    }
    const auto out = rest_.substr(digits + 1, size);
    rest_.remove_prefix(digits + 1 + size);
    return out;
}

std::int64_t FieldReader::number() {
    const auto text = next();
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw Error("a record of the state database is damaged");
    }
    return out;
}

}  // namespace vigie
