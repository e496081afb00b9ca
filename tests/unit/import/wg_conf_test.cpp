// Tests import/wg_conf: Reads a wg-quick file.

#include "import/wg_conf.hpp"

#include "base/error.hpp"
#include "secrets/identity.hpp"
#include "tests/support/catch.hpp"

namespace vigie::imports {
namespace {

const std::string kFile = "/etc/wireguard/wg0.conf";

struct Read {
    Tunnel tunnel;
    std::vector<Finding> findings;
    std::vector<SecureBytes> presharedKeys;
};

Read read(const std::string& text) {
    Read out;
    out.tunnel = readWgConf(text, kFile, out.findings, out.presharedKeys);
    return out;
}

TEST_CASE("a wg-quick file is read with comments, keys in any case and several peers", "[import][wg_conf]") {
    const auto key = secrets::generateWireguardKey();
    const std::string text =
        "# by hand\n[interface]\naddress = 10.66.66.1/30 # ours\nLISTENPORT=51820\nPrivateKey = " +
        std::string(view(key.privateKey)) +
        "\nMTU = 1400\nSaveConfig = true\n\n[Peer]\nPublicKey = first=\nAllowedIPs = 10.66.66.2/32, "
        "10.1.0.0/16\n"
        "[Peer] # second\nEndpoint = [2001:db8::1]:51820\nPublicKey = second=\nPersistentKeepalive = 25\n";
    const auto out = read(text);
    CHECK(out.findings.empty());
    CHECK(out.tunnel.interface == "wg0");
    CHECK(out.tunnel.addresses == std::vector<std::string>{"10.66.66.1/30"});
    CHECK(out.tunnel.listenPort == 51820);
    CHECK(out.tunnel.mtu == 1400);
    CHECK(out.tunnel.saveConfig);
    CHECK(out.tunnel.publicKey == key.publicKey);
    REQUIRE(out.tunnel.peers.size() == 2);
    CHECK(out.tunnel.peers[0].allowedIps == std::vector<std::string>{"10.66.66.2/32", "10.1.0.0/16"});
    CHECK(out.tunnel.peers[1].endpoint == "[2001:db8::1]:51820");
    CHECK(out.tunnel.peers[1].keepalive == 25);
    CHECK(out.tunnel.peers[1].line == 12);
}

TEST_CASE("tunnel settings without a field are reported with their line and without their value",
          "[import][wg_conf]") {
    const auto out = read(
        "[Interface]\nAddress = 10.0.0.1/24, fd00::1/64, 10.0.9.1/24\nPostUp = curl -d canary-1 example.org\n"
        "DNS = 1.1.1.1, fd00::53, corp.example.org\n"
        "[Peer]\nPresharedKey = canary-2\n");
    CHECK(out.tunnel.dns == std::vector<std::string>{"1.1.1.1", "fd00::53"});
    CHECK(out.tunnel.peers.at(0).presharedKey);
    REQUIRE(out.presharedKeys.size() == 1);
    CHECK(view(out.presharedKeys[0]) == "canary-2");
    REQUIRE(out.findings.size() == 3);
    CHECK(out.findings[0].line == 3);
    CHECK(out.findings[0].what == "`PostUp` of the tunnel");
    CHECK(out.findings[1].line == 4);
    CHECK(out.findings[1].cure.find("`corp.example.org`") == 0);
    CHECK(out.findings[2].what == "the tunnel's additional address 10.0.9.1/24");
    for (const auto& finding : out.findings) {
        CHECK((finding.what + finding.cure).find("canary") == std::string::npos);
    }
}

TEST_CASE("a comment at a peer gives it a name of the document", "[import][wg_conf]") {
    CHECK(nameInComment("# phone") == "phone");
    CHECK(nameInComment("### Client alice") == "alice");
    CHECK(nameInComment("# Client: Alice (3b8f09aa-11de-4a90)") == "Alice");
    CHECK(nameInComment("### begin bob ###") == "bob");
    CHECK(nameInComment("# BEGIN_PEER carol") == "carol");
    CHECK(nameInComment("# friendly_name = the van's tablet") == "the-vans-tablet");
    CHECK(nameInComment("#name=x.y") == "x.y");
    CHECK(nameInComment("# the laptop of the one who is on call this week and next") ==
          "the-laptop-of-the-one-who-is-on");
    CHECK(nameInComment("# J\xC3\xBCrgen") == "Jrgen");
}

TEST_CASE("a comment that is a setting, a secret or another peer's end gives no name", "[import][wg_conf]") {
    for (const char* comment :
         {"", "#", "# ---", "### end alice ###", "# END_PEER bob", "#PublicKey = abc=", "# password: canary",
          "# AllowedIPs = 10.0.0.0/8", "# gI6EdUSYvn8ugXOt8QQD6Yc+JyiZxIhp3GInSWRfWGE",
          "# HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw="}) {
        INFO(comment);
        CHECK(nameInComment(comment).empty());
    }
}

TEST_CASE("a peer of a wg-quick file has the name of its comment", "[import][wg_conf]") {
    const auto out = read("[Peer] # one\n# two\n[Peer]\nAllowedIPs = 10.0.0.2/32 # three\n[Peer]\n");
    REQUIRE(out.tunnel.peers.size() == 3);
    CHECK(out.tunnel.peers[0].name == "one");
    CHECK(out.tunnel.peers[1].name == "two");
    CHECK(out.tunnel.peers[2].name.empty());
}

TEST_CASE("a line that wg-quick would refuse is refused with its number", "[import][wg_conf]") {
    const auto message = [](const std::string& text) {
        try {
            read(text);
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    CHECK(message("[Interface]\nnonsense\n") == kFile + ":2: this is not a line of a wg-quick file");
    CHECK(message("Address = 10.0.0.1/24\n") == kFile + ":1: this is not a line of a wg-quick file");
    CHECK(message("[Intreface]\n") == kFile + ":1: wg-quick does not know the section `[Intreface]`");
    CHECK(message("[Interface]\nPrivateKey = canary\n") ==
          kFile + ":2: this PrivateKey is not a WireGuard key");
}

TEST_CASE("the meaning of a wg-quick file names peers by key and masks secrets", "[import][wg_conf]") {
    const auto meaning = wgMeaning(
        "[Interface]\nPrivateKey = canary-1\nPostUp = canary-2\n[Peer]\nAllowedIPs = 10.0.0.2/32\n"
        "PublicKey = abc=\nPresharedKey = canary-3\n",
        kFile);
    CHECK(meaning.values == std::map<std::string, std::string>{{"[Interface].PrivateKey", "***"},
                                                               {"[Interface].PostUp", "***"},
                                                               {"[Peer abc=].AllowedIPs", "10.0.0.2/32"},
                                                               {"[Peer abc=].PublicKey", "abc="},
                                                               {"[Peer abc=].PresharedKey", "***"}});
}

}  // namespace
}  // namespace vigie::imports
