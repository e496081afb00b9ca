// Tests kinds/attached/model: what a plan says of a file that a program of the user's own reads.

#include "kinds/attached/model.hpp"

#include "kinds/attached/record.hpp"
#include "kinds/models.hpp"
#include "plan/plan.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::kinds {
namespace {

using plan::Action;
using render::AttachedFile;

constexpr const char* kId = "attached:monitoring/prometheus/prometheus.yml";
constexpr const char* kHost = "/srv/monitoring/prometheus/prometheus.yml";
constexpr const char* kText = "global:\n  scrape_interval: 15s\nrule_files:\n  - vigie-render-info.yml\n";

/// One configuration, and what a host has of it.
struct World {
    render::Resource resource{kId, AttachedFile{}, {}, "Prometheus' configuration"};
    plan::Observed observed;
    state::Inventory inventory;
    plan::Options options;

    World() {
        options.activation = plan::Activation::all;
        auto& file = std::get<AttachedFile>(resource.what);
        file.program.project = "monitoring";
        file.program.service = "prometheus";
        file.program.directory = "/srv/monitoring";
        file.path = "prometheus.yml";
        file.content = std::string(kText);
        file.role = AttachedFile::Role::main;
        auto& seen = observed.attached[kId];
        seen.path = kHost;
        seen.directory = "/etc/prometheus";
        seen.record = record(kHost);
        seen.runs = true;
    }
    [[nodiscard]] std::string record(const std::string& host) const {
        auto out = AttachedRecord::of(std::get<AttachedFile>(resource.what).program,
                                      render::ConfiguredProgram::Program::prometheus);
        out.path = "prometheus.yml";
        out.main = true;
        out.pin.host = host;
        out.pin.resolved = host;
        return out.text();
    }
    void has(const std::string& text, unsigned mode = 0644) {
        auto& file = observed.files[kId];
        file.info.type = FileInfo::Type::regular;
        file.info.mode = mode;
        file.info.size = text.size();
        file.bytes = secureBytes(text);
    }
    /// It was adopted as it is wanted now.
    void applied() { inventory[kId] = {digestOf(resource), "", record(kHost)}; }
    plan::Plan plan() { return plan::makePlan({resource}, observed, inventory, options); }
    plan::Change change() { return plan().changes.front(); }
};

TEST_CASE("a file that means the same is taken over as it is", "[attached]") {
    World world;
    world.has("# mine\nrule_files: [vigie-render-info.yml]\nglobal: {scrape_interval: 15s}\n");
    const auto change = world.change();
    CHECK(change.action == Action::adopt);
    CHECK(change.diff.empty());
    world.applied();
    CHECK(world.change().action == Action::none);
}

TEST_CASE("the first write over a file that differs wants to be named", "[attached]") {
    World world;
    world.has("global:\n  scrape_interval: 30s\n");
    CHECK(world.change().action == Action::refuse);
    CHECK(tests::contains(world.change().reason, std::string("name ") + kId + " in `spec.adopt`"));
    world.options.adopt.insert(kId);
    CHECK(world.change().action == Action::adopt);
    CHECK_FALSE(world.change().diff.empty());
}

TEST_CASE("what is remembered is where it was seen", "[attached]") {
    World world;
    world.has(kText);
    const auto record = AttachedRecord::read(world.change().record);
    REQUIRE(record);
    CHECK(record->pin.host == kHost);
    CHECK(record->main);
    CHECK(record->attachedProgram().name() == "monitoring/prometheus");
}

TEST_CASE("another place than at the adoption is not followed", "[attached]") {
    World world;
    world.has("global: {}\n");
    world.applied();
    world.observed.attached[kId].record = world.record("/srv/monitoring/other/prometheus.yml");
    const auto change = world.change();
    CHECK(change.action == Action::drift);
    CHECK(change.unobserved);
    CHECK(tests::contains(change.reason, "/srv/monitoring/other/prometheus.yml, not " + std::string(kHost)));
    // It stays what is believed.
    CHECK(change.record.empty());
    world.options.adopt.insert(kId);
    CHECK(world.change().action == Action::update);
}

TEST_CASE("what cannot be looked at is told, and changes wait", "[attached]") {
    World world;
    world.observed.attached[kId].problem = "service prometheus of project monitoring has no container";
    CHECK(world.change().action == Action::refuse);
    CHECK(world.change().unobserved);
    world.applied();
    CHECK(world.change().action == Action::drift);
    CHECK_FALSE(world.change().ownable);  // where it was adopted is still remembered
    CHECK(world.plan().empty());
}

TEST_CASE("below another root nothing is known of it", "[attached]") {
    World world;
    world.options.activation = plan::Activation::none;
    world.observed.attached.clear();
    CHECK(world.change().action == Action::none);
    CHECK(tests::contains(world.change().reason, "not activated here"));
}

TEST_CASE("texts that name another directory than the program's are refused", "[attached]") {
    World world;
    auto& file = std::get<AttachedFile>(world.resource.what);
    file.assumed = "/etc/prometheus";
    file.content = std::string("rule_files:\n  - /etc/prometheus/rules/a.yml\n");
    world.has("{}\n");
    world.options.adopt.insert(kId);
    CHECK(world.change().action == Action::adopt);
    world.observed.attached[kId].directory = "/conf";
    CHECK(world.change().action == Action::refuse);
    CHECK(tests::contains(world.change().reason, "in /conf"));
}

TEST_CASE("secrets that others may read are told until vigie writes the file", "[attached]") {
    World world;
    auto& file = std::get<AttachedFile>(world.resource.what);
    render::Text text("password: ");
    text.append({"sealed", std::make_shared<const SecureBytes>(secureBytes("quince"))},
                render::Encoding::yaml);
    file.content = text;
    world.has("password: quince");
    REQUIRE(world.change().action == Action::adopt);
    const auto told = [&] {
        const auto notes = world.plan().notes;
        return std::any_of(notes.begin(), notes.end(),
                           [](const auto& note) { return tests::contains(note, "holds secrets"); });
    };
    CHECK(told());
    world.has("password: quince", 0400);
    CHECK_FALSE(told());
}

TEST_CASE("a file that leaves a program which stays goes, or gets back what it was", "[attached]") {
    World world;
    world.has(kText);
    world.applied();
    const std::string rule = "attached:monitoring/prometheus/rules/a.yml";
    world.inventory[rule] = {"digest", "", world.record("/srv/monitoring/prometheus/rules/a.yml")};
    CHECK(world.plan().changes.back().action == Action::remove);
    world.inventory[rule].backup = "/var/lib/vigie/backups/1-a.yml";
    CHECK(world.plan().changes.back().action == Action::release);
    CHECK(tests::contains(world.plan().changes.back().reason, "gets back"));
}

TEST_CASE("a program that leaves the document keeps its files, without vigie's proof", "[attached]") {
    World world;
    world.applied();
    world.inventory[kId].backup = "/var/lib/vigie/backups/1-prometheus.yml";
    const std::string proof = "attached:monitoring/prometheus/vigie-render-info.yml";
    world.inventory[proof] = {"digest", "", world.record("/srv/monitoring/prometheus/vigie-render-info.yml")};
    const auto actions = [&] {
        std::map<std::string, Action> out;
        for (const auto& each : plan::makePlan({}, world.observed, world.inventory, world.options).changes) {
            out[each.id] = each.action;
        }
        return out;
    };
    CHECK(actions() == std::map<std::string, Action>{{kId, Action::release}, {proof, Action::remove}});
    // Its configuration goes last: whoever reads it meanwhile still finds the proof's entry only.
    const auto last = plan::makePlan({}, world.observed, world.inventory, world.options).changes.back();
    CHECK(last.id == kId);
    world.options.prune = false;
    CHECK(actions() == std::map<std::string, Action>{{kId, Action::none}, {proof, Action::none}});
    world.options.releases = true;
    CHECK(actions() == std::map<std::string, Action>{{kId, Action::release}, {proof, Action::remove}});
}

TEST_CASE("the entry of the proof goes, and nothing else", "[attached]") {
    CHECK(withoutProof("a: 1\nrule_files:\n  - rules/*.yml # mine\n  - vigie-render-info.yml\nb: 2\n") ==
          "a: 1\nrule_files:\n  - rules/*.yml # mine\nb: 2\n");
    CHECK(withoutProof("rule_files:\n- vigie-render-info.yml") == "rule_files:\n");
    CHECK(withoutProof("rule_files: [a.yml]\n").empty());
    CHECK(withoutProof("rule_files: [ a.yml, vigie-render-info.yml ] # mine\n") ==
          "rule_files: [ a.yml ] # mine\n");
    // Somebody wrote it in another way: an entry that matches nothing does no harm.
    CHECK(withoutProof("rule_files: [vigie-render-info.yml, a.yml]\n").empty());
}

TEST_CASE("programs read data, not bytes", "[attached]") {
    CHECK(sameForProgram("a.yml", "a: [1, 2]\n", "a:\n- 1\n- 2\n"));
    CHECK_FALSE(sameForProgram("a.yml", "a: [1, 2]\n", "a: [2, 1]\n"));
    CHECK_FALSE(sameForProgram("mail.tmpl", "a: [1]", "a:\n- 1"));
    CHECK(sameForProgram("mail.tmpl", "x", "x"));
    CHECK_FALSE(sameForProgram("a.yml", "a: [", "a: [" + std::string(" ")));
}

}  // namespace
}  // namespace vigie::kinds
