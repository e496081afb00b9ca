// What the container engine says of a container that is not ours.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::attach {

struct Mount {
    enum class Kind : std::uint8_t { bind, volume, tmpfs, other };

    Kind kind = Kind::other;
    std::string name;         ///< of a volume
    std::string driver;       ///< of a volume
    std::string source;       ///< on the host
    std::string destination;  ///< in the container
    std::string subpath;      ///< of a volume, which directory of it; engines before 25 ignore it
    bool writable = true;
};

/// Of `GET /containers/ID/json`. Whoever may start containers has written most of it.
struct Container {
    enum class State : std::uint8_t { running, paused, restarting, created, exited, other };

    std::string id;  ///< 64 hexadecimal digits
    std::string name;
    std::string image;    ///< as the service names it
    std::string imageId;  ///< its digest
    State state = State::other;
    std::int64_t pid = 0;       ///< as the engine counts; 0: it does not run
    std::string created;        ///< as the engine writes a time
    std::string started;        ///< likewise
    int restarts = 0;           ///< how often its restart policy has started it again
    std::string restartPolicy;  ///< `no`, `always`, `unless-stopped`, `on-failure`
    std::string path;           ///< the program that the engine starts
    std::vector<std::string> arguments;
    std::vector<std::string> entrypoint;
    std::string directory;    ///< the working directory; empty: /
    std::string user;         ///< as the image or the service names it
    std::string networkMode;  ///< `host`, `none`, `bridge`, a network's name, `container:ID`
    std::map<std::string, std::string> labels;
    std::vector<Mount> mounts;

    /// Empty: it has none.
    [[nodiscard]] const std::string& label(const std::string& key) const;
    [[nodiscard]] bool runs() const { return pid > 0 && (state == State::running || state == State::paused); }
};

/// A volume, of `GET /volumes/NAME`.
struct Volume {
    std::string name;
    std::string driver;
    std::string mountpoint;
    std::map<std::string, std::string> options;

    /// The directory of the host that a volume with `driver_opts: {o: bind, device: D}` is; else empty.
    [[nodiscard]] std::string device() const;
    /// Whether its files are on this host's disk.
    [[nodiscard]] bool isLocal() const;
};

/// The ids of one service's containers, of `GET /containers/json`, without those of `docker compose run`.
/// Nothing when the answer is none, or beyond all measure.
std::optional<std::vector<std::string>> decodeList(const nlohmann::json& list, const std::string& project,
                                                   const std::string& service);
std::optional<Container> decodeContainer(const nlohmann::json& inspected);
std::optional<Volume> decodeVolume(const nlohmann::json& volume);

/// Whether an engine with that `ApiVersion` heeds `volume: { subpath }`: since 1.45.
bool heedsSubpath(std::string_view apiVersion);

}  // namespace vigie::attach
