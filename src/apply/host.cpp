#include "apply/host.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

/// net.ipv4.ip_forward → /proc/sys/net/ipv4/ip_forward
std::string pathOf(std::string key) {
    std::replace(key.begin(), key.end(), '.', '/');
    return "/proc/sys/" + key;
}

}  // namespace

std::string observeSysctl(const std::string& key, const system::System& system) {
    constexpr std::uint64_t kLargest = 4096;
    if (system.files.inspect(pathOf(key)).type != FileInfo::Type::regular) {
        return {};
    }
    return std::string(trim(view(system.files.read(pathOf(key), kLargest))));
}

void setSysctl(const std::string& key, const std::string& value, const system::System& system) {
    mustRun({"sysctl", "--quiet", "--write", key + "=" + value}, system.processes);
}

plan::ObservedUnit observeUnit(const std::string& name, const system::System& system) {
    // What `systemctl enable` makes; looking at it starts no program.
    const std::string link = "/etc/systemd/system/multi-user.target.wants/" + name;
    return {systemdRuns(system.files), system.files.inspect(link).exists()};
}

void enableUnit(const std::string& name, bool enabled, const system::System& system) {
    mustRun({"systemctl", enabled ? "enable" : "disable", name}, system.processes);
}

void reloadUnits(const system::System& system) {
    mustRun({"systemctl", "daemon-reload"}, system.processes);
}

}  // namespace vigie::apply
