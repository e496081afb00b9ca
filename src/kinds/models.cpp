// The table of the pure halves: one row for each kind.

#include "kinds/models.hpp"

#include "base/text.hpp"
#include "plan/context.hpp"
#include "plan/diff.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

namespace vigie::kinds {
namespace {

using render::Resource;

/// What a model says, asked of a resource whatever its kind is.
struct Row {
    Kind kind;
    Traits traits;
    void (*hash)(const Resource&, Sha256&);
    std::string (*describe)(const Resource&);
    bool (*sameState)(const Resource&, const Resource&);
    bool (*saysMore)(const Resource&);
    void (*difference)(const plan::Context&, const Resource&, plan::Change&);
    void (*changed)(const Comparison&, plan::Change&);
    std::string (*record)(const Resource&);
    Removal (*removal)(std::string_view);
    std::string (*component)(std::string_view, std::string_view);
    std::vector<std::string> (*paths)(const Resource&);
    std::vector<std::string> (*watched)(const Resource&, plan::Activation);
    void (*notes)(const std::vector<Resource>&, const plan::Observed&, std::vector<std::string>&);
    std::string (*usersFile)(const Resource&);
    bool (*exact)(const Resource&);
    const render::Text* (*content)(const Resource&);
    const render::Tunnel* (*tunnel)(const Resource&);
    const render::Container* (*container)(const Resource&);
    const render::ConfiguredProgram* (*program)(const Resource&);
};

template <class M>
const typename M::Desired& as(const Resource& resource) {
    return std::get<typename M::Desired>(resource.what);
}

template <Model M>
constexpr Row rowOf() {
    return {
        .kind = M::kind,
        .traits = M::traits,
        .hash = [](const Resource& r, Sha256& hash) { M::hash(as<M>(r), hash); },
        .describe = [](const Resource& r) { return M::describe(as<M>(r)); },
        .sameState = [](const Resource& a, const Resource& b) { return M::sameState(a, b); },
        .saysMore = [](const Resource& r) { return M::saysMore(as<M>(r)); },
        .difference = [](const plan::Context& context, const Resource& r,
                         plan::Change& out) { M::difference(context, r, as<M>(r), out); },
        .changed = [](const Comparison& comparison,
                      plan::Change& out) { M::changed(comparison, as<M>(comparison.resource), out); },
        .record = [](const Resource& r) { return M::record(as<M>(r)); },
        .removal = [](std::string_view record) { return M::removal(record); },
        .component = [](std::string_view name,
                        std::string_view record) { return M::component(name, record); },
        .paths = [](const Resource& r) { return M::paths(as<M>(r)); },
        .watched = [](const Resource& r,
                      plan::Activation activation) { return M::watched(as<M>(r), activation); },
        .notes = [](const std::vector<Resource>& all, const plan::Observed& observed,
                    std::vector<std::string>& out) { M::notes(all, observed, out); },
        .usersFile = [](const Resource& r) { return M::usersFile(as<M>(r)); },
        .exact = [](const Resource& r) { return M::exact(as<M>(r)); },
        .content = [](const Resource& r) { return M::content(as<M>(r)); },
        .tunnel = [](const Resource& r) { return M::tunnel(as<M>(r)); },
        .container = [](const Resource& r) { return M::container(as<M>(r)); },
        .program = [](const Resource& r) { return M::program(as<M>(r)); },
    };
}

template <class... M>
struct Table {
    static_assert(sizeof...(M) == kKinds, "a kind has no row in the table of the models");
    static_assert(std::is_same_v<render::What, std::variant<typename M::Desired...>>,
                  "render::What and the table of the models are not in one order");

    static constexpr std::array<Row, sizeof...(M)> rows{rowOf<M>()...};

    static constexpr bool inOrder() {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (static_cast<std::size_t>(rows[i].kind) != i) {
                return false;
            }
        }
        return true;
    }
    static_assert(inOrder(), "the table of the models is not in the order of Kind");

    static constexpr auto followUps() {
        std::array<FollowUp, (M::followUps.size() + ...)> out{};
        std::size_t at = 0;
        const auto add = [&](const auto& some) {
            for (const auto& each : some) {
                out[at++] = each;
            }
        };
        (add(M::followUps), ...);
        // Turns that several kinds share keep the order of the kinds.
        for (std::size_t i = 1; i < out.size(); ++i) {
            for (std::size_t j = i; j > 0 && out[j].turn < out[j - 1].turn; --j) {
                std::swap(out[j], out[j - 1]);
            }
        }
        return out;
    }
};

using Models =
    Table<FileModel, AttachedModel, DirectoryModel, FirewallModel, WireguardModel, SysctlModel, GuestsModel,
          UnitModel, ComposeModel, RebuildModel, ReloadModel, SilenceModel, SignalModel>;

constexpr auto kFollowUps = Models::followUps();

const Row& rowOf(const Resource& resource) {
    return Models::rows.at(resource.what.index());
}

const Row* rowOf(std::string_view id) {
    const auto kind = kindOf(id);
    return kind ? &Models::rows.at(static_cast<std::size_t>(*kind)) : nullptr;
}

}  // namespace

Kind kindOf(const Resource& resource) {
    return rowOf(resource).kind;
}

const Traits& traitsOf(std::string_view id) {
    static constexpr Traits kUnknown;
    const auto* row = rowOf(id);
    return row == nullptr ? kUnknown : row->traits;
}

const Traits& traitsOf(const Resource& resource) {
    return rowOf(resource).traits;
}

void hash(const Resource& resource, Sha256& hash) {
    rowOf(resource).hash(resource, hash);
}

std::string describe(const Resource& resource) {
    return rowOf(resource).describe(resource);
}

bool sameState(const Resource& a, const Resource& b) {
    return a.what.index() == b.what.index() && rowOf(a).sameState(a, b);
}

bool saysMore(const Resource& resource) {
    return rowOf(resource).saysMore(resource);
}

void difference(const plan::Context& context, const Resource& resource, plan::Change& out) {
    rowOf(resource).difference(context, resource, out);
}

void changed(const Comparison& comparison, plan::Change& out) {
    rowOf(comparison.resource).changed(comparison, out);
}

std::string recordOf(const Resource& resource) {
    return rowOf(resource).record(resource);
}

Removal removalOf(std::string_view id, std::string_view record) {
    const auto* row = rowOf(id);
    return row == nullptr ? goes(record) : row->removal(record);
}

std::string componentOf(std::string_view id, std::string_view record) {
    const auto* row = rowOf(id);
    return row == nullptr ? std::string() : row->component(id.substr(id.find(':') + 1), record);
}

std::vector<std::string> pathsOf(const Resource& resource) {
    return rowOf(resource).paths(resource);
}

std::vector<std::string> watchedOf(const Resource& resource, plan::Activation activation) {
    return rowOf(resource).watched(resource, activation);
}

std::vector<std::string> notesOf(const std::vector<Resource>& desired, const plan::Observed& observed) {
    std::vector<std::string> out;
    for (const auto& row : Models::rows) {
        row.notes(desired, observed, out);
    }
    return out;
}

std::string usersFileOf(const Resource& resource) {
    return rowOf(resource).usersFile(resource);
}

bool exact(const Resource& resource) {
    return rowOf(resource).exact(resource);
}

const render::Text* contentOf(const Resource& resource) {
    return rowOf(resource).content(resource);
}

const render::Tunnel* tunnelOf(const Resource& resource) {
    return rowOf(resource).tunnel(resource);
}

const render::Container* containerOf(const Resource& resource) {
    return rowOf(resource).container(resource);
}

const render::ConfiguredProgram* programOf(const Resource& resource) {
    return rowOf(resource).program(resource);
}

std::string pathOf(const Resource& resource) {
    return rowOf(resource).traits.place == Place::none ? std::string() : pathsOf(resource).front();
}

std::string loadedPathOf(const Resource& resource) {
    return kindOf(resource) == Kind::attached ? nameOf(resource.id) : pathOf(resource);
}

bool hasContent(std::string_view id) {
    return isA(Kind::file, id) || isA(Kind::attached, id);
}

std::span<const FollowUp> followUps() {
    return kFollowUps;
}

bool sameDigest(const Resource& a, const Resource& b) {
    return digestOf(a) == digestOf(b);
}

void changedAsDescribed(const Comparison& comparison, plan::Change& out) {
    const auto* old = comparison.old;
    const auto name = nameOf(comparison.resource.id);
    out.action = old == nullptr ? plan::Action::create : plan::Action::update;
    out.reason = comparison.resource.purpose + (old == nullptr ? "" : ": changed in the document");
    out.diff = plan::Diff::ofFacts(plan::unifiedDiff(old == nullptr ? "" : describe(*old),
                                                     describe(comparison.resource),
                                                     old == nullptr ? plan::kNowhere : name, name));
}

Removal goes(std::string_view /*record*/) {
    return {plan::Action::remove, "no longer in the document"};
}

}  // namespace vigie::kinds
