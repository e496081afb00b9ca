// Parses JSON of others within limits.

#include "base/parse_json.hpp"

namespace vigie {

bool fitsJson(std::string_view bytes, const JsonLimits& limits) {
    // Up to its first mistake a parser sees the same strings and brackets; behind that it reads no further.
    std::size_t depth = 0;
    std::size_t values = 1;
    bool inString = false;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const char c = bytes[i];
        if (inString) {
            i += c == '\\' ? 1U : 0U;
            inString = c != '"';
            continue;
        }
        inString = c == '"';
        const bool opens = c == '[' || c == '{';
        depth += opens ? 1U : 0U;
        depth -= (c == ']' || c == '}') && depth > 0 ? 1U : 0U;
        values += opens || c == ',' || c == ':' ? 1U : 0U;
        if (depth > limits.depth || values > limits.values) {
            return false;
        }
    }
    return true;
}

}  // namespace vigie
