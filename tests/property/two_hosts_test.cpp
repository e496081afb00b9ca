// Two hosts that pull in any order at any time, are killed at any time, and change what only works when both
// have changed it. The hosts are models, what runs on them is the real thing: plan, apply, attend.

#include "apply/target.hpp"
#include "secrets/identity.hpp"
#include "spec/address.hpp"
#include "tests/property/holds.hpp"
#include "tests/property/subject.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <iostream>
#include <vector>

namespace vigie::tests {
namespace {

constexpr std::int64_t kWindow = 600;  // seconds
constexpr std::int64_t kLongest = 4 * 3600;
constexpr std::int64_t kSession = 120;
constexpr const char* kFirstAddress = "203.0.113.10";

/// The tunnel of examples/moments and nothing else: what the two hosts must agree upon.
ModelStack tunnelOnly() {
    auto out = exampleStack("moments");
    auto& stack = out.stack;
    stack.projects.clear();
    stack.applications.clear();
    stack.exporters.clear();
    stack.prometheus.reset();
    stack.alertmanager.reset();
    stack.jaeger.reset();
    stack.secrets.clear();
    stack.adopt.clear();
    stack.wireguard.network = "10.66.66.0/29";
    stack.wireguard.tunnelWindow = "10m";
    for (auto& host : stack.hosts) {
        if (host.name == "vps") {
            host.endpoint = kFirstAddress;
        }
    }
    return out;
}

spec::Host& hostIn(ModelStack& document, const std::string& name) {
    return *std::find_if(document.stack.hosts.begin(), document.stack.hosts.end(),
                         [&](const auto& host) { return host.name == name; });
}

/// What is between the two. Only the vm dials: it is behind a NAT that lets nobody in who was not called.
class Internet {
public:
    explicit Internet(std::string address) : vpsAddress(std::move(address)) {}

    void second(ModelHost& vps, ModelHost& vm) const {
        auto* toVm = peerOf(vps, vm);
        auto* toVps = peerOf(vm, vps);
        if (toVm == nullptr || toVps == nullptr || !dials(*toVps, vps)) {
            return;
        }
        const auto now = vm.clock.seconds();
        const bool fresh = !toVm->session || !toVps->session;
        if (fresh || now - toVps->handshake >= kSession) {
            toVm->handshake = toVps->handshake = now;
            toVm->session = toVps->session = true;
            toVm->endpoint = "198.51.100.7:40000";  // where the NAT of the vm comes out
        }
    }

    /// Packets go both ways at this moment.
    [[nodiscard]] bool works(ModelHost& vps, ModelHost& vm) const {
        const auto* toVm = peerOf(vps, vm);
        const auto* toVps = peerOf(vm, vps);
        return toVm != nullptr && toVps != nullptr && dials(*toVps, vps) && toVm->session && toVps->session &&
               carries(*toVm, vm) && carries(*toVps, vps);
    }

    std::string vpsAddress;

private:
    static ModelInterface* interfaceOf(ModelHost& host) {
        const auto it = host.tunnel.interfaces.find("wg0");
        return it == host.tunnel.interfaces.end() || !it->second.up ? nullptr : &it->second;
    }
    /// The peer of `host` whose key is the one that `other` uses now.
    static ModelPeer* peerOf(ModelHost& host, ModelHost& other) {
        auto* here = interfaceOf(host);
        auto* there = interfaceOf(other);
        return here == nullptr || there == nullptr ? nullptr : here->peer(there->publicKey);
    }
    [[nodiscard]] bool dials(const ModelPeer& toVps, ModelHost& vps) const {
        return toVps.endpoint == vpsAddress + ":" + std::to_string(interfaceOf(vps)->listenPort);
    }
    static bool carries(const ModelPeer& peer, ModelHost& other) {
        const auto& addresses = interfaceOf(other)->addresses;
        return std::any_of(addresses.begin(), addresses.end(), [&](const std::string& address) {
            const auto ip = spec::parseIp(address.substr(0, address.find('/')));
            return std::any_of(peer.allowedIps.begin(), peer.allowedIps.end(),
                               [&](const std::string& allowed) {
                                   const auto network = spec::parseNetwork(allowed);
                                   return network && ip && network->contains(*ip);
                               });
        });
    }
};

/// The controller of one host, second by second.
class Agent {
public:
    Agent(const ModelStack& document, const std::string& name)
        : subject(document, name), interval_(*rc::gen::inRange(30, 91)), due_(*rc::gen::inRange(0, 90)) {}

    void second(std::int64_t now, const std::vector<ModelStack>& pushed, bool mayDie) {
        // The guard is a process of its own: it looks after an open transaction every second.
        if (subject.store.journal() && guarded_) {
            attend(now);
        }
        if (now < due_ || now < deadUntil_) {
            return;
        }
        due_ = now + interval_;
        if (mayDie && *rc::gen::inRange(0, 4) == 0) {
            subject.host.fuse.dieAt = *rc::gen::inRange(1, 8);
        }
        try {
            converge(now, pushed);
        } catch (const Error&) {
            // Tried again at the next interval.
        } catch (const Killed&) {
            deadUntil_ = now + *rc::gen::inRange(1, 200);
            guarded_ = *rc::gen::arbitrary<bool>();
        }
        subject.host.revive();
    }

    [[nodiscard]] bool isAt(const ModelStack& document, std::size_t number) {
        return !subject.store.journal() && subject.committed(targetAt(document, number));
    }

    Subject subject;
    /// Nobody pulls before that: a lost network, a host that is switched off.
    std::int64_t offlineUntil = 0;

private:
    [[nodiscard]] apply::Target targetAt(const ModelStack& document, std::size_t number) const {
        return subject.target(document, "revision-" + std::to_string(number));
    }
    void attend(std::int64_t now) {
        if (subject.attend() == apply::Attended::expired) {
            pausedUntil_ = now + 60 + *rc::gen::inRange<std::int64_t>(0, kWindow / 2);
        }
    }
    void converge(std::int64_t now, const std::vector<ModelStack>& pushed) {
        attend(now);
        if (subject.store.journal() || now < pausedUntil_ || now < offlineUntil) {
            return;
        }
        const auto target = targetAt(pushed.back(), pushed.size() - 1);
        const auto plan = subject.plan(target);
        if (!plan.empty() || !subject.committed(target)) {
            guarded_ = true;
            static_cast<void>(
                apply::apply(target, plan, subject.store, subject.settings, subject.host.system()));
        }
    }

    std::int64_t interval_;
    std::int64_t due_;
    std::int64_t deadUntil_ = 0;
    std::int64_t pausedUntil_ = 0;
    bool guarded_ = true;
};

/// A push, and what really moves with it.
struct Push {
    std::int64_t at = 0;
    ModelStack document;
    std::string vpsAddress;  ///< empty: it stays
};

struct Run {
    Agent vps;
    Agent vm;
    Internet internet{kFirstAddress};
    std::vector<ModelStack> pushed;
    std::int64_t now = 0;
    std::int64_t down = 0;  ///< seconds without a working tunnel after it first worked

    explicit Run(const ModelStack& document) : vps(document, "vps"), vm(document, "vm"), pushed{document} {}

    void second(bool mayDie) {
        ++now;
        for (auto* agent : {&vps, &vm}) {
            agent->subject.host.clock.milliseconds += 1000;
            agent->second(now, pushed, mayDie);
        }
        internet.second(vps.subject.host, vm.subject.host);
        down += works() ? 0 : 1;
    }
    [[nodiscard]] bool works() { return internet.works(vps.subject.host, vm.subject.host); }
    [[nodiscard]] bool settled() {
        return vps.isAt(pushed.back(), pushed.size() - 1) && vm.isAt(pushed.back(), pushed.size() - 1);
    }
    /// Both hosts are at the newest revision and the tunnel works; false: not within hours.
    bool settles(bool mayDie) {
        const auto until = now + kLongest;
        while (now < until) {
            second(mayDie && now + kLongest / 2 < until);  // in the end nobody kills any more
            if (works() && now % 10 == 0 && settled()) {
                return true;
            }
        }
        return false;
    }
};

/// Gives a host its next key and returns the public half.
std::string nextKey(Run& run, const std::string& name) {
    auto& host = (name == "vps" ? run.vps : run.vm).subject.host;
    const auto key = secrets::generateWireguardKey();
    host.files.put(apply::keyPaths(ModelHost::kState, "wg0").next, std::string(view(key.privateKey)) + "\n",
                   0600);
    return key.publicKey;
}

/// A change of one kind, in one push or several.
std::vector<Push> changeOf(int kind, Run& run, const std::string& who) {
    ModelStack document = run.pushed.back();
    Push push{0, document, {}};
    switch (kind) {
        case 0: {  // a key, with both known for a while
            const auto key = nextKey(run, who);
            hostIn(document, who).nextPublicKey = key;
            Push first{0, document, {}};
            hostIn(document, who).publicKey = key;
            hostIn(document, who).nextPublicKey.clear();
            return {first, {*rc::gen::inRange(0, 900), document, {}}};
        }
        case 1:  // a key, all at once
            hostIn(push.document, who).publicKey = nextKey(run, who);
            break;
        case 2:
            push.document.stack.wireguard.listenPort = 51999;
            break;
        case 3:
            push.vpsAddress = "203.0.113.77";
            hostIn(push.document, "vps").endpoint = push.vpsAddress;
            break;
        case 4:
            hostIn(push.document, who).vpnAddress = "10.66.66.5";
            break;
        case 5:
            push.document.stack.hosts.push_back(
                {"laptop", "", "10.66.66.6", secrets::generateWireguardKey().publicKey, "", ""});
            break;
        default:  // several at once
            hostIn(push.document, who).publicKey = nextKey(run, who);
            push.document.stack.wireguard.listenPort = 51888;
            hostIn(push.document, "vm").vpnAddress = "10.66.66.4";
    }
    return {push};
}

constexpr int kKinds = 7;

TEST_CASE("two hosts that pull and die at any time always end at the revision, with a handshake",
          "[property][hosts]") {
    int tried = 0;
    holds(
        [&tried] {
            Run run(tunnelOnly());
            RC_ASSERT(run.settles(false));
            const int kind = *rc::gen::inRange(0, kKinds);
            const auto who = *rc::gen::element<std::string>("vps", "vm");
            const bool mayDie = *rc::gen::arbitrary<bool>();
            for (auto& push : changeOf(kind, run, who)) {
                for (std::int64_t i = 0; i < push.at; ++i) {
                    run.second(mayDie);
                }
                auto& late = *rc::gen::arbitrary<bool>() ? run.vps : run.vm;
                late.offlineUntil = run.now + *rc::gen::element<std::int64_t>(0, 0, 200, 1500);
                if (!push.vpsAddress.empty()) {
                    run.internet.vpsAddress = push.vpsAddress;
                }
                run.pushed.push_back(push.document);
            }
            RC_LOG() << "kind " << kind << " of " << who << (mayDie ? ", with kills" : "") << "\n";
            RC_ASSERT(run.settles(mayDie));
            ++tried;
        },
        60);
    std::cout << "two hosts: " << tried << " schedules tried, each ended at the revision with a handshake\n";
    CHECK(tried > 0);
}

TEST_CASE("a host whose peer never follows goes back by itself, and the tunnel works again",
          "[property][hosts]") {
    holds(
        [] {
            Run run(tunnelOnly());
            RC_ASSERT(run.settles(false));
            run.vm.offlineUntil = kLongest;
            auto push = changeOf(1, run, "vps").front();
            run.pushed.push_back(push.document);
            bool broke = false;
            bool back = false;
            for (int i = 0; i < 2 * kWindow && !back; ++i) {
                run.second(false);
                broke = broke || !run.works();
                back = broke && run.works();
            }
            RC_ASSERT(broke);
            RC_ASSERT(back);
            RC_ASSERT(!run.vps.subject.store.journal());
            const auto history = run.vps.subject.store.history(1);
            RC_ASSERT(history.front().result == "WaitingForPeer");
            RC_ASSERT(!run.vps.subject.store.quarantined(history.front().revision));
        },
        20);
}

TEST_CASE("with both keys known a key is changed without losing the tunnel for longer than a look",
          "[property][hosts]") {
    std::int64_t longest = 0;
    holds(
        [&longest] {
            Run run(tunnelOnly());
            RC_ASSERT(run.settles(false));
            const auto who = *rc::gen::element<std::string>("vps", "vm");
            const auto pushes = changeOf(0, run, who);
            const auto before = run.down;
            run.pushed.push_back(pushes[0].document);
            RC_ASSERT(run.settles(false));
            for (int i = 0; i < 300; ++i) {
                run.second(false);
            }
            run.pushed.push_back(pushes[1].document);
            RC_ASSERT(run.settles(false));
            // The host that changes may do so before its peer knows the new key (one look of the peer), and
            // the addresses follow the handshake at the next look of either.
            longest = std::max(longest, run.down - before);
            RC_ASSERT(run.down - before <= 3 * 95);
        },
        20);
    std::cout << "a key changed over: the tunnel was down for at most " << longest << " s\n";
}

}  // namespace
}  // namespace vigie::tests
