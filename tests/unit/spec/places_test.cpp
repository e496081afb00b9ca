// Tests spec/places: Places of a host that no document may name: who writes there, or shows what is there to
// a container, owns

#include "spec/places.hpp"

#include "spec/schema.hpp"
#include "tests/support/catch.hpp"

#include <set>
#include <string>

namespace vigie::spec {
namespace {

TEST_CASE("a path at or below a protected directory is refused", "[spec]") {
    for (const char* path :
         {"/etc/vigie", "/etc/vigie/x", "/var/lib/vigie/vigie.db", "/root/.ssh/authorized_keys",
          "/etc/passwd", "/proc/sys/kernel", "/usr", "/usr/bin/env", "/etc/cron.d/x",
          "/etc/systemd/system/x.service", "/etc/wireguard/wg0.key", "/lib/x"}) {
        CAPTURE(path);
        CHECK(neverWritten(path));
    }
    for (const char* path :
         {"/opt/app", "/etc", "/etc/pgbouncer/userlist.txt", "/etc/vigie-app", "/usr/local/app",
          "/usr/src/app", "/root/app", "/etc/passwd.d", "/srv", "/usr/localhost/../x"}) {
        CAPTURE(path);
        CHECK(neverWritten(path).has_value() == (std::string(path).find("localhost") != std::string::npos));
    }
    CHECK(neverWritten("/usr/local"));  // itself is the system's; what is in it is not
}

TEST_CASE("a file in place of a directory that contains a protected path is refused", "[spec]") {
    CHECK(neverWrittenBelow("/"));
    CHECK(neverWrittenBelow("/etc"));
    CHECK(neverWrittenBelow("/var/lib"));
    CHECK(neverWrittenBelow("/root"));
    CHECK_FALSE(neverWrittenBelow("/opt"));
    CHECK_FALSE(neverWrittenBelow("/etc/pgbouncer"));
}

TEST_CASE("paths with keys and passwords of the host are not mounted into containers", "[spec]") {
    CHECK(neverShown("/etc/ssh"));
    CHECK(neverShown("/etc/shadow"));
    CHECK(neverShown("/var/lib/vigie/identity"));
    CHECK_FALSE(neverShown("/proc"));
    CHECK_FALSE(neverShown("/dev"));
}

/// Routes hold routes: each schema is looked at once.
void collect(const Schema& schema, const std::string& at, std::set<const Schema*>& seen,
             std::set<std::string>& out) {
    if (schema.format == "absolute-path") {
        out.insert(at);
    }
    for (const auto& property : schema.properties) {
        if (property.schema->format == "absolute-path" || seen.insert(property.schema).second) {
            collect(*property.schema, at + "." + std::string(property.name), seen, out);
        }
    }
    for (const auto* inner : {schema.items, schema.additional}) {
        if (inner != nullptr && seen.insert(inner).second) {
            collect(*inner, at + "[]", seen, out);
        }
    }
}

// A new one wants a check: what vigie writes is found by `render::checkPlaces`, what is only looked at is
// not.
TEST_CASE("the path fields of the document are exactly the known ones", "[spec]") {
    std::set<std::string> found;
    std::set<const Schema*> seen;
    collect(stackSchema(), "", seen, found);
    CHECK(found == std::set<std::string>{".spec.projects[].directory",
                                         ".spec.exporters[].pgbouncer.userlist.file",
                                         ".spec.exporters[].custom.volumes[].source",
                                         ".spec.exporters[].custom.volumes[].target"});
}

}  // namespace
}  // namespace vigie::spec
