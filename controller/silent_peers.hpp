// What is told of a tunnel's peers that fall silent, and that are heard of again.
#pragma once

#include <optional>
#include <string>

namespace vigie::controller {

/// Remembers who is silent, so that what lasts is told once. For the life of a controller.
class SilentPeers {
public:
    struct News {
        bool lost = false;  ///< somebody is silent; else all are heard of again
        std::string story;
    };

    /// `silent`: the peers that are not heard of, in words; empty: all are. Nothing when that is no news.
    std::optional<News> see(const std::string& silent) {
        if (silent == told_) {
            return std::nullopt;
        }
        told_ = silent;
        return silent.empty() ? News{false, "every peer of the tunnel is heard of again"}
                              : News{true, "not heard of within three minutes: " + silent};
    }

private:
    std::string told_;
};

}  // namespace vigie::controller
