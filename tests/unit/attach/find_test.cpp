// Tests attach/find: which process is the program, and where its files are on the host.

#include "attach/find.hpp"

#include "tests/support/catch.hpp"

namespace vigie::attach {
namespace {

using Reason = Refusal::Reason;

Process process(const std::string& exe, std::vector<std::string> arguments = {}) {
    Process out;
    out.id = {100, 7, std::string(64, 'c'), exe};
    out.state = "S";
    out.directory = "/prometheus";
    out.arguments = std::move(arguments);
    return out;
}

Wanted wanted() {
    Wanted out;
    out.subject = {"prometheus", "monitoring"};
    out.directory = "/srv/monitoring";
    return out;
}

template <class T>
Reason reasonOf(const OrRefusal<T>& result) {
    const auto* refusal = std::get_if<Refusal>(&result);
    REQUIRE(refusal != nullptr);
    return refusal->reason;
}

const Running& runningOf(const OrRefusal<Running>& result) {
    if (const auto* refusal = std::get_if<Refusal>(&result)) {
        FAIL(refusal->sentence());
    }
    return std::get<Running>(result);
}

TEST_CASE("a shell as process 1 is passed over for the program itself", "[attach]") {
    Container container;
    container.path = "/bin/sh";
    container.arguments = {"-c", "/bin/prometheus --config.file=$FILE"};
    const Processes all{{process("/bin/dash", {"/bin/sh", "-c", "/bin/prometheus --config.file=$FILE"}),
                         process("/bin/prometheus", {"/bin/prometheus", "--config.file=/x/p.yml"})},
                        false};
    const auto found = chooseProcess(wanted(), &container, all);
    CHECK(runningOf(found).process.id.exe == "/bin/prometheus");
    CHECK(runningOf(found).config == "/x/p.yml");
}

TEST_CASE("a relative configuration begins at the working directory", "[attach]") {
    const Processes all{{process("/bin/prometheus", {"prometheus", "--config.file=conf/p.yml"})}, false};
    CHECK(runningOf(chooseProcess(wanted(), nullptr, all)).config == "/prometheus/conf/p.yml");
    const Processes bare{{process("/bin/prometheus", {"prometheus"})}, false};
    CHECK(runningOf(chooseProcess(wanted(), nullptr, bare)).config == "/prometheus/prometheus.yml");
}

TEST_CASE("a program that was replaced on the disk is still found", "[attach]") {
    const Processes all{{process("/bin/prometheus (deleted)", {"prometheus", "--config.file=/p.yml"})},
                        false};
    CHECK(runningOf(chooseProcess(wanted(), nullptr, all)).config == "/p.yml");
}

TEST_CASE("where no such program runs, those that do are named", "[attach]") {
    const Processes all{{process("/bin/sh"), process("/vmagent"), process("/bin/sh")}, false};
    const auto found = chooseProcess(wanted(), nullptr, all);
    CHECK(reasonOf(found) == Reason::noProgram);
    CHECK(std::get<Refusal>(found).what == "no process prometheus in prometheus (found: sh, vmagent)");
}

TEST_CASE("the document may name another program", "[attach]") {
    auto named = wanted();
    named.program = "my-prometheus";
    const Processes all{
        {process("/opt/my-prometheus", {"x", "--config.file=/p.yml"}), process("/bin/prometheus")}, false};
    CHECK(runningOf(chooseProcess(named, nullptr, all)).config == "/p.yml");
}

TEST_CASE("two of the program, or one that has ended, are not chosen from", "[attach]") {
    const auto one = process("/bin/prometheus", {"prometheus", "--config.file=/p.yml"});
    CHECK(reasonOf(chooseProcess(wanted(), nullptr, {{one, one}, false})) == Reason::severalPrograms);
    auto zombie = one;
    zombie.state = "Z";
    CHECK(runningOf(chooseProcess(wanted(), nullptr, {{zombie, one}, false})).config == "/p.yml");
    CHECK(reasonOf(chooseProcess(wanted(), nullptr, {{zombie}, false})) == Reason::noProgram);
}

TEST_CASE("a process that says another file than its container was created with is not believed",
          "[attach]") {
    Container container;
    container.path = "/bin/prometheus";
    container.arguments = {"--config.file=/etc/prometheus/prometheus.yml"};
    const Processes liar{
        {process("/bin/prometheus", {"prometheus", "--config.file=/etc/prometheus/other.yml"})}, false};
    CHECK(reasonOf(chooseProcess(wanted(), &container, liar)) == Reason::contradiction);
    const Processes honest{
        {process("/bin/prometheus", {"prometheus", "--config.file=/etc/prometheus/prometheus.yml"})}, false};
    CHECK(runningOf(chooseProcess(wanted(), &container, honest)).config == "/etc/prometheus/prometheus.yml");
    container.path = "/sbin/tini";
    container.arguments = {"-g", "--", "/bin/prometheus", "--config.file=/etc/prometheus/prometheus.yml"};
    CHECK(reasonOf(chooseProcess(wanted(), &container, liar)) == Reason::contradiction);
}

TEST_CASE("options that cannot be seen are not guessed", "[attach]") {
    const Processes file{{process("/bin/prometheus", {"prometheus", "@/etc/arguments"})}, false};
    CHECK(reasonOf(chooseProcess(wanted(), nullptr, file)) == Reason::argumentsFile);
    auto cut = process("/bin/prometheus", {"prometheus", "--config.file=/p.yml"});
    cut.cut = true;
    CHECK(reasonOf(chooseProcess(wanted(), nullptr, {{cut}, false})) == Reason::argumentsFile);
}

TEST_CASE("a container that does not run is believed what it was created with, unless a script decides",
          "[attach]") {
    Container container;
    container.path = "/bin/prometheus";
    container.directory = "/prometheus";
    container.arguments = {"--config.file=p.yml", "--web.enable-lifecycle"};
    const auto stopped = chooseStopped(wanted(), container);
    CHECK(runningOf(stopped).config == "/prometheus/p.yml");
    CHECK(runningOf(stopped).options.lifecycle);
    container.path = "/bin/sh";
    CHECK(reasonOf(chooseStopped(wanted(), container)) == Reason::scriptNotRunning);
    container.path = "/docker-entrypoint.sh";
    container.arguments = {"/bin/prometheus", "--config.file=p.yml"};
    CHECK(reasonOf(chooseStopped(wanted(), container)) == Reason::scriptNotRunning);
}

TEST_CASE("what cannot be proven, or would read half a change, is refused", "[attach]") {
    auto options =
        readOptions(spec::Program::prometheus, std::vector<std::string>{"--web.config.file=/w.yml"});
    CHECK(refusalOf(wanted(), options)->reason == Reason::password);
    auto login = wanted();
    login.hasLogin = true;
    CHECK_FALSE(refusalOf(login, options));
    options = readOptions(spec::Program::prometheus,
                          std::vector<std::string>{"--enable-feature=auto-reload-config"});
    CHECK(refusalOf(wanted(), options)->reason == Reason::autoReload);
    options =
        readOptions(spec::Program::prometheus, std::vector<std::string>{"--web.listen-address=name:9090"});
    CHECK(refusalOf(wanted(), options)->reason == Reason::noAddress);
    CHECK_FALSE(refusalOf(wanted(), readOptions(spec::Program::prometheus, {})));
}

TEST_CASE("the way to a path is every directory above it", "[attach]") {
    CHECK(wayTo("/a/b/c.yml") == std::vector<std::string>{"/", "/a", "/a/b", "/a/b/c.yml"});
    CHECK(wayTo("/") == std::vector<std::string>{"/"});
    CHECK(wayTo("/a//b") == std::vector<std::string>{"/", "/a", "/a//b"});
}

PathFacts file(const std::string& path, std::uint32_t mode, std::uint32_t uid = 0,
               const std::string& type = "file") {
    PathFacts out;
    out.path = path;
    out.type = type;
    out.mode = mode;
    out.uid = uid;
    return out;
}

TEST_CASE("a file is readable by its owner, its group or everybody, and by whoever overrides that",
          "[attach]") {
    Credentials user;
    user.uid = 65534;
    user.gid = 65534;
    const auto root = file("/", 0755, 0, "directory");
    CHECK(mayRead(user, {root, file("/p", 0644)}));
    CHECK_FALSE(mayRead(user, {root, file("/p", 0640)}));
    CHECK(mayRead(user, {root, file("/p", 0400, 65534)}));
    CHECK_FALSE(
        mayRead(user, {root, file("/p", 0044, 65534)}));  // the owner's bits alone count for the owner
    auto group = file("/p", 0640);
    group.gid = 10;
    user.groups = {10};
    CHECK(mayRead(user, {root, group}));
    user.capabilities = 1ULL << 2U;
    CHECK(mayRead(user, {root, file("/p", 0)}));
    CHECK_FALSE(mayRead(user, {}));
}

TEST_CASE("a directory 0700 on the way keeps out, and one that cannot be listed too", "[attach]") {
    Credentials user;
    user.uid = 65534;
    const auto root = file("/", 0755, 0, "directory");
    CHECK(mayRead(user, {root, file("/rules", 0711, 0, "directory"), file("/rules/a.yml", 0644)}));
    CHECK_FALSE(mayRead(user, {root, file("/rules", 0711, 0, "directory")}));
    CHECK(mayRead(user, {root, file("/rules", 0755, 0, "directory")}));
    const std::vector<PathFacts> way = {root, file("/rules", 0700, 0, "directory"),
                                        file("/rules/a.yml", 0644)};
    const auto* closed = keepsOut(user, way);
    REQUIRE(closed != nullptr);
    CHECK(closed->path == "/rules");
}

TEST_CASE("the place of another mount, or a directory with one in it, is not replaced", "[attach]") {
    Mounts mounts;
    Mount directory;
    directory.destination = "/etc/prometheus";
    Mount rules;
    rules.destination = "/etc/prometheus/rules";
    mounts.mounts = {directory, rules};
    REQUIRE(mountAt(mounts, "/etc/prometheus/rules") != nullptr);
    CHECK(mountAt(mounts, "/etc/prometheus/rules")->destination == "/etc/prometheus/rules");
    CHECK(mountAt(mounts, "/etc/prometheus/prometheus.yml") == nullptr);
    CHECK(mountAt(mounts, "/etc/prometheus/rules/a.yml") == nullptr);
    CHECK(mountAt(mounts, "/etc") != nullptr);
    CHECK(mountAt(mounts, "/etc/prometheus/rules2") == nullptr);
}

}  // namespace
}  // namespace vigie::attach
