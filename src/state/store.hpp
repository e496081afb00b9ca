// What a host remembers, in one SQLite database.
#pragma once

#include "state/journal.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct sqlite3;

namespace vigie::state {

/// A document that was applied, kept so that it can be gone back to.
struct Generation {
    std::int64_t number = 0;
    std::int64_t time = 0;  ///< Unix milliseconds
    std::string revision;
    std::string renderDigest;
    std::string directory;  ///< its name below STATE/generations
};

/// Whether the plans of attempts are read as well.
enum class Plans : std::uint8_t { skip, read };

/// vigie's memory on a host: an SQLite database in its state directory. All functions throw Error.
class Store {
public:
    /// Opens for writing; makes the database (0600) when there is none.
    static Store open(const std::string& path);
    /// The same for who must not end for want of a disk. While that does not let the database be used, the
    /// store is empty, refuses to be written to, and `mend` says why.
    static Store openPatiently(const std::string& path);
    /// Tries again what `openPatiently` could not do. Throws Error when it still cannot be done.
    void mend();
    /// Nothing when there is no database yet. Never writes.
    static std::optional<Store> openReadOnly(const std::string& path);

    [[nodiscard]] Inventory inventory() const;
    /// Empty when nothing was applied yet.
    [[nodiscard]] std::string lastAppliedRevision() const;
    [[nodiscard]] std::string lastRenderDigest() const;
    /// Which host of the document this is.
    [[nodiscard]] std::string lastHost() const;
    /// Newest first.
    [[nodiscard]] std::vector<Attempt> history(int limit, Plans plans = Plans::skip) const;

    void record(const Applied& applied);
    void record(const Attempt& attempt);

    /// Begins a transaction: durable when it returns. There must be no other.
    void begin(const OpenJournal& journal);
    [[nodiscard]] std::optional<OpenJournal> journal() const;
    /// From `open` to `armed`.
    void arm(const OpenJournal& journal);
    /// Ends the transaction as a success: records `applied` and forgets the images, in one step. False when
    /// it is being taken back already: confirming and reverting exclude each other.
    bool commit(const Applied& applied);
    /// Forgets a transaction that has changed nothing yet.
    void abandon();
    /// Claims the transaction for being taken back. False when it was confirmed meanwhile.
    bool claimRevert();
    /// Ends it after everything was put back.
    void rolledBack(const Attempt& attempt);

    /// A render that does not work on this host is not tried again by itself.
    void quarantine(const std::string& renderDigest, const std::string& why);
    /// Why, or nothing.
    [[nodiscard]] std::optional<std::string> quarantined(const std::string& renderDigest) const;

    /// Why the controller must not change anything, or nothing.
    [[nodiscard]] std::optional<std::string> suspended() const;
    /// When that ends by itself, in Unix milliseconds; 0: it does not.
    [[nodiscard]] std::int64_t suspendedUntil() const;
    void suspend(const std::string& why, std::int64_t until = 0);
    void resume();
    /// Ends a suspension whose end has come by `now`. Returns whether there was one.
    bool endSuspension(std::int64_t now);

    /// The field of the tip's document that lets nothing be changed, or empty. Kept, for it holds as well
    /// while no other document can be had.
    [[nodiscard]] std::string suspendedByDocument() const;
    void setSuspendedByDocument(const std::string& why);

    /// The revision whose tunnel is applied while everything else of it waits for other hosts, or empty.
    [[nodiscard]] std::string heldTunnel() const;
    void holdTunnel(const std::string& revision);

    /// Since when `revision` waits for other hosts, in Unix milliseconds: `now`, when it did not until now.
    std::int64_t heldSince(const std::string& revision, std::int64_t now);

    /// The digest of the plan that the operator approved last, or empty. It is good for that plan only.
    [[nodiscard]] std::string approved() const;
    void approve(const std::string& planDigest);

    /// The tip that need not descend from what is applied, a commit or its beginning, because the operator
    /// said so; or empty.
    [[nodiscard]] std::string allowedRewind() const;
    void allowRewind(const std::string& revision);

    /// How many revisions were looked at on this host one after the other; `revision` is the one that is
    /// looked at now. Written only when it is another one.
    std::int64_t observe(const std::string& revision);

    /// Newest first.
    [[nodiscard]] std::vector<Generation> generations() const;

private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    explicit Store(sqlite3* database) : database_(database) {}
    void execute(const char* sql) const;
    void upgrade(std::int64_t version) const;
    /// Takes out of the plans what vigie 0.1 has found on the host and written into them.
    void hideFoundLines() const;
    [[nodiscard]] std::string meta(const char* key) const;
    void setMeta(const char* key, const std::string& value) const;
    void insert(const Attempt& attempt) const;
    void write(const Applied& applied) const;
    void forgetJournal() const;
    void addGeneration(const Applied& applied) const;
    [[nodiscard]] Inventory inventoryIn(const char* table) const;
    void setInventory(const char* table, const Inventory& inventory) const;

    std::unique_ptr<sqlite3, Close> database_;
    std::string missing_;  ///< the path of the database that could not be opened; empty: it is open
};

}  // namespace vigie::state
