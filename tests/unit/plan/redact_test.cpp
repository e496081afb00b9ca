// Tests plan/redact.

#include "plan/redact.hpp"

#include "plan/plan.hpp"
#include "plan/print.hpp"
#include "render/builder.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::plan {
namespace {

const std::string kSecret = "S3CR3T";

render::SecretValue secret(std::string_view value) {
    return {"id", std::make_shared<const SecureBytes>(secureBytes(value))};
}

/// A rendered file with a secret in it, such as wg0.conf.
render::Text withSecret() {
    render::Text out("[Interface]\nListenPort = 51820\nPrivateKey = ");
    out.append(secret("NEW" + kSecret), render::Encoding::raw).append("\n[Peer]\nPublicKey = abc\n");
    return out;
}

/// Everything that is ever printed about taking `desired` to a host where `observed` lies.
std::string printed(const std::string& observed, const render::Text& desired, bool ours, bool masked,
                    unsigned mode = 0600) {
    render::Resource resource{"file:/a", render::File{"/a", desired, mode, {}}, {}, "purpose"};
    Observed host;
    host.files["file:/a"] = {{FileInfo::Type::regular, 0600, {}, observed.size()}, secureBytes(observed)};
    state::Inventory inventory;
    if (ours) {
        inventory["file:/a"] = {"digest", ""};
    }
    Options options;
    options.masked = masked;
    const Plan plan = makePlan({resource}, host, inventory, options);
    const Plan removal = makePlan({}, host, {{"file:/a", {}}}, options);
    return toText(plan, true) + toText(plan, true, Unchanged::hide, Audience::terminal) + toMarkdown({plan}) +
           toJson({plan}) + toText(removal, false) + toMarkdown({removal});
}

void checkHidden(const std::string& observed, const render::Text& desired) {
    INFO(observed);
    for (const bool ours : {false, true}) {
        for (const bool masked : {false, true}) {
            CHECK_FALSE(tests::contains(printed(observed, desired, ours, masked), kSecret));
        }
    }
}

TEST_CASE("the diff that removes a secret from a file does not show it", "[plan]") {
    const std::string begin = "# " + std::string(render::kManaged) + "\nservices:\n";
    const std::string observed = begin + "  SETTINGS: \"" + kSecret + "\"\n  image: a:1\n";
    const render::Text desired(begin + "  SETTINGS_FILE: \"/a\"\n  image: a:1\n");
    for (const bool ours : {false, true}) {
        const auto text = printed(observed, desired, ours, false, 0644);
        CHECK_FALSE(tests::contains(text, kSecret));
        CHECK(tests::contains(text, "-***"));
        CHECK(tests::contains(text, "+  SETTINGS_FILE"));
    }
    // Somebody's own file, or one that everybody could read: nothing but what looks like a secret is hidden.
    CHECK(tests::contains(printed("a: b\n", desired, false, false, 0644), "-a: b"));
    CHECK(tests::contains(showable("a: b\n", desired), "a: b"));
}

TEST_CASE("the diff that replaces a secret in vigie's file does not show the old one", "[plan]") {
    render::Text old("[Interface]\nListenPort = 1\nPrivateKey = ");
    old.append(secret(kSecret), render::Encoding::raw).append("\n");
    checkHidden(std::string(view(old.reveal())), withSecret());
    checkHidden(std::string(view(withSecret().reveal())), withSecret());
    render::Text whole;
    whole.append(secret("NEW"), render::Encoding::raw);
    checkHidden(kSecret, whole);
    checkHidden(kSecret + "\nmore " + kSecret + "\n", whole);
}

TEST_CASE("the diff of a file that will hold a secret shows no unknown line", "[plan]") {
    tests::Dice dice;
    const std::vector<std::string> lines = {"PrivateKey=" + kSecret,
                                            "PrivateKey = " + kSecret,
                                            "  privatekey =" + kSecret,
                                            "PresharedKey = " + kSecret,
                                            "# PrivateKey = " + kSecret,
                                            "#" + kSecret,
                                            kSecret,
                                            "PostUp = echo " + kSecret,
                                            "password: " + kSecret,
                                            "[Interface]",
                                            "ListenPort = 51820",
                                            "PublicKey=other",
                                            "",
                                            "[Peer]",
                                            "PrivateKey = " + kSecret + " # old",
                                            "a" + kSecret};
    for (int i = 0; i < 200; ++i) {
        std::string observed;
        for (std::size_t n = dice.below(8); n > 0; --n) {
            observed += lines[dice.below(lines.size())] + (dice.below(9) == 0 ? "\r\n" : "\n");
        }
        checkHidden(observed, withSecret());
    }
}

TEST_CASE("the diff of a tunnel's file shows its public settings", "[plan]") {
    const auto text =
        showable("[Interface]\nListenPort=1\nPrivateKey=x\n[Peer]\nEndpoint = a:1\n", withSecret());
    CHECK(text == "[Interface]\nListenPort=1\n***\n[Peer]\nEndpoint = a:1\n");
}

TEST_CASE("passwords in a user's file are masked in a diff", "[plan]") {
    const render::Text desired("a: 1\n");
    for (const std::string& line : {
             "password: " + kSecret,
             "  password: '" + kSecret + "'",
             "\"password\": \"" + kSecret + "\"",
             "- { user: a, password: " + kSecret + ", x: y }",
             "smtp_auth_password: " + kSecret,
             "PGPASSWORD=" + kSecret,
             "PrivateKey=" + kSecret,
             "bearer_token: " + kSecret,
             "client_secret : " + kSecret,
             "      - DATA_SOURCE=postgres://stats:" + kSecret + "@pgbouncer:6432/pgbouncer",
             "x: https://a:" + kSecret + "@h/ and https://b:" + kSecret + "@h/",
             "api_key = " + kSecret + " # comment",
             "?sslmode=disable&password=" + kSecret,
         }) {
        checkHidden(line, desired);
        checkHidden("x\n" + line + "\ny\n", desired);
    }
}

TEST_CASE("a password in the lines below its name is masked", "[plan]") {
    checkHidden("smtp:\n  password: |\n    " + kSecret + "\n", render::Text("a: 1\n"));
}

TEST_CASE("an unencoded password in a URL is masked", "[plan]") {
    checkHidden("- --pgBouncer.connectionString=postgres://stats:p@s s/" + kSecret +
                    "#x%1@pgbouncer:6432/pgbouncer\n",
                render::Text("a: 1\n"));
}

TEST_CASE("a variable named …_PASS or …_PWD is masked", "[plan]") {
    checkHidden("      SMTP_PASS: " + kSecret + "\n", render::Text("a: 1\n"));
    checkHidden("      - DB_PWD=" + kSecret + "\n", render::Text("a: 1\n"));
}

TEST_CASE("a remark behind a public setting of a tunnel is not shown", "[plan]") {
    checkHidden("ListenPort = 1 # PrivateKey = " + kSecret + "\n", withSecret());
}

}  // namespace
}  // namespace vigie::plan
