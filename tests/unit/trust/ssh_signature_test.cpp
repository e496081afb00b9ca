// Tests trust/ssh_signature: A detached SSH signature.

#include "trust/ssh_signature.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/trust/signing.hpp"

namespace vigie::trust {
namespace {

using tests::armored;
using tests::Key;
using tests::refusal;
using tests::signedBy;

bool good(const std::string& text, std::string_view payload, const Key& key) {
    try {
        const auto signature = parseSshSignature(text);
        return signature.keyBlob == key.blob() && verifies(signature, payload, key.raw());
    } catch (const Untrusted&) {
        return false;
    }
}

TEST_CASE("a signature is valid only for its payload and key", "[trust]") {
    const Key key(1);
    const auto text = signedBy(key, "payload");
    CHECK(good(text, "payload", key));
    CHECK_FALSE(good(text, "payloa", key));
    CHECK_FALSE(good(text, "Payload", key));
    CHECK_FALSE(good(text, "", key));
    CHECK_FALSE(good(text, "payload", Key(2)));
    CHECK(good(signedBy(key, ""), "", key));
}

TEST_CASE("a signature with a flipped bit is refused", "[trust]") {
    const Key key;
    std::string blob = key.signatureBlob("payload");
    for (char& byte : blob) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            byte = static_cast<char>(byte ^ (1 << bit));
            CHECK_FALSE(good(armored(blob), "payload", key));
            byte = static_cast<char>(byte ^ (1 << bit));
        }
    }
    CHECK(good(armored(blob), "payload", key));
}

TEST_CASE("an armored signature with a changed character is refused", "[trust]") {
    const Key key;
    const std::string text = signedBy(key, "payload");
    for (std::size_t at = 0; at + 1 < text.size(); ++at) {
        for (const char c : {'A', '\n', '\0', '-', '='}) {
            std::string changed = text;
            changed[at] = c;
            if (changed != text) {
                INFO(at << " " << static_cast<int>(c));
                // A line end is not part of what is encoded: one more or less changes nothing.
                CHECK((!good(changed, "payload", key) || text[at] == '\n' || c == '\n'));
            }
        }
    }
}

TEST_CASE("a truncated or extended signature is refused", "[trust]") {
    const Key key;
    const std::string blob = key.signatureBlob("payload");
    for (std::size_t size = 0; size < blob.size(); ++size) {
        CHECK(refusal([&] { parseSshSignature(armored(blob.substr(0, size))); }));
    }
    CHECK(refusal([&] { parseSshSignature(armored(blob + std::string(1, '\0'))); }) == Reason::malformed);
    const std::string text = armored(blob);
    for (std::size_t size = 0; size + 1 < text.size(); ++size) {  // the last line feed may be missing
        CHECK(refusal([&] { parseSshSignature(text.substr(0, size)); }) == Reason::malformed);
    }
    for (const char* tail : {"\n", " ", "x", "-----BEGIN SSH SIGNATURE-----\n"}) {
        CHECK(refusal([&] { parseSshSignature(text + tail); }) == Reason::malformed);
        CHECK(refusal([&] { parseSshSignature(tail + text); }) == Reason::malformed);
    }
}

TEST_CASE("a signature with a false length field is refused", "[trust]") {
    const std::string blob = Key().signatureBlob("payload");
    for (std::size_t at = 10; at + 4 <= blob.size(); ++at) {
        std::string lying = blob;
        lying.replace(at, 4, "\xff\xff\xff\xff");
        CHECK_FALSE(good(armored(lying), "payload", Key()));
    }
}

TEST_CASE("a signature by a key other than Ed25519 is refused with the key's fingerprint", "[trust]") {
    const auto blob = std::string("SSHSIG\0\0\0\1", 10) + tests::wire(tests::wire("ssh-rsa") + "anything") +
                      tests::wire("git") + tests::wire("") + tests::wire("sha512") + tests::wire("");
    try {
        parseSshSignature(armored(blob));
        FAIL("accepted");
    } catch (const Untrusted& error) {
        CHECK(error.reason() == Reason::unsupportedSignature);
        CHECK(std::string(error.what()).find("ssh-rsa (SHA256:") != std::string::npos);
        CHECK_FALSE(error.hint().empty());
    }
}

TEST_CASE("every reason of distrust has a name of one word and is found by it", "[trust]") {
    for (const auto reason : {Reason::notSigned, Reason::unsupportedSignature, Reason::malformed,
                              Reason::badSignature, Reason::unknownSigner, Reason::signerNotAllowed,
                              Reason::signersUnusable, Reason::rewound, Reason::replaced}) {
        CHECK(name(reason).find(' ') == std::string::npos);
        CHECK(reasonFrom(name(reason)) == reason);
    }
    CHECK_FALSE(reasonFrom("Verified"));
    CHECK_FALSE(reasonFrom(""));
}

}  // namespace
}  // namespace vigie::trust
