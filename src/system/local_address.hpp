// Whether an address is one of this host's.
#pragma once

#include <string>

namespace vigie::system {

/// The host part of an http URL, without brackets.
std::string hostOf(const std::string& url);

/// Whether a numeric address is known not to be one of this host's. A name is not looked up: false.
/// Nothing is sent. Holds also where addresses may be bound that are not there (`ip_nonlocal_bind`).
bool isElsewhere(const std::string& address);

}  // namespace vigie::system
