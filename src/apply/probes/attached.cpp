// Asks the engine and vigie-attach about a program of the user's own.

#include "apply/probes/attached.hpp"

#include "apply/http_api.hpp"
#include "attach/proc_text.hpp"
#include "base/error.hpp"
#include "base/parse_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

namespace vigie::apply {
namespace {

using attach::Attachment;
using attach::OrRefusal;
using attach::Place;
using attach::Refusal;
using attach::Running;
using attach::Wanted;
using nlohmann::json;

constexpr int kOk = 200;
constexpr int kNotFound = 404;

/// Discarded: there is no such thing.
json askEngine(const std::string& path, const system::System& system) {
    constexpr auto kTimeout = std::chrono::seconds(10);
    const auto response =
        system.engine.send({"GET", "http://docker" + path, {}, kTimeout, system::kLargeAnswer});
    if (response.status == kNotFound) {
        return json::value_t::discarded;
    }
    auto out = parseJson(response.body);
    if (response.status != kOk || out.is_discarded()) {
        throw Error("the Docker engine answered " + std::to_string(response.status) + " to GET " + path);
    }
    return out;
}

OrRefusal<attach::Container> findContainer(const Wanted& wanted, const system::System& system) {
    const auto& subject = wanted.subject;
    const json filters{
        {"label",
         {"com.docker.compose.project=" + subject.project, "com.docker.compose.service=" + subject.service}}};
    const auto ids = attach::decodeList(
        askEngine("/containers/json?all=1&filters=" + percentEncoded(filters.dump()), system),
        subject.project, subject.service);
    if (!ids) {
        return attach::unclearEngine(subject);
    }
    if (ids->size() > 1) {
        return attach::severalContainers(subject, ids->size());
    }
    const auto inspected = ids->empty() ? json(json::value_t::discarded)
                                        : askEngine("/containers/" + ids->front() + "/json", system);
    if (inspected.is_discarded()) {
        return attach::noContainer(subject);
    }
    auto out = attach::decodeContainer(inspected);
    if (!out || out->id != ids->front()) {
        return attach::unclearEngine(subject);
    }
    return std::move(*out);
}

attach::Mounts mountsOf(const attach::Container& container, const system::System& system) {
    attach::Mounts out;
    out.mounts = container.mounts;
    for (const auto& each : container.mounts) {
        if (each.kind == attach::Mount::Kind::volume && !each.name.empty() &&
            out.volumes.count(each.name) == 0) {
            auto volume = attach::decodeVolume(askEngine("/volumes/" + percentEncoded(each.name), system));
            if (volume && volume->name == each.name) {
                out.volumes[each.name] = std::move(*volume);
            }
        }
        if (!each.subpath.empty()) {
            const auto version = memberOr(askEngine("/version", system), "ApiVersion", "");
            out.heedsSubpath = attach::heedsSubpath(version);
        }
    }
    return out;
}

/// Two looks at `path`, with nothing changed between them; `way` is what the second one saw of the way to it.
OrRefusal<Place> lookTwice(const Wanted& wanted, const attach::ProcessId& process, const std::string& path,
                           const attach::Mounts* mounts, std::vector<attach::PathFacts>& way,
                           system::Attach& attach) {
    const auto before = attach.stat(process, attach::wayTo(path), {});
    auto placed = attach::place(wanted, path, mounts, before);
    const auto* place = std::get_if<Place>(&placed);
    if (place == nullptr) {
        return placed;
    }
    const auto seen = attach.stat(process, attach::wayTo(place->inside), attach::hostPaths(wanted, *place));
    way = seen.inside;
    return attach::confirm(wanted, *place, before, seen);
}

std::optional<Refusal> unreadableFor(const Attachment& attachment,
                                     const std::vector<attach::PathFacts>& way) {
    const auto* file = attach::keepsOut(attachment.user, way);
    return file == nullptr ? std::nullopt
                           : std::optional(attach::unreadable(attachment.wanted.subject, attachment.user.uid,
                                                              file->path, file->mode, file->uid));
}

/// Only the container's first process and what descends from it. Others may be in a control group of that
/// name: whoever may make control groups, such as a user of the host below his own, names them as he likes.
void keepDescendants(std::int64_t first, attach::Processes& found) {
    std::set<std::int64_t> known = {first};
    for (auto before = std::size_t{0}; before != known.size();) {
        before = known.size();
        for (const auto& each : found.processes) {
            if (known.count(each.parent) != 0) {
                known.insert(each.id.pid);
            }
        }
    }
    auto& all = found.processes;
    all.erase(std::remove_if(all.begin(), all.end(),
                             [&](const auto& each) { return known.count(each.id.pid) == 0; }),
              all.end());
}

OrRefusal<Attachment> findRunning(Attachment out, const attach::Container* container,
                                  const attach::Mounts* mounts, system::Attach& attach) {
    const auto& wanted = out.wanted;
    const auto group = container != nullptr ? container->id : wanted.subject.service;
    auto found = attach.find(group, std::string(wanted.programName()));
    if (found.processes.empty()) {
        return container != nullptr ? attach::remoteEngine() : attach::noContainer(wanted.subject);
    }
    if (container != nullptr) {
        keepDescendants(container->pid, found);
        if (found.processes.empty()) {
            return attach::changedMeanwhile(wanted.subject, "its process");
        }
    }
    auto chosen = attach::chooseProcess(wanted, container, found);
    if (const auto* refusal = std::get_if<Refusal>(&chosen)) {
        return *refusal;
    }
    auto& running = std::get<Running>(chosen);
    out.runs = true;
    out.process = running.process.id;
    out.user = running.process.user;
    out.directory = running.process.directory;
    out.options = std::move(running.options);
    out.configPath = running.config;
    std::vector<attach::PathFacts> way;
    auto place = lookTwice(wanted, out.process, running.config, mounts, way, attach);
    if (const auto* refusal = std::get_if<Refusal>(&place)) {
        return *refusal;
    }
    out.config = std::get<Place>(std::move(place));
    if (const auto refusal = unreadableFor(out, way)) {
        return *refusal;
    }
    if (const auto refusal = attach::refusalOf(wanted, out.options)) {
        return *refusal;
    }
    return out;
}

OrRefusal<Attachment> findStopped(Attachment out, const attach::Container& container,
                                  system::Attach& attach) {
    auto chosen = attach::chooseStopped(out.wanted, container);
    if (const auto* refusal = std::get_if<Refusal>(&chosen)) {
        return *refusal;
    }
    auto& stopped = std::get<Running>(chosen);
    out.options = std::move(stopped.options);
    out.directory = stopped.process.directory;
    out.configPath = stopped.config;
    auto place = attach::placeStopped(out.wanted, stopped.config, out.mounts);
    if (const auto* refusal = std::get_if<Refusal>(&place)) {
        return *refusal;
    }
    const auto& placed = std::get<Place>(place);
    auto confirmed = attach::confirmStopped(out.wanted, placed,
                                            attach.stat({}, {}, attach::hostPaths(out.wanted, placed)));
    if (const auto* refusal = std::get_if<Refusal>(&confirmed)) {
        return *refusal;
    }
    out.config = std::get<Place>(std::move(confirmed));
    if (const auto refusal = attach::refusalOf(out.wanted, out.options)) {
        return *refusal;
    }
    return out;
}

/// A process may end, or be replaced, between two questions: that is no failure of vigie-attach's.
template <class T, class F>
OrRefusal<T> orChanged(const Wanted& wanted, F look) {
    try {
        return look();
    } catch (const system::AttachError& error) {
        using Kind = system::AttachError::Kind;
        if (error.kind() == Kind::gone || error.kind() == Kind::changed) {
            return attach::changedMeanwhile(wanted.subject, error.what());
        }
        throw;
    }
}

}  // namespace

OrRefusal<Attachment> findAttached(const Wanted& wanted, const system::System& system) {
    auto& attach = system.attach;
    Attachment out;
    out.wanted = wanted;
    if (wanted.subject.isUnit()) {
        return orChanged<Attachment>(wanted,
                                     [&] { return findRunning(std::move(out), nullptr, nullptr, attach); });
    }
    auto found = findContainer(wanted, system);
    if (const auto* refusal = std::get_if<Refusal>(&found)) {
        return *refusal;
    }
    const auto& container = std::get<attach::Container>(found);
    out.container = container.id;
    out.started = container.started;
    out.image = container.image;
    out.mounts = mountsOf(container, system);
    return orChanged<Attachment>(wanted, [&] {
        const auto mounts = out.mounts;
        return container.runs() ? findRunning(std::move(out), &container, &mounts, attach)
                                : findStopped(std::move(out), container, attach);
    });
}

OrRefusal<Place> placeAttached(const Attachment& attachment, const std::string& path, bool isNew,
                               system::Attach& attach) {
    const auto& wanted = attachment.wanted;
    const auto slash = path.rfind('/');
    const auto name = isNew ? path.substr(slash) : std::string();
    const auto looked = isNew ? (slash == 0 ? "/" : path.substr(0, slash)) : path;
    return orChanged<Place>(wanted, [&]() -> OrRefusal<Place> {
        const auto withName = [&](OrRefusal<Place> found) -> OrRefusal<Place> {
            if (auto* place = std::get_if<Place>(&found); place != nullptr && isNew) {
                place->inside += place->inside == "/" ? name.substr(1) : name;
                place->host += name;
                place->resolved += name;
                place->device = 0;
                place->inode = 0;
            }
            return found;
        };
        if (!attachment.runs) {
            auto place = attach::placeStopped(wanted, looked, attachment.mounts);
            if (const auto* refusal = std::get_if<Refusal>(&place)) {
                return *refusal;
            }
            const auto& placed = std::get<Place>(place);
            return withName(attach::confirmStopped(wanted, placed,
                                                   attach.stat({}, {}, attach::hostPaths(wanted, placed))));
        }
        std::vector<attach::PathFacts> way;
        auto place = lookTwice(wanted, attachment.process, looked,
                               wanted.subject.isUnit() ? nullptr : &attachment.mounts, way, attach);
        if (std::holds_alternative<Place>(place)) {
            if (const auto refusal = unreadableFor(attachment, way)) {
                return *refusal;
            }
        }
        return withName(std::move(place));
    });
}

namespace {

/// Programs that only wait for others.
bool waitsOnly(const attach::Process& process) {
    static const std::set<std::string_view> kNames = {
        "sh", "ash", "bash", "dash", "busybox", "docker-init", "tini", "dumb-init", "catatonit"};
    const std::string_view exe = process.id.exe;
    return kNames.count(exe.substr(exe.rfind('/') + 1)) != 0;
}

}  // namespace

OrRefusal<MainProcess> mainProcess(const attach::Subject& subject, const system::System& system) {
    Wanted wanted;
    wanted.subject = subject;
    auto found = findContainer(wanted, system);
    if (const auto* refusal = std::get_if<Refusal>(&found)) {
        return *refusal;
    }
    const auto& container = std::get<attach::Container>(found);
    if (!container.runs()) {
        return MainProcess{};
    }
    const auto all = system.attach.find(container.id, "").processes;
    auto pid = container.pid;
    while (true) {
        const auto it =
            std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.id.pid == pid; });
        if (it == all.end()) {
            return attach::changedMeanwhile(subject, "its process");
        }
        if (!waitsOnly(*it)) {
            return MainProcess{container.id, it->id};
        }
        std::vector<std::int64_t> below;
        for (const auto& each : all) {
            if (each.parent == pid) {
                below.push_back(each.id.pid);
            }
        }
        if (below.size() != 1) {
            return attach::severalPrograms(subject, "main", below.size());
        }
        pid = below.front();
    }
}

}  // namespace vigie::apply
