// The parts of the store that control the controller: suspension, held tunnel, approval and generations.

#include "state/sqlite.hpp"
#include "state/store.hpp"

namespace vigie::state {

std::optional<std::string> Store::suspended() const {
    const std::string why = meta("suspended");
    return why.empty() ? std::nullopt : std::optional(why);
}

std::int64_t Store::suspendedUntil() const {
    const std::string until = meta("suspended_until");
    return until.empty() ? 0 : std::stoll(until);
}

void Store::suspend(const std::string& why, std::int64_t until) {
    Transaction transaction(database_.get());
    setMeta("suspended", why);
    setMeta("suspended_until", until == 0 ? "" : std::to_string(until));
    transaction.commit();
}

bool Store::endSuspension(std::int64_t now) {
    const auto over = [&] {
        const auto until = suspendedUntil();
        return until != 0 && until <= now;
    };
    if (!over()) {
        return false;
    }
    Transaction transaction(database_.get());
    if (!over()) {  // it has just been suspended again
        return false;
    }
    setMeta("suspended", "");
    setMeta("suspended_until", "");
    transaction.commit();
    return true;
}

void Store::resume() {
    suspend("");
}

std::string Store::suspendedByDocument() const {
    return meta("suspended_by_document");
}

void Store::setSuspendedByDocument(const std::string& why) {
    if (why == suspendedByDocument()) {
        return;
    }
    Transaction transaction(database_.get());
    setMeta("suspended_by_document", why);
    transaction.commit();
}

std::string Store::heldTunnel() const {
    return meta("held_tunnel");
}

void Store::holdTunnel(const std::string& revision) {
    Transaction transaction(database_.get());
    setMeta("held_tunnel", revision);
    transaction.commit();
}

std::string Store::approved() const {
    return meta("approved");
}

void Store::approve(const std::string& planDigest) {
    Transaction transaction(database_.get());
    setMeta("approved", planDigest);
    transaction.commit();
}

std::string Store::allowedRewind() const {
    return meta("allowed_rewind");
}

void Store::allowRewind(const std::string& revision) {
    Transaction transaction(database_.get());
    setMeta("allowed_rewind", revision);
    transaction.commit();
}

std::int64_t Store::heldSince(const std::string& revision, std::int64_t now) {
    const std::string held = meta("held_since");  // the time, a space, the revision
    const auto space = held.find(' ');
    if (space != std::string::npos && held.substr(space + 1) == revision) {
        return std::stoll(held.substr(0, space));
    }
    Transaction transaction(database_.get());
    setMeta("held_since", std::to_string(now) + " " + revision);
    transaction.commit();
    return now;
}

std::int64_t Store::observe(const std::string& revision) {
    const std::string seen = meta("observed");  // the number, a space, the revision
    const auto space = seen.find(' ');
    const std::int64_t number = space == std::string::npos ? 0 : std::stoll(seen.substr(0, space));
    if (number != 0 && seen.substr(space + 1) == revision) {
        return number;
    }
    Transaction transaction(database_.get());
    setMeta("observed", std::to_string(number + 1) + " " + revision);
    transaction.commit();
    return number + 1;
}

std::vector<Generation> Store::generations() const {
    Statement query(
        database_.get(),
        "SELECT number, time, revision, render_digest, directory FROM generation ORDER BY number DESC");
    std::vector<Generation> out;
    while (query.step()) {
        out.push_back({query.number(0), query.number(1), query.text(2), query.text(3), query.text(4)});
    }
    return out;
}

/// It becomes the newest; only the newest few are remembered.
void Store::addGeneration(const Applied& applied) const {
    constexpr std::int64_t kKept = 10;
    Statement(database_.get(), "DELETE FROM generation WHERE directory = ?").bind(applied.generation).step();
    Statement(database_.get(),
              "INSERT INTO generation (time, revision, render_digest, directory) VALUES (?, ?, ?, ?)")
        .bind(applied.attempt.time)
        .bind(applied.revision)
        .bind(applied.renderDigest)
        .bind(applied.generation)
        .step();
    Statement(database_.get(),
              "DELETE FROM generation WHERE number NOT IN (SELECT number FROM generation ORDER BY number "
              "DESC LIMIT ?)")
        .bind(kKept)
        .step();
}

}  // namespace vigie::state
