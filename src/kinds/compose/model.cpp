// The desired container of a compose service: identity, digest, removal.

#include "kinds/compose/model.hpp"

#include "base/fields.hpp"
#include "base/record.hpp"
#include "base/text.hpp"
#include "kinds/compose/compare.hpp"
#include "kinds/digest.hpp"
#include "plan/context.hpp"

namespace vigie::kinds {

void ComposeModel::hash(const Desired& compose, Sha256& hash) {
    hashProject(hash, compose.project);
    hash.field(compose.service.digest());
}

void ComposeModel::difference(const plan::Context& context, const render::Resource& resource,
                              const Desired& compose, plan::Change& out) {
    plan::planContainer(context, resource, compose, out);
}

void ComposeModel::changed(const Comparison& comparison, const Desired& wanted, plan::Change& out) {
    const auto& resource = comparison.resource;
    const auto* was = comparison.old == nullptr ? nullptr : std::get_if<Desired>(&comparison.old->what);
    if (was == nullptr && wanted.service.whole()) {
        out.action = plan::Action::create;
        out.reason = resource.purpose;
        return;
    }
    if (was == nullptr) {
        out.action = plan::Action::recreate;
        out.reason = resource.purpose + ", which is yours and is made anew" + plan::kMemoryIsLost;
        return;
    }
    const auto ignored = comparison.options.ignored.find(resource.id);
    static const std::set<std::string> kNone;
    const auto found =
        plan::differing(*was, wanted, ignored == comparison.options.ignored.end() ? kNone : ignored->second);
    if (found.names.empty()) {
        out.reason = "its container stays as it is";
        return;
    }
    out.action = plan::Action::recreate;
    out.reason = found.names + " changed" + plan::kMemoryIsLost;
    out.diff = plan::Diff::ofFacts(found.diff);
}

/// Fields: `whose`, which is `whole` or `part`; `directory`; `file` and `envFile`, one for each, in order;
/// and `component`. Before, these were packed one behind the other, lists with a line for each; 0.1 wrote no
/// component.
std::string ComposeModel::record(const Desired& compose) {
    return RecordWriter()
        .add("whose", compose.service.whole() ? "whole" : "part")
        .add("directory", compose.project.directory)
        .add("file", compose.project.files)
        .add("envFile", compose.project.envFiles)
        .add("component", compose.service.component)
        .text();
}

OwnedContainer OwnedContainer::read(std::string_view record) {
    OwnedContainer out;
    if (RecordReader::is(record)) {
        const RecordReader fields(record);
        out.whole = fields.text("whose") == "whole";
        out.project.directory = fields.string("directory");
        out.project.files = fields.list("file");
        out.project.envFiles = fields.list("envFile");
        out.component = fields.string("component");
        return out;
    }
    if (record.empty()) {
        return out;
    }
    FieldReader fields(record);
    out.whole = fields.next() == "whole";
    out.project.directory = fields.next();
    for (auto* list : {&out.project.files, &out.project.envFiles}) {
        for (const auto line : splitLines(fields.next())) {
            list->emplace_back(line);
        }
    }
    out.componentKnown = !fields.done();
    out.component = out.componentKnown ? fields.next() : std::string_view();
    return out;
}

Removal ComposeModel::removal(std::string_view record) {
    if (!OwnedContainer::read(record).whole) {
        return {plan::Action::release,
                "no longer in the document: the container is yours and stays; it is made anew without what "
                "vigie added, and what it holds in memory is lost"};
    }
    return {plan::Action::remove, "no longer in the document; what it holds in memory is lost"};
}

/// Where vigie 0.1 wrote no component, the service's name tells.
std::string ComposeModel::component(std::string_view name, std::string_view record) {
    const auto owned = OwnedContainer::read(record);
    if (!owned.whole) {
        return {};
    }
    return owned.componentKnown ? owned.component : std::string(name.substr(name.find('/') + 1));
}

std::vector<std::string> ComposeModel::paths(const Desired& compose) {
    auto out = compose.project.paths();
    for (const auto& mount : compose.service.mounts) {
        if (!mount.isVolume()) {
            out.push_back(mount.path(compose.project.directory));
        }
    }
    return out;
}

void ComposeModel::notes(const std::vector<render::Resource>& /*containers*/, const plan::Observed& observed,
                         std::vector<std::string>& out) {
    for (const auto& [name, project] : observed.projects) {
        if (!project.problem.empty()) {
            out.emplace_back("the containers of " + name + " were not looked at: " + project.problem);
        }
    }
}

}  // namespace vigie::kinds
