// Tests attach/pin: what was believed at adoption against what is found later.

#include "attach/pin.hpp"

#include "base/json_fields.hpp"
#include "tests/support/catch.hpp"

namespace vigie::attach {
namespace {

Pin believed() {
    return {"prometheus",
            "/etc/prometheus/prometheus.yml",
            "/etc/prometheus",
            "/srv/m/prometheus",
            "/srv/m/prometheus/prometheus.yml",
            "/srv/m/prometheus/prometheus.yml",
            65534};
}

TEST_CASE("what is as it was has no differences", "[attach]") {
    CHECK(differences(believed(), believed()).empty());
}

TEST_CASE("each thing that was believed and is another one now is said", "[attach]") {
    auto now = believed();
    now.inside = "/etc/passwd";
    CHECK(differences(believed(), now) ==
          std::vector<std::string>{"it reads /etc/passwd, not /etc/prometheus/prometheus.yml"});
    now = believed();
    now.program = "vmagent";
    now.mount = "/etc";
    now.source = "/etc";
    now.host = "/etc/prometheus/prometheus.yml";
    now.uid = 0;
    CHECK(differences(believed(), now).size() == 5);
    now = believed();
    now.resolved = "/home/eve/p.yml";
    CHECK(differences(believed(), now).size() == 1);
}

TEST_CASE("who reads it is no difference while it does not run", "[attach]") {
    auto now = believed();
    now.uid = Pin::unknownUid;
    CHECK(differences(believed(), now).empty());
    CHECK(differences(now, believed()).empty());
}

TEST_CASE("a lie in a difference is one line", "[attach]") {
    auto now = believed();
    now.inside = "/x\n/y";
    CHECK(differences(believed(), now).front().find('\n') == std::string::npos);
}

TEST_CASE("a pin is stored by names", "[attach]") {
    const auto json = toJson(believed());
    CHECK(json.at("host") == "/srv/m/prometheus/prometheus.yml");
    CHECK(fromJson<Pin>(json) == believed());
}

TEST_CASE("the pin of what was found has the user only while it runs", "[attach]") {
    Attachment attachment;
    attachment.config.inside = "/p.yml";
    attachment.user.uid = 7;
    CHECK(pinOf(attachment).uid == Pin::unknownUid);
    attachment.runs = true;
    CHECK(pinOf(attachment).uid == 7);
    CHECK(pinOf(attachment).program == "prometheus");
}

}  // namespace
}  // namespace vigie::attach
