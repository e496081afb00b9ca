// What a program says of files of others, as everybody may read it.

#include "base/foreign_words.hpp"

#include "tests/support/catch.hpp"

namespace vigie {
namespace {

ForeignWords project() {
    ForeignWords out;
    out.read(
        "services:\n"
        "  web:\n"
        "    image: registry.example/app:1.2\n"
        "    environment:\n"
        "      - API_TOKEN=t0psecret/42!\n"
        "      PASSWORD: \"hunter2hunter2\"\n"
        "    command: [serve, --key, qwertyuiop]\n"
        "    depends_on: [database]\n"
        "  database:\n");
    out.read("# nothing\nexport KEY='v4lue of $more'\nOTHER = spaced-out\nunquotable words\n");
    out.know("shop /srv/shop/.env");
    return out;
}

TEST_CASE("names in a complaint of Compose are shown", "[base][foreign_words]") {
    for (const char* line :
         {R"(service "web" depends on undefined service "database": invalid compose project)",
          "services.web.ports must be a list",
          "pull access denied for registry.example/app:1.2, it does not exist",
          R"(failed to read /srv/shop/.env: line 3: a variable "KEY" is set twice)",
          "Container shop-web-1  Starting", "it doesn't start: port 3000 isn't free", ""}) {
        CHECK(project().showable(line) == line);
    }
}

TEST_CASE("values in a complaint of Compose are masked", "[base][foreign_words]") {
    const auto shown = [](std::string_view line) { return project().showable(line); };
    CHECK(shown(R"(invalid interpolation format for services.web.environment.API_TOKEN: "t0psecret/42!")") ==
          R"(invalid interpolation format for services.web.environment.API_TOKEN: "***")");
    CHECK(shown("invalid proto: qwertyuiop") == "invalid proto: ***");
    CHECK(shown("hunter2hunter2: command not found.") == "***: command not found.");
    CHECK(shown("it is hunter2hunter2.") == "it is ***");
    CHECK(shown("[#] spaced-out --up") == "[#] *** --up");
    SECTION("quoted, and cut or escaped by the program") {
        CHECK(shown(R"(unexpected character "!" in variable name "t0psec\"ret\nKEY=")") ==
              R"(unexpected character "***" in variable name "***")");
        CHECK(shown("required variable X: 'of a file that nobody named") == "required variable X: '***");
    }
}

TEST_CASE("a complaint about a file that cannot be read is masked entirely", "[base][foreign_words]") {
    auto words = project();
    words.readFailed();
    CHECK(words.showable("line 3: anything") == "***");
}

}  // namespace
}  // namespace vigie
