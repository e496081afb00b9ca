// The desired directory: digest, difference, removal.

#include "kinds/directory/model.hpp"

#include "kinds/digest.hpp"
#include "kinds/paths.hpp"
#include "plan/context.hpp"

namespace vigie::kinds {

void DirectoryModel::hash(const Desired& directory, Sha256& hash) {
    hash.field(directory.path).field(directory.exact ? "exact" : "exists");
    hashAttributes(hash, directory.mode, directory.owner);
}

/// One that need only be there agrees with any.
bool DirectoryModel::sameState(const render::Resource& a, const render::Resource& b) {
    const auto& one = std::get<Desired>(a.what);
    const auto& other = std::get<Desired>(b.what);
    return !one.exact || !other.exact || (one.mode == other.mode && one.owner == other.owner);
}

void DirectoryModel::difference(const plan::Context& context, const render::Resource& resource,
                                const Desired& directory, plan::Change& out) {
    if (refusesPath(directory.path, out)) {
        return;
    }
    const auto& is = found(context, resource);
    if (!is.info.exists()) {
        out.action = plan::Action::create;
        out.reason = resource.purpose + ": does not exist yet";
        return;
    }
    if (is.info.type != FileInfo::Type::directory) {
        out.action = plan::Action::refuse;
        out.reason = resource.purpose + ": " + typeText(is.info.type) + " is in the way; move it away";
        return;
    }
    const std::string attributes =
        directory.exact ? attributesDiffer(context, resource, is.info, directory.mode, directory.owner) : "";
    const bool moves = is.tree && is.info.owner != directory.owner && !attributes.empty();
    if (moves && is.tree->large() && !context.options.reownsLarge) {
        out.action = plan::Action::refuse;
        out.reason = resource.purpose + ": " + attributes + ", with " + is.tree->text() +
                     " in it; that much changes its owner only with `spec.uids: separate`, or by `chown -R " +
                     ownerText(directory.owner) + " " + directory.path + "`";
        return;
    }
    if (!attributes.empty()) {
        out.action = plan::Action::update;
        out.reason = resource.purpose + ": " + attributes +
                     (moves && is.tree->entries != 0 ? ", with " + is.tree->text() + " in it" : "");
        return;
    }
    out.reason = "as it should be";
}

}  // namespace vigie::kinds

namespace vigie::plan {

std::string ObservedTree::text() const {
    constexpr std::uint64_t kMiB = 1U << 20U;
    const std::string size = bytes < kMiB ? "less than 1 MiB" : std::to_string(bytes / kMiB) + " MiB";
    return (whole ? "" : "more than ") + std::to_string(entries) +
           (entries == 1 ? " file or directory" : " files and directories") + " (" + size + ")";
}

}  // namespace vigie::plan
