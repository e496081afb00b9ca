// HTTP to a program in a container, from inside of its own network.
#pragma once

#include "system/attach.hpp"
#include "system/http.hpp"
#include "system/stop.hpp"

#include <utility>

namespace vigie::system {

/// The host part of a URL is ignored: all requests go to one address of the container's network. Each has a
/// connection of its own, and the process is looked at anew for each. Whatever answers is not believed.
/// Throws AttachError where no connection is made, Error where no answer comes.
class AttachHttp : public Http {
public:
    AttachHttp(Attach& attach, AttachedAddress to, const Stop& stop)
        : attach_(attach), to_(std::move(to)), stop_(stop) {}

    HttpResponse send(const HttpRequest& request) override;

private:
    Attach& attach_;
    AttachedAddress to_;
    const Stop& stop_;
};

}  // namespace vigie::system
