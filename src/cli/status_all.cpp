// `vigie status` of all hosts of a document.
#include "apply/probes/peers.hpp"
#include "apply/transaction/generations.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/host_system.hpp"
#include "cli/terminal.hpp"
#include "spec/topology.hpp"

#include <nlohmann/json.hpp>

namespace vigie::cli {
namespace {

constexpr auto kPatience = std::chrono::seconds(5);

std::string line(const apply::PeerStatus& peer) {
    if (!peer.answered) {
        return peer.host + "  no answer: " + peer.problem;
    }
    return peer.host + "  Ready=" + peer.ready + "  " +
           (peer.lastAppliedRevision.empty() ? "nothing applied" : shortRevision(peer.lastAppliedRevision)) +
           "  Healthy=" + peer.healthy + "  " + peer.message;
}

nlohmann::ordered_json toJson(const apply::PeerStatus& peer) {
    return {{"host", peer.host},       {"answered", peer.answered},
            {"problem", peer.problem}, {"lastAppliedRevision", peer.lastAppliedRevision},
            {"ready", peer.ready},     {"healthy", peer.healthy},
            {"message", peer.message}};
}

}  // namespace

int statusOfAllHosts(const StatusOptions& options) {
    HostSystem here(options.root);
    const auto store = state::Store::openReadOnly(here.statePath("vigie.db"));
    const auto generations = store ? store->generations() : std::vector<state::Generation>{};
    if (generations.empty()) {
        throw Error("nothing has been applied on this host yet, so the other hosts are not known");
    }
    const auto loaded = loadUsable(
        here.files.real(apply::generationDirectory(options.root.state, generations.front().directory)));
    const auto& stack = loaded.document->stack;
    if (!spec::joined(stack)) {
        throw Error("no network joins the hosts of this document, so there are no other hosts to ask",
                    "`vigie status` shows the status of this host");
    }
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    bool good = true;
    for (const auto& host : stack.hosts) {
        const auto peer = apply::askPeer(stack, host, kPatience, here.http);
        good = good && peer.answered && peer.ready == "True";
        if (options.output == "json") {
            all.push_back(toJson(peer));
        } else {
            print(printable(line(peer)) + "\n");
        }
    }
    if (options.output == "json") {
        print(all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    }
    return good ? kOk : kDifference;
}

}  // namespace vigie::cli
