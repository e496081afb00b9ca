// Rules for guests on the host: observe, capture, set, undo.

#include "kinds/guests/host.hpp"

#include "apply/tools.hpp"
#include "base/error.hpp"
#include "base/record.hpp"
#include "base/text.hpp"

namespace vigie::apply {
namespace {

using plan::ObservedChain;

/// The programs of one family.
struct Programs {
    Tool save;
    Tool restore;
};

constexpr Programs kV4{{"iptables-save", "iptables"}, {"iptables-restore", "iptables"}};
constexpr Programs kV6{{"ip6tables-save", "iptables"}, {"ip6tables-restore", "iptables"}};

/// `text` without `head`, which it must begin with.
std::optional<std::string> behind(std::string_view text, const std::string& head) {
    return text.starts_with(head) ? std::optional(std::string(text.substr(head.size()))) : std::nullopt;
}

ObservedChain observeChain(const Programs& programs, const std::string& interface,
                           const system::System& system) {
    ObservedChain out;
    for (const auto& tool : {programs.save, programs.restore}) {
        out.problem = missing(tool, system.processes);
        if (!out.problem.empty()) {
            return out;
        }
    }
    const auto result = system.processes.run({{programs.save.program, "-t", "mangle"}, {}, {}});
    if (!result.ok()) {
        out.problem =
            "`" + std::string(programs.save.program) + " -t mangle` failed: " + std::string(trim(result.err));
        return out;
    }
    const auto chain = render::guestChain(interface);
    const auto jump = "-A PREROUTING " + render::guestJump(interface);
    for (const auto line : split(result.out, '\n')) {
        if (line.starts_with(":" + chain + " ")) {
            out.exists = true;
        } else if (auto rule = behind(line, "-A " + chain + " ")) {
            out.rules.push_back(std::move(*rule));
        } else if (trim(line) == jump) {
            ++out.jumps;
        }
    }
    return out;
}

void restore(const Programs& programs, const std::string& table, const system::System& system) {
    // The lock is that of iptables-legacy, which ufw and Docker take, too.
    mustRun(system::Command{{programs.restore.program, "--noflush", "--wait", "10"}, table, {}},
            system.processes);
}

/// Makes the chain of one family what `wanted` is; an empty one goes. In one step, so that nobody comes past
/// it meanwhile.
void setChain(const Programs& programs, const std::string& interface, const ObservedChain& wanted,
              const system::System& system) {
    const auto is = observeChain(programs, interface, system);
    if (!is.problem.empty()) {
        if (!wanted.exists) {
            return;  // it could not be looked at before, either
        }
        throw Error(is.problem);
    }
    if (is == wanted) {
        return;
    }
    const auto jump = "PREROUTING " + render::guestJump(interface);
    std::vector<std::string> jumps;
    // First, so that no rule of somebody else's lets a guest's packet go on before it.
    for (auto i = is.jumps; i < wanted.jumps; ++i) {
        jumps.push_back("-I PREROUTING 1 " + render::guestJump(interface));
    }
    for (auto i = wanted.jumps; i < is.jumps; ++i) {
        jumps.push_back("-D " + jump);
    }
    if (!wanted.exists) {
        jumps.push_back("-X " + render::guestChain(interface));
    }
    restore(programs, render::guestTable(interface, wanted.rules, jumps), system);
}

void setGuests(const std::string& interface, const plan::ObservedGuests& wanted,
               const system::System& system) {
    setChain(kV4, interface, wanted.v4, system);
    setChain(kV6, interface, wanted.v6, system);
}

ObservedChain chainOf(const std::vector<std::string>& rules) {
    return {.problem = {}, .exists = !rules.empty(), .rules = rules, .jumps = rules.empty() ? 0U : 1U};
}

}  // namespace

plan::ObservedGuests observeGuests(const std::string& interface, const system::System& system) {
    return {observeChain(kV4, interface, system), observeChain(kV6, interface, system)};
}

}  // namespace vigie::apply

namespace vigie::kinds {
namespace {

void addChain(RecordWriter& out, const std::string& family, const plan::ObservedChain& chain) {
    out.add("chain" + family, chain.exists ? "there" : "none")
        .add("jumps" + family, static_cast<std::int64_t>(chain.jumps))
        .add("rule" + family, chain.rules);
}

plan::ObservedChain chainIn(const RecordReader& fields, const std::string& family) {
    return {.problem = {},
            .exists = fields.text("chain" + family) == "there",
            .rules = fields.list("rule" + family),
            .jumps = static_cast<std::size_t>(fields.number("jumps" + family))};
}

plan::ObservedGuests unpack(std::string_view data) {
    const RecordReader fields(data);
    return {chainIn(fields, "4"), chainIn(fields, "6")};
}

bool any(const plan::ObservedGuests& guests) {
    return guests.v4.exists || guests.v6.exists;
}

}  // namespace

void GuestsHost::observe(const Looking& looking, plan::Observed& out) {
    if (looking.options.activation < Model::traits.from) {
        return;
    }
    each<Model>(looking.desired, [&](const render::Resource& resource, const render::GuestRules& guests) {
        out.guests[resource.id] = apply::observeGuests(guests.interface, looking.system);
    });
}

/// For each family `chain4` and `chain6`: `there` or `none`; `jumps4`, how many rules lead there; `rule4`,
/// one for each.
void GuestsHost::capture(const Capturing& capturing, const render::GuestRules* /*guests*/,
                         BeforeImages& images) {
    const std::string interface = nameOf(capturing.change.id);
    if (!images.first("guests", interface)) {
        return;
    }
    const auto is = apply::observeGuests(interface, images.system());
    RecordWriter out;
    addChain(out, "4", is.v4);
    addChain(out, "6", is.v6);
    images.add("guests", interface, out.take());
}

void GuestsHost::make(Transaction& transaction, const plan::Change& /*change*/,
                      const render::Resource& /*resource*/, const render::GuestRules& guests) {
    apply::setGuests(guests.interface, {apply::chainOf(guests.rules), apply::chainOf(guests.rules6)},
                     transaction.system);
}

void GuestsHost::remove(Transaction& transaction, const plan::Change& change, const state::Owned& /*owned*/) {
    apply::setGuests(nameOf(change.id), {}, transaction.system);
}

void GuestsHost::bringBack(Undoing& undoing, const std::string& interface, std::string_view data) {
    if (const auto was = unpack(data); any(was)) {
        apply::setGuests(interface, was, undoing.system);
    }
}

void GuestsHost::takeAway(Undoing& undoing, const std::string& interface, std::string_view data) {
    if (!any(unpack(data))) {
        apply::setGuests(interface, {}, undoing.system);
    }
}

}  // namespace vigie::kinds
