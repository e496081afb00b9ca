// What to do about each kind of error: the one place that knows.
#pragma once

#include "base/error.hpp"
#include "controller/outcome.hpp"

#include <cstdint>
#include <optional>

namespace vigie::controller {

/// Only a new commit can mend the document.
class InvalidDocument : public Error {
public:
    using Error::Error;
};

/// Somebody changed the host between the plan and its apply. It is over at once, mostly: an editor that
/// writes.
class HostMoved : public Error {
public:
    HostMoved() : Error("the host changed while its plan was made", "it is looked at again in a moment") {}
};

enum class Disposition : std::uint8_t {
    retry,      ///< another moment may do
    retrySoon,  ///< it is over in a moment, mostly
    stalled,    ///< nothing was changed, and only a commit or an operator helps; tried again all the same
    rejected,   ///< this host does not work with it: the same is not tried again by itself
    invalid,    ///< only a new commit helps
    unreadable  ///< the document could not be read in time; another moment may do
};

Disposition dispositionOf(const Error& error);

/// The reason of the conditions, where it says more than that of the outcome.
std::optional<Reason> reasonOf(const Error& error);

}  // namespace vigie::controller
