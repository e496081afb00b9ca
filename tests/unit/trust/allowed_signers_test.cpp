// Tests trust/allowed_signers: Who may sign, as OpenSSH's allowed_signers says it.

#include "trust/allowed_signers.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/trust/signing.hpp"

namespace vigie::trust {
namespace {

using tests::Key;
using tests::refusal;

/// A host one hour east of Greenwich, on a day that began at `CivilTime`'s own count.
std::int64_t local(const CivilTime& time) {
    return -(time.year * 10000 + time.month * 100 + time.day);
}

AllowedSigners parse(const std::string& text) {
    return parseAllowedSigners(text, local);
}

std::string mistakesIn(const std::string& text) {
    try {
        parse(text);
    } catch (const Untrusted& error) {
        CHECK(error.reason() == Reason::signersUnusable);
        return error.what();
    }
    return {};
}

const std::string kLine = Key().line();

TEST_CASE("a line of allowed signers holds principals, options and a key", "[trust]") {
    const auto signers = parse("# people\n\n \t\nalice@example.org " + kLine +
                               " a comment\r\n\"Bob B,bob\" NAMESPACES=\"git,file\",valid-after="
                               "\"20200101Z\",valid-before=\"20300101120059Z\" " +
                               kLine);
    REQUIRE(signers.size() == 2);
    CHECK(signers[0].line == 4);
    CHECK(signers[0].principals == "alice@example.org");
    CHECK(signers[0].key == Key().raw());
    CHECK(signers[0].blob == Key().blob());
    CHECK(signers[0].unsupported.empty());
    CHECK_FALSE(signers[0].namespaces);
    CHECK(signers[1].line == 5);
    CHECK(signers[1].principals == "Bob B,bob");
    CHECK(signers[1].namespaces == "git,file");
    CHECK(signers[1].validAfter == 1577836800);
    CHECK(signers[1].validBefore == 1893499259);
}

TEST_CASE("dates of allowed signers without a Z are in local time", "[trust]") {
    const auto at = [](const std::string& time) {
        return *parse("a valid-after=\"" + time + "\" " + kLine)[0].validAfter;
    };
    CHECK(at("20270131") == -20270131);
    CHECK(at("19700101Z") == 0);
    CHECK(at("197001010001Z") == 60);
    CHECK(at("19700101000001Z") == 1);
    CHECK(at("20000229Z") == 951782400);
    CHECK(at("20240229Z") == 1709164800);
    CHECK(at("20991231235959Z") == 4102444799);
}

TEST_CASE("an unsupported allowed signer is kept with the reason", "[trust]") {
    const std::string rsa = "ssh-rsa " + base64Encode(tests::wire("ssh-rsa") + tests::wire("x"));
    const std::string hardware =
        "sk-ssh-ed25519@openssh.com " + base64Encode(tests::wire("sk-ssh-ed25519@openssh.com"));
    const auto signers =
        parse("a " + rsa + "\nb cert-authority " + kLine + "\nc " + hardware + "\nd " + kLine + "\n");
    REQUIRE(signers.size() == 4);
    CHECK(signers[0].unsupported.find("ssh-rsa") != std::string::npos);
    CHECK(signers[0].key.empty());
    CHECK(signers[1].unsupported.find("authorities") != std::string::npos);
    CHECK(signers[2].unsupported.find("sk-ssh-ed25519") != std::string::npos);
    CHECK(signers[3].unsupported.empty());
}

TEST_CASE("malformed lines of allowed signers are all refused with their numbers", "[trust]") {
    for (const std::string bad : {"alice",
                                  "alice ",
                                  "alice ssh-ed25519",
                                  "alice ssh-ed25519 ",
                                  "alice ssh-ed25519 AAAA",
                                  "alice ssh-ed25519 !",
                                  "\"alice ",
                                  "\"\" ",
                                  "alice nonsense ",
                                  "alice namespaces= ",
                                  "alice namespaces=git ",
                                  "alice namespaces=\"git ",
                                  "alice valid-after=\"2027\" ",
                                  "alice valid-after=\"20271301Z\" ",
                                  "alice valid-after=\"20270230Z\" ",
                                  "alice valid-after=\"20270101T00Z\" ",
                                  "alice valid-after=\"202701012460Z\" ",
                                  "alice valid-before=\"\" ",
                                  "alice cert-authority=\"x\" ",
                                  "alice , ",
                                  "alice namespaces=\"git\",namespaces=\"x\" ",
                                  "alice valid-after=\"20270102Z\",valid-before=\"20270101Z\" ",
                                  "alice no-touch-required "}) {
        const bool whole = bad.find("ssh-ed25519") != std::string::npos || bad == "alice" || bad == "alice ";
        INFO(bad);
        const auto message = mistakesIn("good " + kLine + "\n" + bad + (whole ? "" : kLine) + "\n");
        CHECK(message.find("line 2: ") != std::string::npos);
    }
    const auto message = mistakesIn("one\ntwo " + kLine + "\nthree\n");
    CHECK(message.find("line 1: ") != std::string::npos);
    CHECK(message.find("line 2: ") == std::string::npos);
    CHECK(message.find("line 3: ") != std::string::npos);
}

TEST_CASE("an allowed signer whose principals match nobody in git is refused", "[trust]") {
    const std::string nul("a\0b", 3);
    for (const auto& bad :
         {std::string("!alice"), std::string("!alice,!bob"), std::string("alice,!alice"),
          std::string("!*,alice"), std::string("alice*,!alice*"), std::string(",alice"), std::string("!"),
          std::string("\"!a b\""), std::string("!!alice"), std::string(1023, 'a'), nul, std::string("\0", 1),
          std::string("a\x01"), std::string("a\x7f"), std::string("\"a\tb\""),
          std::string("alice namespaces=\"g\0it\"", 24)}) {
        INFO(bad);
        CHECK(mistakesIn("good " + kLine + "\n" + bad + " " + kLine + "\n").find("line 2: ") !=
              std::string::npos);
    }
    for (const std::string good : {"!alice,bob", "*,!alice", "alice,,bob", "alice,", "!,alice", "*", "?",
                                   "\"a, b\"", "\" a\"", "al\\ice", "-h", "\xc3\xa9"}) {
        INFO(good);
        CHECK(parse(good + " " + kLine).size() == 1);
    }
    CHECK(parse(std::string(1022, 'a') + " " + kLine).size() == 1);
}

TEST_CASE("truncated allowed signers are refused or keep the meaning of their complete lines", "[trust]") {
    const std::string text = "alice namespaces=\"git\",valid-before=\"20300101Z\" " + kLine + "\n";
    for (std::size_t size = 0; size < text.size() - 1; ++size) {
        INFO(size);
        CHECK(refusal([&] { parse(text.substr(0, size)); }) == Reason::signersUnusable);
    }
    CHECK(parse(text.substr(0, text.size() - 1)).size() == 1);
}

TEST_CASE("allowed signers without a usable key are refused", "[trust]") {
    CHECK(mistakesIn("").find("no allowed signers") != std::string::npos);
    CHECK(mistakesIn("# nobody\n").find("no allowed signers") != std::string::npos);
    CHECK(mistakesIn("a cert-authority " + kLine).find("authorities") != std::string::npos);
}

TEST_CASE("principal patterns match like OpenSSH's", "[trust]") {
    CHECK(matchesPatterns("git", "git"));
    CHECK(matchesPatterns("git", "file,git"));
    CHECK(matchesPatterns("git", "*"));
    CHECK(matchesPatterns("git", "g?t"));
    CHECK(matchesPatterns("git", "*g*i*t*"));
    CHECK_FALSE(matchesPatterns("git", "gi"));
    CHECK_FALSE(matchesPatterns("git", "gitt"));
    CHECK_FALSE(matchesPatterns("git", "GIT"));
    CHECK_FALSE(matchesPatterns("git", ""));
    CHECK_FALSE(matchesPatterns("git", "!git,*"));
    CHECK_FALSE(matchesPatterns("git", "*,!g*"));
    CHECK_FALSE(matchesPatterns("git", "!file"));
    CHECK(matchesPatterns("git", "!file,*"));
    const std::string hostile(300, 'a');
    std::string pattern;
    for (int i = 0; i < 100; ++i) {
        pattern += "a*";
    }
    CHECK_FALSE(matchesPatterns(hostile, pattern + "b"));
}

}  // namespace
}  // namespace vigie::trust
