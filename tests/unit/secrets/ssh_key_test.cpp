// Tests secrets/ssh_key: Ed25519 keys in OpenSSH's format.

#include "secrets/ssh_key.hpp"

#include "base/error.hpp"
#include "tests/support/catch.hpp"

namespace vigie::secrets {
namespace {

TEST_CASE("a deploy key's public line is derived from its private file", "[secrets][ssh_key]") {
    const auto key = generateSshKey("vigie@vm");
    const auto line = sshPublicKey(view(key));
    // Every Ed25519 key begins so: the length and the name of its type.
    CHECK(line.substr(0, 37) == "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI");
    CHECK(line.size() == 80);
    CHECK(sshPublicKey(view(generateSshKey("vigie@vm"))) != line);
}

TEST_CASE("a damaged deploy key is refused", "[secrets][ssh_key]") {
    const auto whole = std::string(view(generateSshKey("c")));
    for (const auto& text :
         {std::string(), std::string("canary"), whole.substr(0, 80), whole.substr(0, 150)}) {
        CHECK_THROWS_AS(sshPublicKey(text), Error);
    }
}

TEST_CASE("a key's fingerprint equals that of ssh-keygen", "[secrets][ssh_key]") {
    // `ssh-keygen -lf` of GitHub's published Ed25519 host key.
    CHECK(sshFingerprint("AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl") ==
          "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
    CHECK_FALSE(sshFingerprint("no base64"));
}

}  // namespace
}  // namespace vigie::secrets
