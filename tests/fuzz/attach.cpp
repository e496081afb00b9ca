// What containers of others, and their engine, say of themselves: inspected, listed, and in /proc.
#include "attach/find.hpp"
#include "attach/proc_text.hpp"
#include "base/parse_json.hpp"
#include "spec/places.hpp"
#include "tests/fuzz/target.hpp"

#include <map>

namespace vigie::fuzz {
namespace {

/// What stands at a place must be below what is mounted, and nowhere where nothing may be written.
void demandPlace(const attach::OrRefusal<attach::Place>& result) {
    if (const auto* refusal = std::get_if<attach::Refusal>(&result)) {
        demand(refusal->sentence().find('\n') == std::string::npos, "a refusal is one line");
        demand(!attach::name(refusal->reason).empty(), "a refusal has a name");
        return;
    }
    const auto& place = std::get<attach::Place>(result);
    demand(spec::liesIn(place.inside, place.mount), "a path is in its mount");
    demand(!spec::neverWritten(place.host), "nothing is written in places of the system");
    demand(!spec::neverWritten(place.resolved), "nor behind links");
    demand((place.host + "/").find("/../") == std::string::npos, "a place has no steps upwards");
}

}  // namespace

void attachedContainer(std::string_view bytes) {
    std::map<std::string, std::string> parts;
    for (auto& [name, text] : partsOf(bytes)) {
        parts[name] = std::move(text);
    }
    static_cast<void>(attach::readStat(parts["stat"]));
    static_cast<void>(attach::readMountinfo(parts["mountinfo"]));
    if (const auto group = attach::readGroup(parts["cgroup"])) {
        demand(attach::isContainerId(*group) || attach::isUnitName(*group),
               "a group has a form that is asked for");
    }
    constexpr std::size_t kMost = 2048;
    attach::Process process;
    process.id.exe = "/bin/prometheus";
    process.directory = "/prometheus";
    process.arguments = attach::readArguments(parts["cmdline"], kMost);
    demand(process.arguments.size() <= kMost, "arguments have a limit");
    process.user = attach::readStatus(parts["status"]).value_or(attach::Credentials{});
    static_cast<void>(attach::decodeList(parseJson(parts["list"]), "monitoring", "prometheus"));
    const auto container = attach::decodeContainer(parseJson(parts["container"]));
    if (!container) {
        return;
    }
    attach::Mounts mounts;
    mounts.mounts = container->mounts;
    if (auto volume = attach::decodeVolume(parseJson(parts["volume"]))) {
        static_cast<void>(volume->device());
        mounts.volumes[volume->name] = std::move(*volume);
    }
    attach::Wanted wanted;
    wanted.subject = {"prometheus", "monitoring"};
    wanted.directory = "/srv/monitoring";
    if (const auto stopped = attach::chooseStopped(wanted, *container);
        const auto* running = std::get_if<attach::Running>(&stopped)) {
        const auto placed = attach::placeStopped(wanted, running->config, mounts);
        if (const auto* place = std::get_if<attach::Place>(&placed)) {
            attach::PathsSeen seen;
            for (const auto& path : attach::hostPaths(wanted, *place)) {
                attach::PathFacts facts;
                facts.path = facts.resolved = path;
                facts.type = path.ends_with(".yml") ? "" : "directory";
                seen.host.push_back(facts);
            }
            demandPlace(attach::confirmStopped(wanted, *place, seen));
        }
    }
    const auto chosen = attach::chooseProcess(wanted, &*container, {{process}, false});
    const auto* running = std::get_if<attach::Running>(&chosen);
    if (running == nullptr) {
        return;
    }
    // Everybody sees the same file everywhere: what is then refused is refused for its place.
    const auto look = [&](const std::vector<std::string>& inside, const std::vector<std::string>& host) {
        attach::PathsSeen out;
        out.mountinfo = parts["mountinfo"];
        const auto points = attach::readMountinfo(out.mountinfo);
        const auto see = [&](const std::string& path) {
            attach::PathFacts facts;
            facts.path = facts.resolved = path;
            facts.type = "file";
            facts.mount = points.empty() ? 0 : points.back().id;
            return facts;
        };
        for (const auto& path : inside) {
            out.inside.push_back(see(path));
        }
        for (const auto& path : host) {
            out.host.push_back(see(path));
        }
        return out;
    };
    const auto before = look(attach::wayTo(running->config), {});
    const auto placed = attach::place(wanted, running->config, &mounts, before);
    if (const auto* place = std::get_if<attach::Place>(&placed)) {
        const auto seen = look(attach::wayTo(place->inside), attach::hostPaths(wanted, *place));
        demandPlace(attach::confirm(wanted, *place, before, seen));
        static_cast<void>(attach::keepsOut(process.user, seen.inside));
        static_cast<void>(attach::mountAt(mounts, place->inside));
    }
}

}  // namespace vigie::fuzz
