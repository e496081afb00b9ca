// Tests attach/command_line: the options of a program's command line.

#include "attach/command_line.hpp"

#include "tests/support/catch.hpp"

namespace vigie::attach {
namespace {

using spec::Program;

Options prometheus(const std::vector<std::string>& arguments) {
    return readOptions(Program::prometheus, arguments);
}

TEST_CASE("the configuration file is found in every spelling", "[attach]") {
    CHECK(prometheus({"--config.file=/a.yml"}).configFile == "/a.yml");
    CHECK(prometheus({"--config.file", "/a.yml"}).configFile == "/a.yml");
    CHECK(prometheus({"-config.file=/a.yml"}).configFile == "/a.yml");
    CHECK(prometheus({"-config.file", "/a.yml"}).configFile == "/a.yml");
    CHECK(prometheus({"--web.enable-lifecycle", "--config.file=a b.yml"}).configFile == "a b.yml");
    CHECK(readOptions(Program::alertmanager, std::vector<std::string>{"--config.file=/am.yml"}).configFile ==
          "/am.yml");
}

TEST_CASE("of several configuration files the last one counts", "[attach]") {
    CHECK(prometheus({"--config.file=/a.yml", "--config.file", "/b.yml"}).configFile == "/b.yml");
}

TEST_CASE("without the option it is the program's own default", "[attach]") {
    CHECK(prometheus({}).configFile == "prometheus.yml");
    CHECK(prometheus({"--config.file="}).configFile == "prometheus.yml");
    CHECK(readOptions(Program::alertmanager, {}).configFile == "alertmanager.yml");
}

TEST_CASE("what is another option's value, or stands behind two dashes, is no option", "[attach]") {
    CHECK(prometheus({"--", "--config.file=/a.yml"}).configFile == "prometheus.yml");
    CHECK(prometheus({"--web.page-title", "x", "--config.file=/a.yml"}).configFile == "/a.yml");
    CHECK(prometheus({"--web.page-title=--config.file=/b.yml"}).configFile == "prometheus.yml");
    CHECK(prometheus({"--config.file.x=/b.yml"}).configFile == "prometheus.yml");
}

TEST_CASE("options from a file are seen to be missing", "[attach]") {
    CHECK(prometheus({"@/etc/arguments"}).argumentsFile == "/etc/arguments");
    CHECK(prometheus({"--config.file", "@x"}).argumentsFile == "x");
    CHECK(prometheus({"--web.page-title=@x"}).argumentsFile.empty());
}

TEST_CASE("Prometheus reloads by HTTP only where it is allowed, Alertmanager always", "[attach]") {
    CHECK_FALSE(prometheus({}).lifecycle);
    CHECK(prometheus({"--web.enable-lifecycle"}).lifecycle);
    CHECK_FALSE(prometheus({"--web.enable-lifecycle", "--no-web.enable-lifecycle"}).lifecycle);
    CHECK(prometheus({"--web.enable-lifecycle", "--config.file=x"}).lifecycle);
    CHECK(readOptions(Program::alertmanager, {}).lifecycle);
}

TEST_CASE("an address is dialled inside of the container's network", "[attach]") {
    CHECK(prometheus({}).listen == std::vector<Listen>{{"127.0.0.1", 9090}});
    CHECK(readOptions(Program::alertmanager, {}).listen == std::vector<Listen>{{"127.0.0.1", 9093}});
    CHECK(prometheus({"--web.listen-address=:9191"}).listen == std::vector<Listen>{{"127.0.0.1", 9191}});
    CHECK(prometheus({"--web.listen-address", "[::]:9191"}).listen ==
          std::vector<Listen>{{"127.0.0.1", 9191}});
    CHECK(prometheus({"--web.listen-address=[::1]:9191"}).listen == std::vector<Listen>{{"::1", 9191}});
    CHECK(prometheus({"--web.listen-address=172.18.0.5:80"}).listen ==
          std::vector<Listen>{{"172.18.0.5", 80}});
    CHECK(prometheus({"--web.listen-address=localhost:80", "--web.listen-address=10.0.0.1:81"}).listen ==
          std::vector<Listen>{{"127.0.0.1", 80}, {"10.0.0.1", 81}});
}

TEST_CASE("an address that is no number is told as it is written", "[attach]") {
    for (const std::string text : {"prometheus:9090", ":http", ":0", ":99999", "9090", "1.2.3.4:-1"}) {
        const auto options = prometheus({"--web.listen-address=" + text});
        INFO(text);
        CHECK(options.listen.empty());
        CHECK(options.listenText == std::vector<std::string>{text});
    }
}

TEST_CASE("the route prefix is that option, else the path of the external address", "[attach]") {
    CHECK(prometheus({}).routePrefix.empty());
    CHECK(prometheus({"--web.route-prefix=/prom/"}).routePrefix == "/prom");
    CHECK(prometheus({"--web.route-prefix=prom"}).routePrefix == "/prom");
    CHECK(prometheus({"--web.route-prefix=/", "--web.external-url=http://x/prom"}).routePrefix.empty());
    CHECK(prometheus({"--web.external-url=https://example.org:444/a/b/?q#f"}).routePrefix == "/a/b");
    CHECK(prometheus({"--web.external-url=https://example.org"}).routePrefix.empty());
    CHECK(prometheus({"--web.external-url=/prom"}).routePrefix == "/prom");
}

TEST_CASE("a program that reloads by itself, or asks for a password, is seen", "[attach]") {
    CHECK(prometheus({"--enable-feature=exemplar-storage,auto-reload-config"}).autoReload);
    CHECK(prometheus({"--enable-feature", "auto-reload-config"}).autoReload);
    CHECK_FALSE(prometheus({"--enable-feature=exemplar-storage"}).autoReload);
    CHECK(prometheus({"--web.config.file=/w.yml"}).webConfigFile == "/w.yml");
}

}  // namespace
}  // namespace vigie::attach
