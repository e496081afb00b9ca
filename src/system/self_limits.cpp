// Limits the memory of this process.

#include "system/self_limits.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>

namespace vigie::system {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

}  // namespace

void limitMemory(std::uint64_t bytes) {
    rlimit limit{};
    if (kSanitized || ::getrlimit(RLIMIT_DATA, &limit) != 0) {
        return;
    }
    // The hard limit stays: who may lower it cannot raise it again. glibc sets it with prlimit64, which the
    // unit's SystemCallFilter= leaves (@default), not with setrlimit, which it does not (@resources).
    limit.rlim_cur = std::min<rlim_t>(bytes, limit.rlim_max);
    ::setrlimit(RLIMIT_DATA, &limit);
}

std::optional<std::uint64_t> memoryLimit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_DATA, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return std::nullopt;
    }
    return limit.rlim_cur;
}

void closeMemory() {
    if (!kSanitized) {
        ::prctl(PR_SET_DUMPABLE, 0);
    }
}

}  // namespace vigie::system
