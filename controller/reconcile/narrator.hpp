// What the reconciler says, in the log and as events; what lasts is said once.
#pragma once

#include "controller/events.hpp"
#include "controller/log.hpp"
#include "system/clock.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace vigie::controller {

/// What something is said about. Each subject has one latest text.
enum class Subject : std::uint8_t {
    outcome,     ///< how the passes end
    refusal,     ///< of a revision that is not trusted
    blocked,     ///< for which other host the tip waits
    health,      ///< what is wrong with what runs here
    stalePeers,  ///< which peers have no fresh handshake
    network,     ///< what is wrong with the network that joins the hosts
    tunnel,      ///< what is odd about a tunnel that works
};

class Narrator {
public:
    Narrator(Log& log, Events& events, const system::Clock& clock)
        : log_(log), events_(events), clock_(clock) {}

    /// Whether `text` is another one than was last said about the subject. From now on it is the last one.
    bool isNews(Subject subject, const std::string& text);
    void forget(Subject subject) { latest_.erase(subject); }

    /// In the log alone.
    void info(const std::string& text);
    void error(const std::string& text);
    /// As an event alone.
    void event(const std::string& reason, const std::string& message);
    void warn(const std::string& reason, const std::string& message);
    /// In both; in the log with a detail behind it.
    void normal(const std::string& reason, const std::string& text, const std::string& detail = {});
    /// In both; in the log with a word before it.
    void warning(const std::string& reason, const std::string& text, const std::string& word = {});
    /// The outcome of a pass that failed: logged once while it lasts; the event counts.
    void failure(const std::string& reason, const std::string& text);

private:
    Log& log_;
    Events& events_;
    const system::Clock& clock_;
    std::map<Subject, std::string> latest_;
};

}  // namespace vigie::controller
