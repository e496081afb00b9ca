// The order, the counts and the length of printed plans.

#include "plan/print.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <nlohmann/json.hpp>

namespace vigie::plan {
namespace {

using tests::contains;

Plan mixed() {
    Plan out;
    out.stack = "moments";
    out.host = "vm";
    out.changes = {
        {"file:/a", Action::create, "new", Diff::ofFacts("+a\n")},
        {"file:/b", Action::none, "as it should be", {}},
        {"compose:m/p", Action::recreate, "image changed", Diff::ofFacts("-image: 1\n+image: 2\n")},
        {"compose:m/backend", Action::release, "yours", {}},
        {"file:/w", Action::none, "changed less than a minute ago", Diff::ofFacts("-x\n+y\n")},
        {"file:/c", Action::remove, "gone", {}}};
    return out;
}

std::size_t at(const std::string& text, const std::string& part) {
    INFO(part << " in\n" << text);
    const auto found = text.find(part);
    REQUIRE(found != std::string::npos);
    return found;
}

/// A first plan with `hosts` hosts of `files` new files, each with a diff of about `bytes`.
std::vector<Plan> large(std::size_t hosts, std::size_t files, std::size_t bytes) {
    std::vector<Plan> out;
    for (std::size_t i = 0; i < hosts; ++i) {
        Plan plan;
        plan.stack = "moments";
        plan.host = "host" + std::to_string(i);
        plan.notes = {"a note"};
        for (std::size_t j = 0; j < files; ++j) {
            plan.changes.push_back({"file:/opt/" + std::to_string(j), Action::create, "why",
                                    Diff::ofFacts("+" + std::string(bytes, 'x') + "\n")});
        }
        plan.changes.push_back({"compose:m/gone", Action::remove, "no longer in the document", {}});
        out.push_back(std::move(plan));
    }
    return out;
}

TEST_CASE("a plan begins with its counts, and removals come first", "[plan][print]") {
    const auto text = toText(mixed(), false);
    const std::string sum = "1 to delete, 1 to recreate, 1 to release, 1 to create, 2 unchanged";
    CHECK(text.rfind("host vm, stack moments: " + sum + "\n", 0) == 0);
    CHECK(at(text, "# recreate compose:m/p") < at(text, "- delete   file:/c"));
    CHECK(at(text, "< release  compose:m/backend") < at(text, "- delete   file:/c"));
    CHECK(at(text, "- delete   file:/c") < at(text, "+ create   file:/a"));
    CHECK(contains(text, "\nhost vm: " + sum + "\n"));
    const auto markdown = toMarkdown({mixed()});
    CHECK(at(markdown, sum) <
          at(markdown, "| **recreate** | `compose:m/p` | image changed (not reversible) |"));
    CHECK(at(markdown, "| **delete** | `file:/c`") < at(markdown, "| create | `file:/a`"));
}

TEST_CASE("unchanged resources are listed on demand, waiting ones always", "[plan][print]") {
    for (const auto& hidden : {toText(mixed(), false), toMarkdown({mixed()})}) {
        CHECK_FALSE(contains(hidden, "file:/b"));
        CHECK(contains(hidden, "file:/w"));
    }
    for (const auto& all :
         {toText(mixed(), false, Unchanged::list), toMarkdown({mixed()}, Unchanged::list)}) {
        CHECK(contains(all, "file:/b"));
    }
}

TEST_CASE("a plan's JSON keeps every row in order and counts the actions", "[plan][print]") {
    const auto json = nlohmann::json::parse(toJson({mixed(), mixed()}));
    std::vector<std::string> ids;
    for (const auto& change : json["hosts"][0]["changes"]) {
        ids.push_back(change["id"]);
    }
    CHECK(ids == std::vector<std::string>{"file:/a", "file:/b", "compose:m/p", "compose:m/backend", "file:/w",
                                          "file:/c"});
    CHECK(json["hosts"][0]["changes"][3]["action"] == "release");
    CHECK(json["hosts"][1]["counts"]["delete"] == 1);
    CHECK(json["hosts"][1]["counts"]["refuse"] == 0);
    CHECK(json["counts"]["release"] == 2);
    CHECK(json["counts"]["none"] == 4);
    std::size_t rows = 0;
    for (const auto& [action, n] : json["counts"].items()) {
        rows += n.get<std::size_t>();
    }
    CHECK(rows == 12);
}

TEST_CASE("plans of several hosts begin with a total, a plan of one host does not", "[plan][print]") {
    const std::string total = "2 hosts: 2 to delete, 2 to recreate, 2 to release, 2 to create, 4 unchanged";
    CHECK(toText(std::vector{mixed(), mixed()}, false).rfind(total + "\n\n", 0) == 0);
    CHECK(toMarkdown({mixed(), mixed()}).rfind("**" + total + "**\n\n", 0) == 0);
    CHECK_FALSE(contains(toText(std::vector{mixed()}, false), "1 host:"));
    CHECK_FALSE(contains(toMarkdown({mixed()}), "1 host:"));
}

TEST_CASE("a plan in Markdown fits into a comment and keeps its summaries", "[plan][print]") {
    for (const std::size_t hosts : {1U, 2U, 40U, 2'000U}) {
        for (const std::size_t files : {1U, 30U, 400U}) {
            for (const std::size_t bytes : {10U, 3'000U, 100'000U}) {
                if (hosts * files * bytes > 5'000'000U) {
                    continue;
                }
                CAPTURE(hosts, files, bytes);
                const auto markdown = toMarkdown(large(hosts, files, bytes));
                CHECK(markdown.size() <= kLongestComment);
                CHECK(contains(markdown, std::to_string(hosts) + " to delete"));
            }
        }
    }
}

TEST_CASE("a plan too long for a comment drops diffs before rows and counts them", "[plan][print]") {
    const auto markdown = toMarkdown(large(1, 30, 5'000));
    CHECK(contains(markdown,
                   "\n> Cut to fit into a comment: 18 diffs. `vigie plan --all-hosts` shows all of it.\n"));
    CHECK(contains(markdown, "| create | `file:/opt/29` |"));
    const auto rows = toMarkdown(large(1, 4'000, 50));
    CHECK(contains(rows, " rows, 4000 diffs."));
    CHECK(contains(rows, "| **delete** | `compose:m/gone` |"));
    CHECK(contains(rows, "> a note"));
    CHECK_FALSE(contains(toMarkdown({mixed()}), "Cut to fit"));
}

TEST_CASE("a small diff after one that does not fit is shown", "[plan][print]") {
    Plan plan = mixed();
    plan.changes[2].diff = Diff::ofFacts("+" + std::string(kLongestComment, 'x') + "\n");
    const auto markdown = toMarkdown({plan});
    CHECK(contains(markdown, "\n+a\n"));
    CHECK(contains(markdown, "Cut to fit into a comment: 1 diff."));
}

TEST_CASE("text that a plan quotes cannot break out of its Markdown cell or fence", "[plan][print]") {
    Plan plan;
    plan.changes = {
        {"file:/a", Action::update, "a | b <img src=x>\n| c", Diff::ofFacts(" `````\n+```` <script>\n")}};
    plan.notes = {"one\n# two"};
    const auto markdown = toMarkdown({plan});
    CHECK(contains(markdown, "| a \\| b &lt;img src=x>\\x0a\\| c |\n"));
    CHECK(contains(markdown, "\n``````diff\n `````\n+```` <script>\n``````\n"));
    CHECK(contains(markdown, "> one\\x0a# two\n"));
    plan.notes = {"![a](https://x/?b&lt;c) \\[d] `[e] & f` `"};
    CHECK(contains(toMarkdown({plan}), R"(> !\[a](https://x/?b&amp;lt;c) \\\[d] \`\[e] &amp; f\` \`)"));
    plan.notes = {"@team, #12, !7 and `@x #1` of a@b: 5 # 6 @ !"};
    CHECK(contains(toMarkdown({plan}),
                   "> @&#8203;team, #&#8203;12, !&#8203;7 and `@x #1` of a@&#8203;b: 5 # 6 @ !"));
    plan.notes = {"`[e] & f` [g]"};
    CHECK(contains(toMarkdown({plan}), R"(> `[e] & f` \[g])"));
}

}  // namespace
}  // namespace vigie::plan
