// Tests import/dsn: A PostgreSQL connection string, taken apart.

#include "import/dsn.hpp"

#include "base/encoding.hpp"
#include "tests/support/catch.hpp"

namespace vigie::imports {
namespace {

TEST_CASE("a connection string is parsed and its password decoded", "[import][dsn]") {
    const auto out = parseDsn("postgres://stats:p%3FW6%40x%25y@pgbouncer:6432/pgbouncer?sslmode=disable");
    REQUIRE(out);
    CHECK(out->user == "stats");
    CHECK(view(out->password) == "p?W6@x%y");
    CHECK(out->host == "pgbouncer");
    CHECK(out->port == 6432);
    CHECK(out->database == "pgbouncer");
}

TEST_CASE("any password in a connection string is decoded from its percent encoding", "[import][dsn]") {
    for (const char* password : {"p@s s/w#x%1", "%", "a:b", "$x", "ü", "100%41"}) {
        SecureBytes encoded;
        appendPercentEncoded(encoded, password);
        const auto out = parseDsn("postgresql://u:" + std::string(view(encoded)) + "@h/d");
        REQUIRE(out);
        CHECK(view(out->password) == password);
        CHECK(out->port == 0);
    }
}

TEST_CASE("a password that is not percent-encoded is read up to the last @", "[import][dsn]") {
    const auto out = parseDsn("postgres://u:a@b%zz@h:1/d");
    REQUIRE(out);
    CHECK(view(out->password) == "a@b%zz");
    CHECK(out->host == "h");
}

TEST_CASE("a text that is no connection string is refused", "[import][dsn]") {
    for (const char* text : {"", "host=h user=u", "mysql://u:p@h/d", "postgres://", "postgres:///d"}) {
        CAPTURE(text);
        CHECK_FALSE(parseDsn(text));
    }
}

}  // namespace
}  // namespace vigie::imports
