// Compares endpoints of peers with the addresses of their names.

#include "kinds/wireguard/endpoints.hpp"

#include "base/text.hpp"
#include "spec/address.hpp"

#include <algorithm>

namespace vigie::plan {
namespace {

struct HostAndPort {
    std::string host;
    std::string port;  ///< with its colon
};

HostAndPort partsOf(const std::string& endpoint) {
    const auto colon = std::min(endpoint.rfind(':'), endpoint.size());
    std::string host = endpoint.substr(0, colon);
    if (host.size() > 1 && host.front() == '[') {
        host = host.substr(1, host.size() - 2);
    }
    return {host, endpoint.substr(colon)};
}

std::string place(const spec::IpAddress& address, const std::string& port) {
    const auto text = spec::toText(address);
    return (address.v6 ? "[" + text + "]" : text) + port;
}

bool has(const std::vector<std::string>& all, const std::string& each) {
    return std::find(all.begin(), all.end(), each) != all.end();
}

}  // namespace

std::string nameIn(const std::string& endpoint) {
    auto host = partsOf(endpoint).host;
    return spec::parseIp(host) ? std::string() : host;
}

std::vector<std::string> placesOf(const std::string& endpoint, const ObservedWireguard& observed) {
    const auto [host, port] = partsOf(endpoint);
    if (const auto address = spec::parseIp(host)) {
        return {place(*address, port)};
    }
    std::vector<std::string> out;
    const auto known = observed.names.find(host);
    if (known != observed.names.end()) {
        for (const auto& text : known->second.addresses) {
            if (const auto address = spec::parseIp(text)) {
                out.push_back(place(*address, port));
            }
        }
    }
    return out;
}

std::string placeToDial(const std::string& endpoint, const std::string& live,
                        const ObservedWireguard& observed) {
    const auto places = placesOf(endpoint, observed);
    return places.empty() || has(places, live) ? live : places.front();
}

bool roams(const std::string& endpoint, const ObservedPeer& peer, const ObservedWireguard& observed) {
    const auto places = placesOf(endpoint, observed);
    return peer.alive() && !places.empty() && !has(places, peer.endpoint);
}

}  // namespace vigie::plan
