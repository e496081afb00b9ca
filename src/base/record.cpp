// Reads and writes records with named fields and a version.

#include "base/record.hpp"

#include "base/error.hpp"
#include "base/fields.hpp"

#include <algorithm>
#include <charconv>

namespace vigie {
namespace {

constexpr char kFirstOfText = '\t';

[[noreturn]] void damaged(std::string_view name) {
    throw Error("a record of the state database is damaged: its field `" + std::string(name) +
                "` is missing or no number");
}

}  // namespace

RecordWriter& RecordWriter::add(std::string_view name, std::string_view value) {
    packField(out_, name);
    packField(out_, value);
    return *this;
}

RecordWriter& RecordWriter::add(std::string_view name, std::int64_t value) {
    return add(name, std::to_string(value));
}

RecordWriter& RecordWriter::add(std::string_view name, const std::vector<std::string>& values) {
    for (const auto& value : values) {
        add(name, std::string_view(value));
    }
    return *this;
}

bool RecordReader::is(std::string_view bytes) {
    return !bytes.empty() && bytes.front() >= kRecordVersion && bytes.front() < kFirstOfText;
}

RecordReader::RecordReader(std::string_view bytes) {
    if (!is(bytes) || bytes.front() != kRecordVersion) {
        throw Error("a record of the state database is damaged, or was written by a newer vigie");
    }
    FieldReader fields(bytes.substr(1));
    while (!fields.done()) {
        const auto name = fields.next();
        fields_.emplace_back(name, fields.next());
    }
}

std::string_view RecordReader::text(std::string_view name) const {
    const auto it =
        std::find_if(fields_.begin(), fields_.end(), [&](const auto& field) { return field.first == name; });
    if (it == fields_.end()) {
        damaged(name);
    }
    return it->second;
}

std::int64_t RecordReader::number(std::string_view name) const {
    const auto value = text(name);
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
    if (error != std::errc{} || end != value.data() + value.size()) {
        damaged(name);
    }
    return out;
}

std::vector<std::string> RecordReader::list(std::string_view name) const {
    std::vector<std::string> out;
    for (const auto& [field, value] : fields_) {
        if (field == name) {
            out.emplace_back(value);
        }
    }
    return out;
}

bool RecordReader::has(std::string_view name) const {
    return std::any_of(fields_.begin(), fields_.end(),
                       [&](const auto& field) { return field.first == name; });
}

}  // namespace vigie
