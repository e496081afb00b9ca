// Tests plan/removals: What becomes of what is no longer desired: deleted, or given back.

#include "base/fields.hpp"
#include "plan/plan.hpp"
#include "plan/print.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::plan {
namespace {

ObservedFile directory(std::vector<std::string> names) {
    ObservedFile out;
    out.info.type = FileInfo::Type::directory;
    out.names = std::move(names);
    return out;
}

ObservedFile file() {
    ObservedFile out;
    out.info.type = FileInfo::Type::regular;
    return out;
}

/// A project with a file, and a directory in which a program keeps its data.
struct Left {
    state::Inventory inventory = {{"directory:/opt/a", {}},
                                  {"directory:/opt/a/data", {}},
                                  {"directory:/opt/a/rules", {}},
                                  {"file:/opt/a/compose.yaml", {}},
                                  {"file:/opt/a/rules/r.yml", {}}};
    Observed observed;
    Options options;

    explicit Left(std::vector<std::string> data) {
        observed.files["directory:/opt/a"] = directory({"compose.yaml", "data", "rules"});
        observed.files["directory:/opt/a/data"] = directory(std::move(data));
        observed.files["directory:/opt/a/rules"] = directory({"r.yml"});
        observed.files["file:/opt/a/compose.yaml"] = file();
        observed.files["file:/opt/a/rules/r.yml"] = file();
    }
    [[nodiscard]] std::map<std::string, Change> changes() const {
        std::map<std::string, Change> out;
        for (auto& change : makePlan({}, observed, inventory, options).changes) {
            out[change.id] = change;
        }
        return out;
    }
};

TEST_CASE("a directory with remaining files is released together with its parents", "[plan]") {
    const Left left({"wal"});
    const auto changes = left.changes();
    for (const char* id : {"directory:/opt/a/data", "directory:/opt/a"}) {
        INFO(id);
        const auto& change = changes.at(id);
        CHECK(change.action == Action::release);
        CHECK(tests::contains(change.reason, "stays, for it is not empty"));
    }
    CHECK(changes.at("directory:/opt/a/rules").action == Action::remove);
    CHECK(changes.at("file:/opt/a/compose.yaml").action == Action::remove);
    const auto plan = makePlan({}, left.observed, left.inventory, left.options);
    CHECK(tests::contains(summary(plan), "3 to delete, 2 to release"));
}

TEST_CASE("the names of files in a data directory do not change the plan's digest", "[plan]") {
    CHECK(makePlan({}, Left({"wal"}).observed, Left({}).inventory, {}).digest ==
          makePlan({}, Left({"wal", "chunks_head"}).observed, Left({}).inventory, {}).digest);
}

TEST_CASE("directories that become empty are deleted with their files", "[plan]") {
    for (const auto& [id, change] : Left({}).changes()) {
        INFO(id);
        CHECK(change.action == Action::remove);
    }
}

TEST_CASE("an ignored file keeps its directories", "[plan]") {
    Left left({});
    left.options.ignored["file:/opt/a/rules/r.yml"] = {};
    const auto changes = left.changes();
    CHECK(changes.at("directory:/opt/a/rules").action == Action::release);
    CHECK(changes.at("directory:/opt/a").action == Action::release);
    CHECK(changes.at("directory:/opt/a/data").action == Action::remove);
}

TEST_CASE("an uninstall that restores backups releases an adopted file instead of deleting it", "[plan]") {
    Left left({});
    left.inventory["file:/opt/a/rules/r.yml"].backup = "/var/lib/vigie/backups/r.yml";
    CHECK(left.changes().at("file:/opt/a/rules/r.yml").action == Action::remove);
    left.options.givesBack = true;
    const auto changes = left.changes();
    CHECK(changes.at("file:/opt/a/rules/r.yml").action == Action::release);
    CHECK(changes.at("directory:/opt/a/rules").action == Action::release);  // it stays in there
    CHECK(changes.at("file:/opt/a/compose.yaml").action == Action::remove);
}

TEST_CASE("only a container that vigie owns entirely is deleted", "[plan]") {
    const auto packed = [](const char* whose) {
        SecureBytes out;
        for (const char* field : {whose, "/opt/a", "compose.yaml", "", ""}) {
            packField(out, field);
        }
        return std::string(view(out));
    };
    state::Inventory inventory;
    inventory["compose:a/ours"].detail = packed("whole");
    inventory["compose:a/theirs"].detail = packed("part");
    inventory["compose:a/unknown"];
    inventory["sysctl:net.ipv4.ip_forward"];
    inventory["reload:prometheus"];
    std::map<std::string, Action> seen;
    for (const auto& change : makePlan({}, {}, inventory, {}).changes) {
        seen[change.id] = change.action;
    }
    CHECK(seen == std::map<std::string, Action>{{"compose:a/ours", Action::remove},
                                                {"compose:a/theirs", Action::release},
                                                {"compose:a/unknown", Action::release},
                                                {"sysctl:net.ipv4.ip_forward", Action::release},
                                                {"reload:prometheus", Action::release}});
}

}  // namespace
}  // namespace vigie::plan
