// /etc/vigie/vigie.yaml as plain structs.
#pragma once

#include "base/enum_text.hpp"
#include "base/error.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace vigie::controller {

/// What the controller does with a change that it knows.
enum class ApplyMode : std::uint8_t {
    automatic,  ///< applies it
    manual,     ///< applies it once an operator has approved it
    report,     ///< reports it
};

constexpr auto wordsOf(ApplyMode /*of*/) {
    return std::array<EnumText<ApplyMode>, 3>{{
        {ApplyMode::automatic, "auto"},
        {ApplyMode::manual, "manual"},
        {ApplyMode::report, "report"},
    }};
}

/// /etc/vigie/vigie.yaml as plain structs; config.schema.yaml describes each field.
struct Config {
    std::string host;
    std::string root;
    struct Source {
        std::string url;
        std::string branch;  ///< exactly one of the three
        std::string tag;
        std::string commit;
        std::string path;
        std::chrono::milliseconds interval{};
        std::chrono::milliseconds timeout{};
        std::chrono::milliseconds retryInterval{};  ///< the interval, unless told otherwise
        std::string proxy;
        bool allowRewind = false;  ///< also true for a pinned commit
        std::uint64_t maxBytes = 0;
        /// `branch main`, for messages.
        [[nodiscard]] std::string followed() const;
    } source;
    struct Verify {
        std::string allowedSigners;  ///< empty: signatures are not looked at
    } verify;
    struct Auth {
        std::string sshKey;
        std::string knownHosts;
        std::string tokenFile;
        std::string username;
        std::string caFile;
    } auth;
    struct Apply {
        ApplyMode mode = ApplyMode::automatic;
        std::string activate;  ///< empty: as is usual below this root
        std::chrono::milliseconds timeout{};
    } apply;
    struct Http {
        std::vector<std::string> listen;  ///< empty: the unix socket only
        std::vector<std::string> names;   ///< under which browsers and Prometheus may ask, in lower case
        std::string tokenFile;
        std::string certFile;  ///< both or neither
        std::string keyFile;
        bool openReads = false;  ///< plans and diffs are for whoever reaches an address
        /// Where a browser finds the page.
        [[nodiscard]] std::vector<std::string> pages() const;
    } http;
    struct Hooks {
        std::string secretFile;  ///< empty: no webhooks
    } hooks;
    struct Log {
        std::string format;  ///< text or json
    } log;
    std::string state;
};

/// The file can be read, and what is in it cannot be used.
class InvalidConfig : public Error {
public:
    using Error::Error;
};

/// Reads and checks the file; `credentials:NAME` stays what it is. Throws InvalidConfig with every mistake in
/// it, and Error when it cannot be read.
Config readConfig(const std::string& path);
/// The fields of `config` that may be `credentials:NAME`.
std::vector<std::string*> filesThatMayBeCredentials(Config& config);
/// Every file that the configuration names, with its field; empty where it names none.
std::vector<std::pair<const char*, std::string>> filesOf(const Config& config);
/// The same, with the paths of what systemd has handed over. Throws Error also when that is missing, and when
/// somebody else than root may write a file that is to be believed.
Config loadConfig(const std::string& path);

}  // namespace vigie::controller
