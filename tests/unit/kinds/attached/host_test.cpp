// Tests kinds/attached/host: files are written where the program reads them, and come back.

#include "kinds/attached/host.hpp"

#include "base/error.hpp"
#include "kinds/attached/record.hpp"
#include "plan/context.hpp"
#include "plan/plan.hpp"
#include "secrets/storage.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/attached_host.hpp"

namespace vigie::kinds {
namespace {

using plan::Action;
using render::AttachedFile;
using Role = AttachedFile::Role;

constexpr const char* kMain = "/srv/monitoring/prometheus/prometheus.yml";
constexpr const char* kRule = "/srv/monitoring/prometheus/rules/a.yml";
constexpr const char* kOld = "global: {}\n";

struct Host : tests::AttachedHost {
    std::vector<render::Resource> desired;
    plan::Options options{.activation = plan::Activation::all};
    state::Inventory inventory;
    plan::Plan plan;
    SecureBytes key = secureBytes(std::string(32, 'k'));
    system::System here = system();

    Host() {
        directory("/");
        directory("/srv");
        directory("/srv/monitoring", 1000);
        directory("/srv/monitoring/prometheus", 1000);
        file(kMain, kOld, 1000);
        want("prometheus.yml", "global: {a: 1}\n", Role::main);
        options.adopt.insert(desired[0].id);
    }
    void directory(const std::string& path, unsigned uid = 0) {
        auto& entry = files.entries[path];
        entry.info.type = FileInfo::Type::directory;
        entry.info.mode = 0755;
        entry.info.owner = {uid, uid};
    }
    void file(const std::string& path, const std::string& bytes, unsigned uid) {
        auto& entry = files.entries[path];
        entry.info.type = FileInfo::Type::regular;
        entry.info.mode = 0644;
        entry.info.owner = {uid, uid};
        entry.info.size = bytes.size();
        entry.info.inode = 42;
        entry.bytes = bytes;
    }
    AttachedFile& want(const std::string& path, const std::string& text, Role role = Role::other) {
        AttachedFile file;
        file.program.project = "monitoring";
        file.program.service = "prometheus";
        file.program.directory = "/srv/monitoring";
        file.path = path;
        file.content = text;
        file.role = role;
        desired.push_back(
            {attachedId("monitoring/prometheus", path), std::move(file), {}, "the configuration"});
        return std::get<AttachedFile>(desired.back().what);
    }
    plan::Plan& look() {
        plan::Observed observed;
        kinds::AttachedHost::observe(
            {.desired = desired, .inventory = inventory, .options = options, .system = here}, observed);
        plan = plan::makePlan(desired, observed, inventory, options);
        return plan;
    }
    Transaction transaction() {
        return {.desired = desired,
                .plan = plan,
                .options = options,
                .stateDirectory = "/var/lib/vigie",
                .timeout = std::chrono::seconds(1),
                .progress = {},
                .system = here,
                .before = inventory};
    }
    /// Makes all changes, and says what was there before.
    std::vector<state::BeforeImage> apply() {
        look();
        BeforeImages images(key, here);
        for (const auto& change : plan.changes) {
            kinds::AttachedHost::capture(
                {.change = change, .before = inventory, .options = options, .system = here},
                fileOf(change.id), images);
        }
        auto some = transaction();
        for (std::size_t i = 0; i < desired.size(); ++i) {
            kinds::AttachedHost::make(some, plan.changes[i], desired[i],
                                      std::get<AttachedFile>(desired[i].what));
        }
        inventory = some.inventory;
        return images.take();
    }
    const AttachedFile* fileOf(const std::string& id) {
        for (const auto& resource : desired) {
            if (resource.id == id) {
                return &std::get<AttachedFile>(resource.what);
            }
        }
        return nullptr;
    }
    std::string bytes(const std::string& path) { return files.entries.at(path).bytes; }
};

TEST_CASE("a file is written where the program reads it, with its owner and mode", "[attached]") {
    Host host;
    host.apply();
    CHECK(host.bytes(kMain) == "global: {a: 1}\n");
    CHECK(host.files.entries.at(kMain).info.owner.uid == 1000);
    CHECK(host.files.entries.at(kMain).info.mode == 0644);
    const auto& backup = host.inventory.at(host.desired[0].id).backup;
    CHECK(host.bytes(backup) == kOld);
    // Nothing is done to the container, and nobody is signalled by writing.
    CHECK(host.engine.posts() == 0);
}

TEST_CASE("a new file lies beside the configuration, in directories of their owner", "[attached]") {
    Host host;
    host.want("rules/a.yml", "groups: []\n");
    host.apply();
    CHECK(host.bytes(kRule) == "groups: []\n");
    const auto& directory = host.files.entries.at("/srv/monitoring/prometheus/rules").info;
    CHECK(directory.owner.uid == 1000);
    CHECK(directory.mode == 0755);
    CHECK(host.files.entries.at(kRule).info.mode == 0644);
}

TEST_CASE("a file with secrets is its program's alone", "[attached]") {
    Host host;
    auto& file = std::get<AttachedFile>(host.desired[0].what);
    render::Text text("password: ");
    text.append({"sealed", std::make_shared<const SecureBytes>(secureBytes("quince"))},
                render::Encoding::yaml);
    file.content = text;
    host.apply();
    CHECK(host.bytes(kMain) == "password: quince");
    CHECK(host.files.entries.at(kMain).info.mode == 0400);
    CHECK(host.files.entries.at(kMain).info.owner.uid == 65534);
}

TEST_CASE("set-id bits of a file that was there are not kept, and it comes back without them", "[attached]") {
    Host host;
    host.files.entries.at(kMain).info.mode = 06755;
    const auto images = host.apply();
    CHECK(host.bytes(kMain) == "global: {a: 1}\n");
    CHECK(host.files.entries.at(kMain).info.mode == 0755);
    REQUIRE(images.size() == 1);
    CHECK(images[0].kind == kinds::AttachedHost::kPath);
    const auto& backup = host.inventory.at(host.desired[0].id).backup;
    CHECK(host.files.entries.at(backup).info.mode == 0755);
    Restored restored;
    Undoing undoing{.system = host.here, .timeout = std::chrono::seconds(1), .out = restored};
    kinds::AttachedHost::putBackWhole(undoing, kMain, view(secrets::decrypt(images[0].data, host.key)));
    CHECK(host.bytes(kMain) == kOld);
    CHECK(host.files.entries.at(kMain).info.mode == 0755);
}

TEST_CASE("a file that is mounted alone is written into, and put back into itself", "[attached]") {
    Host host;
    host.inspected()["Mounts"] = tests::json::array();
    host.mountBind(tests::kConfiguration, kMain);
    host.put(tests::kConfiguration, kMain, 42);
    const auto images = host.apply();
    CHECK(host.bytes(kMain) == "global: {a: 1}\n");
    CHECK(std::find(host.files.mutations.begin(), host.files.mutations.end(),
                    std::string("write ") + kMain) == host.files.mutations.end());
    REQUIRE(images.size() == 1);
    CHECK(images[0].kind == "attached");
    Restored restored;
    Undoing undoing{.system = host.here, .timeout = std::chrono::seconds(1), .out = restored};
    kinds::AttachedHost::putBack(undoing, kMain, view(secrets::decrypt(images[0].data, host.key)));
    CHECK(host.bytes(kMain) == kOld);
}

TEST_CASE("nothing is written where the program moved to since the plan", "[attached]") {
    Host host;
    host.look();
    host.inspected()["Mounts"] = tests::json::array();
    host.mountBind("/etc/prometheus", "/srv/monitoring/other");
    host.put(tests::kConfiguration, "/srv/monitoring/other/prometheus.yml", 43);
    auto some = host.transaction();
    CHECK_THROWS_AS(kinds::AttachedHost::make(some, host.plan.changes[0], host.desired[0],
                                              std::get<AttachedFile>(host.desired[0].what)),
                    Error);
    CHECK(host.bytes(kMain) == kOld);
}

TEST_CASE("a container that is not there is told with what to do", "[attached]") {
    Host host;
    host.answers["/containers/json"] = tests::json::array();
    const auto& change = host.look().changes.front();
    CHECK(change.action == Action::refuse);
    CHECK(tests::contains(change.reason, "docker compose up -d prometheus"));
}

}  // namespace
}  // namespace vigie::kinds
