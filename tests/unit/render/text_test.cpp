// Tests render/text: Text in which secrets are known by their ids.

#include "render/text.hpp"

#include "render/resource.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <stdexcept>

namespace vigie::render {
namespace {

SecretValue secret(const std::string& id, std::string_view value) {
    return {id, std::make_shared<const SecureBytes>(secureBytes(value))};
}

Text around(const SecretValue& value, Encoding encoding = Encoding::raw) {
    Text out("before ");
    out.append(value, encoding).append(" after");
    return out;
}

TEST_CASE("the digest of a text depends on a secret's id, not on its value", "[render]") {
    CHECK(around(secret("id", "one")).digest() == around(secret("id", "two")).digest());
    CHECK(around(secret("id", "one")).digest() == around({"id", nullptr}).digest());
    CHECK(around(secret("id", "one")).digest() != around(secret("other", "one")).digest());
    CHECK(around(secret("id", "one")).digest() != around(secret("id", "one"), Encoding::percent).digest());
}

TEST_CASE("the digest of a resource depends on a secret's id, not on its value", "[render]") {
    const auto file = [](const char* id, const char* value) {
        return Resource{"file:/a", File{"/a", around(secret(id, value)), 0600, {}}, {}, ""};
    };
    CHECK(digestOf(file("id", "one")) == digestOf(file("id", "two")));
    CHECK(digestOf(file("id", "one")) != digestOf(file("other", "one")));
}

TEST_CASE("a literal text of asterisks is not taken for a masked secret", "[render]") {
    CHECK(Text("before *** after").masked() == around(secret("id", "x")).masked());
    CHECK(Text("before *** after").digest() != around(secret("id", "x")).digest());
    CHECK_FALSE(Text("***").hasSecrets());
}

TEST_CASE("a masked text hides the secret, a revealed one shows it", "[render]") {
    const Text text = around(secret("id", "hunter2"));
    CHECK(text.masked() == "before *** after");
    CHECK(view(text.reveal()) == "before hunter2 after");
    CHECK(text.available());
}

TEST_CASE("a text with a secret sealed for another host cannot be revealed", "[render]") {
    Text text = around(secret("id", "hunter2"));
    text.append({"other", nullptr}, Encoding::raw);
    CHECK(text.masked() == "before *** after***");
    CHECK_FALSE(text.available());
    CHECK_THROWS_AS(text.reveal(), std::logic_error);
}

TEST_CASE("a secret is escaped as its encoding requires", "[render]") {
    CHECK(view(around(secret("id", "p@s s/w#x%1"), Encoding::percent).reveal()) ==
          "before p%40s%20s%2Fw%23x%251 after");
    CHECK(view(around(secret("id", R"(a:b\c)"), Encoding::pgpass).reveal()) == R"(before a\:b\\c after)");
}

TEST_CASE("a text appended to another keeps its secrets", "[render]") {
    Text text("x ");
    text.appendText(around(secret("id", "hunter2"))).append("!");
    CHECK(text.masked() == "x before *** after!");
    CHECK(view(text.reveal()) == "x before hunter2 after!");
}

TEST_CASE("a literal in several parts has the digest of the whole", "[render]") {
    Text parts("a");
    parts.append("b").append("c");
    CHECK(parts.digest() == Text("abc").digest());
}

}  // namespace
}  // namespace vigie::render
