// Places of a host that no document may name.

#include "spec/places.hpp"

#include <algorithm>
#include <array>

namespace vigie::spec {
namespace {

// vigie's own, keys, who may log in, what the kernel and the system's programs are, and what starts programs.
constexpr std::array<std::string_view, 41> kPlaces = {"/etc/vigie",
                                                      "/var/lib/vigie",
                                                      "/root/.ssh",
                                                      "/etc/ssh",
                                                      "/etc/wireguard",
                                                      "/etc/shadow",
                                                      "/etc/gshadow",
                                                      "/etc/shadow-",
                                                      "/etc/gshadow-",
                                                      "/etc/passwd",
                                                      "/etc/group",
                                                      "/etc/sudoers",
                                                      "/etc/sudoers.d",
                                                      "/etc/pam.d",
                                                      "/proc",
                                                      "/sys",
                                                      "/dev",
                                                      "/boot",
                                                      "/usr",
                                                      "/bin",
                                                      "/sbin",
                                                      "/lib",
                                                      "/lib32",
                                                      "/lib64",
                                                      "/etc/crontab",
                                                      "/etc/anacrontab",
                                                      "/etc/cron.d",
                                                      "/etc/cron.hourly",
                                                      "/etc/cron.daily",
                                                      "/etc/cron.weekly",
                                                      "/etc/cron.monthly",
                                                      "/etc/cron.yearly",
                                                      "/var/spool/cron",
                                                      "/etc/systemd",
                                                      "/run/systemd",
                                                      "/var/lib/systemd",
                                                      "/etc/init.d",
                                                      "/etc/rc.local",
                                                      "/etc/profile.d",
                                                      "/etc/ld.so.preload",
                                                      "/etc/ld.so.conf.d"};
/// Below one of them, but the administrator's own.
constexpr std::array<std::string_view, 2> kFree = {"/usr/local", "/usr/src"};
constexpr std::array<std::string_view, 8> kSecret = {"/etc/vigie",   "/var/lib/vigie", "/root/.ssh",
                                                     "/etc/ssh",     "/etc/shadow",    "/etc/gshadow",
                                                     "/etc/shadow-", "/etc/gshadow-"};

template <class Places, class Meant>
std::optional<std::string_view> first(const Places& places, Meant meant) {
    const auto it = std::find_if(places.begin(), places.end(), meant);
    return it == places.end() ? std::nullopt : std::optional(*it);
}

}  // namespace

bool liesIn(std::string_view path, std::string_view place) {
    return path.starts_with(place) &&
           (path.size() == place.size() || path[place.size()] == '/' || place == "/");
}

std::optional<std::string_view> neverWritten(std::string_view path) {
    if (first(kFree, [&](auto place) { return liesIn(path, place) && path != place; })) {
        return std::nullopt;
    }
    return first(kPlaces, [&](auto place) { return liesIn(path, place); });
}

std::optional<std::string_view> neverWrittenBelow(std::string_view path) {
    return first(kPlaces, [&](auto place) { return liesIn(place, path); });
}

std::optional<std::string_view> neverShown(std::string_view path) {
    return first(kSecret, [&](auto place) { return liesIn(path, place); });
}

}  // namespace vigie::spec
