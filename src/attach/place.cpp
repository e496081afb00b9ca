// Where a path of a container is on the host, and whether vigie may write there.

#include "attach/find.hpp"
#include "attach/proc_text.hpp"
#include "base/text.hpp"
#include "spec/places.hpp"

#include <algorithm>
#include <optional>

namespace vigie::attach {
namespace {

const PathFacts* factsOf(const std::vector<PathFacts>& all, std::string_view path) {
    const auto it = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.path == path; });
    return it == all.end() ? nullptr : &*it;
}

/// What of `path` stands behind `directory`, in which it lies: `/b` of `/a/b` in `/a`.
std::string_view below(std::string_view path, std::string_view directory) {
    return directory == "/" ? path : path.substr(directory.size());
}

/// `name` in `directory`; `name` may have several components, with or without a slash in front.
std::string joined(const std::string& directory, std::string_view name) {
    while (name.starts_with('/')) {
        name.remove_prefix(1);
    }
    if (name.empty()) {
        return directory;
    }
    return (directory == "/" ? std::string() : directory) + "/" + std::string(name);
}

/// The mounted directory, or file, that has `path`: the one with the longest destination, and of several
/// there the last, which hides the others.
const Mount* ownerOf(const std::vector<Mount>& mounts, std::string_view path) {
    const Mount* out = nullptr;
    for (const auto& each : mounts) {
        if (spec::liesIn(path, each.destination) &&
            (out == nullptr || each.destination.size() >= out->destination.size())) {
            out = &each;
        }
    }
    return out;
}

/// The mount in which `path` would be, when what is mounted was removed on the host: whoever makes it anew
/// there makes something that the container does not see.
const Mount* removedAbove(std::string_view path, const Mounts& mounts,
                          const std::vector<MountPoint>& points) {
    const auto* mount = ownerOf(mounts.mounts, path);
    const bool removed = mount != nullptr && std::any_of(points.begin(), points.end(), [&](const auto& each) {
                             return each.deleted && each.point == mount->destination;
                         });
    return removed ? mount : nullptr;
}

/// What of the host `mount` is.
OrRefusal<std::string> sourceOf(const Mount& mount, const Mounts& mounts) {
    if (mount.kind != Mount::Kind::volume) {
        return mount.source;
    }
    const auto it = mounts.volumes.find(mount.name);
    if (mount.driver != "local" || it == mounts.volumes.end() || !it->second.isLocal()) {
        return foreignVolume(mount.name);
    }
    if (!mount.subpath.empty() && !mounts.heedsSubpath) {
        return ignoredSubpath(mount.name);
    }
    const auto subpath = split(mount.subpath, '/');
    if (std::find(subpath.begin(), subpath.end(), "..") != subpath.end()) {
        return foreignVolume(mount.name);
    }
    // While nothing runs, the directory of the volume is an empty one, and its device is what is meant.
    const auto device = it->second.device();
    return joined(device.empty() ? it->second.mountpoint : device, mount.subpath);
}

/// Nothing of a document may be written at `path`, or what is mounted has such a place in it.
std::optional<Refusal> forbidden(const Wanted& wanted, std::string_view path, bool isSource) {
    if (const auto place = spec::neverWritten(path)) {
        return forbiddenPlace(wanted.subject, path, *place);
    }
    if (const auto place = isSource ? spec::neverWrittenBelow(path) : std::nullopt) {
        return forbiddenPlace(wanted.subject, path, *place);
    }
    return std::nullopt;
}

/// Whether `path` has a step upwards, with which no comparison of texts means anything.
bool stepsUp(std::string_view path) {
    const auto parts = split(path, '/');
    return !path.starts_with('/') || std::find(parts.begin(), parts.end(), "..") != parts.end();
}

/// `path` of the host without links; of what is not there yet, as far as its directories are. Nothing: there
/// is a link that leads nowhere, or nothing was seen.
std::optional<std::string> resolvedOnHost(const PathsSeen& seen, const std::string& path) {
    const auto way = wayTo(path);
    for (auto it = way.rbegin(); it != way.rend(); ++it) {
        const auto* facts = factsOf(seen.host, *it);
        if (facts != nullptr && facts->exists()) {
            return joined(facts->resolved, below(path, *it));
        }
        if (facts == nullptr || !facts->target.empty()) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

/// Whether a place is the project's, a volume's, or one that the document names.
std::optional<Refusal> notAllowed(const Wanted& wanted, const Place& place, const PathsSeen& seen) {
    const auto host = resolvedOnHost(seen, place.host);
    const auto source = resolvedOnHost(seen, place.source);
    for (const auto& path : {place.host, host.value_or("/")}) {
        if (auto refusal = host ? forbidden(wanted, path, false) : std::nullopt) {
            return refusal;
        }
    }
    for (const auto& path : {place.source, source.value_or("/")}) {
        if (auto refusal = source ? forbidden(wanted, path, true) : std::nullopt) {
            return refusal;
        }
    }
    if (!host || !source || stepsUp(place.host) || stepsUp(place.source)) {
        return foreignPlace(wanted.subject, place.host, wanted.directory);
    }
    if (place.isVolume) {
        return std::nullopt;
    }
    auto allowed = wanted.named;
    allowed.push_back(wanted.directory);
    for (const auto& each : allowed) {
        const auto directory = each.empty() ? std::nullopt : resolvedOnHost(seen, each);
        // The project of a host is no excuse to write everywhere on it.
        if (directory && !spec::neverWrittenBelow(*directory) && spec::liesIn(*host, *directory)) {
            return std::nullopt;
        }
    }
    return foreignPlace(wanted.subject, *host, wanted.directory);
}

constexpr std::uint32_t kRead = 4;
constexpr std::uint32_t kSearch = 1;

bool may(const Credentials& user, const PathFacts& file, std::uint32_t wanted) {
    constexpr std::uint64_t kOverride = 1ULL << 1U;    // CAP_DAC_OVERRIDE
    constexpr std::uint64_t kReadSearch = 1ULL << 2U;  // CAP_DAC_READ_SEARCH
    if ((user.capabilities & (kOverride | kReadSearch)) != 0) {
        return true;
    }
    constexpr unsigned kOwner = 6;
    constexpr unsigned kGroup = 3;
    const bool inGroup = user.gid == file.gid ||
                         std::find(user.groups.begin(), user.groups.end(), file.gid) != user.groups.end();
    const unsigned shift = user.uid == file.uid ? kOwner : inGroup ? kGroup : 0;
    return ((file.mode >> shift) & wanted) == wanted;
}

}  // namespace

std::vector<std::string> wayTo(const std::string& path) {
    constexpr std::size_t kMost = 64;
    std::vector<std::string> out = {"/"};
    for (auto slash = path.find('/', 1); slash != std::string::npos && out.size() < kMost;
         slash = path.find('/', slash + 1)) {
        if (slash > 0 && path[slash - 1] != '/') {
            out.push_back(path.substr(0, slash));
        }
    }
    if (path != "/") {
        out.push_back(path);
    }
    return out;
}

OrRefusal<Place> place(const Wanted& wanted, const std::string& path, const Mounts* mounts,
                       const PathsSeen& seen) {
    const auto* facts = factsOf(seen.inside, path);
    const auto points = readMountinfo(seen.mountinfo);
    const auto pointOf = [&](std::uint64_t id) {
        const auto it =
            std::find_if(points.begin(), points.end(), [&](const auto& each) { return each.id == id; });
        return it == points.end() ? nullptr : &*it;
    };
    // A link in what is mounted may lead elsewhere in the same mount only. One of the image's own may lead
    // into it.
    for (const auto& each : seen.inside) {
        const auto* point = each.target.empty() ? nullptr : pointOf(each.linkMount);
        const bool mounted = mounts != nullptr && point != nullptr && point->point != "/";
        if (mounted && (facts == nullptr || !facts->exists() || facts->mount != each.linkMount)) {
            return linkOut(each.path, each.target);
        }
    }
    if (facts == nullptr || !facts->exists()) {
        const auto* removed = mounts != nullptr ? removedAbove(path, *mounts, points) : nullptr;
        return removed != nullptr ? staleRemoved(wanted.subject, removed->source)
                                  : missing(wanted.subject, path);
    }
    Place out;
    out.inside = facts->resolved;
    out.device = facts->device;
    out.inode = facts->inode;
    if (mounts == nullptr) {
        out.host = out.inside;
        out.mount = "/";
        out.source = out.inside;
        return out;
    }
    const auto* mount = ownerOf(mounts->mounts, out.inside);
    const auto* point = pointOf(facts->mount);
    if (point == nullptr && facts->mount != 0) {
        return changedMeanwhile(wanted.subject, "the mounts");
    }
    const bool tmpfs = mount != nullptr && mount->kind == Mount::Kind::tmpfs;
    if (tmpfs || (point != nullptr && point->type == "tmpfs" &&
                  (mount == nullptr || mount->destination != point->point))) {
        return generated(wanted.subject, path);
    }
    const auto isKnown = [&](const auto& each) {
        return point != nullptr && each.destination == point->point;
    };
    if (mount != nullptr && point != nullptr && point->point != mount->destination &&
        spec::liesIn(mount->destination, point->point) &&
        std::any_of(mounts->mounts.begin(), mounts->mounts.end(), isKnown)) {
        return detached(wanted.subject, mount->destination);
    }
    // What the kernel says counts: a mount that the engine does not know hides one that it knows.
    if (mount == nullptr || (point != nullptr && point->point != mount->destination)) {
        return noMount(wanted.subject, path);
    }
    auto source = sourceOf(*mount, *mounts);
    if (const auto* refusal = std::get_if<Refusal>(&source)) {
        return *refusal;
    }
    out.mount = mount->destination;
    out.source = std::get<std::string>(source);
    out.host = joined(out.source, below(out.inside, mount->destination));
    out.singleFile = out.inside == mount->destination && facts->type == "file";
    out.isVolume = mount->kind == Mount::Kind::volume && mounts->volumes.at(mount->name).device().empty();
    return out;
}

OrRefusal<Place> placeStopped(const Wanted& wanted, const std::string& path, const Mounts& mounts) {
    const auto* mount = ownerOf(mounts.mounts, path);
    if (mount == nullptr) {
        return noMount(wanted.subject, path);
    }
    if (mount->kind == Mount::Kind::tmpfs) {
        return generated(wanted.subject, path);
    }
    auto source = sourceOf(*mount, mounts);
    if (const auto* refusal = std::get_if<Refusal>(&source)) {
        return *refusal;
    }
    Place out;
    out.inside = path;
    out.mount = mount->destination;
    out.source = std::get<std::string>(source);
    out.host = joined(out.source, below(path, mount->destination));
    out.singleFile = path == mount->destination;
    out.isVolume = mount->kind == Mount::Kind::volume && mounts.volumes.at(mount->name).device().empty();
    return out;
}

std::vector<std::string> hostPaths(const Wanted& wanted, const Place& place) {
    std::vector<std::string> out;
    auto asked = wanted.named;
    asked.insert(asked.end(), {place.host, place.source, wanted.directory});
    for (const auto& each : asked) {
        if (each.starts_with('/')) {
            const auto way = wayTo(each);
            out.insert(out.end(), way.begin(), way.end());
        }
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

OrRefusal<Place> confirm(const Wanted& wanted, Place place, const PathsSeen& before, const PathsSeen& seen) {
    const auto* inside = factsOf(seen.inside, place.inside);
    const auto* host = factsOf(seen.host, place.host);
    if (inside == nullptr || !inside->exists() || inside->device != place.device ||
        inside->inode != place.inode || inside->resolved != place.inside) {
        return changedMeanwhile(wanted.subject, place.inside);
    }
    const auto pointIn = [&](const PathsSeen& look) {
        for (const auto& each : readMountinfo(look.mountinfo)) {
            if (each.id == inside->mount) {
                return each.point + "\n" + each.root;
            }
        }
        return std::string();
    };
    if (pointIn(before) != pointIn(seen)) {
        return changedMeanwhile(wanted.subject, "the mounts");
    }
    // Whether it may be written comes first: nobody is told of the inodes of another's files.
    if (auto refusal = notAllowed(wanted, place, seen)) {
        return *refusal;
    }
    if (host == nullptr || !host->sameFile(*inside)) {
        return stale(wanted.subject, place.host, inside->inode, host != nullptr ? host->inode : 0);
    }
    place.resolved = host->resolved;
    place.checked = true;
    return place;
}

OrRefusal<Place> confirmStopped(const Wanted& wanted, Place place, const PathsSeen& seen) {
    if (auto refusal = notAllowed(wanted, place, seen)) {
        return *refusal;
    }
    const auto* host = factsOf(seen.host, place.host);
    place.resolved = resolvedOnHost(seen, place.host).value_or(place.host);
    place.device = host != nullptr ? host->device : 0;
    place.inode = host != nullptr ? host->inode : 0;
    return place;
}

const PathFacts* keepsOut(const Credentials& user, const std::vector<PathFacts>& way) {
    for (const auto& each : way) {
        const bool last = &each == &way.back();
        const bool directory = each.type == "directory";
        const std::uint32_t wanted = (last ? kRead : 0U) | (directory ? kSearch : 0U);
        if (!each.exists() || !may(user, each, wanted)) {
            return &each;
        }
    }
    return nullptr;
}

bool mayRead(const Credentials& user, const std::vector<PathFacts>& way) {
    return !way.empty() && keepsOut(user, way) == nullptr;
}

const Mount* mountAt(const Mounts& mounts, const std::string& path) {
    const auto it = std::find_if(mounts.mounts.begin(), mounts.mounts.end(),
                                 [&](const auto& each) { return spec::liesIn(each.destination, path); });
    return it == mounts.mounts.end() ? nullptr : &*it;
}

}  // namespace vigie::attach
