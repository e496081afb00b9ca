// Refuses requests by Host, Origin and token before a handler sees them.
#pragma once

#include "controller/http.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace vigie::controller {

/// How a request came.
struct Way {
    bool local = false;      ///< through the unix socket
    bool encrypted = false;  ///< with TLS
    /// Whether the certificate of that connection is good for a name; empty without TLS.
    std::function<bool(const std::string& name)> proves = nullptr;
};

/// Whether a request is for `/hooks/…`, which knows by itself whom to believe.
bool isHook(const HttpRequest& request);

/// Why a request is refused before its body is read: a browser was talked into it, or it changes something
/// and may not. Wants `mayChange` set. `names` are those that may stand in `Host` beside numeric addresses,
/// in lower case. Nothing when it may pass.
std::optional<HttpResponse> refusalOf(const HttpRequest& request, const Way& way,
                                      const std::vector<std::string>& names);

}  // namespace vigie::controller
