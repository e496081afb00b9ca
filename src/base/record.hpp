// Records that one version of vigie writes and another reads: named fields behind a version byte.
#pragma once

#include "base/secure.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vigie {

/// A record is the byte 1, the version of this form, then for each field its name and its value as
/// `packField` writes them. A name that stands there again continues a list. A field that is added needs no
/// new version: whoever does not know it passes over it. Nothing of the older forms begins with that byte.
constexpr char kRecordVersion = 1;

class RecordWriter {
public:
    RecordWriter() { out_.push_back(kRecordVersion); }

    RecordWriter& add(std::string_view name, std::string_view value);
    RecordWriter& add(std::string_view name, std::int64_t value);
    RecordWriter& add(std::string_view name, const std::vector<std::string>& values);

    [[nodiscard]] SecureBytes take() { return std::move(out_); }
    [[nodiscard]] std::string text() const { return std::string(view(out_)); }

private:
    SecureBytes out_;
};

/// Reads fields by name. What it gives out lies in `bytes`.
class RecordReader {
public:
    /// Throws Error unless the bytes are a record of this version.
    explicit RecordReader(std::string_view bytes);

    /// Whether they are of this form at all. A record of another version is.
    static bool is(std::string_view bytes);

    /// Throws Error when it is not there.
    [[nodiscard]] std::string_view text(std::string_view name) const;
    [[nodiscard]] std::string string(std::string_view name) const { return std::string(text(name)); }
    /// Throws Error when it is not there, or is no number.
    [[nodiscard]] std::int64_t number(std::string_view name) const;
    /// Every value of that name, in order; none: an empty list.
    [[nodiscard]] std::vector<std::string> list(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const;

private:
    std::vector<std::pair<std::string_view, std::string_view>> fields_;
};

}  // namespace vigie
