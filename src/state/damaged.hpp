// What is in the file of the state database is none of ours (any more).
#pragma once

#include "base/error.hpp"

namespace vigie::state {

/// No other try helps: the way on is to move the file aside.
class Damaged : public Error {
public:
    using Error::Error;
};

}  // namespace vigie::state
