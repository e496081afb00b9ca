// What the reconciler says, in the log and as events; what lasts is said once.
#include "controller/reconcile/narrator.hpp"

namespace vigie::controller {

bool Narrator::isNews(Subject subject, const std::string& text) {
    auto& latest = latest_[subject];
    const bool out = latest != text;
    latest = text;
    return out;
}

void Narrator::info(const std::string& text) {
    log_.info(text);
}

void Narrator::error(const std::string& text) {
    log_.error(text);
}

void Narrator::event(const std::string& reason, const std::string& message) {
    events_.normal(reason, message, clock_.now());
}

void Narrator::warn(const std::string& reason, const std::string& message) {
    events_.warning(reason, message, clock_.now());
}

void Narrator::normal(const std::string& reason, const std::string& text, const std::string& detail) {
    log_.info(text + detail);
    events_.normal(reason, text, clock_.now());
}

void Narrator::warning(const std::string& reason, const std::string& text, const std::string& word) {
    log_.warning(word + text);
    events_.warning(reason, text, clock_.now());
}

void Narrator::failure(const std::string& reason, const std::string& text) {
    if (isNews(Subject::outcome, text)) {
        log_.error(text);
    }
    events_.warning(reason, text, clock_.now());
}

}  // namespace vigie::controller
