// Sends HTTP requests through vigie-http.

#include "system/helper_http.hpp"

#include "base/error.hpp"
#include "base/parse_json.hpp"
#include "system/local_address.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace vigie::system {
namespace {

std::string nameOf(const HttpRequest& request) {
    return request.method + " " + request.url;
}

}  // namespace

HttpResponse HelperHttp::send(const HttpRequest& request) {
    return sendAll({request}).front();
}

std::vector<HttpResponse> HelperHttp::sendAll(const std::vector<HttpRequest>& requests) {
    auto questions = nlohmann::json::array();
    std::chrono::milliseconds timeout{0};
    constexpr std::size_t kEnvelope = 4096;
    constexpr std::size_t kEscaping = 6;  // a byte becomes \u00xx at worst
    std::size_t size = kEnvelope;
    for (const auto& request : requests) {
        // Programs of this host are asked at its own addresses. One that it does not have yet, because the
        // tunnel is down, would be asked for somewhere on the internet until the deadline.
        if (const auto host = hostOf(request.url); !request.ofOtherHost && isElsewhere(host)) {
            throw Error(nameOf(request) + ": " + host + " is not an address of this host");
        }
        questions.push_back({{"method", request.method},
                             {"url", request.url},
                             {"body", request.body},
                             {"timeoutMs", request.timeout.count()},
                             {"maxBytes", request.maxBytes}});
        timeout += request.timeout;
        size += request.maxBytes * kEscaping + kEnvelope;
    }
    const auto result = processes_.run({{helper_}, questions.dump(), {}, timeout, size});
    if (result.timedOut) {
        throw Error(nameOf(requests.front()) + ": no answer within " + std::to_string(timeout.count()) +
                    " ms");
    }
    const auto answers = parseJson(result.out);
    if (!result.ok() || !answers.is_array()) {
        // No answer of the peer's: a broken installation must never pass for a program that does not run.
        throw std::runtime_error(nameOf(requests.front()) + ": the helper " + helper_ + " failed");
    }
    std::vector<HttpResponse> out;
    for (const auto& answer : answers) {
        if (const auto error = memberOr(answer, "error", ""); !error.empty()) {
            throw Error(nameOf(requests.at(out.size())) + ": " + error);
        }
        out.push_back({memberOr(answer, "status", 0), memberOr(answer, "body", "")});
    }
    if (out.size() != requests.size()) {
        throw std::runtime_error(nameOf(requests.front()) + ": the helper " + helper_ + " failed");
    }
    return out;
}

}  // namespace vigie::system
