// The desired file: digest, difference with masked secrets, removal.

#include "kinds/file/model.hpp"

#include "base/text.hpp"
#include "kinds/digest.hpp"
#include "kinds/models.hpp"
#include "kinds/paths.hpp"
#include "plan/context.hpp"
#include "plan/diff.hpp"
#include "plan/found.hpp"
#include "render/builder.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace vigie::kinds {
namespace {

using plan::ObservedFile;
using plan::Whose;

/// The file by which a component is known where its container is not: below another root, or when it is not
/// activated. Nothing else renders a path of that end.
struct MainFile {
    std::string_view component;
    std::string_view end;
};

constexpr std::array kMainFiles = {MainFile{"prometheus", "/prometheus/prometheus.yml"},
                                   MainFile{"alertmanager", "/alertmanager/alertmanager.yml"},
                                   MainFile{"jaeger", "/jaeger/config.yaml"},
                                   MainFile{"grafana", "/grafana/provisioning/datasources/vigie.yaml"}};

std::string whyDifferent(const plan::Context& context, const render::Resource& resource, bool ours,
                         bool sameBytes, const std::string& attributes) {
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
Whose whoseBytes(const plan::Context& context, const render::Resource& resource, const render::File& file,
                 const ObservedFile& is) {
    const auto owned = context.inventory.find(resource.id);
    if (owned == context.inventory.end()) {
        return Whose::others;
    }
    render::Resource applied = resource;
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
bool hasBytes(const plan::Context& context, const render::Resource& resource, const render::File& file,
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

}  // namespace

void FileModel::hash(const Desired& file, Sha256& hash) {
    hash.field(file.path).field(file.content.digest());
    hashAttributes(hash, file.mode, file.owner);
}

std::string FileModel::describe(const Desired& file) {
    return file.content.masked();
}

void FileModel::difference(const plan::Context& context, const render::Resource& resource,
                           const Desired& file, plan::Change& out) {
    if (refusesPath(file.path, out)) {
        return;
    }
    const ObservedFile& is = found(context, resource);
    const bool ours = context.ours(resource.id);
    const std::string masked = file.content.masked();
    if (!is.info.exists()) {
        out.action = plan::Action::create;
        out.reason = resource.purpose + (ours ? ": was removed on the host" : ": does not exist yet");
        out.diff = plan::Diff::ofFacts(plan::unifiedDiff("", masked, plan::kNowhere, file.path));
        return;
    }
    if (is.info.type != FileInfo::Type::regular) {
        out.action = plan::Action::refuse;
        out.reason = resource.purpose + ": " + typeText(is.info.type) + " is in the way; move it away";
        return;
    }
    const bool sameBytes = hasBytes(context, resource, file, is);
    const std::string attributes = attributesDiffer(context, resource, is.info, file.mode, file.owner);
    if (sameBytes && attributes.empty()) {
        out.action = ours ? plan::Action::none : plan::Action::adopt;
        out.reason = ours ? "as it should be" : resource.purpose + ": identical already, taken over";
        return;
    }
    if (!sameBytes && is.unread) {
        out.diff = plan::Diff::ofFacts(plan::diffOfSizes(is.info.size, masked, file.path));
    } else if (!sameBytes) {
        out.diff = plan::diffOfFound(view(is.bytes), {file.content, file.path, heldSecrets(ours, is, file)},
                                     whoseBytes(context, resource, file, is));
        if (out.diff.empty()) {
            out.diff = plan::Diff::ofFacts("a secret in it differs; it is not shown\n");
        }
    }
    if (!ours && !sameBytes && !context.mayAdopt(resource.id)) {
        out.action = plan::Action::refuse;
        out.reason =
            "exists already and is not ours; name it in `spec.adopt` or with --adopt to take it over";
        return;
    }
    out.action = ours ? plan::Action::update : plan::Action::adopt;
    out.reason = resource.purpose + ": " + whyDifferent(context, resource, ours, sameBytes, attributes);
}

void FileModel::changed(const Comparison& comparison, const Desired& /*file*/, plan::Change& out) {
    changedAsDescribed(comparison, out);
    if (out.diff.empty() && comparison.old != nullptr) {
        out.diff = plan::Diff::ofFacts("a secret, the mode or the owner changes\n");
    }
}

std::string FileModel::component(std::string_view path, std::string_view /*record*/) {
    if (path.starts_with("/etc/wireguard/") && path.ends_with(".conf")) {
        return "wireguard";
    }
    for (const auto& file : kMainFiles) {
        if (path.ends_with(file.end)) {
            return std::string(file.component);
        }
    }
    return {};
}

/// A file that is mounted alone into a container of the user's is not seen there once it was replaced: the
/// container keeps the old one until it is started again.
void FileModel::restartSingleFileMounts(const plan::Context& context,
                                        const std::vector<render::Resource>& desired, plan::Plan& plan) {
    std::map<std::string, std::string> written;  // path → id
    for (std::size_t i = 0; i < desired.size(); ++i) {
        if (kindOf(desired[i]) == kind && plan.changes[i].acts()) {
            written[pathOf(desired[i])] = desired[i].id;
        }
    }
    for (const auto& [name, project] : context.observed.projects) {
        for (const auto& each : project.containers) {
            for (const auto& bind : each.binds) {
                const std::string id = idOf(Kind::compose, name + "/" + each.service);
                const bool acted = std::any_of(plan.changes.begin(), plan.changes.end(),
                                               [&](const plan::Change& c) { return c.id == id && c.acts(); });
                if (written.count(bind.source) != 0 && !acted && each.state == "running") {
                    const std::string reason =
                        "mounts " + bind.source +
                        " alone and would go on seeing the old file; mount its directory";
                    const auto known = std::find_if(plan.changes.begin(), plan.changes.end(),
                                                    [&](const plan::Change& c) { return c.id == id; });
                    if (known == plan.changes.end()) {
                        plan.changes.push_back({id, plan::Action::restart, reason, {}, {}});
                    } else {
                        known->action = plan::Action::restart;
                        known->reason = reason;
                    }
                }
            }
        }
    }
}

}  // namespace vigie::kinds
