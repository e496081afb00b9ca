#pragma once

#include "tests/support/catch.hpp"

#include <rapidcheck.h>

#include <cstdlib>
#include <sstream>
#include <string_view>

namespace vigie::tests {

/// VIGIE_FAULTS=long: more of everything.
inline bool longRun() {
    const char* const text = std::getenv("VIGIE_FAULTS");  // NOLINT(concurrency-mt-unsafe): one thread
    return text != nullptr && std::string_view(text) == "long";
}

/// RapidCheck's verdict as a check of Catch2. `cases` are tried, ten times as many in a long run.
/// RC_PARAMS="seed=N" repeats a run.
template <class Property>
void holds(Property property, int cases = 100) {
    constexpr int kLong = 10;
    auto parameters = rc::detail::configuration().testParams;
    parameters.maxSuccess = cases * (longRun() ? kLong : 1);
    const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata{}, parameters);
    std::ostringstream why;
    rc::detail::printResultMessage(result, why);
    INFO("seed " << parameters.seed << "\n" << why.str());
    CHECK(result.template is<rc::detail::SuccessResult>());
}

}  // namespace vigie::tests
