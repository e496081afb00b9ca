// Reads the texts of /proc/PID.

#include "attach/proc_text.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace vigie::attach {
namespace {

template <class Number>
std::optional<Number> numberIn(std::string_view text, int base = 10) {
    Number out{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
    return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(out)
                                                                                     : std::nullopt;
}

/// What stands between blanks and tabs.
std::vector<std::string_view> words(std::string_view text) {
    constexpr std::string_view kBlank = " \t\n";
    std::vector<std::string_view> out;
    while (true) {
        const auto begin = text.find_first_not_of(kBlank);
        if (begin == std::string_view::npos) {
            return out;
        }
        const auto end = std::min(text.find_first_of(kBlank, begin), text.size());
        out.push_back(text.substr(begin, end - begin));
        text.remove_prefix(end);
    }
}

std::optional<std::vector<std::uint32_t>> numbers(std::string_view text) {
    std::vector<std::uint32_t> out;
    for (const auto word : words(text)) {
        const auto number = numberIn<std::uint32_t>(word);
        if (!number) {
            return std::nullopt;
        }
        out.push_back(*number);
    }
    return out;
}

/// The kernel writes blanks, line ends and backslashes as three octal digits.
std::string unescaped(std::string_view field) {
    constexpr std::size_t kDigits = 3;
    std::string out;
    for (std::size_t i = 0; i < field.size(); ++i) {
        const auto digits = field.substr(i + 1, kDigits);
        if (field[i] == '\\' && digits.size() == kDigits &&
            digits.find_first_not_of("01234567") == std::string_view::npos) {
            out += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
            i += kDigits;
        } else {
            out += field[i];
        }
    }
    return out;
}

/// The container's id in one component of a control group's path: `ID`, `docker-ID.scope`, `libpod-ID.scope`.
std::string_view containerIn(std::string_view component) {
    constexpr std::string_view kScope = ".scope";
    if (component.ends_with(kScope)) {
        component.remove_suffix(kScope.size());
        component.remove_prefix(std::min(component.rfind('-') + 1, component.size()));
    }
    return isContainerId(component) ? component : std::string_view();
}

}  // namespace

std::optional<ProcStat> readStat(std::string_view stat) {
    // The name stands in parentheses, and may have any of both in it.
    const auto name = stat.rfind(')');
    if (name == std::string_view::npos) {
        return std::nullopt;
    }
    const auto fields = words(stat.substr(name + 1));
    constexpr std::size_t kStartTime = 22 - 3;  // the first word behind the name is field 3
    if (fields.size() <= kStartTime || fields[0].size() != 1) {
        return std::nullopt;
    }
    const auto parent = numberIn<std::int64_t>(fields[1]);
    const auto startTime = numberIn<std::uint64_t>(fields[kStartTime]);
    if (!parent || !startTime) {
        return std::nullopt;
    }
    return ProcStat{fields[0].front(), *parent, *startTime};
}

std::optional<Credentials> readStatus(std::string_view status) {
    Credentials out;
    int seen = 0;
    for (const auto line : splitLines(status)) {
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) {
            continue;
        }
        const auto key = line.substr(0, colon);
        const auto value = line.substr(colon + 1);
        constexpr std::size_t kFileSystem = 3;  // real, effective, saved, of the file system
        constexpr int kHex = 16;
        if (key == "Uid" || key == "Gid") {
            const auto ids = numbers(value);
            if (!ids || ids->size() <= kFileSystem) {
                return std::nullopt;
            }
            (key == "Uid" ? out.uid : out.gid) = (*ids)[kFileSystem];
            ++seen;
        } else if (key == "Groups") {
            auto groups = numbers(value);
            if (!groups) {
                return std::nullopt;
            }
            out.groups = std::move(*groups);
            ++seen;
        } else if (key == "CapEff") {
            const auto bits = numberIn<std::uint64_t>(trim(value), kHex);
            if (!bits) {
                return std::nullopt;
            }
            out.capabilities = *bits;
            ++seen;
        }
    }
    constexpr int kAll = 4;
    return seen == kAll ? std::optional(out) : std::nullopt;
}

std::vector<std::string> readArguments(std::string_view cmdline, std::size_t most) {
    std::vector<std::string> out;
    while (!cmdline.empty() && out.size() < most) {
        const auto end = std::min(cmdline.find('\0'), cmdline.size());
        out.emplace_back(cmdline.substr(0, end));
        cmdline.remove_prefix(std::min(end + 1, cmdline.size()));
    }
    return out;
}

bool isContainerId(std::string_view group) {
    constexpr std::size_t kDigits = 64;
    return group.size() == kDigits && group.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool isUnitName(std::string_view group) {
    constexpr std::string_view kService = ".service";
    constexpr std::size_t kLongest = 255;
    return group.size() > kService.size() && group.size() <= kLongest && group.ends_with(kService) &&
           std::all_of(group.begin(), group.end(), [](char c) { return c > ' ' && c <= '~' && c != '/'; });
}

std::optional<std::string> readGroup(std::string_view cgroup) {
    std::string container;
    std::string unit;
    for (const auto line : splitLines(cgroup)) {
        const auto id = line.find(':');
        const auto path = id == std::string_view::npos ? id : line.find(':', id + 1);
        if (path == std::string_view::npos) {
            continue;
        }
        std::string_view innermost;
        std::string_view service;
        for (const auto component : split(line.substr(path + 1), '/')) {
            if (const auto found = containerIn(component); !found.empty()) {
                innermost = found;
                service = {};
            } else if (isUnitName(component)) {
                service = component;
            }
        }
        if (!innermost.empty()) {
            if (!container.empty() && container != innermost) {
                return std::nullopt;
            }
            container = innermost;
        }
        // systemd's own hierarchy says which unit; the others of version 1 may lag behind.
        const auto controllers = line.substr(id + 1, path - id - 1);
        if (!service.empty() && (controllers.empty() || controllers == "name=systemd")) {
            unit = service;
        }
    }
    // Of a unit inside of a container nothing is known here: it is the container's.
    const auto& out = container.empty() ? unit : container;
    return out.empty() ? std::nullopt : std::optional(out);
}

std::vector<MountPoint> readMountinfo(std::string_view mountinfo) {
    constexpr std::size_t kRoot = 3;
    constexpr std::size_t kPoint = 4;
    constexpr std::string_view kDeleted = "//deleted";
    std::vector<MountPoint> out;
    for (const auto line : splitLines(mountinfo)) {
        const auto fields = split(line, ' ');
        const auto dash = std::find(fields.begin(), fields.end(), "-");
        const auto id = fields.empty() ? std::nullopt : numberIn<std::uint64_t>(fields[0]);
        if (!id || dash - fields.begin() <= static_cast<std::ptrdiff_t>(kPoint) || fields.end() - dash < 2) {
            continue;
        }
        // The root of a file system cannot be deleted: such a name is a directory of that name.
        const bool deleted = fields[kRoot].size() > kDeleted.size() && fields[kRoot].ends_with(kDeleted);
        const auto root = fields[kRoot].substr(0, fields[kRoot].size() - (deleted ? kDeleted.size() : 0));
        out.push_back({*id, unescaped(root), unescaped(fields[kPoint]), std::string(dash[1]), deleted});
    }
    return out;
}

std::vector<std::uint64_t> readListeners(std::string_view table, const std::vector<std::string>& addresses) {
    constexpr std::size_t kAddress = 1;
    constexpr std::size_t kState = 3;
    constexpr std::size_t kInode = 9;
    std::vector<std::uint64_t> out;
    for (const auto line : splitLines(table)) {
        const auto fields = words(line);
        const auto inode = fields.size() > kInode ? numberIn<std::uint64_t>(fields[kInode]) : std::nullopt;
        if (inode && fields[kState] == "0A" &&
            std::find(addresses.begin(), addresses.end(), fields[kAddress]) != addresses.end()) {
            out.push_back(*inode);
        }
    }
    return out;
}

}  // namespace vigie::attach
