// Whose bytes are shown to whom.

#include "plan/found.hpp"

#include "plan/diff.hpp"
#include "plan/print.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::plan {
namespace {

using render::Resource;
using tests::contains;

Resource file(const render::Text& text, unsigned mode = 0644, Owner owner = {}) {
    return {"file:/a", render::File{"/a", text, mode, owner}, {}, "the purpose"};
}

struct Planned {
    std::string published;
    std::string terminal;
};

/// What is printed when `wanted` is planned where `found` lies and `applied` was applied last; null: nothing
/// was.
Planned planned(const std::string& found, const Resource& wanted, const Resource* applied,
                unsigned mode = 0644, bool adopt = false) {
    Observed observed;
    observed.files["file:/a"] = {{FileInfo::Type::regular, mode, {}, found.size()}, secureBytes(found)};
    state::Inventory inventory;
    if (applied != nullptr) {
        inventory["file:/a"] = {digestOf(*applied), ""};
    }
    Options options;
    if (adopt) {
        options.adopt = {"file:/a"};
    }
    const Plan plan = makePlan({wanted}, observed, inventory, options);
    return {toText(plan, false) + toMarkdown({plan}) + toJson({plan}),
            toText(plan, false, Unchanged::hide, Audience::terminal)};
}

TEST_CASE("lines of a user's file appear in a published diff only if the desired text has them too",
          "[plan][found]") {
    const auto wanted = file("a: 1\nb: 2\n");
    for (const bool adopt : {false, true}) {
        const auto told =
            planned("a: 1\nurl: https://hooks.example.org/canary\nx: canary\n", wanted, nullptr, 0644, adopt);
        CHECK_FALSE(contains(told.published, "canary"));
        CHECK(contains(told.published, "+b: 2"));
        CHECK(contains(told.published,
                       "# 2 lines that are not ours are not shown; `vigie plan` at a terminal"));
        CHECK(contains(told.terminal, "-url: https://hooks.example.org/canary"));
        CHECK_FALSE(contains(told.terminal, "not shown"));
    }
}

TEST_CASE("lines edited by hand appear in a published diff only if the desired text has them too",
          "[plan][found]") {
    const auto wanted = file("a: 1\nb: 2\n");
    for (const unsigned mode : {0644U, 0600U}) {
        const auto told = planned("a: 1\n# canary\nb: 2\n", wanted, &wanted, mode);
        CHECK_FALSE(contains(told.published, "canary"));
        CHECK(contains(told.published, "# 1 line of the file as it is on the host is not shown"));
        CHECK(contains(told.terminal, mode == 0644 ? "-# canary" : "-***"));
    }
}

TEST_CASE("lines that vigie applied appear in a published diff when the document changes", "[plan][found]") {
    const auto before = file("a: 1\nb: 2\n");
    const auto wanted = file("a: 1\nb: 3\n");
    const auto told = planned("a: 1\nb: 2\n", wanted, &before);
    CHECK(contains(told.published, "-b: 2"));
    CHECK_FALSE(contains(told.published, "not shown"));
    // Also when somebody has changed nothing but its mode, or may not change owners.
    CHECK(contains(planned("a: 1\nb: 2\n", wanted, &before, 0600).published, "-b: 2"));
    const auto another = file("a: 1\nb: 2\n", 0644, {1, 1});
    CHECK(contains(planned("a: 1\nb: 2\n", file("a: 1\n", 0644, {1, 1}), &another).published, "-b: 2"));
    // And not any more, once one byte is another's.
    CHECK_FALSE(contains(planned("a: 1\nb: 4\n", wanted, &before).published, "-b: 4"));
}

TEST_CASE("a secret in a file that vigie applied does not appear in any diff", "[plan][found]") {
    render::Text old("key: ");
    old.append({"id", std::make_shared<const SecureBytes>(secureBytes("canary"))}, render::Encoding::raw)
        .append("\nend\n");
    const auto before = file(old, 0600);
    const auto told = planned("key: canary\nend\n", file("end\n"), &before, 0600);
    CHECK_FALSE(contains(told.published + told.terminal, "canary"));
    CHECK(contains(told.published, "# 1 line"));
}

TEST_CASE("a text too large for a diff is shown by its size in every diff", "[plan][found]") {
    const std::string large = "canary\n" + std::string(kMostBytes, 'x') + "\n";
    const auto told = planned(large, file("a: 1\n"), nullptr);
    CHECK(contains(told.published, "too large to be compared line by line: "));
    CHECK_FALSE(contains(told.published + told.terminal, "canary"));
}

}  // namespace
}  // namespace vigie::plan
