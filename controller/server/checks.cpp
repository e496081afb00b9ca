// Refuses requests by Host, Origin and token before a handler sees them.

#include "controller/server/checks.hpp"

#include "base/redact.hpp"
#include "controller/router.hpp"
#include "spec/address.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace vigie::controller {
namespace {

std::string_view fieldOf(const HttpRequest& request, const char* name) {
    const auto found = request.headers.find(name);
    return found == request.headers.end() ? std::string_view{} : std::string_view(found->second);
}

/// The host of `host:port`, in lower case and without brackets.
std::string hostOf(std::string_view authority) {
    if (!authority.empty() && authority.front() == '[') {
        const auto end = authority.find(']');
        const auto port = end == std::string_view::npos ? authority : authority.substr(end + 1);
        return port.empty() || port.front() == ':' ? lowerCase(authority.substr(1, end - 1)) : std::string();
    }
    return lowerCase(authority.substr(0, authority.find(':')));
}

/// A name can be made to point anywhere (DNS rebinding), so that a page of somebody else becomes a page of
/// ours for a browser. A numeric address cannot, and neither can a name that our certificate proves: for
/// another one no browser goes on, but not everybody who sends a token is a browser.
bool isOurs(std::string_view authority, const Way& way, const std::vector<std::string>& names) {
    const std::string host = hostOf(authority);
    return host == "localhost" || spec::parseIp(host).has_value() ||
           std::find(names.begin(), names.end(), host) != names.end() || (way.proves && way.proves(host));
}

/// What a load balancer asks under whatever name; it says nothing of the host.
bool isProbe(const HttpRequest& request) {
    return request.path == "/healthz" || request.path == "/readyz";
}

bool isFromElsewhere(const HttpRequest& request, const Way& way) {
    const auto site = fieldOf(request, "sec-fetch-site");
    if (!site.empty() && site != "same-origin" && site != "none") {
        return true;
    }
    const auto origin = request.headers.find("origin");
    const std::string own = (way.encrypted ? "https://" : "http://") + lowerCase(fieldOf(request, "host"));
    return origin != request.headers.end() && lowerCase(origin->second) != own;
}

}  // namespace

bool isHook(const HttpRequest& request) {
    return request.path.rfind("/hooks/", 0) == 0;
}

std::optional<HttpResponse> refusalOf(const HttpRequest& request, const Way& way,
                                      const std::vector<std::string>& names) {
    const bool reads = request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
    if (way.local || isHook(request) || (reads && isProbe(request))) {
        return std::nullopt;
    }
    const auto host = fieldOf(request, "host");
    if (!(reads && host.empty()) && !isOurs(host, way, names)) {  // a browser always sends one
        return errorResponse(403, "this Host is not one of ours",
                             "use the numeric address or localhost, a name that the certificate of "
                             "`http.tls` is for, or write the name "
                             "into `http.names`");
    }
    if (reads) {
        return std::nullopt;
    }
    if (isFromElsewhere(request, way)) {
        return errorResponse(403, "changes are not taken from pages of another origin");
    }
    if (!request.mayChange) {
        return tokenWanted("changes need the token");
    }
    return std::nullopt;
}

}  // namespace vigie::controller
