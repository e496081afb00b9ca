// Why an apply is not begun, where trying again alone mends nothing.

#pragma once

#include "base/error.hpp"

namespace vigie::apply {

/// Nothing was changed, and only another document or an operator helps: a checker refuses the configuration,
/// something of somebody else's is in the way, a server would be lost. What is missing or does not answer
/// just now is a plain Error.
class Refused : public Error {
public:
    using Error::Error;
};

/// A network of the host's that a server joins is not there: whoever has it is down.
class NetworkMissing : public Refused {
public:
    using Refused::Refused;
};

}  // namespace vigie::apply
