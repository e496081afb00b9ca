// Looks for this host's address in the network that joins the hosts, and at what the others answer there.

#include "controller/network_look.hpp"

#include "apply/http_api.hpp"
#include "apply/tools.hpp"
#include "base/error.hpp"
#include "base/parse_json.hpp"
#include "base/text.hpp"
#include "spec/topology.hpp"

namespace vigie::controller {

std::string missingAddress(const spec::Stack& stack, const spec::Host& host, system::Processes& processes) {
    const auto address = spec::addressOf(stack, host);
    const auto& wanted = stack.network.interface;
    const auto said =
        parseJson(apply::mustRun(std::vector<std::string>{"ip", "-json", "address"}, processes).out);
    if (!said.is_array()) {
        throw Error("`ip -json address` does not print a list");
    }
    std::string elsewhere;
    for (const auto& interface : said) {
        for (const auto& each : apply::member(interface, "addr_info")) {
            const auto is = spec::parseIp(apply::text(each, "local"));
            if (!is || spec::toText(*is) != address) {
                continue;
            }
            const auto name = apply::text(interface, "ifname");
            if (wanted.empty() || name == wanted) {
                return {};
            }
            elsewhere = name;
        }
    }
    return "this host has no address " + address + (wanted.empty() ? "" : " on " + wanted) +
           (elsewhere.empty() ? "" : "; it is on " + printable(elsewhere)) + ": is the network up?";
}

void noteAnswers(const spec::Stack& stack, const std::vector<AskedHost>& answers, NetworkReport& report) {
    for (const auto& [status, at] : answers) {
        const auto* host = stack.host(status.host);
        if (host == nullptr) {
            continue;
        }
        if (status.answered) {
            report.answered +=
                (report.answered.empty() ? "" : ", ") + status.host + " at " + spec::addressOf(stack, *host);
        } else {
            report.silent +=
                (report.silent.empty() ? "" : "; ") + status.host + " does not answer: " + status.problem;
        }
    }
}

}  // namespace vigie::controller
