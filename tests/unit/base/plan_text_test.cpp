// What is kept of a plan of which there is only the text.

#include "base/plan_text.hpp"

#include "plan/print.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie {
namespace {

using plan::Action;
using plan::Diff;

/// As vigie 0.1 wrote it, with what it had found.
std::string plan01() {
    plan::Plan out;
    out.stack = "moments";
    out.host = "vm";
    out.notes = {"a note"};
    out.changes = {
        {"file:/a", Action::adopt, "taken over",
         Diff::ofFacts(
             "--- /a\n+++ /a\n@@ -1,3 +1,2 @@\n same\n--- canary\n-        canary\n-\n+new\n-canary\n")},
        {"compose:m/p", Action::recreate, "command changed",
         Diff::ofFacts("-command: canary\n+command: b\n")},
        {"file:/b", Action::create, "new", Diff::ofFacts("--- /dev/null\n+++ /b\n@@ -0,0 +1 @@\n+x\n")}};
    return toText(out, false, plan::Unchanged::hide);
}

TEST_CASE("lines that a stored plan found on the host are removed from its text", "[base][history]") {
    const auto text = withoutFoundLines(plan01());
    CHECK_FALSE(tests::contains(text, "canary"));
    for (const char* kept : {"    --- /a\n    +++ /a\n    @@ -1,3 +1,2 @@\n     same\n    # 3 lines not "
                             "shown\n    +new\n    # 1 line not shown\n",
                             "    # 1 line not shown\n    +command: b\n",
                             "+ create   file:/b\n           new\n    --- /dev/null\n", "note: a note\n"}) {
        CAPTURE(kept);
        CHECK(tests::contains(text, kept));
    }
    CHECK(withoutFoundLines(text) == text);
    CHECK(withoutFoundLines("").empty());
}

TEST_CASE("a plan without its diffs keeps rows, reasons and notes", "[base][history]") {
    const auto text = withoutDiffs(plan01());
    CHECK_FALSE(tests::contains(text, "canary"));
    CHECK_FALSE(tests::contains(text, "@@"));
    CHECK_FALSE(tests::contains(text, "+command"));
    CHECK(tests::contains(text, "= adopt    file:/a\n           taken over\n"));
    CHECK(tests::contains(text, "note: a note\n"));
}

}  // namespace
}  // namespace vigie
