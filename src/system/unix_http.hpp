// HTTP over a unix socket: the Docker engine's API.
#pragma once

#include "system/descriptor.hpp"
#include "system/http.hpp"
#include "system/stop.hpp"

#include <string>
#include <utility>

namespace vigie::system {

/// Where the Docker engine listens.
constexpr const char* kEngineSocket = "/var/run/docker.sock";

/// Who is asked over a connection that is there already.
struct HttpPeer {
    std::string host;           ///< of the header `Host`
    std::string authorization;  ///< of the header `Authorization`; empty: none
    std::string hint;           ///< what to do when there is no answer
};

/// One request and its answer over a connection that does not block. As `Http::send`; nothing of the answer
/// is believed.
HttpResponse exchange(const Descriptor& connection, const HttpRequest& request, const HttpPeer& peer,
                      const Stop& stop);

/// HTTP over a unix socket: the Docker engine's API. The host part of a URL is ignored. Each request has a
/// connection of its own. Throws Interrupted as soon as the operator asks us to stop, and
/// std::invalid_argument when a method or a URL cannot be sent.
class UnixHttp : public Http {
public:
    UnixHttp(std::string socketPath, const Stop& stop) : socketPath_(std::move(socketPath)), stop_(stop) {}

    HttpResponse send(const HttpRequest& request) override;

private:
    std::string socketPath_;
    const Stop& stop_;
};

}  // namespace vigie::system
