// The report of an import: what was found, changed and is left to do.
#pragma once

#include "import/improvements.hpp"
#include "import/join.hpp"
#include "plan/plan.hpp"

#include <string>
#include <vector>

namespace vigie::imports {

/// A host's first plan, as far as it can be told.
struct FirstPlan {
    std::string host;
    std::string root;
    plan::Plan plan;
};

/// Ids of what stands there already, differs, and is to be taken over.
std::vector<std::string> toAdopt(const plan::Plan& plan);

/// What a person has to know, the urgent first.
std::string report(const Draft& draft, const std::vector<Difference>& differences,
                   const std::vector<FirstPlan>& plans);

}  // namespace vigie::imports
