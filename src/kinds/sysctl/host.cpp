// Kernel parameters on the host: observe, capture, set, undo.

#include "kinds/sysctl/host.hpp"

#include "apply/tools.hpp"
#include "base/record.hpp"
#include "base/text.hpp"
#include "kinds/wireguard/routes.hpp"

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

}  // namespace vigie::apply

namespace vigie::kinds {

void SysctlHost::observe(const Looking& looking, plan::Observed& out) {
    if (looking.options.activation < Model::traits.from) {
        return;
    }
    each<Model>(looking.desired, [&](const render::Resource& resource, const render::Sysctl& sysctl) {
        out.sysctls[resource.id] = apply::observeSysctl(sysctl.key, looking.system);
    });
}

/// One field, `value`. Before, the value alone.
void SysctlHost::capture(const Capturing& capturing, const render::Sysctl* sysctl, BeforeImages& images) {
    const std::string key = nameOf(capturing.change.id);
    if (sysctl != nullptr && images.first("sysctl", key)) {
        images.add("sysctl", key,
                   RecordWriter().add("value", apply::observeSysctl(key, images.system())).take());
    }
}

void SysctlHost::make(Transaction& transaction, const plan::Change& /*change*/,
                      const render::Resource& /*resource*/, const render::Sysctl& sysctl) {
    apply::setSysctl(sysctl.key, sysctl.value, transaction.system);
}

void SysctlHost::keepWays(const Preparing& preparing) {
    each<Model>(preparing.desired, [&](const render::Resource& resource, const render::Sysctl& sysctl) {
        if (sysctl.key == "net.ipv6.conf.all.forwarding" && preparing.acts(resource.id)) {
            apply::keepDefaultRoute6(preparing.system);
        }
    });
}

void SysctlHost::putBack(Undoing& undoing, const std::string& key, std::string_view data) {
    const auto was = RecordReader::is(data) ? RecordReader(data).text("value") : data;
    if (apply::observeSysctl(key, undoing.system) != was) {
        apply::setSysctl(key, std::string(was), undoing.system);
    }
}

}  // namespace vigie::kinds
