// As which user each program runs: the table, and what is rendered of it.

#include "spec/users.hpp"

#include "apply/inputs/desired_state.hpp"
#include "source/directory.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"

#include <filesystem>

namespace vigie::spec {
namespace {

Exporter exporterOf(ExporterType type) {
    Exporter out;
    out.name = toText(type);
    out.type = type;
    std::size_t next = 0;
    std::apply(
        [&](auto&... sections) {
            ((next++ == static_cast<std::size_t>(type) ? (sections.emplace(), 0) : 0), ...);
        },
        sectionsOf(out));
    return out;
}

TEST_CASE("no two types of program share a user id, and exporters' ids are in the reserved range",
          "[spec][users]") {
    std::set<unsigned> seen{kPrometheusUser.uid, kAlertmanagerUser.uid, kGrafanaUser.uid, kJaegerUser.uid,
                            kCustomFilesUser.uid};
    REQUIRE(seen.size() == 5);
    for (std::size_t i = 0; i < kExporterTypes.size(); ++i) {
        const auto type = static_cast<ExporterType>(i);
        const auto user = userOf(exporterOf(type));
        if (type == ExporterType::cadvisor) {
            CHECK(user == kRoot);
            continue;
        }
        INFO(toText(type) << " runs as " << user.uid);
        CHECK(seen.insert(user.uid).second);
        CHECK(user.uid == user.gid);
        // What neither Debian nor systemd gives away, and `nonroot` of many images does not have.
        CHECK((user.uid >= 65520 && user.uid < 65532));
    }
}

TEST_CASE("a custom exporter has an own user only if it has files or the document names one",
          "[spec][users]") {
    auto custom = exporterOf(ExporterType::custom);
    CHECK(userOf(custom) == kCustomUser);
    custom.env = {{"TOKEN", "", {}, SecretFile{"token", {}}}};
    CHECK(userOf(custom) == kCustomFilesUser);
    custom.custom->user = "1000";
    CHECK(userOf(custom) == Owner{1000, 1000});
    custom.custom->user = "1000:7";
    CHECK(userOf(custom) == Owner{1000, 7});
}

TEST_CASE("containers in every example have the users of the table", "[spec][users][render]") {
    for (const auto& example : std::filesystem::directory_iterator(tests::sourcePath("examples"))) {
        if (!example.is_directory()) {
            continue;
        }
        const auto loaded = source::loadDirectory(example.path().string());
        REQUIRE(loaded.usable());
        const auto& stack = loaded.document->stack;
        for (const auto& host : stack.hosts) {
            INFO(example.path() << " on " << host.name);
            const auto programs = programsOn(stack, host);
            const auto target = apply::makeSealedDesiredState(loaded, host.name);
            std::size_t containers = 0;
            for (const auto& resource : target.desired) {
                const auto* compose = std::get_if<render::ComposeService>(&resource.what);
                const auto* file = std::get_if<render::File>(&resource.what);
                if (compose != nullptr && compose->service.whole()) {
                    ++containers;
                    const auto program = std::find_if(
                        programs.begin(), programs.end(),
                        [&](const ProgramUser& each) { return resource.id == "compose:" + each.name; });
                    INFO(resource.id);
                    REQUIRE(program != programs.end());
                    CHECK((compose->service.user.empty() ||
                           compose->service.user == render::userText(program->user)));
                    CHECK(program->file == compose->project.directory + "/" + compose->project.files.back());
                }
                for (const auto& program : programs) {
                    // What lies in the directory of a program and is not for everybody is its own.
                    if (file != nullptr && file->path.starts_with(program.directory + "/") &&
                        (file->mode & 0044) == 0) {
                        INFO(resource.id);
                        CHECK(file->owner == program.user);
                    }
                }
            }
            CHECK(containers == programs.size());
            for (const auto& program : programs) {
                const bool files = std::any_of(
                    target.desired.begin(), target.desired.end(), [&](const render::Resource& resource) {
                        return resource.id.starts_with("file:" + program.directory + "/");
                    });
                INFO(program.name);
                CHECK((program.ownsFiles == files || program.name.ends_with("/jaeger")));
            }
        }
    }
}

TEST_CASE("only the user of 0.1 is kept from a Compose file", "[spec][users]") {
    const auto stack = source::loadDirectory(tests::sourcePath("examples/moments")).document->stack;
    const auto& host = *stack.host("vm");
    const auto kept = [&](const std::string& user) {
        return usersKept(stack, host, {{"/opt/monitoring/compose.yaml", {{"alertmanager", user}}}});
    };
    CHECK(kept("65534:65534") == std::set<std::string>{"monitoring/alertmanager"});
    for (const char* other : {"", "0:0", "65520:65520", "65534", "nobody"}) {
        CHECK(kept(other).empty());
    }
    CHECK(usersKept(stack, host, {{"/opt/elsewhere.yaml", {{"alertmanager", "65534:65534"}}}}).empty());
    auto separate = stack;
    separate.uids = "separate";
    const UsersWritten former{{"/opt/monitoring/compose.yaml", {{"alertmanager", "65534:65534"}}}};
    CHECK(usersKept(separate, *separate.host("vm"), former).empty());
    // A container that is not looked at goes on, and its files go on with it.
    separate.ignore = {{"compose:monitoring/alertmanager", {"image"}}};
    CHECK(usersKept(separate, *separate.host("vm"), former).empty());
    for (const auto& fields : {std::vector<std::string>{}, {"user"}}) {
        separate.ignore = {{"compose:monitoring/alertmanager", fields}};
        CHECK(usersKept(separate, *separate.host("vm"), former).size() == 1);
    }
}

TEST_CASE("a malformed Compose file yields no users", "[spec][users]") {
    CHECK(usersIn("services: { a: { user: \"1:2\" }, b: { image: x } }") ==
          std::map<std::string, std::string>{{"a", "1:2"}});
    for (const char* text : {"", "services: [", "services: 7", "- services", "services: { a: x }",
                             "services: { a: { user: [1] } }\nx: *y"}) {
        CHECK(usersIn(text).empty());
    }
}

}  // namespace
}  // namespace vigie::spec
