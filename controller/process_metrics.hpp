// Reads the metrics of this process from /proc.
#pragma once

#include <cstddef>

namespace vigie::controller {

/// What this process costs, as Linux counts it. What cannot be read is 0.
struct ProcessCost {
    double cpuSeconds = 0;
    double residentBytes = 0;
    double virtualBytes = 0;
    double startTime = 0;  ///< Unix seconds
    std::size_t openFds = 0;
    std::size_t maxFds = 0;
};

ProcessCost processCost();

}  // namespace vigie::controller
