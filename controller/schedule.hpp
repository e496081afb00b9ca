// When the next pass is due, and why.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

/// When the next look at the host is due, and why. Pure: whoever asks brings the time (monotonic
/// milliseconds). Not for: waiting, see Queue.
namespace vigie::controller {

/// Why the loop looks at the host.
enum class Trigger : std::uint8_t {
    start,       ///< the controller was started
    poll,        ///< the interval has passed
    retry,       ///< something failed, and its pause has passed
    webhook,     ///< a git server said that there is something new
    request,     ///< an operator asked for it
    files,       ///< something happened to a managed file
    engine,      ///< something happened to a container
    reload,      ///< the configuration is to be read anew
    suspension,  ///< the end of a suspension has come
    tunnel,      ///< a peer may have fallen silent, and be dialled where its endpoint is now
};

std::string_view toText(Trigger trigger);

/// Whether a look for this reason asks the remote for its tip; a repair needs no network.
bool asksRemote(Trigger trigger);

constexpr std::int64_t kLongestPause = 600'000;  ///< milliseconds between attempts at what fails
/// Milliseconds between two looks for a handshake that is waited for.
constexpr std::int64_t kLookForPeer = 5'000;

/// `time` less or more a tenth. `random` is in [0, 1).
std::int64_t withJitter(std::int64_t time, double random);

/// The pause after the n-th failure in a row (n ≥ 1): `base`, doubled each time, at most `longest`, with
/// jitter.
std::int64_t backoff(std::int64_t base, std::int64_t longest, int failures, double random);

/// Coalesces: however often something happens until the next look, it is one look. What the host reports by
/// itself (files, engine) waits for a moment (40 ms), so that an editor has finished; after sixty looks for
/// such reasons there is one a second, so that two programs that write over each other cost little.
class Schedule {
public:
    /// Something happened now.
    void happened(Trigger why, std::int64_t now);
    /// `why` (poll, retry, suspension or tunnel) is due at that time, and no longer when it was due before.
    void plan(Trigger why, std::int64_t at);
    void cancel(Trigger why) { due_.erase(why); }

    /// The earliest time at which there is something to do.
    [[nodiscard]] std::optional<std::int64_t> due() const;

    /// What the look that begins now is for: all that has happened, and the times that have come. Empty when
    /// nothing is due yet.
    std::vector<Trigger> take(std::int64_t now);

private:
    void refill(std::int64_t now);

    std::map<Trigger, std::int64_t> due_;
    double allowance_ = kBurst;
    std::int64_t refilled_ = 0;

    static constexpr double kBurst = 60;
};

}  // namespace vigie::controller
