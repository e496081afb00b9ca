// Takes a signed commit or tag apart.

#include "trust/signed_object.hpp"

#include "base/text.hpp"
#include "trust/ssh_signature.hpp"
#include "trust/untrusted.hpp"
#include "trust/wire.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace vigie::trust {
namespace {

constexpr std::string_view kSshBegin = "-----BEGIN SSH SIGNATURE-----";
/// What signatures of any kind begin with, as git knows them.
constexpr std::array<std::string_view, 4> kBegins = {kSshBegin, "-----BEGIN PGP SIGNATURE-----",
                                                     "-----BEGIN PGP MESSAGE-----",
                                                     "-----BEGIN SIGNED MESSAGE-----"};

[[noreturn]] void failMalformed(std::string_view what, const std::string& why) {
    throw Untrusted(Reason::malformed, "the " + std::string(what) + " " + why,
                    "git does not write such an object: find out who made it, and do not use it");
}

/// One field of the head, with the lines that continue it.
struct Header {
    std::string_view name;
    std::string value;      ///< continuation lines without their space, joined by line feeds
    std::string_view text;  ///< as it stands there, with its last line feed
};

struct Parts {
    std::vector<Header> headers;
    std::string_view body;  ///< from the blank line on
};

Parts partsOf(std::string_view raw, std::string_view what) {
    const auto blank = raw.find("\n\n");
    const auto end = blank == std::string_view::npos ? raw.size() : blank + 1;
    const auto head = raw.substr(0, end);
    if (!head.ends_with('\n') || head.find('\0') != std::string_view::npos) {
        failMalformed(what, "has no valid header");
    }
    Parts out;
    out.body = raw.substr(end);
    for (std::size_t at = 0; at < head.size();) {
        const auto next = head.find('\n', at) + 1;
        const auto line = head.substr(at, next - at - 1);
        if (line.starts_with(' ')) {
            if (out.headers.empty()) {
                failMalformed(what, "begins with a continuation line");
            }
            auto& last = out.headers.back();
            last.value += "\n" + std::string(line.substr(1));
            last.text = {last.text.data(), last.text.size() + line.size() + 1};
        } else {
            const auto space = line.find(' ');
            if (space == std::string_view::npos) {
                failMalformed(what, "has a header line without a value");
            }
            out.headers.push_back(
                {line.substr(0, space), std::string(line.substr(space + 1)), head.substr(at, next - at)});
        }
        at = next;
    }
    return out;
}

const std::string& only(const Parts& parts, std::string_view name, std::string_view what) {
    const std::string* found = nullptr;
    for (const auto& header : parts.headers) {
        if (header.name == name) {
            if (found != nullptr) {
                failMalformed(what, "has two lines `" + std::string(name) + "`");
            }
            found = &header.value;
        }
    }
    if (found == nullptr) {
        failMalformed(what, "has no line `" + std::string(name) + "`");
    }
    return *found;
}

/// The seconds in `NAME <MAIL> SECONDS ZONE`.
std::int64_t timeIn(const std::string& identity, std::string_view what) {
    const std::string_view whole = identity;
    const auto words = split(whole.substr(std::min(whole.rfind('>') + 1, whole.size())), ' ');
    const auto digits = [](std::string_view text) {
        return !text.empty() &&
               std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    constexpr std::size_t kMostDigits = 12;
    const bool proper = identity.find('>') != std::string::npos && words.size() == 3 && words[0].empty() &&
                        digits(words[1]) && words[1].size() <= kMostDigits && words[2].size() == 5 &&
                        (words[2][0] == '+' || words[2][0] == '-') && digits(words[2].substr(1));
    if (!proper) {
        failMalformed(what, "has no valid time of creation");
    }
    return std::stoll(std::string(words[1]));
}

std::string objectName(const std::string& text, std::string_view what) {
    constexpr std::size_t kDigits = 40;
    if (text.size() != kDigits || text.find_first_not_of("0123456789abcdef") != std::string::npos) {
        failMalformed(what, "refers to an object id that is not 40 hexadecimal digits");
    }
    return text;
}

bool beginsSignature(std::string_view line) {
    return std::any_of(kBegins.begin(), kBegins.end(), [&](auto begin) { return line.starts_with(begin); });
}

/// Where the last line that begins a signature begins, as git looks for it; npos when there is none.
std::size_t signatureIn(std::string_view raw) {
    std::size_t found = std::string_view::npos;
    for (std::size_t at = 0; at < raw.size();) {
        if (beginsSignature(raw.substr(at))) {
            found = at;
        }
        const auto end = raw.find('\n', at);
        at = end == std::string_view::npos ? raw.size() : end + 1;
    }
    return found;
}

void demandSshSignature(const SignedObject& object) {
    const std::string what = "the " + std::string(object.what);
    if (object.signature.empty()) {
        throw Untrusted(
            Reason::notSigned, what + " is not signed",
            "sign it with an Ed25519 key that is among the allowed signers: git config gpg.format "
            "ssh; git config user.signingKey ~/.ssh/id_ed25519.pub; git " +
                std::string(object.what) + (object.what == "tag" ? " -s" : " -S"));
    }
    if (looksLikeSshSignature(object.signature)) {
        return;
    }
    const bool pgp = object.signature.starts_with("-----BEGIN PGP");
    const bool x509 = object.signature.starts_with("-----BEGIN SIGNED MESSAGE");
    throw Untrusted(pgp || x509 ? Reason::unsupportedSignature : Reason::malformed,
                    what + (pgp    ? " has a GPG signature, which is not supported"
                            : x509 ? " has an X.509 signature, which is not supported"
                                   : " has a signature of an unknown form"),
                    "sign with an Ed25519 SSH key: git config gpg.format ssh; git config user.signingKey "
                    "~/.ssh/id_ed25519.pub; add that key to the allowed signers of the hosts");
}

/// Why this line does not allow the key now; empty when it does.
std::string refusal(const AllowedSigner& signer, std::int64_t time) {
    const std::string line = "line " + std::to_string(signer.line) + " of the allowed signers ";
    if (!signer.unsupported.empty()) {
        return line + "is not accepted: " + signer.unsupported;
    }
    if (signer.namespaces && !matchesPatterns("git", *signer.namespaces)) {
        return line + "allows the key for '" + printable(*signer.namespaces) + "', not for git";
    }
    if (signer.validAfter && time < *signer.validAfter) {
        return line + "allows the key only later than this was signed (valid-after)";
    }
    if (signer.validBefore && time > *signer.validBefore) {
        return line + "allows the key only earlier than this was signed (valid-before)";
    }
    return {};
}

}  // namespace

SignedObject parseCommit(std::string_view raw) {
    SignedObject out;
    out.what = "commit";
    const Parts parts = partsOf(raw, out.what);
    if (parts.headers.front().name != "tree") {
        failMalformed(out.what, "does not begin with its `tree` line");
    }
    out.target = objectName(only(parts, "tree", out.what), out.what);
    static_cast<void>(only(parts, "author", out.what));
    out.time = timeIn(only(parts, "committer", out.what), out.what);
    bool signedOnce = false;
    for (const auto& header : parts.headers) {
        if (!header.name.starts_with("gpgsig")) {
            out.payload += header.text;
            continue;
        }
        // Git verifies the object without any other header that begins so: such a header is not signed.
        if (header.name != "gpgsig" || std::exchange(signedOnce, true)) {
            failMalformed(out.what,
                          signedOnce && header.name == "gpgsig"
                              ? "has two signatures"
                              : "has a line `" + printable(header.name) + "`, which is not supported");
        }
        out.signature = header.value;
        if (out.signature.empty()) {
            failMalformed(out.what, "has an empty signature");
        }
    }
    out.payload += parts.body;
    return out;
}

SignedObject parseTag(std::string_view raw) {
    SignedObject out;
    out.what = "tag";
    const auto begin = std::min(signatureIn(raw), raw.size());
    const Parts parts = partsOf(raw.substr(0, begin), out.what);
    if (parts.headers.front().name != "object") {
        failMalformed(out.what, "does not begin with its `object` line");
    }
    for (const auto& header : parts.headers) {
        if (header.name.starts_with("gpgsig")) {
            failMalformed(out.what, "has a line `" + printable(header.name) + "`, which is not supported");
        }
    }
    out.target = objectName(only(parts, "object", out.what), out.what);
    static_cast<void>(only(parts, "type", out.what));
    out.tagName = only(parts, "tag", out.what);
    out.time = timeIn(only(parts, "tagger", out.what), out.what);
    out.payload = raw.substr(0, begin);
    out.signature = raw.substr(begin);
    return out;
}

std::string signerOf(const SignedObject& object, const AllowedSigners& signers) {
    demandSshSignature(object);
    const auto signature = parseSshSignature(object.signature);
    std::string why;
    for (const auto& signer : signers) {
        if (signer.blob != signature.keyBlob) {
            continue;
        }
        const auto refused = refusal(signer, object.time);
        if (!refused.empty()) {
            why += (why.empty() ? "" : "; ") + refused;
            continue;
        }
        if (!verifies(signature, object.payload, signer.key)) {
            throw Untrusted(Reason::badSignature,
                            "the signature of the " + std::string(object.what) + " by " +
                                printable(signer.principals) + " does not match its content",
                            "the object was changed after it was signed, or the signature was copied from "
                            "another object: find out who pushed it");
        }
        return printable(signer.principals);
    }
    const std::string key = "the key " + fingerprintOf(signature.keyBlob);
    if (!why.empty()) {
        throw Untrusted(Reason::signerNotAllowed,
                        "the " + std::string(object.what) + " is signed by " + key + ", but " + why,
                        "sign with another key, or change that line on the host");
    }
    throw Untrusted(Reason::unknownSigner,
                    "the " + std::string(object.what) + " is signed by " + key +
                        ", which is not among the allowed signers",
                    "if you trust its owner, add the public key to the allowed signers on the host");
}

}  // namespace vigie::trust
