// Files, directories and reloads: desired against observed.

#include "base/text.hpp"
#include "plan/diff.hpp"
#include "plan/found.hpp"
#include "plan/planner.hpp"
#include "render/builder.hpp"

#include <array>
#include <cstdio>

namespace vigie::plan {
namespace {

using render::Resource;

std::string octal(unsigned mode) {
    std::array<char, 8> out{};
    static_cast<void>(std::snprintf(out.data(), out.size(), "%04o", mode));
    return out.data();
}

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

/// What of mode and owner differs, in words; empty when nothing does.
std::string attributesDiffer(const Context& context, const Resource& resource, const FileInfo& is,
                             unsigned mode, const Owner& owner) {
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

const ObservedFile& found(const Context& context, const Resource& resource) {
    static const ObservedFile kNothing;
    const auto it = context.observed.files.find(resource.id);
    return it == context.observed.files.end() ? kNothing : it->second;
}

std::string whyDifferent(const Context& context, const Resource& resource, bool ours, bool sameBytes,
                         const std::string& attributes) {
    if (sameBytes) {
        return attributes;
    }
    if (!ours) {
        return "taken over; a backup is kept";
    }
    const std::string why = context.applied(resource) ? "was edited on the host" : "changed in the document";
    return attributes.empty() ? why : why + "; " + attributes;
}

/// Whether a file that others may read from now on was hidden from them because of secrets that stood in it.
/// Their place is no longer known, and the name of a variable need not tell.
bool heldSecrets(bool ours, const ObservedFile& is, const render::File& file) {
    constexpr unsigned kOthers = 0077;
    return (is.info.mode & kOthers) == 0 && (file.mode & kOthers) != 0 &&
           (ours || render::isManaged(view(is.bytes)));
}

/// Whose the bytes are. The inventory has the digest of what was applied, of a file over its bytes, mode and
/// owner; these may have been changed by hand since, or not be ours to change.
Whose whoseBytes(const Context& context, const Resource& resource, const render::File& file,
                 const ObservedFile& is) {
    const auto owned = context.inventory.find(resource.id);
    if (owned == context.inventory.end()) {
        return Whose::others;
    }
    Resource applied = resource;
    for (const auto mode : {is.info.mode, file.mode}) {
        for (const auto& owner : {is.info.owner, file.owner}) {
            applied.what = render::File{file.path, std::string(view(is.bytes)), mode, owner};
            if (digestOf(applied) == owned->second.digest) {
                return Whose::ours;
            }
        }
    }
    return Whose::edited;
}

/// Whether its bytes are as wanted, or are not compared.
bool hasBytes(const Context& context, const Resource& resource, const render::File& file,
              const ObservedFile& is) {
    if (context.ignoredOf(resource.id).count("content") != 0) {
        return true;
    }
    if (is.unread) {
        return false;
    }
    return context.options.masked ? view(is.bytes) == file.content.masked()
                                  : view(is.bytes) == view(file.content.reveal());
}

/// Whether it names one file or directory. An empty name of the document inside of it must not become the
/// directory above.
bool refusesPath(const std::string& path, Change& out) {
    const bool whole =
        !path.empty() && path.front() == '/' && path.back() != '/' && path.find("//") == std::string::npos;
    if (!whole) {
        out.action = Action::refuse;
        out.reason =
            "`" + path + "` is no path of one file: a name in the document that it is made of is empty";
    }
    return !whole;
}

}  // namespace

void planFile(const Context& context, const Resource& resource, const render::File& file, Change& out) {
    if (refusesPath(file.path, out)) {
        return;
    }
    const ObservedFile& is = found(context, resource);
    const bool ours = context.ours(resource.id);
    const std::string masked = file.content.masked();
    if (!is.info.exists()) {
        out.action = Action::create;
        out.reason = resource.purpose + (ours ? ": was removed on the host" : ": does not exist yet");
        out.diff = Diff::ofFacts(unifiedDiff("", masked, kNowhere, file.path));
        return;
    }
    if (is.info.type != FileInfo::Type::regular) {
        out.action = Action::refuse;
        out.reason = resource.purpose + ": " + typeText(is.info.type) + " is in the way; move it away";
        return;
    }
    const bool sameBytes = hasBytes(context, resource, file, is);
    const std::string attributes = attributesDiffer(context, resource, is.info, file.mode, file.owner);
    if (sameBytes && attributes.empty()) {
        out.action = ours ? Action::none : Action::adopt;
        out.reason = ours ? "as it should be" : resource.purpose + ": identical already, taken over";
        return;
    }
    if (!sameBytes && is.unread) {
        out.diff = Diff::ofFacts(diffOfSizes(is.info.size, masked, file.path));
    } else if (!sameBytes) {
        out.diff = diffOfFound(view(is.bytes), {file.content, file.path, heldSecrets(ours, is, file)},
                               whoseBytes(context, resource, file, is));
        if (out.diff.empty()) {
            out.diff = Diff::ofFacts("a secret in it differs; it is not shown\n");
        }
    }
    if (!ours && !sameBytes && !context.mayAdopt(resource.id)) {
        out.action = Action::refuse;
        out.reason =
            "exists already and is not ours; name it in `spec.adopt` or with --adopt to take it over";
        return;
    }
    out.action = ours ? Action::update : Action::adopt;
    out.reason = resource.purpose + ": " + whyDifferent(context, resource, ours, sameBytes, attributes);
}

void planDirectory(const Context& context, const Resource& resource, const render::Directory& directory,
                   Change& out) {
    if (refusesPath(directory.path, out)) {
        return;
    }
    const ObservedFile& is = found(context, resource);
    if (!is.info.exists()) {
        out.action = Action::create;
        out.reason = resource.purpose + ": does not exist yet";
        return;
    }
    if (is.info.type != FileInfo::Type::directory) {
        out.action = Action::refuse;
        out.reason = resource.purpose + ": " + typeText(is.info.type) + " is in the way; move it away";
        return;
    }
    const std::string attributes =
        directory.exact ? attributesDiffer(context, resource, is.info, directory.mode, directory.owner) : "";
    const bool moves = is.tree && is.info.owner != directory.owner && !attributes.empty();
    if (moves && is.tree->large() && !context.options.reownsLarge) {
        out.action = Action::refuse;
        out.reason = resource.purpose + ": " + attributes + ", with " + is.tree->text() +
                     " in it; that much changes its owner only with `spec.uids: separate`, or by `chown -R " +
                     ownerText(directory.owner) + " " + directory.path + "`";
        return;
    }
    if (!attributes.empty()) {
        out.action = Action::update;
        out.reason = resource.purpose + ": " + attributes +
                     (moves && is.tree->entries != 0 ? ", with " + is.tree->text() + " in it" : "");
        return;
    }
    out.reason = "as it should be";
}

std::string ObservedTree::text() const {
    constexpr std::uint64_t kMiB = 1U << 20U;
    const std::string size = bytes < kMiB ? "less than 1 MiB" : std::to_string(bytes / kMiB) + " MiB";
    return (whole ? "" : "more than ") + std::to_string(entries) +
           (entries == 1 ? " file or directory" : " files and directories") + " (" + size + ")";
}

bool hasLoaded(const render::Reload& reload, const ObservedReload& is) {
    const auto& wanted = reload.hosts == render::Reload::Hosts::no ? reload.digest : is.wanted;
    return is.answered && is.digest == wanted && is.jobs == reload.jobs;
}

void planReload(const Context& context, const Resource& resource, const render::Reload& reload, Change& out) {
    const auto it = context.observed.reloads.find(resource.id);
    const bool hosts = reload.hosts != render::Reload::Hosts::no;
    if (it == context.observed.reloads.end() || !it->second.answered) {
        out.reason = "does not answer at " + reload.baseUrl + "; it reads the configuration when it starts";
        return;
    }
    const ObservedReload& is = it->second;
    if (hasLoaded(reload, is)) {
        out.reason = "has loaded this configuration";
        return;
    }
    out.action = Action::reload;
    if (hosts) {
        out.reason = reload.configPath + " is another than the one it has loaded";
    } else if (is.digest.empty()) {
        out.reason = "has loaded a configuration that is not ours";
    } else if (is.digest != reload.digest) {
        out.reason = "has loaded another configuration";
    } else {
        out.reason = "has loaded our rules, but other scrape jobs";
    }
}

}  // namespace vigie::plan
