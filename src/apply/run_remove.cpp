// What is no longer in the document goes, after everything else was seen to work.

#include "apply/containers.hpp"
#include "apply/engine.hpp"
#include "apply/firewall.hpp"
#include "apply/host.hpp"
#include "apply/owned.hpp"
#include "apply/run.hpp"
#include "apply/silences.hpp"
#include "apply/wireguard.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

using plan::Action;

constexpr std::string_view kUnits = "/etc/systemd/system/";

}  // namespace

void Run::removeAll() {
    std::vector<OwnedContainer> parts;  // the user's services: recreated without us once our file is gone
    for (const auto& change : plan_.changes) {
        if (change.action != Action::remove && change.action != Action::release) {
            continue;
        }
        const std::string kind = kindOf(change.id);
        const std::string name = nameOf(change.id);
        const auto owned = before_.at(change.id);
        inventory_.erase(change.id);
        if (kind == "file" || kind == "directory") {
            if (change.action == Action::release) {
                giveBack(change.id, name);
            } else {
                removePath(change.id, name);
            }
            continue;
        }
        progress(std::string(toText(change.action)) + " " + change.id);
        if (kind == "compose" && !owned.detail.empty()) {
            const auto container = ownedContainer(change.id, owned);
            if (container.whole) {
                removeContainer(container.project.name, container.service, system_);
            } else {
                parts.push_back(container);
            }
        } else if (kind == "silence" && !owned.detail.empty()) {
            const auto [baseUrl, mark] = silenceOf(owned.detail);
            endSilences(baseUrl, mark, system_);
        } else if (kind == "wireguard") {
            takeDownWireguard(name, owned.detail, system_);
        } else if (kind == "firewall" && !owned.detail.empty()) {
            deleteFirewallRule(owned.detail, system_);
        } else if (kind == "unit" && systemdRuns(system_.files)) {
            enableUnit(name, false, system_);
        }
    }
    for (auto& part : parts) {
        auto& files = part.project.files;
        files.erase(
            std::remove_if(files.begin(), files.end(),
                           [&](const auto& file) {
                               return !system_.files.inspect(part.project.directory + "/" + file).exists();
                           }),
            files.end());
        if (!files.empty() && findContainer(part.project.name, part.service, system_)) {
            composeUp(part.project, part.service, Recreate::ifDifferent, system_);
        }
    }
    if (unitsChanged_ && systemdRuns(system_.files)) {
        reloadUnits(system_);
    }
}

/// A file that was taken over gets back what it was; all else stays as it is.
void Run::giveBack(const std::string& id, const std::string& path) {
    progress("release " + id);
    const std::string backup = before_.at(id).backup;
    if (target_.options.givesBack && !backup.empty() && system_.files.inspect(backup).exists()) {
        const auto theirs = system_.files.inspect(backup);
        system::makeParents(system_.files, path);
        system_.files.write(path, view(system_.files.read(backup, system::kLargestFile)), theirs.mode,
                            ownerOf(theirs.owner));
    }
}

void Run::removePath(const std::string& id, const std::string& path) {
    const auto info = system_.files.inspect(path);
    if (info.type == FileInfo::Type::directory && !system_.files.list(path).empty()) {
        progress("keep " + id + ": it is not empty");
    } else if (info.type == FileInfo::Type::directory || info.type == FileInfo::Type::regular) {
        progress("delete " + id);
        system_.files.remove(path);
        unitsChanged_ = unitsChanged_ || path.compare(0, kUnits.size(), kUnits) == 0;
    }
}

}  // namespace vigie::apply
