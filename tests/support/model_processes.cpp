// Programs of a host in memory.

#include "tests/support/model_processes.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <stdexcept>

namespace vigie::tests {

using system::Command;
using system::ProcessResult;

std::optional<std::string> ModelProcesses::find(const std::string& program) const {
    fuse_.look();
    return missingPrograms.count(program) == 0 ? std::optional("/usr/bin/" + program) : std::nullopt;
}

void ModelProcesses::startDetached(const std::vector<std::string>& argv) {
    unknown.push_back(join(argv, " "));
    throw std::logic_error("nothing is started detached in the model: " + unknown.back());
}

ProcessResult ModelProcesses::run(const Command& command) {
    fuse_.look();
    try {
        return dispatch(command);
    } catch (const ToolFailed& failed) {
        return refused(failed);
    } catch (const Fault& fault) {
        return {fault.hangs ? -1 : 1, fault.hangs, {}, command.argv.at(0) + ": " + fault.why + "\n"};
    } catch (const std::logic_error& error) {
        unknown.push_back(join(command.argv, " ") + ": " + error.what());
        throw;
    }
}

ProcessResult ModelProcesses::dispatch(const Command& command) {
    const auto& argv = command.argv;
    const auto& program = argv.at(0);
    if (program == "wg") {
        return tunnel_.wg(argv, command.input);
    }
    if (program == "wg-quick") {
        return tunnel_.wgQuick(argv);
    }
    if (program == "ip") {
        return tunnel_.ip(argv);
    }
    if (program == "ufw") {
        return ufw_.run(argv);
    }
    if (ModelTables::knows(program)) {
        return tables_.run(command);
    }
    if (program == "docker" && argv.at(1) == "run") {
        return checkInContainer(argv);
    }
    if (program == "docker") {
        return engine_.docker(argv);
    }
    if (program == "promtool" || program == "amtool") {
        return check(argv);
    }
    if (program == "sysctl") {
        return sysctl(argv);
    }
    if (program == "systemctl") {
        return systemctl(argv);
    }
    throw std::logic_error("the model does not know this program");
}

ProcessResult ModelProcesses::check(const std::vector<std::string>& argv) const {
    if (checkersRefuse) {
        return refused({"FAILED: the checker does not like it"});
    }
    return files_.text(argv.back()) ? succeeded("SUCCESS\n") : refused({"no such file: " + argv.back()});
}

/// As the container sees it: below its one mount.
ProcessResult ModelProcesses::checkInContainer(const std::vector<std::string>& argv) const {
    const std::string option = "--volume=";
    const auto volume = std::find_if(argv.begin(), argv.end(),
                                     [&](const auto& word) { return word.compare(0, 9, option) == 0; });
    if (volume == argv.end()) {
        throw std::logic_error("the model does not know this container");
    }
    const auto parts = split(*volume, ':');
    const auto image = std::find_if(argv.begin(), argv.end(),
                                    [&](const auto& word) { return engine_.names.count(word) != 0; });
    if (image == argv.end()) {
        return {125, false, {}, "Unable to find image\n"};
    }
    const std::string inside = std::string(parts.at(1)) + "/";
    if (argv.back().compare(0, inside.size(), inside) != 0) {
        return refused({"no such file: " + argv.back()});
    }
    return check({std::string(parts.at(0)).substr(option.size()) + "/" + argv.back().substr(inside.size())});
}

ProcessResult ModelProcesses::sysctl(const std::vector<std::string>& argv) {
    const auto equals = argv.back().find('=');
    if (argv.size() != 4 || argv[2] != "--write" || equals == std::string::npos) {
        throw std::logic_error("the model does not know this sysctl command");
    }
    std::string path = argv.back().substr(0, equals);
    std::replace(path.begin(), path.end(), '.', '/');
    path = "/proc/sys/" + path;
    if (!files_.text(path)) {
        return refused({"sysctl: cannot stat " + path + ": No such file or directory"});
    }
    fuse_.mutate(join(argv, " "));
    files_.put(path, argv.back().substr(equals + 1) + "\n");
    return succeeded();
}

std::string ModelProcesses::wantedLink(const std::string& unit) {
    return "/etc/systemd/system/multi-user.target.wants/" + unit;
}

ProcessResult ModelProcesses::systemctl(const std::vector<std::string>& argv) {
    const auto& verb = argv.at(1);
    if (verb == "daemon-reload" && argv.size() == 2) {
        fuse_.mutate("systemctl daemon-reload");
        return succeeded();
    }
    const auto& unit = argv.at(2);
    const std::string prefix = "wg-quick@";
    const std::string suffix = ".service";
    if (unit.compare(0, prefix.size(), prefix) != 0) {
        throw std::logic_error("the model does not know this unit");
    }
    const std::string interface = unit.substr(prefix.size(), unit.size() - prefix.size() - suffix.size());
    if (verb == "enable" || verb == "disable") {
        fuse_.mutate(join(argv, " "));
        if (verb == "enable") {
            files_.put(wantedLink(unit), "", 0777);
            files_.entries[wantedLink(unit)].info.type = FileInfo::Type::symlink;
        } else {
            files_.entries.erase(wantedLink(unit));
        }
        return succeeded();
    }
    if (verb != "restart" && verb != "stop") {
        throw std::logic_error("the model does not know this systemctl command");
    }
    if (activeUnits.count(unit) != 0) {
        try {
            static_cast<void>(tunnel_.wgQuick({"wg-quick", "down", interface}));
        } catch (const ToolFailed&) {
            // ExecStop may fail; the unit is stopped all the same.
        }
        activeUnits.erase(unit);
    } else {
        fuse_.mutate(join(argv, " "));
    }
    if (verb == "restart") {
        const auto up = tunnel_.wgQuick({"wg-quick", "up", interface});
        if (!up.ok()) {
            return refused({"Job for " + unit + " failed."});
        }
        activeUnits.insert(unit);
    }
    return succeeded();
}

}  // namespace vigie::tests
