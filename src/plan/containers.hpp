// What is said of a container that runs and is not as it should be.

#pragma once

#include "plan/observed.hpp"

#include <string>

namespace vigie::plan {

/// Of a container that has mounted directories which are no longer there (`staleMounts` is not empty).
std::string staleMountReason(const ObservedContainer& container);

}  // namespace vigie::plan
