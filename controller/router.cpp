// Dispatches requests to handlers by method and path.

#include "controller/router.hpp"

#include "base/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace vigie::controller {
namespace {

constexpr std::string_view kBelow = "/*";

bool isPrefix(std::string_view pattern) {
    return pattern.size() >= kBelow.size() && pattern.substr(pattern.size() - kBelow.size()) == kBelow;
}

bool matches(std::string_view pattern, std::string_view path) {
    if (!isPrefix(pattern)) {
        return pattern == path;
    }
    const auto stem = pattern.substr(0, pattern.size() - 1);
    return path.size() > stem.size() && path.substr(0, stem.size()) == stem;
}

/// Whether `a` says more about a path than `b`, when both match it.
bool isCloser(std::string_view a, std::string_view b) {
    return isPrefix(a) != isPrefix(b) ? isPrefix(b) : a.size() > b.size();
}

}  // namespace

HttpResponse errorResponse(int status, std::string_view error, std::string_view hint) {
    nlohmann::json body = {{"error", printable(error)}};
    if (!hint.empty()) {
        body["hint"] = printable(hint);
    }
    HttpResponse out;
    out.status = status;
    out.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    return out;
}

HttpResponse tokenWanted(std::string_view why) {
    auto out = errorResponse(
        401, why, "send `Authorization: Bearer …` with what `http.tokenFile` holds, or use the unix socket");
    out.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"vigie\"");
    return out;
}

std::optional<std::string> between(std::string_view path, std::string_view below, std::string_view behind) {
    if (path.size() <= below.size() + behind.size() || !path.starts_with(below) || !path.ends_with(behind)) {
        return std::nullopt;
    }
    return std::string(path.substr(below.size(), path.size() - below.size() - behind.size()));
}

void Router::add(std::string method, std::string path, HttpHandler handler) {
    const auto isSame = [&](const Entry& entry) {
        return entry.route.method == method && entry.route.path == path;
    };
    if (std::any_of(entries_.begin(), entries_.end(), isSame)) {
        throw std::logic_error("two handlers for " + method + " " + path);
    }
    entries_.push_back({{std::move(method), std::move(path)}, std::move(handler)});
}

void Router::operator()(HttpRequest request, HttpReply reply) const {
    const Entry* closest = nullptr;
    for (const auto& entry : entries_) {
        if (matches(entry.route.path, request.path) &&
            (closest == nullptr || isCloser(entry.route.path, closest->route.path))) {
            closest = &entry;
        }
    }
    if (closest == nullptr && request.path != "*") {
        return reply(errorResponse(404, "there is nothing at this path"));
    }
    const std::string wanted = request.method == "HEAD" ? "GET" : request.method;
    std::vector<std::string> allowed = {"OPTIONS"};
    for (const auto& entry : entries_) {
        if (closest != nullptr && entry.route.path != closest->route.path) {
            continue;
        }
        if (closest != nullptr && entry.route.method == wanted) {
            return entry.handler(std::move(request), std::move(reply));
        }
        allowed.push_back(entry.route.method);
        if (entry.route.method == "GET") {
            allowed.emplace_back("HEAD");
        }
    }
    std::sort(allowed.begin(), allowed.end());
    allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
    HttpResponse out = request.method == "OPTIONS" ? HttpResponse{204, "", "", {}}
                                                   : errorResponse(405, "this path does not know that method",
                                                                   "it knows " + join(allowed, ", "));
    out.headers.emplace_back("Allow", join(allowed, ", "));
    reply(std::move(out));
}

std::vector<Router::Route> Router::routes() const {
    std::vector<Route> out;
    for (const auto& entry : entries_) {
        out.push_back(entry.route);
    }
    std::sort(out.begin(), out.end(), [](const Route& a, const Route& b) {
        return std::tie(a.path, a.method) < std::tie(b.path, b.method);
    });
    return out;
}

}  // namespace vigie::controller
