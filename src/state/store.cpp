// The state database: what is applied, and the history.
#include "state/store.hpp"

#include "base/plan_text.hpp"
#include "base/text.hpp"
#include "state/sqlite.hpp"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>

namespace vigie::state {
namespace {

constexpr int kSchemaVersion = 4;
constexpr int kBusyMilliseconds = 5000;
constexpr std::size_t kLongestPlan = 32768;  // bytes of an attempt's plan

// Before-images may hold secrets (and are encrypted, too): what is deleted is overwritten.
constexpr const char* kPragmas = R"(
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
)";

/// Each step leads from one version of the schema to the next.
constexpr std::array kSteps = {
    R"(
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE inventory (id TEXT PRIMARY KEY, digest TEXT NOT NULL, backup TEXT NOT NULL) STRICT;
    CREATE TABLE history (
        number INTEGER PRIMARY KEY, time INTEGER NOT NULL, revision TEXT NOT NULL, result TEXT NOT NULL,
        message TEXT NOT NULL) STRICT;
)",
    R"(
    ALTER TABLE inventory ADD COLUMN detail TEXT NOT NULL DEFAULT '';
    CREATE TABLE journal (
        one INTEGER PRIMARY KEY CHECK (one = 1), state TEXT NOT NULL, revision TEXT NOT NULL,
        render_digest TEXT NOT NULL, boot_id TEXT NOT NULL, deadline INTEGER NOT NULL, newest_handshake INTEGER NOT NULL,
        by_operator INTEGER NOT NULL, witnesses TEXT NOT NULL, interface TEXT NOT NULL, stack TEXT NOT NULL, host TEXT NOT NULL,
        time INTEGER NOT NULL, result TEXT NOT NULL, message TEXT NOT NULL) STRICT;
    CREATE TABLE journal_image (
        number INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, data BLOB NOT NULL) STRICT;
    CREATE TABLE journal_inventory (
        id TEXT PRIMARY KEY, digest TEXT NOT NULL, backup TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
    CREATE TABLE quarantine (
        render_digest TEXT PRIMARY KEY, why TEXT NOT NULL, number INTEGER NOT NULL) STRICT;
    CREATE TABLE generation (
        number INTEGER PRIMARY KEY, time INTEGER NOT NULL, revision TEXT NOT NULL, render_digest TEXT NOT NULL,
        directory TEXT NOT NULL UNIQUE) STRICT;
)",
    R"(
    ALTER TABLE history ADD COLUMN plan TEXT NOT NULL DEFAULT '';
    ALTER TABLE journal ADD COLUMN plan TEXT NOT NULL DEFAULT '';
)",
    R"(
    CREATE TABLE journal_endpoint (public_key TEXT PRIMARY KEY, endpoint TEXT NOT NULL) STRICT;
)"};
static_assert(kSteps.size() == kSchemaVersion);

/// Since this version plans have nothing of what others have written into files.
constexpr std::int64_t kPublishedPlans = 4;
/// Since this one attempts have plans.
constexpr std::int64_t kFirstPlans = 3;

/// Every table with its columns, after the last step.
constexpr std::array kTables = {
    "SELECT key, value FROM meta",
    "SELECT id, digest, backup, detail FROM inventory",
    "SELECT number, time, revision, result, message, plan FROM history",
    "SELECT one, state, revision, render_digest, boot_id, deadline, newest_handshake, by_operator, "
    "witnesses, "
    "interface, stack, host, time, result, message, plan FROM journal",
    "SELECT number, kind, id, data FROM journal_image",
    "SELECT id, digest, backup, detail FROM journal_inventory",
    "SELECT render_digest, why, number FROM quarantine",
    "SELECT number, time, revision, render_digest, directory FROM generation",
    "SELECT public_key, endpoint FROM journal_endpoint",
};

std::int64_t schemaVersion(sqlite3* database) {
    Statement query(database, "PRAGMA user_version");
    return query.step() ? query.number(0) : 0;
}

[[noreturn]] void cannotRead(const std::string& path, int error) {
    throw Error("cannot read " + path + ": " + std::strerror(error),
                error == EACCES || error == EPERM ? "run as root" : "");
}

/// True if the file exists. Throws Error when that cannot be determined.
bool isThere(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) == 0) {
        return true;
    }
    if (errno != ENOENT && errno != ENOTDIR) {
        cannotRead(path, errno);
    }
    return false;
}

/// Throws Error unless the file is whole and every table is as this version makes it.
void demandWhole(sqlite3* database, const std::string& path) {
    {
        Statement check(database, "PRAGMA quick_check(1)");
        if (check.step() && check.text(0) != "ok") {
            failDamaged(path, check.text(0));
        }
    }
    for (const auto* sql : kTables) {
        const Statement table(database, sql);
    }
}

sqlite3* connect(const std::string& path, int flags) {
    sqlite3* database = nullptr;
    if (sqlite3_open_v2(path.c_str(), &database, flags | SQLITE_OPEN_NOFOLLOW, nullptr) != SQLITE_OK) {
        const std::string why = database == nullptr ? "out of memory" : sqlite3_errmsg(database);
        const bool disk = database != nullptr && ofTheDisk(sqlite3_errcode(database));
        const int error = database == nullptr ? 0 : sqlite3_system_errno(database);
        sqlite3_close(database);
        if (error == EACCES || error == EPERM) {
            cannotRead(path, error);
        }
        if (disk) {
            throw Unavailable("cannot open " + path + ": " + why,
                              "check that the disk is not full or read-only");
        }
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
    if (version < 0) {
        failDamaged(path, "its schema version is " + std::to_string(version));
    }
    if (version < kSchemaVersion) {
        store.upgrade(version);
    }
    demandWhole(store.database_.get(), path);
    return store;
}

Store Store::openPatiently(const std::string& path) {
    try {
        return open(path);
    } catch (const Unavailable&) {
        Store out(connect(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
        out.upgrade(0);
        out.execute("PRAGMA query_only = ON");
        out.missing_ = path;
        return out;
    }
}

void Store::mend() {
    if (!missing_.empty()) {
        *this = open(missing_);
    }
}

std::optional<Store> Store::openReadOnly(const std::string& path) {
    if (!isThere(path)) {
        return std::nullopt;
    }
    // Reading a database in WAL mode creates files beside it, unless it is not in use and is opened as
    // immutable.
    const bool inUse = isThere(path + "-wal");
    Store store(connect("file:" + percentEncoded(path) + (inUse ? "" : "?immutable=1"),
                        SQLITE_OPEN_READONLY | SQLITE_OPEN_URI));
    const auto version = schemaVersion(store.database_.get());
    if (version == 0) {
        return std::nullopt;  // made, but nothing was recorded yet
    }
    if (version < 0) {
        failDamaged(path, "its schema version is " + std::to_string(version));
    }
    if (version != kSchemaVersion) {
        throw Error(path + " was written by another version of vigie", "run `vigie recover` to update it");
    }
    return store;
}

void Store::hideFoundLines() const {
    std::map<std::int64_t, std::string> plans;
    for (Statement query(database_.get(), "SELECT number, plan FROM history WHERE plan <> ''");
         query.step();) {
        plans[query.number(0)] = withoutFoundLines(query.text(1));
    }
    for (const auto& [number, plan] : plans) {
        Statement(database_.get(), "UPDATE history SET plan = ? WHERE number = ?")
            .bind(plan)
            .bind(number)
            .step();
    }
    std::string open;
    if (Statement query(database_.get(), "SELECT plan FROM journal"); query.step()) {
        open = withoutFoundLines(query.text(0));
    }
    Statement(database_.get(), "UPDATE journal SET plan = ?").bind(open).step();
}

void Store::upgrade(std::int64_t version) const {
    Transaction transaction(database_.get());
    if (version >= kFirstPlans && version < kPublishedPlans) {
        hideFoundLines();
    }
    for (auto step = static_cast<std::size_t>(version); step < kSteps.size(); ++step) {
        execute(kSteps.at(step));
    }
    execute(("PRAGMA user_version = " + std::to_string(kSchemaVersion)).c_str());
    transaction.commit();
}

void Store::execute(const char* sql) const {
    const int result = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
    if (result == SQLITE_ERROR) {  // as for a Statement: a table is missing, or there already
        const char* path = sqlite3_db_filename(database_.get(), "main");
        failDamaged(path == nullptr ? "" : path, sqlite3_errmsg(database_.get()));
    }
    if (result != SQLITE_OK) {
        fail(database_.get(), "prepare");
    }
}

Inventory Store::inventory() const {
    return inventoryIn("inventory");
}

Inventory Store::inventoryIn(const char* table) const {
    Statement query(database_.get(),
                    ("SELECT id, digest, backup, detail FROM " + std::string(table)).c_str());
    Inventory out;
    while (query.step()) {
        out[query.text(0)] = {query.text(1), query.text(2), query.text(3)};
    }
    return out;
}

void Store::setInventory(const char* table, const Inventory& inventory) const {
    execute(("DELETE FROM " + std::string(table)).c_str());
    for (const auto& [id, owned] : inventory) {
        Statement(database_.get(),
                  ("INSERT INTO " + std::string(table) + " (id, digest, backup, detail) VALUES (?, ?, ?, ?)")
                      .c_str())
            .bind(id)
            .bind(owned.digest)
            .bind(owned.backup)
            .bind(owned.detail)
            .step();
    }
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
std::string Store::lastHost() const {
    return meta("host");
}
std::string Store::lastRenderDigest() const {
    return meta("renderDigest");
}

std::vector<Attempt> Store::history(int limit, Plans plans) const {
    Statement query(database_.get(),
                    "SELECT time, revision, result, message, CASE WHEN ? THEN plan ELSE '' END FROM history "
                    "ORDER BY number DESC LIMIT ?");
    query.bind(std::int64_t{plans == Plans::read ? 1 : 0}).bind(std::int64_t{limit});
    std::vector<Attempt> out;
    while (query.step()) {
        out.push_back({.time = query.number(0),
                       .revision = query.text(1),
                       .result = valueIn(kAttemptResults, query.text(2)).value_or(AttemptResult::unknown),
                       .message = query.text(3),
                       .plan = query.text(4)});
    }
    return out;
}

void Store::insert(const Attempt& attempt) const {
    Statement(database_.get(),
              "INSERT INTO history (time, revision, result, message, plan) VALUES (?, ?, ?, ?, ?)")
        .bind(attempt.time)
        .bind(attempt.revision)
        .bind(toText(attempt.result))
        .bind(attempt.message)
        .bind(std::string(utf8Prefix(attempt.plan, kLongestPlan)))
        .step();
    execute(
        "DELETE FROM history WHERE number <= (SELECT max(number) FROM history) - 1000;"
        "UPDATE history SET plan = '' WHERE plan <> '' AND number <= (SELECT max(number) FROM history) - "
        "100");
}

void Store::write(const Applied& applied) const {
    if (applied.revision.empty() || applied.revision != meta("revision")) {
        setMeta("held_tunnel", "");  // the whole of a revision is applied
        setMeta("held_since", "");
        setMeta("approved", "");  // and an approval is used up
    }
    setInventory("inventory", applied.inventory);
    setMeta("stack", applied.stack);
    setMeta("host", applied.host);
    setMeta("revision", applied.revision);
    setMeta("renderDigest", applied.renderDigest);
    // A configuration that works now leaves the quarantine.
    Statement(database_.get(), "DELETE FROM quarantine WHERE render_digest = ?")
        .bind(applied.renderDigest)
        .step();
    if (!applied.generation.empty()) {
        addGeneration(applied);
    }
    insert(applied.attempt);
}

void Store::record(const Applied& applied) {
    Transaction transaction(database_.get());
    write(applied);
    transaction.commit();
}

void Store::record(const Attempt& attempt) {
    Transaction transaction(database_.get());
    insert(attempt);
    transaction.commit();
}

}  // namespace vigie::state
