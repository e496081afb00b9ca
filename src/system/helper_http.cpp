#include "system/helper_http.hpp"

#include "base/error.hpp"
#include "system/local_address.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace vigie::system {

HttpResponse HelperHttp::send(const HttpRequest& request) {
    const std::string what = request.method + " " + request.url;
    // Programs of this host are asked at its own addresses. One that it does not have yet, because the tunnel
    // is down, would be asked for somewhere on the internet until the deadline.
    if (const auto host = hostOf(request.url); isElsewhere(host)) {
        throw Error(what + ": " + host + " is not an address of this host");
    }
    const nlohmann::json question{{"method", request.method},
                                  {"url", request.url},
                                  {"body", request.body},
                                  {"timeoutMs", request.timeout.count()},
                                  {"maxBytes", request.maxBytes}};
    constexpr std::size_t kEnvelope = 4096;
    constexpr std::size_t kEscaping = 6;  // a byte becomes \u00xx at worst
    const auto result = processes_.run(
        {{helper_}, question.dump(), {}, request.timeout, request.maxBytes * kEscaping + kEnvelope});
    if (result.timedOut) {
        throw Error(what + ": no answer within " + std::to_string(request.timeout.count()) + " ms");
    }
    const auto answer = nlohmann::json::parse(result.out, nullptr, false);
    if (!result.ok() || !answer.is_object()) {
        // No answer of the peer's: a broken installation must never pass for a program that does not run.
        throw std::runtime_error(what + ": the helper " + helper_ + " failed");
    }
    if (answer.contains("error")) {
        throw Error(what + ": " + answer["error"].get<std::string>());
    }
    return {answer.value("status", 0), answer.value("body", "")};
}

}  // namespace vigie::system
