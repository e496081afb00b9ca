// Reads and verifies an SSH signature.

#include "trust/ssh_signature.hpp"

#include "base/text.hpp"
#include "trust/untrusted.hpp"
#include "trust/wire.hpp"

#include <sodium.h>

#include <array>

namespace vigie::trust {
namespace {

constexpr std::string_view kBegin = "-----BEGIN SSH SIGNATURE-----\n";
constexpr std::string_view kEnd = "-----END SSH SIGNATURE-----";
constexpr std::string_view kMagic = "SSHSIG";
constexpr std::string_view kNamespace = "git";
constexpr std::string_view kHash = "sha512";
constexpr std::string_view kSignAnew =
    "sign again with git and an Ed25519 key: git -c gpg.format=ssh commit --amend --no-edit -S";

[[noreturn]] void failMalformed(const std::string& what) {
    throw Untrusted(Reason::malformed, "its SSH signature " + what, std::string(kSignAnew));
}

/// The bytes between the two lines of dashes. Only line feeds are taken out: what git and ssh-keygen would
/// overlook is not something that they write.
std::string dearmored(std::string_view armored) {
    if (armored.ends_with('\n')) {
        armored.remove_suffix(1);
    }
    if (!looksLikeSshSignature(armored) || !armored.ends_with(kEnd)) {
        failMalformed("is not between its BEGIN and END lines");
    }
    armored.remove_prefix(kBegin.size());
    armored.remove_suffix(kEnd.size());
    std::string text;
    for (const char c : armored) {
        if (c != '\n') {
            text += c;
        }
    }
    auto out = decodeBase64(text);
    if (!out || !armored.ends_with('\n')) {
        failMalformed("is not base64");
    }
    return *out;
}

void demand(std::string_view is, std::string_view wanted, const std::string& what) {
    if (is != wanted) {
        throw Untrusted(Reason::badSignature,
                        "its SSH signature has the " + what + " '" + printable(is) + "', not '" +
                            std::string(wanted) + "'",
                        std::string(kSignAnew));
    }
}

[[noreturn]] void failKind(std::string_view blob) {
    const auto kind = keyKindIn(blob);
    throw Untrusted(
        Reason::unsupportedSignature,
        "it is signed by a key of the type " + kind + " (" + fingerprintOf(blob) +
            "); only ssh-ed25519 is supported",
        "create a key with ssh-keygen -t ed25519, add it to the allowed signers, and sign with it");
}

}  // namespace

bool looksLikeSshSignature(std::string_view text) {
    return text.starts_with(kBegin);
}

SshSignature parseSshSignature(std::string_view armored) {
    const std::string blob = dearmored(armored);
    WireReader reader(blob);
    const auto magic = reader.bytes(kMagic.size());
    const auto version = reader.number();
    if (!magic || *magic != kMagic || version != 1U) {
        failMalformed("is not of version 1");
    }
    const auto key = reader.string();
    const auto nameSpace = reader.string();
    const auto reserved = reader.string();
    const auto hash = reader.string();
    const auto signature = reader.string();
    if (!key || !nameSpace || !reserved || !hash || !signature || !reader.done()) {
        failMalformed("is truncated, or has data after its end");
    }
    const auto raw = ed25519KeyIn(*key);
    if (!raw) {
        failKind(*key);
    }
    demand(*nameSpace, kNamespace, "namespace");
    demand(*reserved, "", "reserved field");
    demand(*hash, kHash, "hash");
    WireReader inner(*signature);
    const auto kind = inner.string();
    const auto bytes = inner.string();
    if (!kind || *kind != "ssh-ed25519" || !bytes || bytes->size() != crypto_sign_BYTES || !inner.done()) {
        failMalformed("does not contain an Ed25519 signature");
    }
    return {std::string(*key), *raw, std::string(*bytes)};
}

bool verifies(const SshSignature& signature, std::string_view payload, std::string_view key) {
    if (key.size() != crypto_sign_PUBLICKEYBYTES || signature.signature.size() != crypto_sign_BYTES) {
        return false;
    }
    std::array<unsigned char, crypto_hash_sha512_BYTES> digest{};
    crypto_hash_sha512(digest.data(), reinterpret_cast<const unsigned char*>(payload.data()), payload.size());
    std::string message(kMagic);
    appendWireString(message, kNamespace);
    appendWireString(message, "");
    appendWireString(message, kHash);
    appendWireString(message, {reinterpret_cast<const char*>(digest.data()), digest.size()});
    return crypto_sign_verify_detached(reinterpret_cast<const unsigned char*>(signature.signature.data()),
                                       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                                       reinterpret_cast<const unsigned char*>(key.data())) == 0;
}

}  // namespace vigie::trust
