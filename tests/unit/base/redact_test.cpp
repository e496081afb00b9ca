// Tests base/redact: Which settings hold a secret, and the mask that is shown for one.

#include "base/redact.hpp"

#include "tests/support/catch.hpp"

namespace vigie {
namespace {

TEST_CASE("a line that looks like a password is masked, and its key is kept", "[base]") {
    CHECK(redactLine("  password: hunter2") == "  password: ***");
    CHECK(redactLine("PrivateKey = abc=") == "PrivateKey = ***");
    CHECK(redactLine("PGPASSWORD=x") == "PGPASSWORD=***");
    CHECK(redactLine("a: postgres://stats:x@h/db") == "a: postgres://stats:***@h/db");
}

TEST_CASE("names of files and users are not masked as passwords", "[base]") {
    for (const char* line :
         {"smtp_auth_password_file: /etc/x", "PGPASSFILE=/etc/x", "username: a", "http://h/a@b",
          "- job_name: a", "secretKeyFile=/x", "passwordFrom: { a: b }", "a: b", "", "password:"}) {
        INFO(line);
        CHECK(redactLine(line) == line);
    }
}

}  // namespace
}  // namespace vigie
