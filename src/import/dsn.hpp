// A PostgreSQL connection string, taken apart.
#pragma once

#include "base/secure.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace vigie::imports {

/// A connection string taken apart, its user and password decoded.
struct Dsn {
    std::string user;
    SecureBytes password;
    std::string host;
    int port = 0;  ///< 0: not written
    std::string database;
};

/// `postgres://USER:PASSWORD@HOST:PORT/DATABASE?OPTIONS`; nothing when it is none.
std::optional<Dsn> parseDsn(std::string_view text);

}  // namespace vigie::imports
