// HTTP over connections that vigie-attach makes.

#include "system/attach_http.hpp"

#include "system/unix_http.hpp"

#include <chrono>

namespace vigie::system {

HttpResponse AttachHttp::send(const HttpRequest& request) {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    const bool six = to_.address.find(':') != std::string::npos;
    const std::string host = (six ? "[" + to_.address + "]" : to_.address) + ":" + std::to_string(to_.port);
    const auto connection = attach_.connect(to_.process, to_.address, to_.port, request.timeout);
    auto rest = request;
    rest.timeout -= std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    try {
        return exchange(connection, rest, {host, to_.authorization, "see the log of the container"}, stop_);
    } catch (const Error& error) {
        throw Error(request.method + " " + request.url + " in the container: " + error.what(), error.hint());
    }
}

}  // namespace vigie::system
