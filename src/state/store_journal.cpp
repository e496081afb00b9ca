// The store's journal of the open transaction, and its quarantine.

#include "base/hash.hpp"
#include "base/text.hpp"
#include "state/damaged.hpp"
#include "state/sqlite.hpp"
#include "state/store.hpp"

namespace vigie::state {

std::string generationName(const std::string& revision, const std::string& renderDigest) {
    constexpr std::size_t kShort = 16;
    return sha256Hex(revision + "\n" + renderDigest).substr(0, kShort);
}

void Store::begin(const OpenJournal& journal) {
    Transaction transaction(database_.get());
    Statement(database_.get(),
              "INSERT INTO journal VALUES (1, 'open', ?, ?, ?, ?, 0, ?, '', ?, '', '', 0, '', '', '')")
        .bind(journal.revision)
        .bind(journal.renderDigest)
        .bind(journal.bootId)
        .bind(journal.deadline)
        .bind(std::int64_t{journal.byOperator ? 1 : 0})
        .bind(journal.interface)
        .step();
    for (const auto& image : journal.images) {
        Statement(database_.get(), "INSERT INTO journal_image (kind, id, data) VALUES (?, ?, ?)")
            .bind(image.kind)
            .bind(image.id)
            .bindBytes(image.data)
            .step();
    }
    transaction.commit();
}

std::optional<OpenJournal> Store::journal() const {
    Statement query(
        database_.get(),
        "SELECT state, revision, render_digest, boot_id, deadline, newest_handshake, by_operator, "
        "witnesses, interface, stack, host, time, result, message, plan FROM journal");
    if (!query.step()) {
        return std::nullopt;
    }
    enum Column {
        state,
        revision,
        digest,
        boot,
        deadline,
        armed,
        byOperator,
        witnesses,
        interface,
        stack,
        host,
        time,
        result,
        message,
        plan
    };
    OpenJournal out;
    const auto stored = valueIn(kJournalStates, query.text(state));
    if (!stored) {
        throw Damaged("the open transaction is in the state `" + query.text(state) +
                      "`, which this version of vigie does not know");
    }
    out.state = *stored;
    out.revision = query.text(revision);
    out.renderDigest = query.text(digest);
    out.bootId = query.text(boot);
    out.deadline = query.number(deadline);
    out.newestHandshake = query.number(armed);
    out.byOperator = query.number(byOperator) != 0;
    const std::string keys = query.text(witnesses);
    for (const auto key : split(keys, ' ')) {
        if (!key.empty()) {
            out.confirmingPeers.emplace_back(key);
        }
    }
    out.interface = query.text(interface);
    out.applied.stack = query.text(stack);
    out.applied.host = query.text(host);
    out.applied.revision = out.revision;
    out.applied.renderDigest = out.renderDigest;
    out.applied.generation = generationName(out.revision, out.renderDigest);
    out.applied.inventory = inventoryIn("journal_inventory");
    out.applied.attempt = {
        .time = query.number(time),
        .revision = out.revision,
        .result = valueIn(kAttemptResults, query.text(result)).value_or(AttemptResult::unknown),
        .message = query.text(message),
        .plan = query.text(plan)};
    Statement endpoints(database_.get(), "SELECT public_key, endpoint FROM journal_endpoint");
    while (endpoints.step()) {
        out.endpoints[endpoints.text(0)] = endpoints.text(1);
    }
    Statement images(database_.get(), "SELECT kind, id, data FROM journal_image ORDER BY number");
    while (images.step()) {
        out.images.push_back({images.text(0), images.text(1), images.bytes(2)});
    }
    return out;
}

void Store::arm(const OpenJournal& journal) {
    Transaction transaction(database_.get());
    Statement(database_.get(),
              "UPDATE journal SET state = 'armed', deadline = ?, newest_handshake = ?, by_operator = ?, "
              "witnesses = ?, "
              "stack = ?, host = ?, time = ?, result = ?, message = ?, plan = ? WHERE state = 'open'")
        .bind(journal.deadline)
        .bind(journal.newestHandshake)
        .bind(std::int64_t{journal.byOperator ? 1 : 0})
        .bind(join(journal.confirmingPeers, " "))
        .bind(journal.applied.stack)
        .bind(journal.applied.host)
        .bind(journal.applied.attempt.time)
        .bind(toText(journal.applied.attempt.result))
        .bind(journal.applied.attempt.message)
        .bind(journal.applied.attempt.plan)
        .step();
    if (sqlite3_changes(database_.get()) != 1) {
        throw Error("the transaction was rolled back meanwhile");
    }
    for (const auto& [key, endpoint] : journal.endpoints) {
        Statement(database_.get(), "INSERT INTO journal_endpoint (public_key, endpoint) VALUES (?, ?)")
            .bind(key)
            .bind(endpoint)
            .step();
    }
    setInventory("journal_inventory", journal.applied.inventory);
    transaction.commit();
}

void Store::forgetJournal() const {
    execute(
        "DELETE FROM journal; DELETE FROM journal_image; DELETE FROM journal_inventory; "
        "DELETE FROM journal_endpoint");
}

void Store::abandon() {
    Transaction transaction(database_.get());
    forgetJournal();
    transaction.commit();
}

bool Store::commit(const Applied& applied) {
    Transaction transaction(database_.get());
    execute("DELETE FROM journal WHERE state IN ('open', 'armed')");
    if (sqlite3_changes(database_.get()) != 1) {
        return false;
    }
    forgetJournal();
    write(applied);
    transaction.commit();
    return true;
}

bool Store::claimRevert() {
    Transaction transaction(database_.get());
    execute("UPDATE journal SET state = 'reverting'");
    const bool found = sqlite3_changes(database_.get()) == 1;
    transaction.commit();
    return found;
}

void Store::rolledBack(const Attempt& attempt) {
    Transaction transaction(database_.get());
    forgetJournal();
    insert(attempt);
    transaction.commit();
}

void Store::quarantine(const std::string& renderDigest, const std::string& why) {
    Transaction transaction(database_.get());
    Statement(database_.get(),
              "INSERT OR REPLACE INTO quarantine SELECT ?, ?, 1 + coalesce(max(number), 0) FROM quarantine")
        .bind(renderDigest)
        .bind(why)
        .step();
    execute("DELETE FROM quarantine WHERE number <= (SELECT max(number) FROM quarantine) - 100");
    transaction.commit();
}

std::optional<std::string> Store::quarantined(const std::string& renderDigest) const {
    Statement query(database_.get(), "SELECT why FROM quarantine WHERE render_digest = ?");
    query.bind(renderDigest);
    return query.step() ? std::optional(query.text(0)) : std::nullopt;
}

}  // namespace vigie::state
