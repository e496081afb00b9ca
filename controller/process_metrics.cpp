// Reads the metrics of this process from /proc.

#include "controller/process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

namespace vigie::controller {
namespace {

/// Seconds between 1970 and this boot.
double bootTime() {
    std::ifstream in("/proc/stat");
    std::string word;
    while (in >> word) {
        double seconds = 0;
        if (word == "btime" && in >> seconds) {
            return seconds;
        }
    }
    return 0;
}

/// The fields of /proc/self/stat (proc(5)) from the third on: the second may hold spaces.
std::vector<double> statistics() {
    std::ifstream in("/proc/self/stat");
    std::string text;
    std::getline(in, text);
    std::vector<double> out;
    const auto end = text.rfind(')');
    if (end == std::string::npos) {
        return out;
    }
    std::istringstream fields(text.substr(end + 1));
    std::string state;
    fields >> state;
    for (double value = 0; fields >> value;) {
        out.push_back(value);
    }
    return out;
}

std::size_t countDescriptors() {
    std::error_code error;
    std::size_t n = 0;
    for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
         at.increment(error)) {
        ++n;
    }
    return n == 0 ? 0 : n - 1;  // the one that reads the directory
}

}  // namespace

ProcessCost processCost() {
    // Counted from the fourth field: utime, stime, starttime, vsize, rss.
    constexpr std::size_t kUser = 10;
    constexpr std::size_t kSystem = 11;
    constexpr std::size_t kStart = 18;
    constexpr std::size_t kVirtual = 19;
    constexpr std::size_t kResident = 20;
    static const double boot = bootTime();
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    const auto found = statistics();
    ProcessCost out;
    if (found.size() > kResident && ticks > 0) {
        out.cpuSeconds = (found[kUser] + found[kSystem]) / ticks;
        out.startTime = boot + found[kStart] / ticks;
        out.virtualBytes = found[kVirtual];
        out.residentBytes = found[kResident] * static_cast<double>(::sysconf(_SC_PAGESIZE));
    }
    out.openFds = countDescriptors();
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        out.maxFds = static_cast<std::size_t>(limit.rlim_cur);
    }
    return out;
}

}  // namespace vigie::controller
