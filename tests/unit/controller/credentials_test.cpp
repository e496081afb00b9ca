// Tests controller/credentials.

#include "controller/credentials.hpp"

#include "base/error.hpp"
#include "controller/config.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <cstdlib>

namespace vigie::controller {
namespace {

TEST_CASE("a plain path stays, a credential's path lies in systemd's credentials directory", "[controller]") {
    CHECK(credentialPath("/etc/vigie/key", nullptr) == "/etc/vigie/key");
    CHECK(credentialPath("", "/run/credentials/vigie.service").empty());
    CHECK(credentialPath("credentials:key", "/run/credentials/vigie.service") ==
          "/run/credentials/vigie.service/key");
}

TEST_CASE("a credential that systemd did not pass is an error that names LoadCredential", "[controller]") {
    for (const char* directory : {static_cast<const char*>(nullptr), ""}) {
        try {
            credentialPath("credentials:deploy-key", directory);
            FAIL("accepted");
        } catch (const Error& error) {
            CHECK(error.hint().find("LoadCredential=deploy-key:") != std::string::npos);
        }
    }
}

TEST_CASE("every file of `auth` may be a credential", "[controller]") {
    const tests::TemporaryDirectory directory;
    const auto path = directory.write("vigie.yaml",
                                      "host: vm\nsource: { url: 'git@git.example.org:a/b.git' }\n"
                                      "auth: { sshKey: 'credentials:k', knownHosts: 'credentials:h', "
                                      "tokenFile: 'credentials:t', caFile: /c }\n");
    ::setenv("CREDENTIALS_DIRECTORY", "/run/credentials/vigie.service", 1);  // NOLINT(concurrency-mt-unsafe)
    const Config config = loadConfig(path);
    ::unsetenv("CREDENTIALS_DIRECTORY");  // NOLINT(concurrency-mt-unsafe)
    CHECK(config.auth.sshKey == "/run/credentials/vigie.service/k");
    CHECK(config.auth.knownHosts == "/run/credentials/vigie.service/h");
    CHECK(config.auth.tokenFile == "/run/credentials/vigie.service/t");
    CHECK(config.auth.caFile == "/c");
    CHECK_THROWS_AS(loadConfig(path), Error);
}

}  // namespace
}  // namespace vigie::controller
