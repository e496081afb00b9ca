// Tests plan/wireguard_file: What a wg-quick file that lies on the host says, as far as a plan asks.
#include "kinds/wireguard/config_file.hpp"

#include "tests/support/catch.hpp"

namespace vigie::plan {
namespace {

using Texts = std::vector<std::string>;

TEST_CASE("a wg-quick file in unusual spelling is read as wg-quick reads it", "[plan][wireguard]") {
    const std::string plain =
        "[Interface]\nDNS = 10.0.0.1, 10.0.0.2\nSaveConfig = true\n"
        "[Peer]\nPublicKey = KEY=\nEndpoint = vps.example.org:51820\n[Peer]\nPublicKey = OTHER=\n";
    const std::string odd =
        "  [interface] # us\r\ndns=10.0.0.1,10.0.0.2#x\r\nSAVECONFIG =TRUE\r\n"
        "[PEER]\r\nendpoint= vps.example.org:51820 # moved\r\n\tPUBLICKEY =KEY=\r\n[peer]\r\nPublic Key = "
        "OTHER=";
    for (const auto& text : {plain, odd}) {
        INFO(text);
        CHECK(endpointsIn(text) ==
              std::map<std::string, std::string>{{"KEY=", "vps.example.org:51820"}, {"OTHER=", ""}});
        CHECK(nameServersIn(text) == Texts{"10.0.0.1", "10.0.0.2"});
        CHECK(savesConfig(text));
    }
}

TEST_CASE("hooks, Table or other DNS servers in a wg-quick file require its down with the old file",
          "[plan][wireguard]") {
    for (const char* setting :
         {"PostUp = x", "PostDown = x", "PreUp = x", "predown=x", "DNS = 10.0.0.1", "Table = off"}) {
        INFO(setting);
        CHECK(needsDownWithOldFile(std::string("[Interface]\n") + setting + "\n"));
    }
    CHECK_FALSE(needsDownWithOldFile("[Interface]\n# PostUp = x\nAddress = 10.0.0.1/24\nPostUp\n"));
    CHECK_FALSE(needsDownWithOldFile("[Interface]\nDNS = 10.0.0.1\n", {"10.0.0.1"}));
}

}  // namespace
}  // namespace vigie::plan
