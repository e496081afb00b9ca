// What other versions of vigie left in a state directory: before-images and what the inventory remembers.

#include "apply/transaction/restore.hpp"
#include "base/error.hpp"
#include "base/fields.hpp"
#include "base/record.hpp"
#include "kinds/file/host.hpp"
#include "kinds/firewall/provider.hpp"
#include "kinds/hosts.hpp"
#include "kinds/wireguard/compare.hpp"
#include "secrets/storage.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "system/real_files.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>

namespace vigie::kinds {
namespace {

using tests::contains;
using Words = std::vector<std::string>;

/// A host on which journals are taken back.
struct Host {
    system::MemoryFiles files;
    system::MemoryProcesses processes;
    tests::FakeHttp http;
    tests::FakeClock clock;
    system::MemoryNames names;
    system::MemoryAttach attach;
    system::System system{files, processes, http, http, clock, names, attach};
    SecureBytes key = secrets::generateStorageKey();

    void write(const std::string& path, const std::string& text, unsigned mode = 0644) {
        makeParents(files, path);
        files.write(path, text, mode, {});
    }
    [[nodiscard]] std::string text(const std::string& path) const {
        return std::string(view(files.read(path, 4096)));
    }
    Restored restore(const std::vector<std::pair<std::pair<std::string, std::string>, std::string>>& images) {
        std::vector<state::BeforeImage> journal;
        for (const auto& [what, data] : images) {
            journal.push_back({what.first, what.second, secrets::encrypt(data, key)});
        }
        return apply::restore(journal, key, std::chrono::milliseconds(100), system);
    }
    Restored restore(const std::string& kind, const std::string& id, const std::string& data) {
        return restore({{{kind, id}, data}});
    }
    [[nodiscard]] bool ran(const Words& words) const {
        const auto& all = processes.commands;
        return std::find(all.begin(), all.end(), words) != all.end();
    }
    [[nodiscard]] bool asked(const std::string& request) const {
        return std::find(http.requests.begin(), http.requests.end(), request) != http.requests.end();
    }
};

void good(const Restored& restored) {
    CHECK(restored.problems == Words{});
    CHECK(restored.abandoned == Words{});
}

TEST_CASE("a record has named fields behind its version, and lists", "[kinds][records]") {
    const auto bytes = RecordWriter()
                           .add("name", "a\nb")
                           .add("number", std::int64_t{-7})
                           .add("each", Words{"1", "", "3"})
                           .add("none", Words{})
                           .text();
    CHECK(bytes.front() == '\x01');
    CHECK(RecordReader::is(bytes));
    const RecordReader fields(bytes);
    CHECK(fields.text("name") == "a\nb");
    CHECK(fields.number("number") == -7);
    CHECK(fields.list("each") == Words{"1", "", "3"});
    CHECK(fields.list("none").empty());
    CHECK_FALSE(fields.has("other"));
    CHECK_THROWS_AS(fields.text("other"), Error);
    CHECK_THROWS_AS(fields.number("name"), Error);
    CHECK_THROWS_AS(RecordReader("\x02"), Error);
    CHECK_THROWS_AS(RecordReader("\x01"
                                 "3:ab"),
                    Error);
}

TEST_CASE("nothing of before is taken for a record", "[kinds][records]") {
    for (const std::string old : {"", "5:whole", "allow 22/tcp", "/etc/wireguard/wg0.conf", "0", "enabled"}) {
        CHECK_FALSE(RecordReader::is(old));
    }
}

TEST_CASE("a file's image of before is put back", "[kinds][records]") {
    // Type, mode, user, group and bytes; today's predecessor also wrote two inodes.
    for (const std::string data : {"1:13:4161:01:05:bytes", "1:13:4161:01:05:bytes1:01:0"}) {
        INFO(data);
        Host host;
        host.write("/opt/a", "changed", 0600);
        good(host.restore("file", "/opt/a", data));
        CHECK(host.text("/opt/a") == "bytes");
        CHECK(host.files.inspect("/opt/a").mode == 0640);
    }
}

TEST_CASE("an image of before tells where its file lay, but not in a copy of the host", "[kinds][records]") {
    const tests::TemporaryDirectory directory;
    system::RealFiles files(directory.path);
    Host host;
    const system::System real{files,      host.processes, host.http,  host.http,
                              host.clock, host.names,     host.attach};
    files.makeDirectory("/opt", 0777, std::nullopt);  // others may put another one in its place
    files.write("/opt/a", "changed", 0600, std::nullopt);
    const std::string data = "1:13:4161:01:05:bytes1:01:7";  // it lay in a directory whose inode is 7
    const auto image = [&](const char* kind, const char* id, const std::string& bytes) {
        return state::BeforeImage{kind, id, secrets::encrypt(bytes, host.key)};
    };
    const auto timeout = std::chrono::milliseconds(100);
    CHECK(apply::restore({image("file", "/opt/a", data)}, host.key, timeout, real).abandoned.size() == 1);
    CHECK(view(files.read("/opt/a", 99)) == "changed");
    good(apply::restore({image("origin", "/opt", "9"), image("file", "/opt/a", data)}, host.key, timeout,
                        real));
    CHECK(view(files.read("/opt/a", 99)) == "bytes");
}

TEST_CASE("a file that was not there goes again, by an image of before", "[kinds][records]") {
    Host host;
    host.write("/opt/a", "new");
    good(host.restore("file", "/opt/a", "1:01:01:01:00:"));
    CHECK_FALSE(host.files.inspect("/opt/a").exists());
}

TEST_CASE("a tree's image of before is put back", "[kinds][records]") {
    Host host;
    host.write("/data/x", "x");
    host.files.setAttributes("/data/x", 0644, Owner{7, 8});
    host.files.setAttributes("/data", 0755, Owner{7, 8});
    good(host.restore("tree", "/data", "1:51:61:71:8"));
    CHECK(host.files.inspect("/data/x").owner == Owner{5, 6});
    CHECK(host.files.inspect("/data").owner == Owner{5, 6});
}

TEST_CASE("a tunnel's image of before is put back", "[kinds][records]") {
    Host host;
    good(host.restore("wireguard", "wg0", "8:in place32:23:/etc/wireguard/wg0.conf4:down"));
    CHECK(host.ran({"ip", "link", "delete", "dev", "wg0"}));
    host.processes.commands.clear();
    good(host.restore("wireguard", "wg0", "9:restarted32:23:/etc/wireguard/wg0.conf4:down"));
    CHECK(host.ran({"wg-quick", "down", "/etc/wireguard/wg0.conf"}));
}

TEST_CASE("a live tunnel's image of before is read to its end", "[kinds][records]") {
    Host host;
    // Its configuration, MTU, addresses and routes.
    const std::string inside =
        "23:/etc/wireguard/wg0.conf2:up4:LIVE4:142024:10.66.66.1/24 fd66::1/6414:192.168.1.0/24";
    host.processes.answer = [](const system::Command& command) {
        const bool dump = command.argv.back() == "dump";
        const bool json = command.argv.size() > 1 && command.argv[1] == "-json";
        return system::ProcessResult{0, false, dump ? "k\tpub\t51820\toff\n" : json ? "[]" : "", {}};
    };
    good(host.restore("wireguard", "wg0", "8:in place" + std::to_string(inside.size()) + ":" + inside));
    CHECK(host.ran({"ip", "link", "set", "dev", "wg0", "mtu", "1420"}));
    CHECK(host.ran({"ip", "address", "replace", "10.66.66.1/24", "dev", "wg0"}));
    CHECK(host.ran({"ip", "address", "replace", "fd66::1/64", "dev", "wg0"}));
    CHECK(host.ran({"ip", "-4", "route", "replace", "192.168.1.0/24", "dev", "wg0"}));
}

TEST_CASE("a firewall rule's image of before is put back", "[kinds][records]") {
    Host host;
    const std::string tuple = "### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n";
    host.write("/etc/ufw/user.rules", tuple);
    good(host.restore("firewall", "allow 80/tcp", "1:11:01:c"));
    CHECK(host.ran({"ufw", "insert", "1", "allow", "80/tcp", "comment", "c"}));
    host.processes.commands.clear();
    good(host.restore("firewall", "allow 22/tcp", "1:01:00:"));
    CHECK(host.ran({"ufw", "delete", "allow", "22/tcp"}));
}

TEST_CASE("images of before that are one word are put back", "[kinds][records]") {
    Host host;
    host.write("/proc/sys/net/ipv4/ip_forward", "1\n");
    good(host.restore("sysctl", "net.ipv4.ip_forward", "0"));
    CHECK(host.ran({"sysctl", "--quiet", "--write", "net.ipv4.ip_forward=0"}));
    good(host.restore("unit", "wg-quick@wg0.service", "enabled"));
    CHECK(host.ran({"systemctl", "enable", "wg-quick@wg0.service"}));
    host.http.answer = [](const system::HttpRequest&) { return system::HttpResponse{200, "[]"}; };
    good(host.restore("mount", "compose:app/web", ""));
}

TEST_CASE("a container's image of before is put back", "[kinds][records]") {
    Host host;
    host.http.answer = [](const system::HttpRequest&) { return system::HttpResponse{200, "[]"}; };
    // Project, directory, files, environment files, service, containers; name, state, image, its id, hash.
    good(host.restore("compose", "m/web", "1:m6:/opt/m12:compose.yaml0:3:web0:0:0:0:0:0:"));
    CHECK(std::any_of(host.http.requests.begin(), host.http.requests.end(), [](const std::string& request) {
        return contains(request, "/containers/json") && contains(request, "compose.project%3Dm");
    }));
}

TEST_CASE("a program's image of before is put back", "[kinds][records]") {
    Host host;
    // Alertmanager; its address and file; it had loaded `old`; the transaction reloaded it.
    host.restore("reload", "http://a:9093", "1:113:http://a:90935:/a.ym8:answered3:old8:reloaded");
    CHECK(host.asked("POST http://a:9093/-/reload"));
    CHECK(host.asked("GET http://a:9093/api/v2/status"));
    Host silent;
    good(silent.restore("reload", "http://p:9090", "1:013:http://p:90905:/p.ym6:silent0:10:left alone1:j"));
    CHECK_FALSE(silent.asked("POST http://p:9090/-/reload"));
    CHECK(silent.asked("GET http://p:9090/api/v1/rules"));
}

TEST_CASE("a silence's image of before is put back", "[kinds][records]") {
    Host host;
    host.http.answer = [](const system::HttpRequest&) { return system::HttpResponse{200, "[]"}; };
    good(host.restore("silence", "[vigie s/x]", "13:http://a:909311:[vigie s/x]6:silent"));
    CHECK(host.asked("GET http://a:9093/api/v2/silences"));
    CHECK(host.http.posts() == 0);
    const std::string was = R"({"endsAt":"2099-01-01T00:00:00Z","comment":"c [vigie s/x]","matchers":[]})";
    good(host.restore("silence", "[vigie s/x]",
                      "13:http://a:909311:[vigie s/x]8:answered" + std::to_string(was.size()) + ":" + was));
    CHECK(host.http.posts() == 1);
}

TEST_CASE("what the inventory of before remembers of a container is known", "[kinds][records]") {
    const auto today = OwnedContainer::read("5:whole6:/opt/m15:compose.yaml\nab4:.env10:prometheus");
    CHECK(today.whole);
    CHECK(today.project.directory == "/opt/m");
    CHECK(today.project.files == Words{"compose.yaml", "ab"});
    CHECK(today.project.envFiles == Words{".env"});
    CHECK(componentOf("compose:m/x", "5:whole6:/opt/m12:compose.yaml0:10:prometheus") == "prometheus");
    // 0.1 wrote no component: there the service's name tells.
    CHECK(componentOf("compose:m/grafana", "5:whole6:/opt/m12:compose.yaml0:") == "grafana");
    CHECK(componentOf("compose:m/grafana", "4:part6:/opt/m12:compose.yaml0:7:grafana").empty());
    CHECK(removalOf("compose:m/x", "4:part6:/opt/m12:compose.yaml0:0:").action == plan::Action::release);
    CHECK(removalOf("compose:m/x", "5:whole6:/opt/m12:compose.yaml0:0:").action == plan::Action::remove);
    CHECK(removalOf("compose:m/x", "").action == plan::Action::release);
    CHECK_THROWS_AS(OwnedContainer::read("damaged"), Error);
}

TEST_CASE("what the inventory of before remembers of the other kinds is known", "[kinds][records]") {
    const auto silence = OwnedSilence::read("13:http://a:909311:[vigie s/x]");
    CHECK(silence.baseUrl == "http://a:9093");
    CHECK(silence.mark == "[vigie s/x]");
    const auto rule = OwnedRule::read("allow in on wg0 to any port 9090 proto tcp");
    CHECK(rule.provider == "ufw");
    CHECK(rule.words == "allow in on wg0 to any port 9090 proto tcp");
    CHECK(ownedConfig("/etc/wireguard/wg0.conf") == "/etc/wireguard/wg0.conf");
}

TEST_CASE("what is written into the inventory today is read again", "[kinds][records]") {
    render::ComposeService compose;
    compose.project = {"m", "/opt/m", {"compose.yaml", "b"}, {".env"}, true};
    compose.service.name = "web";
    compose.service.image = "web:1";
    compose.service.component = "grafana";
    const auto container = OwnedContainer::read(ComposeModel::record(compose));
    CHECK(container.whole);
    CHECK(container.project.directory == "/opt/m");
    CHECK(container.project.files == compose.project.files);
    CHECK(container.project.envFiles == compose.project.envFiles);
    CHECK(container.component == "grafana");
    render::Silence silence;
    silence.baseUrl = "http://a";
    silence.stack = "s";
    silence.name = "x";
    CHECK(OwnedSilence::read(SilenceModel::record(silence)).mark == "[vigie s/x]");
    const render::FirewallRule rule{.protocol = "tcp", .port = 22};
    CHECK(OwnedRule::read(FirewallModel::record(rule)).words == "allow 22/tcp");
    render::WireguardInterface tunnel;
    tunnel.configPath = "/etc/wireguard/wg0.conf";
    CHECK(ownedConfig(WireguardModel::record(tunnel)) == tunnel.configPath);
}

TEST_CASE("what is captured today is put back", "[kinds][records]") {
    Host host;
    host.write("/opt/a", "bytes", 0640);
    host.write("/proc/sys/net/ipv4/ip_forward", "0\n");
    host.write("/etc/ufw/user.rules", "### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in comment=63\n");
    BeforeImages images(host.key, host.system);
    captureOrigin("/opt", images);
    const state::Inventory before{{"firewall:tcp/22", {"", "", "allow 22/tcp"}}};
    const plan::Options options;
    const render::Resource sysctl{
        "sysctl:net.ipv4.ip_forward", render::Sysctl{"net.ipv4.ip_forward", "1"}, {}, ""};
    for (const std::string id : {"file:/opt/a", "file:/opt/b", "unit:u", "firewall:tcp/22"}) {
        const plan::Change change{id, plan::Action::remove, "", {}};
        capture({.change = change, .before = before, .options = options, .system = host.system}, nullptr,
                images);
    }
    const plan::Change change{sysctl.id, plan::Action::update, "", {}};
    capture({.change = change, .before = before, .options = options, .system = host.system}, &sysctl, images);
    const auto journal = images.take();
    REQUIRE(journal.size() == 6);
    CHECK(journal.front().kind == "firewall");  // before all others, in the order of their places
    for (const auto& image : journal) {
        CHECK(RecordReader::is(view(secrets::decrypt(image.data, host.key))));
    }
    host.write("/opt/a", "changed", 0600);
    host.write("/opt/b", "new");
    host.write("/proc/sys/net/ipv4/ip_forward", "1\n");
    host.write("/etc/ufw/user.rules", "");
    host.write("/etc/systemd/system/multi-user.target.wants/u", "");
    good(apply::restore(journal, host.key, std::chrono::milliseconds(100), host.system));
    CHECK(host.text("/opt/a") == "bytes");
    CHECK(host.files.inspect("/opt/a").mode == 0640);
    CHECK_FALSE(host.files.inspect("/opt/b").exists());
    CHECK(host.ran({"sysctl", "--quiet", "--write", "net.ipv4.ip_forward=0"}));
    CHECK(host.ran({"systemctl", "disable", "u"}));
    CHECK(host.ran({"ufw", "allow", "22/tcp", "comment", "c"}));
}

}  // namespace
}  // namespace vigie::kinds
