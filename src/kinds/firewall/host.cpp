// Firewall rules on the host: observe, capture, add, undo, remove.

#include "kinds/firewall/host.hpp"

#include "apply/refused.hpp"
#include "base/fields.hpp"
#include "base/record.hpp"
#include "base/text.hpp"
#include "kinds/firewall/driver.hpp"
#include "kinds/firewall/entrances.hpp"
#include "kinds/firewall/provider.hpp"

namespace vigie::kinds {
namespace {

/// The before-image of a rule: its comment, and where it stands among the rules of IPv4 and of IPv6, counted
/// from 1; 0: not there.
struct RuleImage {
    std::string provider = "ufw";
    std::size_t place = 0;
    std::size_t place6 = 0;
    std::string comment = {};

    [[nodiscard]] bool there() const { return place != 0 || place6 != 0; }
};

RuleImage find(const OwnedRule& rule, const system::System& system) {
    const auto wanted = rule.normalised();
    RuleImage out{.provider = rule.provider};
    std::size_t place = 0;
    std::size_t place6 = 0;
    for (const auto& each : firewallDriver(rule.provider).observe(system).rules) {
        ++(each.v6 ? place6 : place);
        if (wanted && sameRule(each, *wanted)) {
            out.comment = each.comment;
            (each.v6 ? out.place6 : out.place) = each.v6 ? place6 : place;
        }
    }
    return out;
}

/// Fields: `provider`; `place` and `place6`, as numbers; and `comment`. Before, the latter three were packed
/// one behind the other, and the firewall was ufw.
SecureBytes pack(const RuleImage& image) {
    return RecordWriter()
        .add("provider", image.provider)
        .add("place", static_cast<std::int64_t>(image.place))
        .add("place6", static_cast<std::int64_t>(image.place6))
        .add("comment", image.comment)
        .take();
}

RuleImage unpack(std::string_view data) {
    RuleImage out;
    if (RecordReader::is(data)) {
        const RecordReader fields(data);
        out.provider = fields.string("provider");
        out.place = static_cast<std::size_t>(fields.number("place"));
        out.place6 = static_cast<std::size_t>(fields.number("place6"));
        out.comment = fields.string("comment");
        return out;
    }
    FieldReader fields(data);
    out.place = static_cast<std::size_t>(fields.number());
    out.place6 = static_cast<std::size_t>(fields.number());
    out.comment = fields.next();
    return out;
}

/// The firewall of this host: that of its rules, or the usual one where a plan has none.
const FirewallDriver& driverOf(const std::vector<render::Resource>& desired) {
    std::string provider = render::FirewallRule{}.provider;
    each<FirewallModel>(desired, [&](const render::Resource& /*resource*/, const render::FirewallRule& rule) {
        provider = rule.provider;
    });
    return firewallDriver(provider);
}

}  // namespace

void FirewallHost::observe(const Looking& looking, plan::Observed& out) {
    bool any = false;
    each<Model>(looking.desired, [&](const auto& /*resource*/, const auto& /*rule*/) { any = true; });
    if (any && looking.options.activation >= Model::traits.from) {
        out.firewall = driverOf(looking.desired).observe(looking.system);
    }
}

/// A rule that is put back may come to stand behind one of ours.
bool FirewallHost::concerned(const Concern& concern) {
    return concern.ours && concern.acting.count(Model::kind) != 0;
}

void FirewallHost::capture(const Capturing& capturing, const render::FirewallRule* rule,
                           BeforeImages& images) {
    const auto owned = OwnedRule::read(rule == nullptr ? capturing.record() : FirewallModel::record(*rule));
    if (images.first("firewall", owned.words)) {
        const auto found = find(owned, images.system());
        // Rules come back in the order of their places: each finds those that stood before it. Those of IPv6
        // alone come last: by then everything before them is in its place.
        const auto place = found.place != 0 ? std::pair(false, found.place) : std::pair(true, found.place6);
        images.addAt(place, "firewall", owned.words, pack(found));
    }
}

void FirewallHost::make(Transaction& transaction, const plan::Change& /*change*/,
                        const render::Resource& /*resource*/, const render::FirewallRule& rule) {
    firewallDriver(rule.provider)
        .add(firewallProvider(rule.provider).words(rule), rule.comment, transaction.system);
}

void FirewallHost::remove(Transaction& transaction, const plan::Change& /*change*/,
                          const state::Owned& owned) {
    if (!owned.detail.empty()) {
        const auto rule = OwnedRule::read(owned.detail);
        firewallDriver(rule.provider).remove(rule.words, transaction.system);
    }
}

/// A door that is open now must stay open, unless somebody stands by to confirm that it still is.
void FirewallHost::keepDoorsOpen(const Preparing& preparing) {
    const auto firewall = driverOf(preparing.desired).observe(preparing.system);
    if (preparing.attended || !firewall.problem.empty()) {
        return;
    }
    auto entrances = apply::sshEntrances(preparing.system.files);
    for (const auto& resource : preparing.desired) {
        // Where the document says that nobody dials this host any more, its port is no door.
        if (const auto* tunnel = tunnelOf(resource); tunnel != nullptr && tunnel->dialled) {
            entrances.push_back({tunnel->listenPort, "udp", "the tunnel"});
        }
    }
    const auto closed =
        apply::entrancesClosed(firewall, preparing.plan, preparing.desired, preparing.inventory, entrances);
    if (!closed.empty()) {
        throw apply::Refused("this would close " + join(closed, ", "),
                             "apply it with --confirm-within 2m, and confirm over a new connection");
    }
}

/// Puts a rule back to its place. ufw writes one file after the other: when it was killed between them, half
/// of the rule is there. One that stood before it may have been put back, so that it stands elsewhere.
void FirewallHost::bringBack(Undoing& undoing, const std::string& words, std::string_view data) {
    const auto was = unpack(data);
    if (!was.there()) {
        return;
    }
    const auto& driver = firewallDriver(was.provider);
    const auto is = find({.provider = was.provider, .words = words}, undoing.system);
    const bool missing = (is.place == 0) != (was.place == 0) || (is.place6 == 0) != (was.place6 == 0);
    const bool elsewhere = is.place != was.place || is.place6 != was.place6;
    if (!missing && !(undoing.rulesMoved && elsewhere)) {
        return;
    }
    undoing.rulesMoved = true;
    if (is.there()) {
        driver.remove(words, undoing.system);
    }
    driver.insert(was.place, was.place6, words, was.comment, undoing.system);
}

void FirewallHost::takeAway(Undoing& undoing, const std::string& words, std::string_view data) {
    const auto was = unpack(data);
    if (!was.there() && find({.provider = was.provider, .words = words}, undoing.system).there()) {
        firewallDriver(was.provider).remove(words, undoing.system);
    }
}

}  // namespace vigie::kinds
