// What to do about each kind of error: the one place that knows.
#include "controller/reconcile/failure.hpp"

#include "apply/refused.hpp"
#include "apply/rejected.hpp"
#include "controller/trial_reading.hpp"

namespace vigie::controller {
namespace {

template <class Kind>
bool is(const Error& error) {
    return dynamic_cast<const Kind*>(&error) != nullptr;
}

}  // namespace

Disposition dispositionOf(const Error& error) {
    return is<HostMoved>(error)         ? Disposition::retrySoon
           : is<apply::Refused>(error)  ? Disposition::stalled
           : is<apply::Rejected>(error) ? Disposition::rejected
           : is<InvalidDocument>(error) ? Disposition::invalid
           : is<Unreadable>(error)      ? Disposition::unreadable
                                        : Disposition::retry;
}

std::optional<Reason> reasonOf(const Error& error) {
    return is<apply::NetworkMissing>(error) ? std::optional(Reason::networkMissing) : std::nullopt;
}

}  // namespace vigie::controller
