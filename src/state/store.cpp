#include "state/store.hpp"

#include "base/error.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

namespace vigie::state {
namespace {

constexpr int kSchemaVersion = 1;
constexpr int kBusyMilliseconds = 5000;

// Before-images of the coming transaction may hold secrets: what is deleted is overwritten.
constexpr const char* kPragmas = R"(
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
)";

constexpr const char* kSchema = R"(
    BEGIN;
    CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS inventory (id TEXT PRIMARY KEY, digest TEXT NOT NULL, backup TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS history (
        number INTEGER PRIMARY KEY, time INTEGER NOT NULL, revision TEXT NOT NULL, result TEXT NOT NULL,
        message TEXT NOT NULL) STRICT;
    PRAGMA user_version = 1;
    COMMIT;
)";

[[noreturn]] void fail(sqlite3* database, const char* what) {
    throw Error(std::string("the state database: cannot ") + what + ": " + sqlite3_errmsg(database),
                "is the disk full, or does another program hold the database?");
}

/// One prepared statement.
class Statement {
public:
    Statement(sqlite3* database, const char* sql) : database_(database) {
        if (sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr) != SQLITE_OK) {
            fail(database, "prepare a statement");
        }
    }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    Statement(Statement&&) = delete;
    Statement& operator=(Statement&&) = delete;
    ~Statement() { sqlite3_finalize(statement_); }

    Statement& bind(const std::string& text) {
        sqlite3_bind_text(statement_, ++bound_, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
        return *this;
    }
    Statement& bind(std::int64_t number) {
        sqlite3_bind_int64(statement_, ++bound_, number);
        return *this;
    }
    /// Whether there is a row.
    bool step() {
        const int result = sqlite3_step(statement_);
        if (result != SQLITE_ROW && result != SQLITE_DONE) {
            fail(database_, "read or write");
        }
        return result == SQLITE_ROW;
    }
    std::string text(int column) {
        const auto* bytes = sqlite3_column_text(statement_, column);
        return bytes == nullptr ? "" : reinterpret_cast<const char*>(bytes);
    }
    std::int64_t number(int column) { return sqlite3_column_int64(statement_, column); }

private:
    sqlite3* database_;
    sqlite3_stmt* statement_ = nullptr;
    int bound_ = 0;
};

std::int64_t schemaVersion(sqlite3* database) {
    Statement query(database, "PRAGMA user_version");
    return query.step() ? query.number(0) : 0;
}

/// Rolls back unless `commit` was called.
class Transaction {
public:
    explicit Transaction(sqlite3* database) : database_(database) {
        if (sqlite3_exec(database, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) != SQLITE_OK) {
            fail(database, "begin");
        }
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    Transaction(Transaction&&) = delete;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction() {
        if (database_ != nullptr) {
            sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
        }
    }
    void commit() {
        if (sqlite3_exec(database_, "COMMIT", nullptr, nullptr, nullptr) != SQLITE_OK) {
            fail(database_, "commit");
        }
        database_ = nullptr;
    }

private:
    sqlite3* database_;
};

sqlite3* connect(const std::string& path, int flags) {
    sqlite3* database = nullptr;
    if (sqlite3_open_v2(path.c_str(), &database, flags | SQLITE_OPEN_NOFOLLOW, nullptr) != SQLITE_OK) {
        const std::string why = database == nullptr ? "no memory" : sqlite3_errmsg(database);
        sqlite3_close(database);
        throw Error("cannot open " + path + ": " + why);
    }
    sqlite3_busy_timeout(database, kBusyMilliseconds);
    return database;
}

/// Files that are made as long as it lives are the owner's only.
class PrivateFiles {
public:
    PrivateFiles() : before_(::umask(077)) {}
    PrivateFiles(const PrivateFiles&) = delete;
    PrivateFiles& operator=(const PrivateFiles&) = delete;
    PrivateFiles(PrivateFiles&&) = delete;
    PrivateFiles& operator=(PrivateFiles&&) = delete;
    ~PrivateFiles() { ::umask(before_); }

private:
    mode_t before_;
};

std::string percentEncoded(const std::string& path) {
    std::string out;
    for (const char c : path) {
        out += c == '%' ? "%25" : c == '?' ? "%3f" : c == '#' ? "%23" : std::string(1, c);
    }
    return out;
}

}  // namespace

void Store::Close::operator()(sqlite3* database) const {
    sqlite3_close(database);
}

Store Store::open(const std::string& path) {
    const PrivateFiles guard;
    Store store(connect(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
    store.execute(kPragmas);
    const auto version = schemaVersion(store.database_.get());
    if (version > kSchemaVersion) {
        throw Error(path + " was written by a newer vigie", "install that version again");
    }
    if (version < kSchemaVersion) {
        store.execute(kSchema);
    }
    return store;
}

std::optional<Store> Store::openReadOnly(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) {
        return std::nullopt;
    }
    // Reading a database in WAL mode makes files beside it, unless nobody has it open and SQLite is told so.
    const bool inUse = ::stat((path + "-wal").c_str(), &found) == 0;
    Store store(connect("file:" + percentEncoded(path) + (inUse ? "" : "?immutable=1"),
                        SQLITE_OPEN_READONLY | SQLITE_OPEN_URI));
    if (schemaVersion(store.database_.get()) != kSchemaVersion) {
        return std::nullopt;  // made, but nothing was recorded yet
    }
    return store;
}

void Store::execute(const char* sql) const {
    if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        fail(database_.get(), "prepare");
    }
}

Inventory Store::inventory() const {
    Statement query(database_.get(), "SELECT id, digest, backup FROM inventory");
    Inventory out;
    while (query.step()) {
        out[query.text(0)] = {query.text(1), query.text(2)};
    }
    return out;
}

std::string Store::meta(const char* key) const {
    Statement query(database_.get(), "SELECT value FROM meta WHERE key = ?");
    query.bind(std::string(key));
    return query.step() ? query.text(0) : "";
}

void Store::setMeta(const char* key, const std::string& value) const {
    Statement(database_.get(), "INSERT OR REPLACE INTO meta VALUES (?, ?)")
        .bind(std::string(key))
        .bind(value)
        .step();
}

std::string Store::lastAppliedRevision() const {
    return meta("revision");
}
std::string Store::lastRenderDigest() const {
    return meta("renderDigest");
}

std::vector<Attempt> Store::history(int limit) const {
    Statement query(database_.get(),
                    "SELECT time, revision, result, message FROM history ORDER BY number DESC LIMIT ?");
    query.bind(std::int64_t{limit});
    std::vector<Attempt> out;
    while (query.step()) {
        out.push_back({query.number(0), query.text(1), query.text(2), query.text(3)});
    }
    return out;
}

void Store::insert(const Attempt& attempt) const {
    Statement(database_.get(), "INSERT INTO history (time, revision, result, message) VALUES (?, ?, ?, ?)")
        .bind(attempt.time)
        .bind(attempt.revision)
        .bind(attempt.result)
        .bind(attempt.message)
        .step();
    execute("DELETE FROM history WHERE number <= (SELECT max(number) FROM history) - 1000");
}

void Store::record(const Applied& applied) {
    Transaction transaction(database_.get());
    execute("DELETE FROM inventory");
    for (const auto& [id, owned] : applied.inventory) {
        Statement(database_.get(), "INSERT INTO inventory VALUES (?, ?, ?)")
            .bind(id)
            .bind(owned.digest)
            .bind(owned.backup)
            .step();
    }
    setMeta("stack", applied.stack);
    setMeta("revision", applied.revision);
    setMeta("renderDigest", applied.renderDigest);
    insert(applied.attempt);
    transaction.commit();
}

void Store::record(const Attempt& attempt) {
    Transaction transaction(database_.get());
    insert(attempt);
    transaction.commit();
}

}  // namespace vigie::state
