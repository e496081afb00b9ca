// The error of a host that does not work with what was rendered for it.
#pragma once

#include "base/error.hpp"

namespace vigie::apply {

/// This host does not work with what was rendered for it: a program refused it, or a container does not stay
/// up. Trying the same again would do the same harm; a failing disk, tool or network is a plain Error.
class Rejected : public Error {
public:
    using Error::Error;
};

}  // namespace vigie::apply
