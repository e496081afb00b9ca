// Tests apply/probes/attached: finds a program of the user's own, and shows that its files are those of the
// host.

#include "apply/probes/attached.hpp"

#include "attach/pin.hpp"
#include "base/error.hpp"
#include "system/memory_attach.hpp"
#include "system/memory_files.hpp"
#include "system/memory_names.hpp"
#include "system/memory_processes.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/attached_host.hpp"
#include "tests/unit/doubles.hpp"

#include <nlohmann/json.hpp>

#include <map>

namespace vigie::apply {
namespace {

using attach::Attachment;
using attach::OrRefusal;
using attach::Place;
using attach::Refusal;
using nlohmann::json;
using Reason = Refusal::Reason;

using tests::kConfiguration;
using tests::kContainer;
using tests::kMountId;

struct Host : tests::AttachedHost {
    OrRefusal<Attachment> find() { return findAttached(wanted, system()); }
    Attachment found() {
        auto out = find();
        if (const auto* refusal = std::get_if<Refusal>(&out)) {
            FAIL(refusal->sentence());
        }
        return std::get<Attachment>(out);
    }
    Refusal refused() {
        auto out = find();
        REQUIRE(std::holds_alternative<Refusal>(out));
        return std::get<Refusal>(out);
    }
};

TEST_CASE("a mounted directory of the project has the configuration", "[attach]") {
    Host host;
    const auto found = host.found();
    CHECK(found.runs);
    CHECK(found.container == kContainer);
    CHECK(found.process.pid == 100);
    CHECK(found.user.uid == 65534);
    CHECK(found.config.inside == kConfiguration);
    CHECK(found.config.host == "/srv/monitoring/prometheus/prometheus.yml");
    CHECK(found.config.mount == "/etc/prometheus");
    CHECK(found.config.checked);
    CHECK_FALSE(found.config.singleFile);
    CHECK(found.reload() == Attachment::Reload::signal);
    // Nothing is done to it: two looks, and no question but those that only look.
    CHECK(host.attach.asked ==
          std::vector<std::string>{"find " + kContainer + " prometheus", "stat 100", "stat 100"});
    CHECK(host.engine.posts() == 0);
}

TEST_CASE("a single file that is mounted is one", "[attach]") {
    Host host;
    host.inspected()["Mounts"] = json::array();
    host.mountBind(kConfiguration, "/srv/monitoring/p.yml");
    host.put(kConfiguration, "/srv/monitoring/p.yml", 42);
    const auto found = host.found();
    CHECK(found.config.singleFile);
    CHECK(found.config.host == "/srv/monitoring/p.yml");
}

TEST_CASE("a file mounted over a directory is the mount that counts", "[attach]") {
    Host host;
    host.mountBind(kConfiguration, "/srv/monitoring/other.yml");
    host.put(kConfiguration, "/srv/monitoring/other.yml", 43);
    const auto found = host.found();
    CHECK(found.config.host == "/srv/monitoring/other.yml");
    CHECK(found.config.singleFile);
    CHECK(attach::mountAt(found.mounts, kConfiguration) != nullptr);
}

TEST_CASE("a local volume has the configuration, also below a subpath that the engine heeds", "[attach]") {
    Host host;
    host.mountVolume();
    host.put(kConfiguration, "/var/lib/docker/volumes/v/_data/prometheus.yml", 42);
    CHECK(host.found().config.host == "/var/lib/docker/volumes/v/_data/prometheus.yml");
    host.inspected()["HostConfig"] = {
        {"Mounts", {{{"Target", "/etc/prometheus"}, {"VolumeOptions", {{"Subpath", "a"}}}}}}};
    CHECK(host.refused().reason == Reason::ignoredSubpath);
    host.answers["/version"] = {{"ApiVersion", "1.45"}};
    host.put(kConfiguration, "/var/lib/docker/volumes/v/_data/a/prometheus.yml", 42);
    CHECK(host.found().config.host == "/var/lib/docker/volumes/v/_data/a/prometheus.yml");
    host.inspected()["HostConfig"] = {
        {"Mounts", {{{"Target", "/etc/prometheus"}, {"VolumeOptions", {{"Subpath", "../../x"}}}}}}};
    CHECK(host.refused().reason == Reason::foreignVolume);
}

TEST_CASE("a volume that is a directory of the host is that directory, and has its rules", "[attach]") {
    Host host;
    host.mountVolume();
    host.answers["/volumes/v"]["Options"] = {
        {"type", "none"}, {"o", "bind"}, {"device", "/srv/monitoring/conf"}};
    host.put(kConfiguration, "/srv/monitoring/conf/prometheus.yml", 42);
    CHECK(host.found().config.host == "/srv/monitoring/conf/prometheus.yml");
    host.answers["/volumes/v"]["Options"]["device"] = "/home/eve";
    host.put(kConfiguration, "/home/eve/prometheus.yml", 42);
    CHECK(host.refused().reason == Reason::foreignPlace);
    host.answers["/volumes/v"]["Options"]["device"] = "/etc";
    host.put(kConfiguration, "/etc/prometheus.yml", 42);
    CHECK(host.refused().reason == Reason::forbiddenPlace);
}

TEST_CASE("a volume of another driver, or one that the engine does not know, is refused", "[attach]") {
    Host host;
    const json mount = {{"Type", "volume"},
                        {"Name", "v"},
                        {"Driver", "rclone"},
                        {"Source", "/x"},
                        {"Destination", "/etc/prometheus"}};
    host.mountAgain(mount);
    CHECK(host.refused().reason == Reason::foreignVolume);
    auto local = mount;
    local["Driver"] = "local";
    host.mountAgain(local);
    CHECK(host.refused().reason == Reason::foreignVolume);
}

TEST_CASE("a configuration of the image, or of the container's layer, is refused", "[attach]") {
    Host host;
    host.inspected()["Mounts"] = json::array();
    host.attach.insidePaths[kConfiguration].mount = 600;
    CHECK(host.refused().reason == Reason::noMount);
}

TEST_CASE("a mount that the engine does not know of is refused, whatever it says of the place", "[attach]") {
    Host host;
    host.mountPoint("/etc/prometheus/prometheus.yml");
    CHECK(host.refused().reason == Reason::noMount);
}

TEST_CASE("a file that the entrypoint generates is refused", "[attach]") {
    Host host;
    host.inspected()["Mounts"] = json::array();
    host.inspected()["HostConfig"]["Tmpfs"] = {{"/etc/prometheus", ""}};
    host.mountPoint("/etc/prometheus", "tmpfs");
    CHECK(host.refused().reason == Reason::generated);
    host.inspected()["HostConfig"] = json::object();
    CHECK(host.refused().reason == Reason::generated);
}

TEST_CASE("a file or directory that was replaced on the host is stale, with both inodes", "[attach]") {
    Host host;
    host.onHost("/srv/monitoring/prometheus/prometheus.yml", 99, "file");
    const auto refusal = host.refused();
    CHECK(refusal.reason == Reason::stale);
    CHECK(refusal.what.find("(inode 42, host 99)") != std::string::npos);
    host.attach.hostPaths.erase("/srv/monitoring/prometheus/prometheus.yml");
    CHECK(host.refused().what.find("host none") != std::string::npos);
    host.onHost("/srv/monitoring/prometheus/prometheus.yml", 42, "file");
    host.attach.hostPaths["/srv/monitoring/prometheus/prometheus.yml"].device = 2;
    CHECK(host.refused().reason == Reason::stale);
}

TEST_CASE("a directory that was removed on the host and made anew is stale, and not without a file",
          "[attach]") {
    Host host;
    host.attach.insidePaths.erase(kConfiguration);
    CHECK(host.refused().reason == Reason::missing);
    host.mountPoint("/etc/prometheus");
    auto& mounts = host.attach.mountinfo;
    mounts.replace(mounts.find(" /x "), 4, " /x//deleted ");
    const auto refusal = host.refused();
    CHECK(refusal.reason == Reason::stale);
    CHECK(refusal.sentence().find("docker compose restart prometheus") != std::string::npos);
}

TEST_CASE("a file whose own mount was detached is not taken for the directory's below it", "[attach]") {
    Host host;
    host.inspected()["Mounts"].push_back(
        {{"Type", "bind"}, {"Source", "/srv/monitoring/other.yml"}, {"Destination", kConfiguration}});
    const auto refusal = host.refused();
    CHECK(refusal.reason == Reason::stale);
    CHECK(refusal.what.find(kConfiguration + " of prometheus was detached") != std::string::npos);
    CHECK(refusal.hint.find("docker compose restart prometheus") == 0);
    // What hides it is nobody's that the engine knows.
    host.mountPoint("/etc");
    CHECK(host.refused().reason == Reason::noMount);
}

TEST_CASE("a link may lead on in its mount, and not out of it", "[attach]") {
    Host host;
    auto& link = host.attach.insidePaths[kConfiguration];
    link.target = "real.yml";
    link.linkMount = kMountId;
    link.resolved = "/etc/prometheus/real.yml";
    host.attach.insidePaths["/etc/prometheus/real.yml"] =
        Host::facts("/etc/prometheus/real.yml", 42, kMountId, "file");
    host.onHost("/srv/monitoring/prometheus/real.yml", 42, "file");
    CHECK(host.found().config.host == "/srv/monitoring/prometheus/real.yml");
    host.attach.insidePaths[kConfiguration].mount = 600;
    host.attach.insidePaths[kConfiguration].resolved = "/etc/shadow";
    host.attach.insidePaths[kConfiguration].target = "/etc/shadow";
    CHECK(host.refused().reason == Reason::linkOut);
    host.attach.insidePaths[kConfiguration].type = "";
    CHECK(host.refused().reason == Reason::linkOut);
}

TEST_CASE("a directory in the mount that is a link out of it is refused as well", "[attach]") {
    Host host;
    host.attach.insidePaths["/etc/prometheus"].target = "/elsewhere";
    host.attach.insidePaths["/etc/prometheus"].linkMount = kMountId;
    host.attach.insidePaths[kConfiguration].mount = 600;
    CHECK(host.refused().reason == Reason::linkOut);
}

TEST_CASE("a link of the image may lead into the mount", "[attach]") {
    Host host;
    host.program().arguments = {"prometheus", "--config.file=/config"};
    host.inspected()["Args"] = {"--config.file=/config"};
    auto facts = Host::facts("/config", 42, kMountId, "file");
    facts.target = kConfiguration;
    facts.linkMount = 600;
    facts.resolved = kConfiguration;
    host.attach.insidePaths["/config"] = facts;
    CHECK(host.found().config.inside == kConfiguration);
}

TEST_CASE("nothing there is said", "[attach]") {
    Host host;
    host.attach.insidePaths.erase(kConfiguration);
    CHECK(host.refused().reason == Reason::missing);
}

TEST_CASE("places of the system are refused, whoever mounts them and whatever the document names",
          "[attach]") {
    for (const std::string source : {"/etc", "/", "/etc/vigie", "/var/lib/vigie", "/root/.ssh", "/usr/bin",
                                     "/var/lib", "/proc", "/etc/systemd/system"}) {
        Host host;
        INFO(source);
        const std::string file = (source == "/" ? "" : source) + "/prometheus.yml";
        host.inspected()["Mounts"] = json::array();
        host.mountBind("/etc/prometheus", source);
        host.put(kConfiguration, file, 42);
        host.wanted.named = {source, file};
        CHECK(host.refused().reason == Reason::forbiddenPlace);
    }
    Host host;
    host.inspected()["Mounts"] = json::array();
    host.mountBind(kConfiguration, "/etc/passwd");
    host.put(kConfiguration, "/etc/passwd", 42);
    host.wanted.named = {"/etc/passwd"};
    CHECK(host.refused().reason == Reason::forbiddenPlace);
}

TEST_CASE("a path that is a link into a place of the system is refused", "[attach]") {
    Host host;
    host.attach.hostPaths["/srv/monitoring/prometheus"].resolved = "/etc/cron.d";
    CHECK(host.refused().reason == Reason::forbiddenPlace);
    host.attach.hostPaths["/srv/monitoring/prometheus"].resolved = "/srv/monitoring/prometheus";
    host.attach.hostPaths["/srv/monitoring/prometheus/prometheus.yml"].resolved =
        "/root/.ssh/authorized_keys";
    CHECK(host.refused().reason == Reason::forbiddenPlace);
}

TEST_CASE("what is neither the project's, nor a volume's, nor named is refused", "[attach]") {
    Host host;
    host.inspected()["Mounts"] = json::array();
    host.mountBind("/etc/prometheus", "/home/eve/p");
    host.put(kConfiguration, "/home/eve/p/prometheus.yml", 42);
    CHECK(host.refused().reason == Reason::foreignPlace);
    host.wanted.named = {"/home/eve/p"};
    host.onHost("/home/eve/p", 41);
    CHECK(host.found().config.host == "/home/eve/p/prometheus.yml");
    host.wanted.named = {"/home/eve/p2"};
    CHECK(host.refused().reason == Reason::foreignPlace);
    host.wanted.named.clear();
    host.wanted.directory = "/";
    CHECK(host.refused().reason == Reason::foreignPlace);
}

TEST_CASE("a link in the project's directory that leads out of it is followed only when named", "[attach]") {
    Host host;
    host.attach.hostPaths["/srv/monitoring/prometheus/prometheus.yml"].resolved = "/data/p/prometheus.yml";
    CHECK(host.refused().reason == Reason::foreignPlace);
    host.wanted.named = {"/data/p"};
    host.onHost("/data/p", 8);
    CHECK(host.found().config.resolved == "/data/p/prometheus.yml");
}

TEST_CASE("a project whose own directory is a link has its files behind it", "[attach]") {
    Host host;
    host.attach.hostPaths["/srv/monitoring"].resolved = "/data/m";
    host.attach.hostPaths["/srv/monitoring/prometheus"].resolved = "/data/m/prometheus";
    host.attach.hostPaths["/srv/monitoring/prometheus/prometheus.yml"].resolved =
        "/data/m/prometheus/prometheus.yml";
    CHECK(host.found().config.resolved == "/data/m/prometheus/prometheus.yml");
}

TEST_CASE("mounts that are swapped between two looks are seen", "[attach]") {
    Host host;
    host.attach.beforeStat = [&](int look) {
        if (look == 2) {
            host.attach.insidePaths[kConfiguration].inode = 77;
            host.onHost("/srv/monitoring/prometheus/prometheus.yml", 77, "file");
        }
    };
    CHECK(host.refused().reason == Reason::changed);
    Host other;
    other.attach.beforeStat = [&](int look) {
        if (look == 2) {
            other.mountPoint("/elsewhere");
        }
    };
    CHECK(other.refused().reason == Reason::changed);
}

TEST_CASE("a process that is replaced or ends between two looks is seen", "[attach]") {
    Host host;
    host.attach.beforeStat = [&](int look) {
        if (look == 1) {
            host.program().id.startTime = 8;
        }
    };
    CHECK(host.refused().reason == Reason::changed);
    Host other;
    other.attach.beforeStat = [&](int look) {
        if (look == 1) {
            other.attach.groups.clear();
        }
    };
    CHECK(other.refused().reason == Reason::changed);
}

TEST_CASE("a file that the program's user cannot read is refused with the first thing in its way",
          "[attach]") {
    Host host;
    host.attach.insidePaths[kConfiguration].mode = 0600;
    CHECK(host.refused().what ==
          "prometheus runs as uid 65534 and cannot read /etc/prometheus/prometheus.yml (0600 root)");
    host.attach.insidePaths[kConfiguration].mode = 0644;
    host.attach.insidePaths["/etc/prometheus"].mode = 0700;
    CHECK(host.refused().what == "prometheus runs as uid 65534 and cannot read /etc/prometheus (0700 root)");
}

TEST_CASE("a process that lies about its command line is believed only within the rules", "[attach]") {
    Host host;
    host.program().arguments = {"prometheus", "--config.file=/etc/passwd"};
    CHECK(host.refused().reason == Reason::contradiction);
    host.inspected()["Path"] = "/entrypoint.sh";
    host.attach.insidePaths["/etc/passwd"] = Host::facts("/etc/passwd", 5, 600, "file");
    CHECK(host.refused().reason == Reason::noMount);
    host.program().arguments = {"prometheus", "--config.file=/proc/1/root/etc/passwd"};
    CHECK(host.refused().reason == Reason::missing);
}

TEST_CASE("what was believed at adoption is compared with what is found later", "[attach]") {
    Host host;
    const auto pin = attach::pinOf(host.found());
    CHECK(attach::differences(pin, attach::pinOf(host.found())).empty());
    host.put("/etc/prometheus/other.yml", "/srv/monitoring/prometheus/other.yml", 50);
    host.inspected()["Args"] = {"--config.file=/etc/prometheus/other.yml"};
    host.program().arguments = {"prometheus", "--config.file=/etc/prometheus/other.yml"};
    CHECK(attach::differences(pin, attach::pinOf(host.found())).size() == 2);
}

TEST_CASE("none, several and one-off containers are told apart", "[attach]") {
    Host host;
    auto& list = host.answers["/containers/json"];
    auto second = list[0];
    second["Id"] = std::string(64, 'd');
    list.push_back(second);
    CHECK(host.refused().what == "service prometheus runs 2 containers");
    list[1]["Labels"]["com.docker.compose.oneoff"] = "True";
    CHECK(host.found().container == kContainer);
    list = json::array();
    CHECK(host.refused().reason == Reason::noContainer);
    list = json::object();
    CHECK(host.refused().reason == Reason::unclearEngine);
}

TEST_CASE(
    "a container that goes while it is looked at is none, and an engine that answers another is not used",
    "[attach]") {
    Host host;
    host.inspected()["Id"] = std::string(64, 'd');
    CHECK(host.refused().reason == Reason::unclearEngine);
    host.answers.erase("/containers/" + kContainer + "/json");
    CHECK(host.refused().reason == Reason::noContainer);
}

TEST_CASE("a container whose processes are not on this machine is of a remote engine", "[attach]") {
    Host host;
    host.attach.groups.clear();
    CHECK(host.refused().reason == Reason::remoteEngine);
}

TEST_CASE("a container that does not run is placed by the engine's words, and not said to be checked",
          "[attach]") {
    Host host;
    host.inspected()["State"] = {{"Status", "exited"}, {"Pid", 0}};
    const auto found = host.found();
    CHECK_FALSE(found.runs);
    CHECK_FALSE(found.config.checked);
    CHECK(found.process.pid == 0);
    CHECK(found.config.host == "/srv/monitoring/prometheus/prometheus.yml");
    CHECK(host.attach.asked == std::vector<std::string>{"stat 0"});
    host.inspected()["Mounts"][0]["Source"] = "/etc";
    CHECK(host.refused().reason == Reason::forbiddenPlace);
    host.inspected()["Mounts"] = json::array();
    CHECK(host.refused().reason == Reason::noMount);
}

TEST_CASE("a stopped container cannot name a place by steps upwards, nor by links", "[attach]") {
    Host host;
    host.inspected()["State"] = {{"Status", "exited"}, {"Pid", 0}};
    host.inspected()["Args"] = {"--config.file=/etc/prometheus/../../../etc/cron.d/x"};
    CHECK(host.refused().reason == Reason::foreignPlace);
    host.inspected()["Args"] = {"--config.file=../etc/prometheus/x"};
    CHECK(host.refused().reason == Reason::noMount);
    // Its file is not there, and the directory in which it would be made is a link.
    host.inspected()["Args"] = {"--config.file=/etc/prometheus/link/x.yml"};
    auto link = Host::facts("/srv/monitoring/prometheus/link", 9, 30, "directory");
    link.target = link.resolved = "/etc/cron.d";
    host.attach.hostPaths["/srv/monitoring/prometheus/link"] = link;
    CHECK(host.refused().reason == Reason::forbiddenPlace);
    host.attach.hostPaths["/srv/monitoring/prometheus/link"].type = "";
    CHECK(host.refused().reason == Reason::foreignPlace);
    host.attach.hostPaths.erase("/srv/monitoring/prometheus/link");
    CHECK(host.found().config.resolved == "/srv/monitoring/prometheus/link/x.yml");
}

TEST_CASE("a link of a stopped container leads nowhere outside of its mount, also in the project",
          "[attach]") {
    Host host;
    host.inspected()["State"] = {{"Status", "exited"}, {"Pid", 0}};
    host.inspected()["Args"] = {"--config.file=/etc/prometheus/rules/x.yml"};
    auto link = Host::facts("/srv/monitoring/prometheus/rules", 9, 30, "directory");
    link.target = "../app";
    link.resolved = "/srv/monitoring/app";
    host.attach.hostPaths["/srv/monitoring/prometheus/rules"] = link;
    const auto refusal = host.refused();
    CHECK(refusal.reason == Reason::linkOut);
    CHECK(refusal.what.find("/srv/monitoring/app/x.yml") != std::string::npos);
    host.attach.hostPaths["/srv/monitoring/prometheus/rules"].resolved = "/srv/monitoring/prometheus/other";
    CHECK(host.found().config.resolved == "/srv/monitoring/prometheus/other/x.yml");
}

TEST_CASE(
    "a process that does not descend from the container's first is none of it, whatever its control group",
    "[attach]") {
    Host host;
    auto& all = host.attach.groups[kContainer].processes;
    auto alike = all.front();
    alike.id.pid = 300;
    alike.id.exe = "/home/eve/prometheus";
    alike.parent = 299;
    all.push_back(alike);
    CHECK(host.found().process.pid == 100);
    // In whatever order they are listed: 103 is a child of 102, and that one of 100.
    all.front().id.exe = "/bin/sh";
    all.back().id.pid = 103;
    all.back().parent = 102;
    auto between = all.front();
    between.id.pid = 102;
    between.parent = 100;
    all.push_back(between);
    CHECK(host.found().process.pid == 103);
    all.pop_back();
    CHECK(host.refused().reason == Reason::noProgram);
    all.erase(all.begin());
    CHECK(host.refused().reason == Reason::changed);
}

TEST_CASE("a stopped container's bind volume is its device, not the empty directory of the engine",
          "[attach]") {
    Host host;
    host.mountVolume();
    host.answers["/volumes/v"]["Options"] = {
        {"type", "none"}, {"o", "bind"}, {"device", "/srv/monitoring/conf"}};
    host.inspected()["State"] = {{"Status", "exited"}, {"Pid", 0}};
    CHECK(host.found().config.host == "/srv/monitoring/conf/prometheus.yml");
}

TEST_CASE("a unit's program reads the host's own files, of those that the document names", "[attach]") {
    Host host;
    host.wanted = {};
    host.wanted.subject = {"prometheus.service", ""};
    host.wanted.named = {"/etc/prometheus"};
    auto program = host.program();
    program.id.group = "prometheus.service";
    host.attach.groups = {{"prometheus.service", {{program}, false}}};
    host.onHost(kConfiguration, 42, "file");
    host.onHost("/etc/prometheus", 41);
    const auto found = host.found();
    CHECK(found.config.host == kConfiguration);
    CHECK(found.config.mount == "/");
    CHECK(host.engine.requests.empty());
    host.wanted.named.clear();
    CHECK(host.refused().reason == Reason::foreignPlace);
    host.wanted.subject.service = "other.service";
    CHECK(host.refused().reason == Reason::noContainer);
}

TEST_CASE("another path of the same program is placed by the same rules, also one that is new", "[attach]") {
    Host host;
    const auto found = host.found();
    host.attach.insidePaths["/etc/prometheus/rules"] =
        Host::facts("/etc/prometheus/rules", 60, kMountId, "directory");
    host.onHost("/srv/monitoring/prometheus/rules", 60);
    const auto placed = [&](const std::string& path, bool isNew) {
        return placeAttached(found, path, isNew, host.attach);
    };
    CHECK(std::get<Place>(placed("/etc/prometheus/rules", false)).host == "/srv/monitoring/prometheus/rules");
    const auto added = std::get<Place>(placed("/etc/prometheus/rules/new.yml", true));
    CHECK(added.inside == "/etc/prometheus/rules/new.yml");
    CHECK(added.host == "/srv/monitoring/prometheus/rules/new.yml");
    CHECK(added.inode == 0);
    CHECK(std::get<Refusal>(placed("/etc/prometheus/rules/new.yml", false)).reason == Reason::missing);
    CHECK(std::get<Refusal>(placed("/etc/new.yml", true)).reason == Reason::noMount);
    // A glob below it would be loaded as nothing, and the reload would succeed.
    host.attach.insidePaths["/etc/prometheus/rules"].mode = 0700;
    CHECK(std::get<Refusal>(placed("/etc/prometheus/rules/new.yml", true)).reason == Reason::unreadable);
}

TEST_CASE("an engine, or a vigie-attach, that does not answer is an error and no refusal", "[attach]") {
    Host host;
    host.engine.answer = [](const system::HttpRequest&) { return system::HttpResponse{500, "{}"}; };
    CHECK_THROWS_AS(host.find(), Error);
    Host other;
    other.attach.beforeStat = [](int) {
        throw system::AttachError(system::AttachError::Kind::unavailable, "no rights");
    };
    CHECK_THROWS_AS(other.find(), system::AttachError);
}

}  // namespace
}  // namespace vigie::apply
