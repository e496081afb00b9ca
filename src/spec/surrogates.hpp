// `\ud83d\ude00`: one character as JSON writes it, and as no reader of YAML understands it.
#pragma once

#include "spec/node.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace vigie::spec {

/// A text in which such pairs were replaced by `\U0001F600`, which YAML knows. What stands behind them in
/// their line moves two columns to the left; `original` says where it stood.
class SurrogatePairs {
public:
    explicit SurrogatePairs(std::string text) : text_(std::move(text)) {}

    /// Replaces the pair of which the first half ends before `offset`, and whatever others the same quoted
    /// text has. `offset` is where the reader stopped, inside of double quotes. False when there is no whole
    /// pair.
    bool replaceAt(std::size_t offset);

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] Position original(Position at) const;

private:
    std::string text_;
    std::map<std::uint32_t, std::vector<std::uint32_t>> replaced_;  ///< line → columns at which one begins
};

}  // namespace vigie::spec
