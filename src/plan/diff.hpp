#pragma once

#include <string>
#include <string_view>

namespace vigie::plan {

/// A unified diff with three lines of context; empty when the texts are equal.
std::string unifiedDiff(std::string_view before, std::string_view after, std::string_view beforeName,
                        std::string_view afterName);

}  // namespace vigie::plan
