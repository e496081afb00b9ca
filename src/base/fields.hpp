// Fields packed one behind the other, each with its length in front.
#pragma once

#include "base/secure.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vigie {

/// Appends `value` with its length in front, so that any bytes can be read back.
void packField(SecureBytes& to, std::string_view value);

/// Reads fields in the order in which they were packed. Throws Error when there are no more, or when the
/// bytes were not written by `packField`.
class FieldReader {
public:
    explicit FieldReader(std::string_view bytes) : rest_(bytes) {}

    std::string_view next();
    std::int64_t number();
    [[nodiscard]] bool done() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

}  // namespace vigie
