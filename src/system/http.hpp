// HTTP requests and their answers.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace vigie::system {

/// Bytes of an answer's body that may be expected of a list, which grows with what there is: containers,
/// targets, rules, silences, metrics.
constexpr std::size_t kLargeAnswer = 8U << 20U;

struct HttpRequest {
    std::string method = "GET";
    std::string url;
    std::string body;
    std::chrono::milliseconds timeout{5'000};  ///< for the whole exchange
    std::size_t maxBytes = 256U << 10U;        ///< of the answer's body: enough for a status, or an error
    bool ofOtherHost = false;  ///< it goes to another host: its address need not be one of this host's
};

struct HttpResponse {
    int status = 0;
    std::string body;
};

/// HTTP to programs of the host, and to the controllers of the other ones.
class Http {
public:
    Http() = default;
    Http(const Http&) = delete;
    Http& operator=(const Http&) = delete;
    Http(Http&&) = delete;
    Http& operator=(Http&&) = delete;
    virtual ~Http() = default;

    /// Any status is an answer. Throws Error when there is none within the timeout; any other exception
    /// means that we could not ask.
    virtual HttpResponse send(const HttpRequest& request) = 0;

    /// The answers to several requests, in their order, each as `send` has it. After the first that has none
    /// the others are not sent.
    virtual std::vector<HttpResponse> sendAll(const std::vector<HttpRequest>& requests) {
        std::vector<HttpResponse> out;
        for (const auto& request : requests) {
            out.push_back(send(request));
        }
        return out;
    }
};

}  // namespace vigie::system
