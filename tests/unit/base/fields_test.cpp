// Tests base/fields: Fields packed one behind the other, each with its length in front.

#include "base/fields.hpp"

#include "base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>
#include <cstdint>

namespace vigie {
namespace {

std::string packed(const std::vector<std::string>& values) {
    SecureBytes out;
    for (const auto& value : values) {
        packField(out, value);
    }
    return std::string(view(out));
}

/// All fields, however many there are.
std::vector<std::string> unpacked(std::string_view bytes) {
    FieldReader reader(bytes);
    std::vector<std::string> out;
    while (!reader.done()) {
        out.emplace_back(reader.next());
    }
    return out;
}

std::string anyBytes(tests::Dice& dice, std::size_t longest) {
    std::string out(dice.below(longest), '\0');
    for (auto& byte : out) {
        byte = static_cast<char>(dice.below(256));
    }
    return out;
}

TEST_CASE("packed fields of any bytes are unpacked unchanged in order", "[fields]") {
    tests::Dice dice;
    for (int i = 0; i < 500; ++i) {
        std::vector<std::string> values(dice.below(6));
        for (auto& value : values) {
            value = anyBytes(dice, 40);
        }
        CHECK(unpacked(packed(values)) == values);
    }
    const std::vector<std::string> odd{
        "", "5:hello", ":", std::string("\0", 1), "3", std::string(100'000, ':')};
    CHECK(unpacked(packed(odd)) == odd);
}

TEST_CASE("packed numbers are unpacked unchanged, including the extremes", "[fields]") {
    for (const std::int64_t number : {std::int64_t{0}, std::int64_t{-7}, INT64_MAX, INT64_MIN}) {
        const std::string bytes = packed({std::to_string(number)});
        CHECK(FieldReader(bytes).number() == number);
    }
}

void requireNoNumber(const std::string& text) {
    INFO(text);
    const std::string bytes = packed({text});
    CHECK_THROWS_AS(FieldReader(bytes).number(), Error);
}

TEST_CASE("a field that is not a plain number is refused as a number", "[fields]") {
    for (const char* text : {"x", "1x", " 1", "1 ", "+1", "-"}) {
        requireNoNumber(text);
    }
}

TEST_CASE("an empty field and a number out of range are refused as a number", "[fields]") {
    for (const char* text : {"", "9223372036854775808", "-9223372036854775809", "99999999999999999999"}) {
        requireNoNumber(text);
    }
}

TEST_CASE("reading past the last field is an error", "[fields]") {
    CHECK(FieldReader("").done());
    CHECK_THROWS_AS(FieldReader("").next(), Error);
    const std::string bytes = packed({"a"});
    FieldReader reader(bytes);
    CHECK(reader.next() == "a");
    CHECK(reader.done());
    CHECK_THROWS_AS(reader.next(), Error);
    CHECK_THROWS_AS(reader.number(), Error);
}

TEST_CASE("bytes that packField cannot have written are refused", "[fields]") {
    for (const char* bytes :
         {"a", ":", ":a", "1", "1:", "2:a", "-1:a", "+1:a", " 1:a", "1 :a", "1a:b", "0x1:a",
          "18446744073709551615:a", "18446744073709551616:a", "99999999999999999999999:a"}) {
        INFO(bytes);
        CHECK_THROWS_AS(FieldReader(bytes).next(), Error);
    }
}

TEST_CASE("a truncated record yields its complete fields and then an error", "[fields]") {
    const std::vector<std::string> values{"one", "", "twelve bytes", "4:four"};
    const std::string whole = packed(values);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        INFO(size);
        FieldReader reader(std::string_view(whole).substr(0, size));
        std::vector<std::string> read;
        const auto readAll = [&] {
            while (read.size() < values.size()) {
                read.emplace_back(reader.next());
            }
        };
        CHECK_THROWS_AS(readAll(), Error);
        CHECK(std::equal(read.begin(), read.end(), values.begin()));
    }
}

TEST_CASE("a record with changed bytes is read within its bounds or refused", "[fields]") {
    tests::Dice dice;
    const std::string whole = packed({"one", "-12", "twelve bytes", std::string(30, '1')});
    for (int i = 0; i < 3000; ++i) {
        std::string damaged = whole;
        for (std::size_t k = 0; k <= dice.below(4); ++k) {
            // Digits and colons are what the reader goes by.
            damaged[dice.below(damaged.size())] =
                dice.below(2) == 0 ? "0123456789:-"[dice.below(12)] : static_cast<char>(dice.below(256));
        }
        FieldReader reader(damaged);
        std::size_t total = 0;
        try {
            while (!reader.done()) {
                total += reader.next().size();
            }
        } catch (const Error& error) {
            CHECK(std::string(error.what()) == "a record of the state database is damaged");
        }
        CHECK(total < damaged.size());
    }
}

}  // namespace
}  // namespace vigie
