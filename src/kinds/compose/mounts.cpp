// Reads the mounts of a process from /proc.

#include "kinds/compose/mounts.hpp"

#include "attach/proc_text.hpp"

namespace vigie::apply {

std::set<std::string> deletedMounts(std::string_view mountinfo) {
    std::set<std::string> out;
    for (const auto& each : attach::readMountinfo(mountinfo)) {
        if (each.deleted) {
            out.insert(each.point);
        }
    }
    return out;
}

}  // namespace vigie::apply
