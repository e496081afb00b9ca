// What decides whom a host believes: signatures, allowed signers, commits and tags as bytes.
#include "tests/fuzz/target.hpp"
#include "trust/allowed_signers.hpp"
#include "trust/signed_object.hpp"
#include "trust/ssh_signature.hpp"
#include "trust/untrusted.hpp"

namespace vigie::fuzz {
namespace {

std::int64_t noLocalTime(const trust::CivilTime& time) {
    return time.year;
}

trust::AllowedSigners anySigner() {
    return trust::parseAllowedSigners(
        "a@example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF7KbNpY6Okr3mv6zdOOdaPZqvfVmHQsolm4u5o1Tdye\n",
        noLocalTime);
}

void judge(trust::SignedObject (*parse)(std::string_view), std::string_view bytes) {
    static const trust::AllowedSigners kSigners = anySigner();
    bool believed = false;
    try {
        const auto object = parse(bytes);
        demand(object.payload.size() + object.signature.size() <= bytes.size(), "nothing is invented");
        static_cast<void>(trust::signerOf(object, kSigners));
        believed = true;
    } catch (const trust::Untrusted&) {  // NOLINT(bugprone-empty-catch): it says why
    }
    demand(!believed, "nobody has this key's private half");
}

}  // namespace

void sshSignature(std::string_view bytes) {
    static_cast<void>(trust::looksLikeSshSignature(bytes));
    try {
        const auto signature = trust::parseSshSignature(bytes);
        demand(signature.key.size() == 32 && signature.signature.size() == 64, "sizes are those of Ed25519");
        static_cast<void>(trust::verifies(signature, bytes, signature.key));
    } catch (const trust::Untrusted&) {  // NOLINT(bugprone-empty-catch): it says why
    }
}

void allowedSigners(std::string_view bytes) {
    try {
        for (const auto& signer : trust::parseAllowedSigners(bytes, noLocalTime)) {
            demand(signer.line != 0 && !signer.principals.empty(), "a signer has a line and a name");
            static_cast<void>(trust::matchesPatterns("git", signer.namespaces.value_or("")));
        }
    } catch (const trust::Untrusted&) {  // NOLINT(bugprone-empty-catch): it says why
    }
}

void gitObject(std::string_view bytes) {
    judge(trust::parseCommit, bytes);
    judge(trust::parseTag, bytes);
}

}  // namespace vigie::fuzz
