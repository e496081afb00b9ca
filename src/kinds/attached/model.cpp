// The desired file of an attached program: digest, difference as the program sees it, removal.

#include "kinds/attached/model.hpp"

#include "base/hash.hpp"
#include "base/text.hpp"
#include "kinds/attached/record.hpp"
#include "kinds/models.hpp"
#include "kinds/paths.hpp"
#include "plan/context.hpp"
#include "plan/diff.hpp"
#include "plan/found.hpp"
#include "spec/native.hpp"
#include "spec/read_yaml.hpp"

#include <algorithm>
#include <set>

namespace vigie::kinds {
namespace {

using plan::ObservedFile;
using plan::Whose;
using render::AttachedFile;

constexpr std::string_view kRuleFiles = "rule_files";

bool isData(std::string_view path) {
    return path.ends_with(".yml") || path.ends_with(".yaml") || path.ends_with(".json");
}

std::optional<spec::Node> tree(std::string_view text) {
    spec::Diagnostics unread;
    auto out = spec::readYaml(text, "", unread);
    return unread.errors() == 0 ? std::move(out) : std::nullopt;
}

/// Where line `line`, counted from 1, begins; the end of the text when it has fewer.
std::size_t startOfLine(std::string_view text, std::uint32_t line) {
    std::size_t at = 0;
    for (std::uint32_t i = 1; i < line && at < text.size(); ++i) {
        at = std::min(text.find('\n', at), text.size() - 1) + 1;
    }
    return at;
}

/// Whether what is there is what is wanted, as far as the program can tell.
bool hasContent(const plan::Context& context, const render::Resource& resource, const AttachedFile& file,
                const ObservedFile& is) {
    if (context.ignoredOf(resource.id).count("content") != 0) {
        return true;
    }
    if (is.unread) {
        return false;
    }
    const auto bytes = view(is.bytes);
    return file.content.available() && !context.options.masked
               ? sameForProgram(file.path, bytes, view(file.content.reveal()))
               : sameForProgram(file.path, bytes, file.content.masked());
}

Whose whoseBytes(const plan::Context& context, const render::Resource& resource, const AttachedFile& file,
                 const ObservedFile& is) {
    const auto owned = context.inventory.find(resource.id);
    if (owned == context.inventory.end()) {
        return Whose::others;
    }
    render::Resource applied = resource;
    AttachedFile found = file;
    found.content = std::string(view(is.bytes));
    applied.what = std::move(found);
    return digestOf(applied) == owned->second.digest ? Whose::ours : Whose::edited;
}

void refuse(plan::Change& out, std::string reason) {
    out.action = plan::Action::refuse;
    out.reason = std::move(reason);
}

/// What keeps the file from being looked at. What is applied stays as it is, and is told; a change waits.
void cannotLook(const plan::Context& context, const render::Resource& resource, const std::string& problem,
                plan::Change& out) {
    out.unobserved = true;
    out.ownable = false;
    if (context.applied(resource)) {
        out.action = plan::Action::drift;
        out.reason = problem + "; only reported";
        return;
    }
    refuse(out, problem);
}

/// What was believed of the file when it was adopted, and is another now. Nothing: it is as it was, or the
/// document names the file again.
std::string movedSince(const plan::Context& context, const render::Resource& resource,
                       const plan::ObservedAttached& place) {
    const auto owned = context.inventory.find(resource.id);
    if (owned == context.inventory.end() || context.mayAdopt(resource.id)) {
        return {};
    }
    const auto believed = AttachedRecord::read(owned->second.detail);
    const auto now = AttachedRecord::read(place.record);
    return believed && now ? join(attach::differences(believed->pin, now->pin), "; ") : std::string();
}

/// What `content` says of the container's directories, where it says it.
bool believesElsewhere(const AttachedFile& file, const plan::ObservedAttached& place) {
    return !file.assumed.empty() && place.directory != file.assumed &&
           file.content.masked().find(file.assumed + "/") != std::string::npos;
}

void compareContent(const plan::Context& context, const render::Resource& resource, const AttachedFile& file,
                    const plan::ObservedAttached& place, plan::Change& out) {
    const ObservedFile& is = found(context, resource);
    const bool ours = context.ours(resource.id);
    if (!is.info.exists()) {
        out.action = plan::Action::create;
        out.reason = resource.purpose + (ours ? ": was removed on the host" : ": does not exist yet");
        out.diff =
            plan::Diff::ofFacts(plan::unifiedDiff("", file.content.masked(), plan::kNowhere, place.path));
        return;
    }
    if (is.info.type != FileInfo::Type::regular) {
        refuse(out, resource.purpose + ": " + typeText(is.info.type) + " is in the way; move it away");
        return;
    }
    if (hasContent(context, resource, file, is)) {
        out.action = ours ? plan::Action::none : plan::Action::adopt;
        out.reason = ours ? "as it should be" : resource.purpose + ": means the same already, taken over";
        return;
    }
    if (is.unread) {
        out.diff = plan::Diff::ofFacts(plan::diffOfSizes(is.info.size, file.content.masked(), place.path));
    } else {
        constexpr unsigned kOthers = 0077;
        const bool held = (is.info.mode & kOthers) == 0 && !file.secret();
        out.diff = plan::diffOfFound(view(is.bytes), {file.content, place.path, held},
                                     whoseBytes(context, resource, file, is));
        if (out.diff.empty()) {
            out.diff = plan::Diff::ofFacts("a secret in it differs; it is not shown\n");
        }
    }
    if (!ours && !context.mayAdopt(resource.id)) {
        refuse(out, place.path + " exists already and differs; name " + resource.id +
                        " in `spec.adopt` or with --adopt to take it over");
        return;
    }
    out.action = ours ? plan::Action::update : plan::Action::adopt;
    out.reason = resource.purpose + ": " +
                 (!ours                       ? "taken over; a backup is kept"
                  : context.applied(resource) ? "was edited on the host"
                                              : "changed in the document");
}

}  // namespace

std::string attachedId(const std::string& name, const std::string& path) {
    return idOf(Kind::attached, name + "/" + path);
}

bool sameForProgram(std::string_view path, std::string_view a, std::string_view b) {
    if (a == b || !isData(path)) {
        return a == b;
    }
    const auto first = tree(a);
    const auto second = tree(b);
    return first && second && spec::sameData(*first, *second);
}

std::string withoutProof(std::string_view configuration) {
    const auto root = tree(configuration);
    const auto* files = root ? root->find(kRuleFiles) : nullptr;
    if (files == nullptr) {
        return {};
    }
    const auto entry = std::find_if(files->items.begin(), files->items.end(),
                                    [](const spec::Node& item) { return item.scalar == kAttachedProof; });
    if (entry == files->items.end()) {
        return {};
    }
    auto wanted = *root;
    for (auto& each : wanted.entries) {
        if (each.key == kRuleFiles) {
            each.value.items.erase(each.value.items.begin() + (entry - files->items.begin()));
        }
    }
    // As it was written: a line of its own, or behind another one in a line that holds more.
    const auto begin = startOfLine(configuration, entry->at.line);
    const auto end = startOfLine(configuration, entry->at.line + 1);
    const auto text = ", " + std::string(kAttachedProof);
    std::vector<std::pair<std::size_t, std::size_t>> ways = {{begin, end}};
    if (const auto at = configuration.find(text, begin); at < end) {
        ways.emplace_back(at, at + text.size());
    }
    for (const auto& [from, to] : ways) {
        auto out = std::string(configuration.substr(0, from)).append(configuration.substr(to));
        const auto got = tree(out);
        if (got && spec::sameData(*got, wanted)) {
            return out;
        }
    }
    return {};
}

void AttachedModel::hash(const Desired& file, Sha256& hash) {
    hash.field(file.program.name()).field(file.path).field(file.content.digest());
}

void AttachedModel::difference(const plan::Context& context, const render::Resource& resource,
                               const Desired& file, plan::Change& out) {
    const auto it = context.observed.attached.find(resource.id);
    if (it == context.observed.attached.end()) {
        out.reason = "not checked: " + resource.purpose;
        return;
    }
    const auto& place = it->second;
    out.record = place.record;
    if (!place.problem.empty()) {
        out.record.clear();
        cannotLook(context, resource, place.problem, out);
        return;
    }
    if (const auto moved = movedSince(context, resource, place); !moved.empty()) {
        out.record.clear();
        cannotLook(context, resource,
                   moved + ": it was taken over at another place, and vigie does not follow; name " +
                       resource.id + " in `spec.adopt` if that is meant",
                   out);
        return;
    }
    if (believesElsewhere(file, place)) {
        refuse(out, "its text names files in " + file.assumed +
                        ", and the program reads its configuration in " + place.directory +
                        "; mount it there, or name the files by relative paths");
        return;
    }
    compareContent(context, resource, file, place, out);
}

void AttachedModel::changed(const Comparison& comparison, const Desired& /*file*/, plan::Change& out) {
    changedAsDescribed(comparison, out);
    if (out.diff.empty() && comparison.old != nullptr) {
        out.diff = plan::Diff::ofFacts("a secret in it changes\n");
    }
}

std::string AttachedModel::record(const Desired& file) {
    auto out = AttachedRecord::of(file.program, file.kind);
    out.path = file.path;
    out.main = file.role == AttachedFile::Role::main;
    return out.text();
}

Removal AttachedModel::removal(std::string_view /*record*/) {
    return {plan::Action::remove, "no longer in the document"};
}

namespace {

/// Which programs could not be asked what they have loaded, where no file says so already.
void tellMute(const std::vector<render::Resource>& desired, const plan::Observed& observed,
              std::vector<std::string>& lines) {
    for (const auto& resource : desired) {
        const auto* reload = programOf(resource);
        const auto seen = observed.reloads.find(resource.id);
        if (reload == nullptr || !reload->attached || seen == observed.reloads.end() ||
            seen->second.answered || seen->second.stopped) {
            continue;
        }
        const auto ofIt = attachedId(reload->attached->name(), "");
        const bool told = std::any_of(
            observed.attached.begin(), observed.attached.end(),
            [&](const auto& file) { return !file.second.problem.empty() && file.first.starts_with(ofIt); });
        if (!told) {
            lines.push_back("not checked: what " + reload->attached->service +
                            " has loaded: " + seen->second.problem);
        }
    }
}

}  // namespace

void AttachedModel::notes(const std::vector<render::Resource>& desired, const plan::Observed& observed,
                          std::vector<std::string>& lines) {
    tellMute(desired, observed, lines);
    constexpr unsigned kReadByOthers = 0044;
    std::set<std::string> alone;
    for (const auto& resource : desired) {
        const auto* file = std::get_if<AttachedFile>(&resource.what);
        const auto place = observed.attached.find(resource.id);
        if (file == nullptr || place == observed.attached.end() || place->second.path.empty()) {
            continue;
        }
        if (place->second.alone) {
            alone.insert(place->second.path);
        }
        const auto is = observed.files.find(resource.id);
        if (file->secret() && is != observed.files.end() && (is->second.info.mode & kReadByOthers) != 0) {
            lines.push_back(place->second.path +
                            " holds secrets, and others on this host may read it; vigie gives it to its "
                            "program alone (0400) when it first writes it");
        }
    }
    for (const auto& path : alone) {
        lines.push_back(path +
                        " is mounted alone: it is written in place, so that its program may read half "
                        "of it; to mount its directory is safer");
    }
}

}  // namespace vigie::kinds
