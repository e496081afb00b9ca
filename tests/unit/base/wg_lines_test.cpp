// Tests base/wg_lines: The lines of a wg-quick file, for everybody who reads one.

#include "base/wg_lines.hpp"

#include "tests/support/catch.hpp"

namespace vigie {
namespace {

using Kind = WgLine::Kind;

TEST_CASE("WireGuard sections and keys are found in any case; comments and blank lines are skipped",
          "[base][wg]") {
    const std::string text =
        "# a comment\n\n[INTERFACE]\n  privatekey=abc= # ours\r\nPrivate\tKey = def=\n[ Peer ]\nPublicKey\nx "
        "= \n";
    const auto lines = wgLines(text);
    REQUIRE(lines.size() == 6);
    CHECK(lines[0].kind == Kind::section);
    CHECK(lines[0].section == "interface");
    CHECK(lines[0].spelling == "INTERFACE");
    CHECK(lines[0].number == 3);
    CHECK(lines[1].isSetting("interface", "privatekey"));
    CHECK(lines[1].value == "abc=");
    CHECK(lines[2].isSetting("interface", "privatekey"));
    CHECK(lines[2].spelling == "Private\tKey");
    CHECK(lines[2].value == "def=");
    CHECK(lines[3].section == "peer");
    CHECK(lines[4].kind == Kind::malformed);
    CHECK(lines[4].number == 7);
    CHECK(lines[5].isSetting("peer", "x"));
    CHECK(lines[5].value.empty());
}

TEST_CASE("a WireGuard setting before the first section belongs to no section", "[base][wg]") {
    const std::string text = "PrivateKey = abc=\n[Interface\n";
    const auto lines = wgLines(text);
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].section.empty());
    CHECK(lines[1].section == "interface");
}

TEST_CASE("a WireGuard section's comment stands behind it, right above or right below", "[base][wg]") {
    const std::string text =
        "# above\n[Peer] # behind\n# below\nx = 1 # of a setting\n# phone\n[Peer]\n# below\n"
        "# far\n\n[Peer]\n# laptop\n# more\n[Peer]\nx = 1\n# late\n";
    std::vector<std::string> comments;
    for (const auto& line : wgLines(text)) {
        if (line.kind == Kind::section) {
            comments.emplace_back(line.comment);
        } else {
            CHECK(line.comment.empty());
        }
    }
    CHECK(comments == std::vector<std::string>{"# behind", "# phone", "# laptop", "# more"});
}

}  // namespace
}  // namespace vigie
