// Compares attributes of files and directories, and names what is in the way.

#include "kinds/paths.hpp"

#include "base/text.hpp"

#include <array>
#include <cstdio>

namespace vigie::kinds {
namespace {

std::string octal(unsigned mode) {
    std::array<char, 8> out{};
    static_cast<void>(std::snprintf(out.data(), out.size(), "%04o", mode));
    return out.data();
}

}  // namespace

std::string ownerText(const Owner& owner) {
    return std::to_string(owner.uid) + ":" + std::to_string(owner.gid);
}

std::string typeText(FileInfo::Type type) {
    switch (type) {
        case FileInfo::Type::missing:
            return "nothing";
        case FileInfo::Type::regular:
            return "a file";
        case FileInfo::Type::directory:
            return "a directory";
        case FileInfo::Type::symlink:
            return "a symbolic link";
        case FileInfo::Type::behindLink:
            return "a symbolic link that others may change, in place of a directory above it,";
        case FileInfo::Type::other:
            break;
    }
    return "something else than a file";
}

std::string attributesDiffer(const plan::Context& context, const render::Resource& resource,
                             const FileInfo& is, unsigned mode, const Owner& owner) {
    const auto& ignored = context.ignoredOf(resource.id);
    std::vector<std::string> out;
    if (is.mode != mode && ignored.count("mode") == 0) {
        out.push_back("mode is " + octal(is.mode) + ", wanted " + octal(mode));
    }
    if (context.observed.canChown && is.owner != owner && ignored.count("owner") == 0) {
        out.push_back("owner is " + ownerText(is.owner) + ", wanted " + ownerText(owner));
    }
    return join(out, "; ");
}

const plan::ObservedFile& found(const plan::Context& context, const render::Resource& resource) {
    static const plan::ObservedFile kNothing;
    const auto it = context.observed.files.find(resource.id);
    return it == context.observed.files.end() ? kNothing : it->second;
}

bool refusesPath(const std::string& path, plan::Change& out) {
    const bool whole =
        !path.empty() && path.front() == '/' && path.back() != '/' && path.find("//") == std::string::npos;
    if (!whole) {
        out.action = plan::Action::refuse;
        out.reason =
            "`" + path + "` is no path of one file: a name in the document that it is made of is empty";
    }
    return !whole;
}

}  // namespace vigie::kinds
