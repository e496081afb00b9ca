// Tests attach/refusal: the sentences that say why a program cannot be attached.

#include "attach/refusal.hpp"

#include "tests/support/catch.hpp"

#include <set>

namespace vigie::attach {
namespace {

const Subject kSubject{"prometheus", "monitoring"};

TEST_CASE("each refusal says what was seen and what to do", "[attach]") {
    CHECK(noContainer(kSubject).sentence() ==
          "service prometheus of project monitoring has no container → start it once (docker compose up -d "
          "prometheus); "
          "vigie attaches to what runs");
    CHECK(severalContainers(kSubject, 2).sentence() ==
          "service prometheus runs 2 containers → attach needs exactly one; give vigie one service per "
          "instance");
    CHECK(noMount(kSubject, "/etc/prometheus/prometheus.yml").sentence() ==
          "prometheus reads /etc/prometheus/prometheus.yml from its image (or from compose configs: content) "
          "→ mount a "
          "directory: ./prometheus:/etc/prometheus");
    CHECK(generated(kSubject, "/gen/p.yml").sentence() ==
          "prometheus reads /gen/p.yml, which its entrypoint writes at start → attach cannot own a generated "
          "file");
    CHECK(foreignVolume("v").what == "volume v is not on this host's disk");
    CHECK(ignoredSubpath("v").what == "this engine ignores subpath: the whole volume v is mounted");
    CHECK(stale(kSubject, "/srv/p.yml", 7, 8).sentence() ==
          "the container still sees the old /srv/p.yml (inode 7, host 8) because the file/directory was "
          "replaced → "
          "docker compose restart prometheus, then again");
    CHECK(stale(kSubject, "/srv/p.yml", 7, 0).what.find("(inode 7, host none)") != std::string::npos);
    CHECK(detached(kSubject, "/etc/p.yml").sentence() ==
          "the mount at /etc/p.yml of " + kSubject.service +
              " was detached: on the host, what has its place was renamed over or removed → docker compose "
              "restart " +
              kSubject.service + ", then again");
    CHECK(linkOut("/etc/prometheus/rules", "/srv/rules").what ==
          "/etc/prometheus/rules is a link to /srv/rules, outside of the mounted directory: the container "
          "cannot follow it");
    CHECK(nested(kSubject, "/etc/prometheus/rules", "./rules").sentence() ==
          "/etc/prometheus/rules is the place of another mount of prometheus; replacing it would detach that "
          "mount → name "
          "the file ./rules instead");
    CHECK(noProgram(kSubject, "prometheus", {"sh", "vmagent"}).sentence() ==
          "no process prometheus in prometheus (found: sh, vmagent) → name the program");
    CHECK(password(kSubject).sentence() ==
          "prometheus asks for a password (--web.config.file) → give attach.web.passwordFrom; without it a "
          "reload cannot "
          "be proved");
    CHECK(autoReload(kSubject).sentence() ==
          "prometheus reloads by itself (auto-reload-config) and would read half a change → remove the flag");
    CHECK(unreadable(kSubject, 1000, "/etc/p.yml", 0600, 0).what ==
          "prometheus runs as uid 1000 and cannot read /etc/p.yml (0600 root)");
    CHECK(twoOwners("/srv/p.yml", "vigie's own project").sentence() ==
          "/srv/p.yml is written by vigie's own project → name one owner");
    CHECK(otherVariables(kSubject).sentence() ==
          "config --hash of your files is not what runs (prometheus) → you started it with other files, "
          "versions or "
          "variables; vigie will not run up");
    CHECK(remoteEngine().what == "attach needs /proc of the container; this engine is remote");
    CHECK(wouldDrop(kSubject, {"rule_files: /x/*.yml"}).what.find("rule_files: /x/*.yml") !=
          std::string::npos);
    CHECK(noMount(kSubject, "/p.yml").hint == "mount a directory: ./prometheus:/etc/prometheus");
}

TEST_CASE("of a unit the sentences speak of systemd", "[attach]") {
    const Subject unit{"prometheus.service", ""};
    CHECK(noContainer(unit).sentence() ==
          "unit prometheus.service does not run → start it once (systemctl start prometheus.service); vigie "
          "attaches to what runs");
    CHECK(stale(unit, "/x", 1, 2).hint.find("systemctl restart prometheus.service") == 0);
}

TEST_CASE("text of others cannot look like another line, nor fill a page", "[attach]") {
    const auto refusal =
        noProgram(kSubject, "prometheus", {"a\nvigie: all is well\x1b[2J", std::string(5000, 'x')});
    CHECK(refusal.what.find('\n') == std::string::npos);
    CHECK(refusal.what.find('\x1b') == std::string::npos);
    CHECK(refusal.what.size() < 1000);
    CHECK(noMount({"x\ny", "p"}, "/a\nb/c").sentence().find('\n') == std::string::npos);
}

TEST_CASE("every reason has a name of its own", "[attach]") {
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(Refusal::Reason::otherVariables); ++i) {
        const auto text = name(static_cast<Refusal::Reason>(i));
        CHECK_FALSE(text.empty());
        CHECK(names.insert(text).second);
    }
}

}  // namespace
}  // namespace vigie::attach
