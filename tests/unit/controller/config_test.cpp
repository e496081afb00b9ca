// vigie.yaml: defaults, mistakes, credentials.
#include "controller/config.hpp"

#include "base/error.hpp"
#include "controller/config_check.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::controller {
namespace {

Config load(const std::string& text) {
    const tests::TemporaryDirectory directory;
    return loadConfig(directory.write("vigie.yaml", text));
}

std::string mistakes(const std::string& text) {
    try {
        load(text);
    } catch (const Error& error) {
        return error.what();
    }
    FAIL("accepted");
    return {};
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++n;
    }
    return n;
}

TEST_CASE("a minimal configuration gets default settings", "[controller]") {
    const Config config = load("host: vm\nsource: { url: 'git@git.example.org:a/b.git' }\n");
    CHECK(config.host == "vm");
    CHECK(config.root == "/");
    CHECK(config.source.branch == "main");
    CHECK(config.source.path == ".");
    CHECK(config.source.interval == std::chrono::seconds(60));
    CHECK(config.source.timeout == std::chrono::seconds(30));
    CHECK(config.auth.username == "git");
    CHECK(config.apply.mode == ApplyMode::automatic);
    CHECK(config.apply.activate.empty());
    CHECK(config.apply.timeout == std::chrono::seconds(60));
    CHECK(config.http.listen == std::vector<std::string>{"127.0.0.1:9469"});
    CHECK(config.http.tokenFile.empty());
    CHECK(config.http.certFile.empty());
    CHECK(config.hooks.secretFile.empty());
    CHECK(config.state == "/var/lib/vigie");
}

TEST_CASE("the page is served at every listen address, by https if a certificate is set", "[controller]") {
    const std::string beginning = "host: vm\nsource: { url: /srv/r }\n";
    using Pages = std::vector<std::string>;
    CHECK(load(beginning).http.pages() == Pages{"http://127.0.0.1:9469/"});
    CHECK(load(beginning + "http: { listen: [] }\n").http.pages().empty());
    CHECK(load(beginning + "http: { listen: ['127.0.0.1:1', '[::1]:2'], tls: { cert: /c, key: /k } }\n")
              .http.pages() == Pages{"https://127.0.0.1:1/", "https://[::1]:2/"});
}

TEST_CASE("an invalid configuration is distinguished from an unreadable one", "[controller]") {
    CHECK_THROWS_AS(load("hots: vm\n"), InvalidConfig);
    try {
        loadConfig("/nonexistent/vigie.yaml");
        FAIL("read");
    } catch (const InvalidConfig&) {
        FAIL("called a mistake");
    } catch (const Error&) {
    }
}

TEST_CASE("credential files are checked only if systemd's credentials directory is known", "[controller]") {
    const tests::TemporaryDirectory directory;
    const auto key = directory.write("key", "a key");
    const auto config = readConfig(directory.write(
        "vigie.yaml",
        "host: vm\nsource: { url: /srv/r }\nauth: { sshKey: 'credentials:key', caFile: /nonexistent }\n"));
    const auto outside = checkFiles(config, nullptr);
    REQUIRE(outside.size() == 2);
    CHECK_FALSE(outside[0].looked);
    CHECK(outside[1].looked);
    CHECK(outside[1].message == "auth.caFile: cannot read /nonexistent: No such file or directory");
    CHECK(checkFiles(config, directory.path.c_str()).size() == 1);
    CHECK(key == directory.path + "/key");
    const auto hidden = checkFiles(config, "/nonexistent");
    REQUIRE(hidden.size() == 2);
    CHECK_FALSE(hidden[0].looked);
    const tests::TemporaryDirectory empty;
    const auto missing = checkFiles(config, empty.path.c_str());
    REQUIRE(missing.size() == 2);
    CHECK(tests::contains(missing[0].message, empty.path + "/key"));
}

TEST_CASE("settings in the configuration override the defaults", "[controller]") {
    const Config config = load(
        "host: vm\nroot: /tmp/x\nsource: { url: /srv/r, branch: b, path: p/q, interval: 1m30s, timeout: 1s "
        "}\n"
        "auth: { sshKey: /k, knownHosts: /h }\napply: { mode: report, activate: none, timeout: 5s }\nstate: "
        "/s\n");
    CHECK(config.root == "/tmp/x");
    CHECK(config.source.url == "/srv/r");
    CHECK(config.source.interval == std::chrono::seconds(90));
    CHECK(config.auth.sshKey == "/k");
    CHECK(config.apply.mode == ApplyMode::report);
    CHECK(config.apply.activate == "none");
    CHECK(config.state == "/s");
}

TEST_CASE("the document's directory is accepted in every shell spelling of a relative path", "[controller]") {
    const auto path = [](const std::string& written) {
        return load("host: vm\nsource: { url: /srv/r, path: '" + written + "' }\n").source.path;
    };
    CHECK(path("mon") == "mon");
    CHECK(path("mon/") == "mon");
    CHECK(path("./mon") == "mon");
    CHECK(path("./a/b/") == "a/b");
    CHECK(path("./") == ".");
    const auto message = mistakes("host: vm\nsource: { url: /srv/r, path: 'mon itoring' }\n");
    CHECK(tests::contains(message, "is not a relative directory"));
    CHECK(tests::contains(message, "write it like `monitoring/prod`"));
}

TEST_CASE("all mistakes in the configuration are reported at once, each with its position", "[controller]") {
    const auto message = mistakes(
        "hosts: vm\nroot: relative\nsource: { url: 'http://h/r', interval: 0s, timeout: 5 }\napply: { mode: "
        "sometimes }\n"
        "verify: { mode: gpg }\nauth: { sshKey: key }\n");
    CHECK(count(message, ": error[VG") >= 8);
    for (const char* place :
         {"vigie.yaml:1:1:", "vigie.yaml:2:7:", "vigie.yaml:3:16:", "vigie.yaml:3:40:", "vigie.yaml:3:53:",
          "vigie.yaml:4:16:", "vigie.yaml:5:17:", "vigie.yaml:6:17:"}) {
        INFO(message);
        CHECK(tests::contains(message, place));
    }
}

TEST_CASE("an interval below one second is refused", "[controller]") {
    const auto with = [](const std::string& interval) {
        return "host: vm\nsource: { url: /srv/r, interval: " + interval + " }\n";
    };
    CHECK(tests::contains(mistakes(with("999ms")), "error[VG0105]"));
    CHECK(tests::contains(mistakes(with("\"0\"")), "error[VG0105]"));
    CHECK(load(with("1s")).source.interval == std::chrono::seconds(1));
}

TEST_CASE("listen addresses, token, TLS and webhook settings are read from the configuration",
          "[controller]") {
    const std::string source = "host: vm\nsource: { url: /srv/r }\n";
    const Config config =
        load(source +
             "http: { listen: ['127.0.0.1:1', '[::1]:2'], tokenFile: /t, tls: { cert: /c, key: /k } }\n"
             "hooks: { secretFile: /h }\n");
    CHECK(config.http.listen == std::vector<std::string>{"127.0.0.1:1", "[::1]:2"});
    CHECK(config.http.tokenFile == "/t");
    CHECK(config.http.certFile == "/c");
    CHECK(config.http.keyFile == "/k");
    CHECK(config.hooks.secretFile == "/h");
    CHECK(load(source + "http: { listen: [] }\n").http.listen.empty());
}

TEST_CASE("an invalid listen address, incomplete TLS and webhooks without an address are mistakes",
          "[controller]") {
    const std::string source = "host: vm\nsource: { url: /srv/r }\n";
    const auto message = mistakes(
        source +
        "http: { listen: [localhost:9469, '127.0.0.1:1', '127.0.0.1:1'], tokenFile: t, tls: { cert: /c } "
        "}\nhooks: { secret: /h }\n");
    INFO(message);
    CHECK(count(message, ": error[VG") == 5);
    for (const char* code : {"3:18: error[VG0106]", "3:49: error[VG0107]", "3:76: error[VG0106]",
                             "3:84: error[VG0103]", "4:10: error[VG0101]"}) {
        CHECK(tests::contains(message, code));
    }
    CHECK(tests::contains(mistakes(source + "http: { listen: [] }\nhooks: { secretFile: /h }\n"),
                          "3:17: error[VG0105]"));
}

TEST_CASE("a password in the URL is refused and not repeated", "[controller]") {
    const auto message = mistakes("host: vm\nsource: { url: 'https://u:hunter2@h/r' }\n");
    CHECK(tests::contains(message, "tokenFile"));
    CHECK_FALSE(tests::contains(message, "hunter2"));
}

TEST_CASE("exactly one of branch, tag and commit can be followed", "[controller]") {
    const std::string commit(40, 'a');
    const auto with = [](const std::string& more) {
        return "host: vm\nsource: { url: /srv/r" + more + " }\n";
    };
    CHECK(load(with("")).source.followed() == "branch main");
    CHECK_FALSE(load(with("")).source.allowRewind);
    const Config tagged = load(with(", tag: v1"));
    CHECK(tagged.source.branch.empty());
    CHECK(tagged.source.followed() == "tag v1");
    const Config pinned = load(with(", commit: " + commit));
    CHECK(pinned.source.followed() == "commit " + commit);
    CHECK(pinned.source.allowRewind);  // the operator names it on the host
    CHECK(load(with(", allowRewind: true")).source.allowRewind);
    for (const auto& both :
         {", branch: b, tag: t", ", tag: t, commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
        CHECK(tests::contains(mistakes(with(both)), "error[VG0104]"));
    }
    CHECK(tests::contains(mistakes(with(", commit: abc123")), "error[VG0106]"));
}

TEST_CASE("signatures are verified only with `verify.mode: ssh`", "[controller]") {
    const std::string source = "host: vm\nsource: { url: /srv/r }\n";
    CHECK(load(source).verify.allowedSigners.empty());
    CHECK(load(source + "verify: { mode: \"off\", allowedSigners: /a }\n").verify.allowedSigners.empty());
    CHECK(load(source + "verify: { mode: ssh }\n").verify.allowedSigners == "/etc/vigie/allowed_signers");
    CHECK(load(source + "verify: { mode: ssh, allowedSigners: /a }\n").verify.allowedSigners == "/a");
    CHECK(tests::contains(mistakes(source + "verify: { mode: gpg }\n"), "error[VG0104]"));
}

TEST_CASE("the maximum repository size and a proxy are read from the configuration", "[controller]") {
    const auto with = [](const std::string& more) {
        return "host: vm\nsource: { url: 'https://h/r'" + more + " }\n";
    };
    CHECK(load(with("")).source.maxBytes == 512U << 20U);
    CHECK(load(with(", maxRepositorySize: 1GiB")).source.maxBytes == 1U << 30U);
    CHECK(tests::contains(mistakes(with(", maxRepositorySize: 1")), "maxRepositorySize"));
    CHECK(load(with(", proxy: 'http://p:3128'")).source.proxy == "http://p:3128");
    const auto message = mistakes(with(", proxy: 'http://u:hunter2@p:3128'"));
    CHECK(tests::contains(message, "login"));
}

TEST_CASE("a missing, empty or malformed configuration is an error", "[controller]") {
    CHECK(tests::contains(mistakes(""), "VG0001"));
    CHECK(tests::contains(mistakes("host: ["), "VG0001"));
    CHECK_THROWS_AS(loadConfig("/nowhere/vigie.yaml"), Error);
}

}  // namespace
}  // namespace vigie::controller
