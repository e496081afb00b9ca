// The table of the halves that touch the host: one row for each kind.

#include "kinds/hosts.hpp"

#include "kinds/attached/host.hpp"
#include "kinds/compose/host.hpp"
#include "kinds/directory/host.hpp"
#include "kinds/file/host.hpp"
#include "kinds/firewall/host.hpp"
#include "kinds/guests/host.hpp"
#include "kinds/rebuild/host.hpp"
#include "kinds/reload/host.hpp"
#include "kinds/signal/host.hpp"
#include "kinds/silence/host.hpp"
#include "kinds/sysctl/host.hpp"
#include "kinds/unit/host.hpp"
#include "kinds/wireguard/host.hpp"

#include <algorithm>
#include <array>

namespace vigie::kinds {
namespace {

using render::Resource;

struct Row {
    Kind kind;
    Owning owning;
    void (*observe)(const Looking&, plan::Observed&);
    bool (*concerned)(const Concern&);
    void (*capture)(const Capturing&, const Resource*, BeforeImages&);
    void (*make)(Transaction&, const plan::Change&, const Resource&);
    void (*makeOfOthers)(Transaction&, const plan::Change&);
    void (*letGo)(Transaction&, const plan::Change&, const Resource&, const std::string&, Touch);
    void (*prove)(const Transaction&, const Resource&);
    bool (*settle)(const Transaction&, const plan::Change&, const Resource&);
    void (*remove)(Transaction&, const plan::Change&, const state::Owned&);
    std::string (*cause)(const Resource&, const system::System&);
    std::vector<std::string> (*warnings)(const std::vector<Resource>&, const system::Files&);
};

template <class H>
const typename H::Model::Desired& as(const Resource& resource) {
    return std::get<typename H::Model::Desired>(resource.what);
}

template <Host H>
constexpr Row rowOf() {
    return {
        .kind = H::Model::kind,
        .owning = H::owning,
        .observe = [](const Looking& looking, plan::Observed& out) { H::observe(looking, out); },
        .concerned = [](const Concern& concern) { return H::concerned(concern); },
        .capture =
            [](const Capturing& capturing, const Resource* r, BeforeImages& images) {
                H::capture(capturing, r == nullptr ? nullptr : &as<H>(*r), images);
            },
        .make = [](Transaction& transaction, const plan::Change& change,
                   const Resource& r) { H::make(transaction, change, r, as<H>(r)); },
        .makeOfOthers = [](Transaction& transaction,
                           const plan::Change& change) { H::makeOfOthers(transaction, change); },
        .letGo = [](Transaction& transaction, const plan::Change& change, const Resource& r,
                    const std::string& path,
                    Touch touch) { H::letGo(transaction, change, as<H>(r), path, touch); },
        .prove = [](const Transaction& transaction, const Resource& r) { H::prove(transaction, as<H>(r)); },
        .settle = [](const Transaction& transaction, const plan::Change& change,
                     const Resource& r) { return H::settle(transaction, change, as<H>(r)); },
        .remove = [](Transaction& transaction, const plan::Change& change,
                     const state::Owned& owned) { H::remove(transaction, change, owned); },
        .cause = [](const Resource& r, const system::System& system) { return H::cause(as<H>(r), system); },
        .warnings = [](const std::vector<Resource>& desired,
                       const system::Files& files) { return H::warnings(desired, files); },
    };
}

template <class... H>
struct Table {
    static_assert(sizeof...(H) == kKinds, "a kind has no row in the table of the hosts");

    static constexpr std::array<Row, sizeof...(H)> rows{rowOf<H>()...};

    static constexpr bool inOrder() {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (static_cast<std::size_t>(rows[i].kind) != i) {
                return false;
            }
        }
        return true;
    }
    static_assert(inOrder(), "the table of the hosts is not in the order of Kind");

    /// The lists of one name of all kinds, in their turns.
    template <class Step, class List>
    static constexpr auto inTurns(List list) {
        std::array<Step, (list.template operator()<H>().size() + ...)> out{};
        std::size_t at = 0;
        const auto add = [&](const auto& some) {
            for (const auto& each : some) {
                out[at++] = each;
            }
        };
        (add(list.template operator()<H>()), ...);
        // Turns that several kinds share keep the order of the kinds.
        for (std::size_t i = 1; i < out.size(); ++i) {
            for (std::size_t j = i; j > 0 && out[j].turn < out[j - 1].turn; --j) {
                std::swap(out[j], out[j - 1]);
            }
        }
        return out;
    }
};

using Hosts = Table<FileHost, AttachedHost, DirectoryHost, FirewallHost, WireguardHost, SysctlHost,
                    GuestsHost, UnitHost, ComposeHost, RebuildHost, ReloadHost, SilenceHost, SignalHost>;

constexpr auto kPreparations =
    Hosts::inTurns<Preparation>([]<class H>() constexpr { return H::preparations; });
constexpr auto kAfterRemovals =
    Hosts::inTurns<AfterRemoval>([]<class H>() constexpr { return H::afterRemovals; });
constexpr auto kUndo = Hosts::inTurns<UndoStep>([]<class H>() constexpr { return H::undo; });

const Row& rowOf(const Resource& resource) {
    return Hosts::rows.at(resource.what.index());
}

const Row* rowOf(std::string_view id) {
    const auto kind = kindOf(id);
    return kind ? &Hosts::rows.at(static_cast<std::size_t>(*kind)) : nullptr;
}

}  // namespace

bool Preparing::acts(std::string_view id) const {
    return std::any_of(plan.changes.begin(), plan.changes.end(),
                       [&](const plan::Change& change) { return change.id == id && change.acts(); });
}

void Preparing::tell(const std::string& line) const {
    if (progress) {
        progress(line);
    }
}

const Resource* Transaction::resource(std::string_view id) const {
    const auto it = byId.find(id);
    return it == byId.end() ? nullptr : it->second;
}

std::optional<Owner> Transaction::ownerOf(Owner owner) const {
    return system.files.canChown() ? std::optional(owner) : std::nullopt;
}

void Transaction::tell(const std::string& line) const {
    if (progress) {
        progress(line);
    }
}

std::string Capturing::record() const {
    const auto it = before.find(change.id);
    return it == before.end() ? std::string() : it->second.detail;
}

plan::Observed observeAll(const Looking& looking) {
    plan::Observed out;
    out.canChown = looking.system.files.canChown();
    for (const auto& row : Hosts::rows) {
        row.observe(looking, out);
    }
    return out;
}

std::set<Kind> actingKinds(const plan::Plan& plan) {
    std::set<Kind> out;
    for (const auto& change : plan.changes) {
        if (const auto kind = kindOf(change.id); kind && change.acts()) {
            out.insert(*kind);
        }
    }
    return out;
}

bool concerned(std::string_view id, const Concern& concern) {
    const auto* row = rowOf(id);
    return row != nullptr && row->concerned(concern);
}

void capture(const Capturing& capturing, const Resource* resource, BeforeImages& images) {
    if (const auto* row = rowOf(std::string_view(capturing.change.id))) {
        row->capture(capturing, resource, images);
    }
}

void prepare(PreparationTurn turn, const Preparing& preparing) {
    for (const auto& step : kPreparations) {
        if (step.turn == turn) {
            step.run(preparing);
        }
    }
}

void make(Transaction& transaction, const plan::Change& change) {
    if (const auto* resource = transaction.resource(change.id)) {
        rowOf(*resource).make(transaction, change, *resource);
    } else if (const auto* row = rowOf(std::string_view(change.id))) {
        row->makeOfOthers(transaction, change);
    }
}

void letGo(Transaction& transaction, const std::string& path, Touch touch) {
    for (const auto& change : transaction.plan.changes) {
        if (const auto* resource = transaction.resource(change.id)) {
            rowOf(*resource).letGo(transaction, change, *resource, path, touch);
        }
    }
}

void prove(const Transaction& transaction) {
    for (const auto* resource : transaction.unproven) {
        rowOf(*resource).prove(transaction, *resource);
    }
}

bool settle(const Transaction& transaction, const plan::Change& change, const Resource& resource) {
    return rowOf(resource).settle(transaction, change, resource);
}

Owning owning(const Resource& resource) {
    return rowOf(resource).owning;
}

void remove(Transaction& transaction, const plan::Change& change, const state::Owned& owned) {
    if (const auto* row = rowOf(std::string_view(change.id))) {
        row->remove(transaction, change, owned);
    }
}

void tidyUp(Transaction& transaction) {
    for (const auto& step : kAfterRemovals) {
        step.run(transaction);
    }
}

std::string cause(const Resource& resource, const system::System& system) {
    return rowOf(resource).cause(resource, system);
}

std::vector<std::string> warnings(const std::vector<Resource>& desired, const system::Files& files) {
    std::vector<std::string> out;
    for (const auto& row : Hosts::rows) {
        const auto some = row.warnings(desired, files);
        out.insert(out.end(), some.begin(), some.end());
    }
    return out;
}

std::span<const UndoStep> undoSteps() {
    return kUndo;
}

}  // namespace vigie::kinds
