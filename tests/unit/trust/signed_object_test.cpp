// Tests trust/signed_object: A commit or tag as git stores it, with its signature.

#include "trust/signed_object.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/trust/signing.hpp"

namespace vigie::trust {
namespace {

using tests::Key;
using tests::refusal;
using tests::signedBy;

const std::string kTree(40, 'a');
const std::string kHead =
    "tree " + kTree +
    "\nparent bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\nauthor A <a@example.org> 1 +0000\n"
    "committer A <a@example.org> 1700000000 +0100\n";
const std::string kPayload = kHead + "\nmessage\n";
const std::string kTag =
    "object " + kTree + "\ntype commit\ntag v1\ntagger A <a@example.org> 1700000000 +0100\n\nrelease\n";

std::string header(std::string text) {
    std::string out = "gpgsig ";
    while (text.ends_with('\n')) {
        text.pop_back();
    }
    for (const char c : text) {
        out += c == '\n' ? std::string("\n ") : std::string(1, c);
    }
    return out + "\n";
}

std::string withSignature(const std::string& text) {
    return kHead + header(text) + "\nmessage\n";
}

AllowedSigners allowing(const std::string& text) {
    return parseAllowedSigners(text, [](const CivilTime&) { return 0; });
}

const AllowedSigners& alice() {
    static const auto out = allowing("alice@example.org " + Key(1).line());
    return out;
}

TEST_CASE("a signed commit is parsed to its payload and its signature", "[trust]") {
    const auto object = parseCommit(withSignature(signedBy(Key(1), kPayload)));
    CHECK(object.payload == kPayload);
    CHECK(object.target == kTree);
    CHECK(object.time == 1700000000);
    CHECK(signerOf(object, alice()) == "alice@example.org");
    CHECK(parseCommit(kPayload).signature.empty());
    CHECK(parseCommit(kHead).payload == kHead);
    CHECK(parseCommit(kHead + "\n").payload == kHead + "\n");
}

TEST_CASE("a commit's signature is found anywhere among its headers", "[trust]") {
    const std::string payload = kHead + "mergetag object x\n type commit\n \n more\nencoding x\n\nmessage\n";
    const auto signature = header(signedBy(Key(1), payload));
    for (const char* after : {"mergetag", "encoding", "\nmessage"}) {
        std::string raw = payload;
        raw.insert(raw.find(after), signature);
        INFO(raw);
        CHECK(parseCommit(raw).payload == payload);
        CHECK(signerOf(parseCommit(raw), alice()) == "alice@example.org");
    }
}

TEST_CASE("a signed commit with a flipped bit is refused", "[trust]") {
    std::string raw = withSignature(signedBy(Key(1), kPayload));
    for (std::size_t at = 0; at < raw.size(); ++at) {
        for (const unsigned bit : {0U, 5U, 7U}) {
            const char was = raw[at];
            raw[at] = static_cast<char>(was ^ static_cast<char>(1U << bit));
            INFO(at << " " << bit);
            CHECK(refusal([&] { static_cast<void>(signerOf(parseCommit(raw), alice())); }));
            raw[at] = was;
        }
    }
}

TEST_CASE("cut off anywhere, a signed commit is refused", "[trust]") {
    const std::string raw = withSignature(signedBy(Key(1), kPayload));
    for (std::size_t size = 0; size < raw.size(); ++size) {
        CHECK(refusal([&] { static_cast<void>(signerOf(parseCommit(raw.substr(0, size)), alice())); }));
    }
    CHECK(refusal([&] { static_cast<void>(signerOf(parseCommit(raw + "x"), alice())); }) ==
          Reason::badSignature);
}

TEST_CASE("a commit in a form that git does not write is refused", "[trust]") {
    const auto signature = header(signedBy(Key(1), kPayload));
    const std::string dateless = "tree " + kTree + "\nauthor A <a> 1 +0000\ncommitter A <a>";
    for (const std::string& raw : {std::string(),
                                   std::string("\n"),
                                   std::string("\n\n"),
                                   std::string(" tree\n\n"),
                                   std::string("tree\n\n"),
                                   kHead + signature + signature + "\nmessage\n",
                                   kHead + "gpgsig-sha256 x\n\nmessage\n",
                                   kHead + "gpgsig \n\n",
                                   kHead + "tree " + kTree + "\n\n",
                                   "parent x\n" + kPayload,
                                   kHead + "committer A <a> 1 +0000\n\n",
                                   kHead + "author A <a> 1 +0000\n\n",
                                   kHead + std::string("x \0\n\n", 5),
                                   dateless + "\n\n",
                                   dateless + " 1\n\n",
                                   dateless + " -1 +0000\n\n",
                                   dateless + " 1 0000\n\n",
                                   dateless + " 1 +000\n\n",
                                   dateless + " 9999999999999 +0000\n\n",
                                   dateless + " 1 +0000 x\n\n",
                                   "tree " + kTree.substr(1) + kHead.substr(45) + "\n"}) {
        INFO(raw);
        CHECK(refusal([&] { parseCommit(raw); }) == Reason::malformed);
    }
}

TEST_CASE("a signature in a commit's message does not count", "[trust]") {
    const auto signature = signedBy(Key(1), kPayload);
    for (const auto& raw :
         {kPayload + header(signature), kPayload + signature, kHead + "\n" + header(signature) + "\n"}) {
        CHECK(refusal([&] { static_cast<void>(signerOf(parseCommit(raw), alice())); }) == Reason::notSigned);
    }
}

TEST_CASE("a known key that may not sign is distinguished from an unknown one", "[trust]") {
    const auto object = parseCommit(withSignature(signedBy(Key(1), kPayload)));
    const std::string key = Key(1).line();
    const std::string other = "\nother " + Key(2).line();
    const auto reason = [&](const std::string& text) {
        return refusal([&] { static_cast<void>(signerOf(object, allowing(text))); });
    };
    CHECK(reason(other) == Reason::unknownSigner);
    CHECK(reason("a namespaces=\"file\" " + key) == Reason::signerNotAllowed);
    CHECK(reason("a cert-authority " + key + other) == Reason::signerNotAllowed);
    CHECK(reason("a valid-before=\"20231114221319Z\" " + key) == Reason::signerNotAllowed);
    CHECK_FALSE(reason("a valid-before=\"20231114221320Z\" " + key));
    CHECK_FALSE(reason("a valid-after=\"20231114221320Z\" " + key));
    CHECK(reason("a valid-after=\"20231114221321Z\" " + key) == Reason::signerNotAllowed);
    CHECK_FALSE(reason("a namespaces=\"file\" " + key + "\na " + key));
}

TEST_CASE("a tag's signature is the text after its message", "[trust]") {
    const auto signature = signedBy(Key(1), kTag);
    const auto object = parseTag(kTag + signature);
    CHECK(object.payload == kTag);
    CHECK(object.target == kTree);
    CHECK(object.tagName == "v1");
    CHECK(signerOf(object, alice()) == "alice@example.org");
    CHECK(parseTag(kTag).signature.empty());
    const std::string quoting = kTag + signature;
    CHECK(signerOf(parseTag(quoting + signedBy(Key(1), quoting)), alice()) == "alice@example.org");
    for (const auto& raw : {kTag + "x" + signature, kTag + " " + signature}) {
        CHECK(refusal([&] { static_cast<void>(signerOf(parseTag(raw), alice())); }) == Reason::notSigned);
    }
    for (const auto& raw : {"gpgsig x\n" + kTag, kHead + signature, std::string(), signature}) {
        CHECK(refusal([&] { parseTag(raw); }) == Reason::malformed);
    }
}

TEST_CASE("a signed tag with a flipped bit or cut anywhere is refused", "[trust]") {
    std::string raw = kTag + signedBy(Key(1), kTag);
    for (std::size_t at = 0; at < raw.size(); ++at) {
        const char was = raw[at];
        raw[at] = static_cast<char>(was ^ 1);
        INFO(at);
        // The line feed at the very end is not part of a signature; anything else there is.
        CHECK(refusal([&] { static_cast<void>(signerOf(parseTag(raw), alice())); }));
        raw[at] = was;
        if (at + 1 < raw.size()) {
            CHECK(refusal([&] { static_cast<void>(signerOf(parseTag(raw.substr(0, at)), alice())); }));
        }
    }
}

TEST_CASE("a GPG or X.509 signature is refused with a hint at SSH signing", "[trust]") {
    for (const char* begin : {"-----BEGIN PGP SIGNATURE-----\n", "-----BEGIN PGP MESSAGE-----\n",
                              "-----BEGIN SIGNED MESSAGE-----\n"}) {
        for (const auto& object :
             {parseCommit(withSignature(std::string(begin) + "x")), parseTag(kTag + begin + "x\n")}) {
            try {
                static_cast<void>(signerOf(object, alice()));
                FAIL("accepted");
            } catch (const Untrusted& error) {
                CHECK(error.reason() == Reason::unsupportedSignature);
                CHECK(error.hint().find("gpg.format ssh") != std::string::npos);
            }
        }
    }
}

}  // namespace
}  // namespace vigie::trust
