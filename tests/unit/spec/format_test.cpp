// Tests spec/format: The `format`s of the schema: whether a text has one, and why not.

#include "spec/format.hpp"

#include "base/text.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <re2/re2.h>
#include <yaml-cpp/yaml.h>

#include <functional>
#include <map>
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
        {"ip-or-cidr",
         {{"10.66.66.1", "10.66.66.0/30", "::1", "fd00:0:0:0:0:0:0:0/64"},
          {"", "10.66.66.1/30", "10.66.66", "10.0.0.0/", "x/8", "vps"}}},
        {"file-name", {{"prometheus", "am-1.2_x"}, {"", "-a", "a/b", "..", "a b", std::string(102, 'x')}}},
        {"network-name", {{"shop_default", "a.b-c"}, {"", "_a", "a b", "a/b", std::string(252, 'x')}}},
        {"data-place",
         {{"/srv/prometheus", "prom-data", "a"}, {"", "/", "/srv/../etc", "a b", "./data", "_v"}}},
        {"file-mode",
         {{"0644", "0755", "0400", "0000"}, {"", "644", "0664", "0646", "0777", "4755", "06444", "0x44"}}},
        {"rule-comment",
         {{"ssh from the office", "a", "DNS (udp/tcp): 53", std::string(60, 'x')},
          {"", "it's", "a\"b", "a\nb", "é", "$x", std::string(61, 'x')}}},
        {"wireguard-key",
         {{kKey},
          {"", "x", kKey.substr(1), kKey + "=", "OmYU3jkwvioUJLRLsOV5l3pwzDuJD2RQi5iMJuqFATF=", " " + kKey}}},
        {"sealing-key", {{kKey}, {"", "hunter2", kKey + kKey}}},
        {"sealed",
         {{std::string(64, 'A'), std::string(66, 'A') + "=="},
          {"", "hunter2", kKey, std::string(63, 'A') + "="}}},
        {"prometheus-duration",
         {{"0", "0s", "15s", "1h30m", "1d", "1y2w3d4h5m6s7ms", "292y", "106751d"},
          {"", "15", "1.5h", "-5s", "+5s", "30m1h", "5s5s", "s", "5 s", "5S", "9999999999999y", "300y",
           "9999999999999s"}}},
        {"positive-duration",
         {{"15s", "1h30m", "0h5m", "10s", "1y2w3d4h5m6s7ms", "292y", "1h0m"},
          {"", "0", "0s", "00s", "0h0m", "15", "1.5h", "30m1h", "300y"}}},
        {"go-duration",
         {{"0", "0s", "15s", "1.5h", "1h30m", "30s1m", "1m1m", ".5h", "5.h", "5us", "5\u00b5s", "1ms",
           "2562047h"},
          {"", "15", "1d", "1w", "1d12h", "-5s", "1h 30m", "h", ".h", "1.2.3s", "9999999h"}}},
        {"positive-go-duration", {{"15s", "1.5h", "0.5s", "0h1m"}, {"", "0", "0s", "0.0h", "1d"}}},
        {"probe-target",
         {{"https://example.org/a?b=c@d", "10.66.66.1:22", "example.org", "[::1]:53"},
          {"", "a b", "https://user:pass@example.org/", "http://u@h", std::string(501, 'x')}}},
        {"user-id", {{"0", "65534:65534", "1000"}, {"", "root", "1:", ":1", "1:2:3", "-1", "1234567890"}}},
        {"interface",
         {{"wg0", "a.b", "vigie-0", "wg-home", "W=+_."},
          {"", ".", "..", "..a", "-h", "0wg", "_wg", "=", "a/b", "a b", "abcdefghijklmnop"}}},
        {"line",
         {{"stats", "a:b\\c", "é \u202e"}, {"a\nb", "\r", "a\tb", "\x7f", "stats\nother:6432:*:root:evil"}}},
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
        {"source-path",
         {{".", "./", "a/b", "./a", "a/", "././a/b//"}, {"", "/", "/a", "..", "a/../b", "a//b", "a b"}}},
        {"http-path",
         {{"/", "/metrics", "/a;b=c", "/m/../n"},
          {"", "metrics", "/a b", "/é", "/" + std::string(501, 'x'), "/a\n", "/a?b=c", "/a#b", "/%20"}}},
        {"http-request",
         {{"/", "/metrics", "/a?b=c", "/%20"}, {"", "metrics", "/a b", "/é", "/" + std::string(501, 'x')}}},
        {"route-prefix",
         {{"/", "/prometheus", "/a/b/", "/a.b_c~d+e@f,g=h-i"},
          {"", "a", "//x", "/x//y", "/a?b=c", "/a#f", "/a%20b", "/:a", "/*a", "/a:b", "/a/../b", "/./a",
           "/a b", "/é"}}},
        {"header-name", {{"X-Scope", "a", "x_1.y~"}, {"", "a b", "a:b", "é", "a\n", "(a)"}}},
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
          {"", "::1:25", "a:25:1", "smtp", "smtp:", "smtp:0", "smtp:65536", ":25", "smtp:25x", "a b:25",
           "smtp://a:25"}}},
        {"listen-address",
         {{"127.0.0.1:9469", "0.0.0.0:1", "10.66.66.1:65535", "[::1]:9469", "[2001:db8:0:0:0:0:0:1]:80"},
          {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", ":9469", "9469", "*:9469",
           "localhost:9469", "::1:9469", "[::1]", "[127.0.0.1]:9469", "[]:1", "http://127.0.0.1:9469",
           "127.0.0.1:9469/", "127.1:9469"}}},
        {"target", {{"10.66.66.1:9100", "[::1]:9100", "name"}, {"", "http://a:1", "a:1/metrics", "a b"}}},
        {"diagnostic-code", {{"VG0406"}, {"", "0406", "vg0406", "VG406", "VG04066", "VG04O6"}}},
        {"resource-id",
         {{"file:/etc/wireguard/wg0.conf", "directory:/opt", "compose:moments/a", "rebuild:moments/a.b",
           "reload:prometheus", "wireguard:wg0", "unit:wg-quick@wg0.service", "sysctl:net.ipv4.ip_forward",
           "firewall:containers/tcp/9100", "silence:a-b", "attached:moments/a/rules/b.yml"},
          {"",
           "file:",
           "file",
           "/etc/x",
           "thing:a",
           ":a",
           "file:opt",
           "file:/a/../b",
           "directory:a/b",
           "compose:a",
           "compose:/a",
           "compose:A/b",
           "compose:a/b/c",
           "attached:moments/a",
           "attached:moments/a/../b",
           "attached:/etc/prometheus",
           "rebuild:a",
           "wireguard:a/b",
           "wireguard:..",
           "silence:a b",
           "unit:a b",
           "reload:",
           "firewall:a b"}}},
        {"git-url",
         {{"https://h/r.git", "ssh://git@h/r", "git@h:r.git", "file:///srv/r", "/srv/r", "https://user@h/r",
           "HTTPS://h/r.git", "SSH://git@h/r", "File:///srv/r", "/srv/my repository.git",
           "/srv/d\xc3\xa9p\xc3\xb4t"},
          {"", "http://h/r", "https://u:pw@h/r", "ssh://u:pw@h/r", "r", "git://h/r", "https://h/a b",
           "HTTP://h/r", "HTTPS://u:pw@h/r", "/srv/a\tb", "git@h:a b", "ext::sh -c x"}}},
        {"byte-size",
         {{"0B", "1B", "512MB", "1.5GiB", "20GB", "7.9EB", "8191PB"},
          {"", "1", "B", "1kb", "-1B", "1.B", "1..2B", "1 GB", "1XB", "8EB", "16EB", "99999EB",
           "9223372036854775808B"}}},
        {"positive-byte-size", {{"1B", "0.5KB", "512MB"}, {"", "0B", "0.0GB", "00MB", "1", "8EB"}}},
        {"http-url",
         {{"http://a", "https://example.org/a?b", "http://[::1]:80/", "https://user@h/", "HTTP://a/",
           "HttpS://a", "http://b\u00fccher.example/x", "http://a/\u00fc", "http://a/%20", "http://a?x=%zz",
           "http://a_b", "http://_a"},
          {"", "example.org", "ftp://a", "http://", "http:///a", "https://u:pw@h/", "http://a b",
           "http://a/%zz", "http://a/%2", "http://a#%zz", "http://%zz", "http://a:x/", "http://a:99999/",
           "http://[::1", "http://[a]/", "http://[10.0.0.1]/", "http://::1/", "http://a/\x7f",
           "http://" + std::string(2000, 'a')}}},
        {"plain-http-url",
         {{"http://a", "https://example.org/a?b", "http://[::1]:80/"},
          {"", "HTTP://a", "http://b\u00fccher.example/", "http://a/\u00fc", "https://u:pw@h/", "ftp://a"}}},
        {"external-url",
         {{"http://a", "https://example.org/prometheus", "https://example.org:8443/a/b/"},
          {"", "https://a/p?q=1", "https://a/p#f", "https://a?q", "https://a//p", "https://a/p//",
           "https://a/%zz", "https://a/%20", "https://a/:p", "https://a/*", "https://a/../b", "HTTPS://a/"}}},
        {"client-proxy",
         {{"http://proxy.example.org:3128", "https://p", "socks5://p:1080", "socks5h://p:1080", "HTTP://p:1",
           "SOCKS5://p:1", "http://user@p:1", "http://b\u00fccher.example:1"},
          {"", "p:1080", "//p:1", "ftp://p", "socks4://p:1", "http://", "http://u:pw@p:1",
           "socks5://u:pw@p:1", "http://%zz"}}},
        {"docker-host",
         {{"tcp://10.66.66.1:2375", "https://docker.example.org:2376", "http://a",
           "unix:///var/run/docker.sock"},
          {"", "a", "10.66.66.1:2375", "ftp://a", "unix://", "unix:///", "unix:///a b", "tcp://", "tcp://a b",
           "tcp://a:x"}}},
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

/// As an API server does, whose expressions are RE2's. Each is compiled once.
bool matches(const std::string& text, const std::string& pattern) {
    static std::map<std::string, re2::RE2> compiled;
    return re2::RE2::PartialMatch(text,
                                  compiled.try_emplace(pattern, pattern, re2::RE2::Quiet).first->second);
}

/// Whether a Kubernetes API server takes `text` wherever vigie takes it as a `format`.
bool patternAgrees(const std::string& format, const std::string& text) {
    for (const auto& [name, pattern] : patterns()) {
        if (name == format && !checkFormat(format, text) && !matches(text, pattern)) {
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

/// Texts on which format and pattern disagree, see "at the edges" below, and what the reader of YAML refuses.
bool knownEdge(const std::string& text) {
    return text == "/" || text.ends_with(':') || findNonText(text) != std::string_view::npos;
}

TEST_CASE("each format accepts its valid examples and refuses its invalid ones", "[spec]") {
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

TEST_CASE("every format has examples, and an unknown format is an error", "[spec]") {
    for (const auto& name : formatNames()) {
        INFO(name);
        CHECK(table().count(name) == 1);
    }
    CHECK(table().size() == formatNames().size());
    CHECK_THROWS_AS(checkFormat("colour", "red"), std::logic_error);
}

TEST_CASE("every text that a format accepts matches its pattern in the CRD", "[spec]") {
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

TEST_CASE("formats and CRD patterns agree on edge cases", "[spec]") {
    CHECK(patternAgrees("absolute-path", "/"));
    CHECK(patternAgrees("host", "2001:db8::"));
    CHECK(patternAgrees("cidr", "10.0.0.0/0030"));
    CHECK(patternAgrees("host-port", "smtp:000587"));
}

TEST_CASE("every pattern of the CRD is anchored, compiles in RE2 and matches its default", "[spec][regex]") {
    std::set<std::string> all;
    const std::function<void(const YAML::Node&)> see = [&](const YAML::Node& node) {
        if (node.IsMap() && node["pattern"] && node["pattern"].IsScalar()) {
            const std::string pattern = node["pattern"].Scalar();
            all.insert(pattern);
            if (node["default"] && node["default"].IsScalar()) {  // an API server tries it as well
                INFO(pattern << " " << node["default"].Scalar());
                CHECK(matches(node["default"].Scalar(), pattern));
            }
        }
        for (const auto& child : node) {
            see(node.IsMap() ? child.second : child);
        }
    };
    see(YAML::Load(tests::readSource("crd/monitoringstacks.vigie.dev.yaml")));
    REQUIRE(all.size() > 20);
    for (const auto& pattern : all) {
        CAPTURE(pattern);
        CHECK(re2::RE2(pattern, re2::RE2::Quiet).ok());
        CHECK((pattern.front() == '^' && pattern.back() == '$'));
    }
}

TEST_CASE("a duration in the wrong notation is refused with a hint at the right one", "[spec]") {
    CHECK(checkFormat("go-duration", "1d12h")->hint == "it does not know days: write `36h`");
    CHECK(checkFormat("go-duration", "1d1s")->hint == "it does not know days: write hours, like `36h`");
    CHECK(checkFormat("positive-duration", "0s")->message == "is not a duration greater than zero");
    CHECK(checkFormat("prometheus-duration", "300y")->message ==
          "is longer than the longest supported duration");
}

TEST_CASE("a duration is parsed as the sum of its parts in milliseconds", "[spec]") {
    CHECK(parseDuration("0") == 0);
    CHECK(parseDuration("90s") == parseDuration("1m30s"));
    CHECK(parseDuration("1d") == 24 * 60 * 60 * 1000);
    CHECK(parseDuration("1y") == 365 * *parseDuration("1d"));
    CHECK(parseDuration("5ms") == 5);
    CHECK(parseDuration("292y"));
    CHECK_FALSE(parseDuration("293y"));
    CHECK_FALSE(parseDuration("300000000y"));
    CHECK_FALSE(parseDuration("99999999999999999999s"));
}

TEST_CASE("a timestamp is parsed to Unix time in milliseconds", "[spec]") {
    CHECK(parseTimestamp("1970-01-01T00:00:00Z") == 0);
    CHECK(parseTimestamp("2026-11-26T19:21:30Z") == 1795720890000);
    CHECK(parseTimestamp("2000-02-29T12:00:00.5+01:00") == 951822000500);
    CHECK(parseTimestamp("1999-12-31T23:59:59-00:30") == 946686599000);
    CHECK_FALSE(parseTimestamp("1969-12-31T23:59:59Z"));
}

TEST_CASE("a byte size is parsed to a number of bytes", "[spec]") {
    CHECK(parseByteSize("1MiB") == 1048576);
    CHECK(parseByteSize("1GiB") == parseByteSize("1024MiB"));
    CHECK_FALSE(parseByteSize("1KiB"));
}

}  // namespace
}  // namespace vigie::spec
