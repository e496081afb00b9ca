// The desired rules for guests: digest and difference.

#include "kinds/guests/model.hpp"

#include "base/hash.hpp"
#include "kinds/digest.hpp"
#include "plan/context.hpp"
#include "plan/diff.hpp"

#include <algorithm>

namespace vigie::render {

std::string guestChain(const std::string& interface) {
    return "VIGIE-GUESTS-" + interface;
}

std::string guestJump(const std::string& interface) {
    return "-i " + interface + " -j " + guestChain(interface);
}

std::string guestTable(const std::string& interface, const std::vector<std::string>& rules,
                       const std::vector<std::string>& jumps) {
    const auto chain = guestChain(interface);
    std::string out = "*mangle\n:" + chain + " - [0:0]\n";
    for (const auto& rule : rules) {
        out.append("-A ").append(chain).append(" ").append(rule).append("\n");
    }
    for (const auto& jump : jumps) {
        out.append(jump).append("\n");
    }
    return out + "COMMIT\n";
}

}  // namespace vigie::render

namespace vigie::kinds {
namespace {

constexpr const char* kOthers = "(a rule that is not vigie's)\n";

std::string familyText(const char* family, const std::vector<std::string>& rules, std::size_t jumps) {
    std::string out;
    for (std::size_t i = 0; i < jumps; ++i) {
        out.append(family).append(" what comes in on the tunnel goes through these rules\n");
    }
    for (const auto& rule : rules) {
        out.append(family).append(" ").append(rule).append("\n");
    }
    return out;
}

struct Family {
    const char* name;
    const std::vector<std::string>& wanted;
    const plan::ObservedChain& is;

    [[nodiscard]] std::string wantedText() const { return familyText(name, wanted, wanted.empty() ? 0 : 1); }
    [[nodiscard]] std::string text() const { return is.exists ? familyText(name, is.rules, is.jumps) : ""; }
    /// The same for everybody: somebody may have written words of his own beside a rule.
    [[nodiscard]] std::string publishedText() const {
        auto masked = is.rules;
        for (auto& rule : masked) {
            if (std::find(wanted.begin(), wanted.end(), rule) == wanted.end()) {
                rule = kOthers;
                rule.pop_back();
            }
        }
        return is.exists ? familyText(name, masked, is.jumps) : "";
    }
};

}  // namespace

void GuestsModel::hash(const Desired& guests, Sha256& hash) {
    hash.field(guests.interface);
    hashList(hash, guests.rules);
    hashList(hash, guests.rules6);
}

std::string GuestsModel::describe(const Desired& guests) {
    return familyText("ipv4", guests.rules, guests.rules.empty() ? 0 : 1) +
           familyText("ipv6", guests.rules6, guests.rules6.empty() ? 0 : 1);
}

void GuestsModel::difference(const plan::Context& context, const render::Resource& resource,
                             const Desired& guests, plan::Change& out) {
    static const plan::ObservedGuests kUnknown{{.problem = "it was not looked at"},
                                               {.problem = "it was not looked at"}};
    const auto it = context.observed.guests.find(resource.id);
    const auto& is = it == context.observed.guests.end() ? kUnknown : it->second;
    const Family v4{"ipv4", guests.rules, is.v4};
    const Family v6{"ipv6", guests.rules6, is.v6};
    std::string wanted;
    std::string found;
    std::string published;
    for (const auto* family : {&v4, &v6}) {
        if (!family->is.problem.empty()) {
            if (family->wanted.empty()) {
                continue;  // a host without IPv6
            }
            out.action = plan::Action::refuse;
            out.reason = family->is.problem;
            out.unobserved = true;
            return;
        }
        wanted += family->wantedText();
        found += family->text();
        published += family->publishedText();
    }
    if (wanted == found) {
        out.reason = "as it should be";
        return;
    }
    out.action = found.empty() ? plan::Action::create : plan::Action::update;
    out.reason = resource.purpose;
    if (context.applied(resource)) {
        out.reason += found.empty() ? ": were removed on the host" : ": were changed on the host";
    } else if (!found.empty()) {
        out.reason += ": changed";
    }
    const auto chain = render::guestChain(guests.interface);
    const auto* before = found.empty() ? plan::kNowhere : chain.c_str();
    out.diff = plan::Diff::ofFound(plan::unifiedDiff(published, wanted, before, chain),
                                   plan::unifiedDiff(found, wanted, before, chain));
}

}  // namespace vigie::kinds
