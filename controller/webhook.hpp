// Verifies webhooks of the forges and wakes the controller.
#pragma once

#include "base/secure.hpp"
#include "controller/http.hpp"
#include "controller/router.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

/// A webhook is a hint to look at the remote now instead of later, from somebody who knows the secret.
/// Nothing in its body is believed or even read: what is applied is what git says.
namespace vigie::controller {

enum class HookProvider { github, gitea, forgejo, gogs, gitlab, bitbucket, generic };
/// As in the path: `/hooks/github`.
std::string_view hookName(HookProvider provider);

enum class HookVerdict {
    good,
    unsigned_,  ///< nothing to check
    forged,     ///< does not fit the secret
    stale,      ///< its time is too far from ours
};

using HttpHeaders = std::map<std::string, std::string>;

/// HMAC-SHA256 (RFC 2104).
std::string hmacSha256(std::string_view key, std::string_view message);

/// Whether the sender knew the secret. Compares in constant time; `now` in Unix seconds.
HookVerdict verifyHook(HookProvider provider, const HttpHeaders& headers, std::string_view body,
                       std::string_view secret, std::int64_t now);

/// What a second delivery of the same has in common with the first: the digest of what was signed, by
/// whichever provider's way it comes. Not the id that the sender gives it: nobody signed that, so a captured
/// delivery could be sent under ever new ones, each of which would push an old one out of what is remembered.
std::string deliveryMark(HookProvider provider, const HttpHeaders& headers, std::string_view body);

/// The latest deliveries, as many as fit.
class SeenDeliveries {
public:
    explicit SeenDeliveries(std::size_t most) : most_(most) {}
    /// True when the mark was not known. It is remembered; one that was known stays as old as it was.
    bool remember(const std::string& mark);
    [[nodiscard]] std::size_t size() const { return known_.size(); }

private:
    std::size_t most_;
    std::deque<std::string> order_;
    std::unordered_set<std::string> known_;
};

struct Hooks {
    std::string secretFile;                     ///< 0600 or stricter, at least 16 bytes
    std::function<void(std::string why)> wake;  ///< coalesces: it may be called often
    std::function<std::int64_t()> now;          ///< Unix seconds
    /// For metrics: accepted, ignored, refused, replayed. May be empty.
    std::function<void(std::string_view provider, std::string_view result)> observe;
};

/// Adds `POST /hooks/…`, with or without a slash at the end. Reads the secret; throws Error.
void addHooks(Router& router, Hooks hooks);

}  // namespace vigie::controller
