// Checks a property for many generated values.
#pragma once

#include "tests/support/catch.hpp"

#include <rapidcheck.h>

#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string_view>

namespace vigie::tests {

/// How much is tried: VIGIE_FAULTS=short or long.
enum class Effort : std::uint8_t { shorter, normal, longer };
inline Effort effort() {
    const char* const text = std::getenv("VIGIE_FAULTS");  // NOLINT(concurrency-mt-unsafe): one thread
    const std::string_view value = text == nullptr ? "" : text;
    return value == "long" ? Effort::longer : value == "short" ? Effort::shorter : Effort::normal;
}
inline bool longRun() {
    return effort() == Effort::longer;
}

/// RapidCheck's verdict as a check of Catch2. `cases` are tried; ten times as many in a long run, a
/// tenth in a short one.
/// RC_PARAMS="seed=N" repeats a run.
template <class Property>
void holds(Property property, int cases = 100) {
    constexpr int kFactor = 10;
    auto parameters = rc::detail::configuration().testParams;
    parameters.maxSuccess = effort() == Effort::longer    ? cases * kFactor
                            : effort() == Effort::shorter ? cases / kFactor
                                                          : cases;
    const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata{}, parameters);
    std::ostringstream why;
    rc::detail::printResultMessage(result, why);
    INFO("seed " << parameters.seed << "\n" << why.str());
    CHECK(result.template is<rc::detail::SuccessResult>());
}

}  // namespace vigie::tests
