// Tests base/text: Lines, words, likely spellings and UTF-8.

#include "base/text.hpp"

#include "tests/support/catch.hpp"

namespace vigie {
namespace {

TEST_CASE("the nearest candidate of a misspelt word is found, and none when none is near", "[base]") {
    const std::vector<std::string> fields{"listenPort", "persistentKeepalive", "mtu", "interface", "network"};
    CHECK(nearest("listenport", fields) == "listenPort");
    CHECK(nearest("lisetnPort", fields) == "listenPort");
    CHECK(nearest("networks", fields) == "network");
    CHECK(nearest("mut", fields) == "mtu");
    CHECK(nearest("colour", fields).empty());
    CHECK(nearest("", {}).empty());
}

TEST_CASE("candidates that share words with an unknown name are found", "[base]") {
    using Names = std::vector<std::string>;
    const Names grafana{"project", "port", "adminUser", "adminPasswordFrom", "anonymous", "datasources"};
    CHECK(likely("password", grafana) == Names{"adminPasswordFrom"});
    CHECK(likely("adminPassword", grafana) == Names{"adminPasswordFrom"});
    CHECK(likely("admin_password", grafana) == Names{"adminPasswordFrom"});
    CHECK(likely("admin", grafana) == Names{"adminUser", "adminPasswordFrom"});
    CHECK(likely("projcet", grafana) == Names{"project"});
    const Names slack{"sendResolved", "apiURLFrom", "channel", "iconURL", "imageURL", "thumbURL"};
    CHECK(likely("apiURL", slack) == Names{"apiURLFrom"});
    CHECK(likely("api_url", slack) == Names{"apiURLFrom"});
    CHECK(likely("api", slack) == Names{"apiURLFrom"});
    CHECK(likely("chanel", slack) == Names{"channel"});
    CHECK(likely("url", slack).empty());  // too many
    CHECK(likely("match", {"receiver", "matchers", "continue"}) == Names{"matchers"});
    CHECK(likely("hostName", {"name", "endpoint", "vpn"}) == Names{"name"});
    CHECK(likely("interval", {"scrapeInterval", "port", "evaluationInterval"}) ==
          Names{"scrapeInterval", "evaluationInterval"});
}

TEST_CASE("parts of words and short prefixes yield no candidates", "[base]") {
    CHECK(likely("ort", {"support", "deportment"}).empty());
    CHECK(likely("war", {"warehouses"}).empty());
    CHECK(likely("a", {"aLot", "anything"}).empty());
    CHECK(likely("", {"anything"}).empty());
    CHECK(likely("__", {"anything"}).empty());
    CHECK(likely("anything", {}).empty());
    CHECK(likely(std::string(100'000, 'x'), {"x", std::string(100'000, 'x')}).empty());
}

TEST_CASE("a very long word is not compared with candidates", "[base]") {
    CHECK(nearest(std::string(100'000, 'x'), {std::string(100'000, 'x')}).empty());
}

TEST_CASE("among equally near candidates the first one wins", "[base]") {
    CHECK(nearest("hosta", {"hostb", "hostc"}) == "hostb");
}

TEST_CASE("joining what was split gives the text back", "[base]") {
    for (const std::string text : {"", "a", "a:b", ":", "::", "a:", ":a", "a::b"}) {
        std::vector<std::string> parts;
        for (const auto part : split(text, ':')) {
            parts.emplace_back(part);
        }
        std::string joined;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            joined += (i == 0 ? "" : ":") + parts[i];
        }
        CHECK(joined == text);
    }
}

TEST_CASE("a trailing line end begins no new line", "[base]") {
    CHECK(splitLines("").empty());
    CHECK(splitLines("a") == std::vector<std::string_view>{"a"});
    CHECK(splitLines("a\n") == std::vector<std::string_view>{"a"});
    CHECK(splitLines("\n") == std::vector<std::string_view>{""});
    CHECK(splitLines("a\n\nb") == std::vector<std::string_view>{"a", "", "b"});
}

TEST_CASE("trim takes white space from both ends and leaves what is inside", "[base]") {
    CHECK(trim(" \t a b \r\n") == "a b");
    CHECK(trim(" \n ").empty());
    CHECK(trim("").empty());
}

TEST_CASE("join puts the separator between the parts", "[base]") {
    CHECK(join({}, ", ").empty());
    CHECK(join({"a", "b", "c"}, ", ") == "a, b, c");
}

TEST_CASE("join keeps an empty first part", "[base]") {
    CHECK(join({"", "a"}, ":") == ":a");
}

TEST_CASE("a count of one has a singular noun, other counts a plural", "[base]") {
    CHECK(count(0, "host") == "0 hosts");
    CHECK(count(1, "host") == "1 host");
    CHECK(count(2, "host") == "2 hosts");
}

TEST_CASE("control characters and invalid bytes are escaped for printing", "[base]") {
    std::string all;
    for (int c = 0; c < 256; ++c) {
        all += static_cast<char>(c);
    }
    for (const char c : printable(all)) {
        const auto byte = static_cast<unsigned char>(c);
        CHECK((byte >= 0x20 && byte != 0x7f));
    }
    CHECK(printable("\x1b[31mé\n") == "\\x1b[31mé\\x0a");
    // C1, of which U+009B is CSI to xterm and VTE: as a character and as a byte that is none.
    for (int c = 0x80; c < 0xa0; ++c) {
        const char byte = static_cast<char>(c);
        CHECK(printable(std::string("\xc2") + byte + "31m") == printable(std::string(1, byte)) + "31m");
    }
    CHECK(printable("\xc2\x9b"
                    "31m") == "\\x9b31m");
    CHECK(printable("\xe2\x1b[31m") == "\\xe2\\x1b[31m");  // no character swallows what follows
}

TEST_CASE("invisible and bidirectional control characters are escaped for printing", "[base]") {
    for (const char* each : {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068",
                             "\u2069", "\u200b", "\u200e", "\u200f", "\u061c", "\ufeff"}) {
        CAPTURE(printable(each));
        CHECK(printable(each).rfind("\\u", 0) == 0);
        CHECK(printable(each).size() == 6);
    }
    CHECK(printable("a\u202eb") == "a\\u202eb");
    CHECK(printable("\u00a0\u20ac \U0001F600") == "\u00a0\u20ac \U0001F600");
}

}  // namespace
}  // namespace vigie
