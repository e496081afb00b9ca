// Looks host names up, within a time.

#include "system/real_names.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace vigie::system {
namespace {

/// libc asks the next name server after five seconds: a host whose first one is dead still gets its answer.
constexpr std::chrono::milliseconds kTimeout{8'000};

}  // namespace

/// Source: getent(1), `ahosts`: one line for each address and kind of socket, in the order in which
/// getaddrinfo(3) would have them used. `--no-addrconfig` also names addresses of a family that no interface
/// has now, as `wg` does.
ResolvedName RealNames::resolve(const std::string& name) {
    ResolvedName out;
    if (name.empty() || name.front() == '-') {
        out.problem = "this is not a host name";
        return out;
    }
    ProcessResult result;
    try {
        result = processes_.run({.argv = {"getent", "--no-addrconfig", "ahosts", name},
                                 .input = {},
                                 .environment = {},
                                 .timeout = kTimeout});
    } catch (const Error& error) {
        out.problem = error.what();
        return out;
    }
    if (result.timedOut) {
        out.problem = "the resolver of this host did not answer within " +
                      std::to_string(kTimeout.count() / 1000) + " s";
        return out;
    }
    for (const auto line : splitLines(result.out)) {
        std::string address(line.substr(0, line.find(' ')));
        const bool zoned = address.find('%') != std::string::npos;  // link-local, of one interface
        if (!address.empty() && !zoned &&
            std::find(out.addresses.begin(), out.addresses.end(), address) == out.addresses.end()) {
            out.addresses.push_back(std::move(address));
        }
    }
    if (out.addresses.empty()) {
        out.problem = "the resolver of this host has no address for it";
    }
    return out;
}

}  // namespace vigie::system
