#include "spec/format.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <yaml-cpp/yaml.h>

#include <map>
#include <regex>
#include <set>

namespace vigie::spec {
namespace {

struct Examples {
    std::vector<std::string> accepted;
    std::vector<std::string> refused;
};

const std::string kKey = "OmYU3jkwvioUJLRLsOV5l3pwzDuJD2RQi5iMJuqFATE=";

const std::map<std::string, Examples>& table() {
    static const std::map<std::string, Examples> out = {
        {"name",
         {{"a", "A9", "moments_api", "a.b-c", std::string(63, 'x')},
          {"", "-a", "a-", ".", "a b", "é", "a/b", std::string(64, 'x')}}},
        {"compose-name",
         {{"a", "moments", "a-b_c", "0", "a-"}, {"", "-a", "_a", "Moments", "a.b", std::string(64, 'x')}}},
        {"service-name", {{"a", "pgbouncer", "A_b.c-"}, {"", "_a", ".a", "a b", std::string(64, 'x')}}},
        {"host",
         {{"203.0.113.10", "vps.example.org", "a", "2001:db8:0:0:0:0:0:1"},
          {"", "https://a", "a/b", "a:1", "1.2.3", "256.1.1.1", "-a", "a.", "[::1]", "a b"}}},
        {"ip",
         {{"10.66.66.1", "fd00:0:0:0:0:0:0:1", "::1"},
          {"", "10.66.66", "10.66.66.01", "10.66.66.1/30", "10.66.66.1:80", "vps", "::g", " ::1"}}},
        {"cidr",
         {{"10.66.66.0/30", "0.0.0.0/0", "10.0.0.1/32", "fd00:0:0:0:0:0:0:0/64"},
          {"", "10.66.66.0", "10.66.66.1/30", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8",
           "fd00::/129", "x/8"}}},
        {"wireguard-key",
         {{kKey},
          {"", "x", kKey.substr(1), kKey + "=", "OmYU3jkwvioUJLRLsOV5l3pwzDuJD2RQi5iMJuqFATF=", " " + kKey}}},
        {"sealing-key", {{kKey}, {"", "hunter2", kKey + kKey}}},
        {"sealed",
         {{std::string(64, 'A'), std::string(66, 'A') + "=="},
          {"", "hunter2", kKey, std::string(63, 'A') + "="}}},
        {"prometheus-duration",
         {{"0", "15s", "1h30m", "1d", "1y2w3d4h5m6s7ms"},
          {"", "15", "1.5h", "-5s", "+5s", "30m1h", "5s5s", "s", "5 s", "5S", "9999999999999y"}}},
        {"probe-target",
         {{"https://example.org/a?b=c@d", "10.66.66.1:22", "example.org", "[::1]:53"},
          {"", "a b", "https://user:pass@example.org/", "http://u@h", std::string(501, 'x')}}},
        {"user-id", {{"0", "65534:65534", "1000"}, {"", "root", "1:", ":1", "1:2:3", "-1", "1234567890"}}},
        {"interface", {{"wg0", "a.b", "vigie-0"}, {"", ".", "..", "a/b", "a b", "abcdefghijklmnop"}}},
        {"absolute-path",
         {{"/opt/moments", "/a/b.c/d_e-f+g@h"},
          {"", "opt", "./a", "/a/../b", "/a//b", "/a/", "/a/./b", "/a b", "/a$b", "/é"}}},
        {"credential-path",
         {{"/opt/moments", "credentials:deploy-key", "credentials:a.b"},
          {"", "opt", "credentials:", "credentials:..", "credentials:a/b", "credentials:a b",
           "credential:a"}}},
        {"relative-path",
         {{"a", "rules/alerts.yml", ".env", "a..b"},
          {"", ".", "/a", "../a", "a/../b", "a/..", "a/", "./a", "a//b", "a/./b", "a b"}}},
        {"project-path",
         {{"./prom-data", "prom-data", "a/b"}, {"", "./", ".", "/a", "./../a", "././a", ".//a"}}},
        {"source-path", {{".", "a/b"}, {"", "./a", "/a", ".."}}},
        {"http-path",
         {{"/", "/metrics", "/a?b=c", "/%20"},
          {"", "metrics", "/a b", "/é", "/" + std::string(501, 'x'), "/a\n"}}},
        {"env-name", {{"OTEL_ENDPOINT", "_a", "a1"}, {"", "1a", "A-B", "A=B", "A B", std::string(101, 'A')}}},
        {"image",
         {{"prom/prometheus:v3.5.0", "registry:5000/a/b@sha256:00", "a"},
          {"", "A", "/a", "a b", "a$b", std::string(252, 'a')}}},
        {"version-constraint",
         {{">=0.1", ">=1.2.3"},
          {"", "0.1", ">0.1", ">=1", ">=1.2.3.4", ">= 0.1", ">=a.b", ">=1.", ">=1.2.3-rc1"}}},
        {"registry",
         {{"registry.example.org", "registry.example.org:5000", "10.0.0.1:5000", "docker.io"},
          {"", "https://r.example.org", "r/x", "r:", "r:0", "r:65536", "-r", "r.", "r r", "[::1]:5000"}}},
        {"host-port",
         {{"smtp.example.org:587", "10.0.0.1:25", "[2001:db8:0:0:0:0:0:1]:25"},
          {"", "smtp", "smtp:", "smtp:0", "smtp:65536", ":25", "smtp:25x", "a b:25", "smtp://a:25"}}},
        {"listen-address",
         {{"127.0.0.1:9469", "0.0.0.0:1", "10.66.66.1:65535", "[::1]:9469", "[2001:db8:0:0:0:0:0:1]:80"},
          {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", ":9469", "9469", "*:9469",
           "localhost:9469", "::1:9469", "[::1]", "[127.0.0.1]:9469", "[]:1", "http://127.0.0.1:9469",
           "127.0.0.1:9469/", "127.1:9469"}}},
        {"target", {{"10.66.66.1:9100", "[::1]:9100", "name"}, {"", "http://a:1", "a:1/metrics", "a b"}}},
        {"diagnostic-code", {{"VG0406"}, {"", "0406", "vg0406", "VG406", "VG04066", "VG04O6"}}},
        {"resource-id",
         {{"file:/etc/wireguard/wg0.conf", "compose:moments/a", "reload:prometheus"},
          {"", "file:", "file", "/etc/x", "thing:a", ":a"}}},
        {"git-url",
         {{"https://h/r.git", "ssh://git@h/r", "git@h:r.git", "file:///srv/r", "/srv/r", "https://user@h/r",
           "HTTPS://h/r.git", "SSH://git@h/r", "File:///srv/r", "/srv/my repository.git",
           "/srv/d\xc3\xa9p\xc3\xb4t"},
          {"", "http://h/r", "https://u:pw@h/r", "ssh://u:pw@h/r", "r", "git://h/r", "https://h/a b",
           "HTTP://h/r", "HTTPS://u:pw@h/r", "/srv/a\tb", "git@h:a b", "ext::sh -c x"}}},
        {"byte-size",
         {{"1B", "512MB", "1.5GiB", "20GB"}, {"", "1", "B", "1kb", "-1B", "1.B", "1..2B", "1 GB", "1XB"}}},
        {"http-url",
         {{"http://a", "https://example.org/a?b", "http://[::1]:80/", "https://user@h/"},
          {"", "example.org", "ftp://a", "http://", "http:///a", "https://u:pw@h/", "http://a b"}}},
        {"label-name", {{"a", "_a1", "alertname"}, {"", "1a", "a-b", "a.b", "é", std::string(201, 'a')}}},
        {"timestamp",
         {{"2026-12-24T08:00:00Z", "2024-02-29T23:59:59.123+02:00"},
          {"", "2026-12-24", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-12-24T24:00:00Z",
           "2026-12-24T08:00:00", "2026-12-24 08:00:00Z", "2026-12-24T08:00:00+25:00"}}},
        {"git-commit",
         {{std::string(40, 'a'), "0123456789abcdef0123456789abcdef01234567"},
          {"", "main", std::string(39, 'a'), std::string(41, 'a'), std::string(40, 'A'),
           std::string(40, 'g')}}},
        {"proxy-url",
         {{"http://proxy.example.org:3128", "http://127.0.0.1:8080"},
          {"", "proxy.example.org:3128", "https://p:3128", "http://p", "http://u:pw@p:3128", "http://p:3128/",
           "socks5://p:1080"}}},
        {"binary-size",
         {{"1MiB", "512MiB", "2GiB"}, {"", "512", "0MiB", "512MB", "1.5GiB", "-1MiB", "12345678MiB"}}},
        {"date-time", {{"2025-01-01T00:00:00Z"}, {}}},
    };
    return out;
}

/// Every `format` of the CRD with the `pattern` beside it.
void collect(const YAML::Node& node, std::set<std::pair<std::string, std::string>>& out) {
    if (node.IsMap()) {
        if (node["format"] && node["format"].IsScalar() && node["pattern"] && node["pattern"].IsScalar()) {
            out.emplace(node["format"].Scalar(), node["pattern"].Scalar());
        }
        for (const auto& entry : node) {
            collect(entry.second, out);
        }
    } else if (node.IsSequence()) {
        for (const auto& item : node) {
            collect(item, out);
        }
    }
}

const std::set<std::pair<std::string, std::string>>& patterns() {
    static const auto all = [] {
        std::set<std::pair<std::string, std::string>> out;
        collect(YAML::Load(tests::readSource("crd/monitoringstacks.vigie.dev.yaml")), out);
        return out;
    }();
    return all;
}

/// Whether a Kubernetes API server takes `text` wherever vigie takes it as a `format`.
bool patternAgrees(const std::string& format, const std::string& text) {
    for (const auto& [name, pattern] : patterns()) {
        if (name == format && !checkFormat(format, text) && !std::regex_match(text, std::regex(pattern))) {
            return false;
        }
    }
    return true;
}

std::string changed(std::string text, tests::Dice& dice) {
    const std::string alphabet = "aZ09 ./:-_@=+$[]{}\n";
    const char c = alphabet[dice.below(alphabet.size())];
    const std::size_t at = dice.below(text.size() + 1);
    switch (dice.below(3)) {
        case 0:
            return text.insert(at, 1, c);
        case 1:
            return text.erase(std::min(at, text.size() - 1), 1);
        default:
            text[std::min(at, text.size() - 1)] = c;
            return text;
    }
}

/// Texts on which format and pattern disagree; see "at the edges" below.
bool knownEdge(const std::string& text) {
    return text == "/" || text.back() == ':';
}

TEST_CASE("each format accepts what it should and refuses what it should", "[spec]") {
    for (const auto& [format, examples] : table()) {
        for (const auto& text : examples.accepted) {
            INFO(format << " accepts `" << text << "`");
            CHECK_FALSE(checkFormat(format, text));
        }
        for (const auto& text : examples.refused) {
            INFO(format << " refuses `" << text << "`");
            const auto problem = checkFormat(format, text);
            REQUIRE(problem);
            CHECK_FALSE(problem->message.empty());
            CHECK_FALSE(problem->hint.empty());
        }
    }
}

TEST_CASE("every format has examples, and no other exists", "[spec]") {
    for (const auto& name : formatNames()) {
        INFO(name);
        CHECK(table().count(name) == 1);
    }
    CHECK(table().size() == formatNames().size());
    CHECK_THROWS_AS(checkFormat("colour", "red"), std::logic_error);
}

TEST_CASE("a format accepts only what the pattern beside it in the CRD matches", "[spec]") {
    REQUIRE(patterns().size() > 10);
    tests::Dice dice;
    for (const auto& [format, pattern] : patterns()) {
        for (const auto& seed : table().at(format).accepted) {
            std::string text = seed;
            for (int i = 0; i < 300 && !text.empty(); ++i) {
                INFO(format << " `" << text << "` " << pattern);
                REQUIRE(patternAgrees(format, text));
                const std::string next = changed(text, dice);
                text = checkFormat(format, next) || knownEdge(next) ? seed
                                                                    : next;  // wander among what is accepted
            }
        }
    }
}

TEST_CASE("formats and patterns agree at the edges too", "[spec]") {
    CHECK(patternAgrees("absolute-path", "/"));
    CHECK(patternAgrees("host", "2001:db8::"));
    CHECK(patternAgrees("cidr", "10.0.0.0/0030"));
    CHECK(patternAgrees("host-port", "smtp:000587"));
}

TEST_CASE("a duration is the sum of its parts in milliseconds", "[spec]") {
    CHECK(parseDuration("0") == 0);
    CHECK(parseDuration("90s") == parseDuration("1m30s"));
    CHECK(parseDuration("1d") == 24 * 60 * 60 * 1000);
    CHECK(parseDuration("1y") == 365 * *parseDuration("1d"));
    CHECK(parseDuration("5ms") == 5);
    CHECK_FALSE(parseDuration("300000000y"));
    CHECK_FALSE(parseDuration("99999999999999999999s"));
}

TEST_CASE("a timestamp is Unix time in milliseconds", "[spec]") {
    CHECK(parseTimestamp("1970-01-01T00:00:00Z") == 0);
    CHECK(parseTimestamp("2026-11-26T19:21:30Z") == 1795720890000);
    CHECK(parseTimestamp("2000-02-29T12:00:00.5+01:00") == 951822000500);
    CHECK(parseTimestamp("1999-12-31T23:59:59-00:30") == 946686599000);
    CHECK_FALSE(parseTimestamp("1969-12-31T23:59:59Z"));
}

TEST_CASE("a size is a number of bytes", "[spec]") {
    CHECK(parseByteSize("1MiB") == 1048576);
    CHECK(parseByteSize("1GiB") == parseByteSize("1024MiB"));
    CHECK_FALSE(parseByteSize("1KiB"));
}

}  // namespace
}  // namespace vigie::spec
