// HTTP by the helper program vigie-http.
#pragma once

#include "system/http.hpp"
#include "system/processes.hpp"

namespace vigie::system {

/// Sends requests through the helper program `vigie-http`. cpprestsdk lives there: it starts many threads,
/// counts its timeout for each leg, and ends the process on an exception that nobody observes; a helper can
/// be killed.
class HelperHttp : public Http {
public:
    HelperHttp(Processes& processes, std::string helper)
        : processes_(processes), helper_(std::move(helper)) {}

    HttpResponse send(const HttpRequest& request) override;
    /// By one helper, because to start it takes longer than to ask.
    std::vector<HttpResponse> sendAll(const std::vector<HttpRequest>& requests) override;

private:
    Processes& processes_;
    std::string helper_;
};

}  // namespace vigie::system
