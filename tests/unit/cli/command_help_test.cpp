// Near misses of commands, and what stands below a command's help.

#include "cli/command_help.hpp"

#include "tests/support/catch.hpp"

namespace vigie::cli {
namespace {

using Names = std::vector<std::string>;

const Names kCommands = {"new",     "validate", "render",    "plan",     "seal",      "verify",
                         "explain", "apply",    "init",      "rollback", "uninstall", "import",
                         "facts",   "status",   "history",   "events",   "keys",      "suspend",
                         "resume",  "run",      "reconcile", "help"};

TEST_CASE("a command is suggested for a misspelling, a name of other programs or a prefix", "[cli][help]") {
    CHECK(nearCommands("vaildate", kCommands) == Names{"validate"});
    CHECK(nearCommands("lint", kCommands) == Names{"validate"});
    CHECK(nearCommands("check", kCommands) == Names{"validate"});
    CHECK(nearCommands("diff", kCommands) == Names{"plan"});
    CHECK(nearCommands("logs", kCommands) == Names{"history", "events"});
    CHECK(nearCommands("encrypt", kCommands) == Names{"seal"});
    CHECK(nearCommands("valid", kCommands) == Names{"validate"});
    CHECK(nearCommands("zzzzzz", kCommands).empty());
    CHECK(nearCommands("lint", {"apply"}).empty());  // what is not there is not named
}

TEST_CASE("each command's help ends with its exit codes and an example", "[cli][help]") {
    CHECK(helpBelow("plan").find("With --detailed-exitcode: 0 no difference; 1 an error; 2 a difference") !=
          std::string::npos);
    CHECK(helpBelow("validate").find("Exit codes: 0 valid; 1 errors or warnings;") == 0);
    CHECK(helpBelow("keys init").find("\nExample:    sudo vigie keys init") != std::string::npos);
    CHECK_THROWS_AS(helpBelow("no such command"), std::out_of_range);
}

}  // namespace
}  // namespace vigie::cli
