// Decodes the engine's answers about containers and volumes, within limits.

#include "attach/container.hpp"

#include "attach/proc_text.hpp"
#include "base/enum_text.hpp"
#include "base/parse_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace vigie::attach {
namespace {

using nlohmann::json;

constexpr std::size_t kMostOfAList = 1024;
constexpr std::size_t kLongestText = 64U << 10U;

constexpr std::array<EnumText<Container::State>, 5> kStates = {{{Container::State::running, "running"},
                                                                {Container::State::paused, "paused"},
                                                                {Container::State::restarting, "restarting"},
                                                                {Container::State::created, "created"},
                                                                {Container::State::exited, "exited"}}};
constexpr std::array<EnumText<Mount::Kind>, 3> kKinds = {
    {{Mount::Kind::bind, "bind"}, {Mount::Kind::volume, "volume"}, {Mount::Kind::tmpfs, "tmpfs"}}};

/// Reads members, and remembers whether one was beyond measure: what is left away could be the mount, or the
/// option, that decides.
class Reader {
public:
    std::string text(const json& object, const char* key) {
        auto out = memberOr(object, key, "");
        fits_ = fits_ && out.size() <= kLongestText && out.find('\0') == std::string::npos;
        return out;
    }

    json list(const json& object, const char* key) {
        auto out = memberOr(object, key, json());
        fits_ = fits_ && (out.is_array() || out.is_null()) && out.size() <= kMostOfAList;
        return out.is_array() ? out : json::array();
    }

    std::vector<std::string> texts(const json& object, const char* key) {
        std::vector<std::string> out;
        for (const auto& each : list(object, key)) {
            fits_ = fits_ && each.is_string() && each.get_ref<const std::string&>().size() <= kLongestText;
            out.push_back(each.is_string() ? each.get<std::string>() : std::string());
        }
        return out;
    }

    std::map<std::string, std::string> pairs(const json& object, const char* key) {
        std::map<std::string, std::string> out;
        const auto members = memberOr(object, key, json());
        if (!members.is_object()) {
            return out;
        }
        fits_ = fits_ && members.size() <= kMostOfAList;
        for (const auto& member : members.items()) {
            out[member.key()] =
                member.value().is_string() ? member.value().get<std::string>() : std::string();
        }
        return out;
    }

    void demand(bool holds) { fits_ = fits_ && holds; }
    [[nodiscard]] bool fits() const { return fits_; }

private:
    bool fits_ = true;
};

/// The subdirectories of volumes, by destination: only the wish has them, the list of mounts does not.
std::map<std::string, std::string> subpathsIn(Reader& reader, const json& host) {
    std::map<std::string, std::string> out;
    for (const auto& each : reader.list(host, "Mounts")) {
        const auto options = memberOr(each, "VolumeOptions", json());
        if (auto subpath = reader.text(options, "Subpath"); !subpath.empty()) {
            out[reader.text(each, "Target")] = std::move(subpath);
        }
    }
    return out;
}

std::vector<Mount> mountsIn(Reader& reader, const json& inspected, const json& host) {
    const auto subpaths = subpathsIn(reader, host);
    std::vector<Mount> out;
    for (const auto& each : reader.list(inspected, "Mounts")) {
        Mount mount;
        mount.kind = valueIn(kKinds, reader.text(each, "Type")).value_or(Mount::Kind::other);
        mount.name = reader.text(each, "Name");
        mount.driver = reader.text(each, "Driver");
        mount.source = reader.text(each, "Source");
        mount.destination = reader.text(each, "Destination");
        mount.writable = memberOr(each, "RW", true);
        while (mount.destination.size() > 1 && mount.destination.back() == '/') {
            mount.destination.pop_back();
        }
        if (const auto it = subpaths.find(mount.destination); it != subpaths.end()) {
            mount.subpath = it->second;
        }
        reader.demand(mount.destination.starts_with('/'));
        out.push_back(std::move(mount));
    }
    // `tmpfs:` of a service is among the mounts of no engine.
    for (const auto& tmpfs : reader.pairs(host, "Tmpfs")) {
        Mount mount;
        mount.kind = Mount::Kind::tmpfs;
        mount.destination = tmpfs.first;
        out.push_back(std::move(mount));
    }
    return out;
}

}  // namespace

const std::string& Container::label(const std::string& key) const {
    static const std::string kNone;
    const auto it = labels.find(key);
    return it == labels.end() ? kNone : it->second;
}

std::string Volume::device() const {
    const auto of = options.find("o");
    const auto device = options.find("device");
    if (driver != "local" || of == options.end() || device == options.end()) {
        return {};
    }
    // A list with commas: `bind`, `ro,bind`, `rbind`.
    const std::string list = "," + of->second + ",";
    const bool binds = list.find(",bind,") != std::string::npos || list.find(",rbind,") != std::string::npos;
    return binds ? device->second : std::string();
}

bool Volume::isLocal() const {
    return driver == "local" && (options.count("device") == 0 || !device().empty());
}

std::optional<std::vector<std::string>> decodeList(const json& list, const std::string& project,
                                                   const std::string& service) {
    if (!list.is_array() || list.size() > kMostOfAList) {
        return std::nullopt;
    }
    std::vector<std::string> out;
    for (const auto& each : list) {
        const auto labels = memberOr(each, "Labels", json());
        auto id = memberOr(each, "Id", "");
        if (!isContainerId(id)) {
            return std::nullopt;
        }
        if (memberOr(labels, "com.docker.compose.project", "") == project &&
            memberOr(labels, "com.docker.compose.service", "") == service &&
            memberOr(labels, "com.docker.compose.oneoff", "") != "True") {
            out.push_back(std::move(id));
        }
    }
    return out;
}

std::optional<Container> decodeContainer(const json& inspected) {
    Reader reader;
    const auto state = memberOr(inspected, "State", json());
    const auto config = memberOr(inspected, "Config", json());
    const auto host = memberOr(inspected, "HostConfig", json());
    Container out;
    out.id = memberOr(inspected, "Id", "");
    out.name = reader.text(inspected, "Name");
    out.name.erase(0, out.name.starts_with('/') ? 1 : 0);
    out.image = reader.text(config, "Image");
    out.imageId = reader.text(inspected, "Image");
    out.state = valueIn(kStates, reader.text(state, "Status")).value_or(Container::State::other);
    out.pid = std::max<std::int64_t>(0, memberOr(state, "Pid", std::int64_t{0}));
    out.created = reader.text(inspected, "Created");
    out.started = reader.text(state, "StartedAt");
    out.restarts = memberOr(inspected, "RestartCount", 0);
    out.restartPolicy = reader.text(memberOr(host, "RestartPolicy", json()), "Name");
    out.path = reader.text(inspected, "Path");
    out.arguments = reader.texts(inspected, "Args");
    // In old images it may be one text.
    const auto entrypoint = memberOr(config, "Entrypoint", json());
    out.entrypoint = entrypoint.is_string() ? std::vector{entrypoint.get<std::string>()}
                                            : reader.texts(config, "Entrypoint");
    out.directory = reader.text(config, "WorkingDir");
    out.user = reader.text(config, "User");
    out.networkMode = reader.text(host, "NetworkMode");
    out.labels = reader.pairs(config, "Labels");
    out.mounts = mountsIn(reader, inspected, host);
    reader.demand(isContainerId(out.id));
    return reader.fits() ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<Volume> decodeVolume(const json& volume) {
    Reader reader;
    Volume out;
    out.name = reader.text(volume, "Name");
    out.driver = reader.text(volume, "Driver");
    out.mountpoint = reader.text(volume, "Mountpoint");
    out.options = reader.pairs(volume, "Options");
    reader.demand(!out.name.empty());
    return reader.fits() ? std::optional(std::move(out)) : std::nullopt;
}

bool heedsSubpath(std::string_view apiVersion) {
    constexpr int kMajor = 1;
    constexpr int kMinor = 45;
    const auto dot = apiVersion.find('.');
    if (dot == std::string_view::npos) {
        return false;
    }
    int major = 0;
    int minor = 0;
    const auto* end = apiVersion.data() + apiVersion.size();
    const bool numbers =
        std::from_chars(apiVersion.data(), apiVersion.data() + dot, major).ec == std::errc() &&
        std::from_chars(apiVersion.data() + dot + 1, end, minor).ec == std::errc();
    return numbers && (major > kMajor || (major == kMajor && minor >= kMinor));
}

}  // namespace vigie::attach
