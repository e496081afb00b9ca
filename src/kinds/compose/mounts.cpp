// Reads the mounts of a process from /proc.

#include "kinds/compose/mounts.hpp"

#include "base/text.hpp"

namespace vigie::apply {
namespace {

/// The kernel writes blanks and backslashes as three octal digits.
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

}  // namespace

std::set<std::string> deletedMounts(std::string_view mountinfo) {
    constexpr std::size_t kRoot = 3;
    constexpr std::size_t kPoint = 4;
    constexpr std::string_view kDeleted = "//deleted";
    std::set<std::string> out;
    for (const auto line : splitLines(mountinfo)) {
        const auto fields = split(line, ' ');
        if (fields.size() <= kPoint) {
            continue;
        }
        const auto root = fields[kRoot];
        if (root.size() > kDeleted.size() && root.substr(root.size() - kDeleted.size()) == kDeleted) {
            out.insert(unescaped(fields[kPoint]));
        }
    }
    return out;
}

}  // namespace vigie::apply
