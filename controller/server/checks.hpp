#pragma once

#include "controller/http.hpp"

#include <optional>

namespace vigie::controller {

/// How a request came.
struct Way {
    bool local = false;      ///< through the unix socket
    bool encrypted = false;  ///< with TLS
};

/// Whether a request is for `/hooks/…`, which knows by itself whom to believe.
bool isHook(const HttpRequest& request);

/// Why a request is refused before its body is read: a browser was talked into it, or it changes something
/// and may not. Wants `mayChange` set. Nothing when it may pass.
std::optional<HttpResponse> refusalOf(const HttpRequest& request, const Way& way);

}  // namespace vigie::controller
