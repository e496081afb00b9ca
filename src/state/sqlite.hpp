// What the files of this directory share of SQLite.
#pragma once

#include "base/error.hpp"
#include "state/damaged.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <cstring>
#include <string>

/// What the files of this folder share of SQLite; nobody else includes it.
namespace vigie::state {

/// The disk, not what is in the database, keeps it from being used: it may work the next time.
class Unavailable : public Error {
public:
    using Error::Error;
};

/// What is in the file is no database of ours (any more): no other try helps. `what` goes on after the path.
[[noreturn]] inline void failDamaged(const std::string& path, const std::string& what) {
    throw Damaged("the state database " + path + " is damaged: " + what,
                  "`vigie recover --forget-state` moves it aside and starts a new one; see docs/running.md, "
                  "\"The state database is damaged\"");
}

/// Whether a result of SQLite's speaks of what is in the file.
inline bool ofTheContent(int result) {
    constexpr int kPrimary = 0xff;
    const int primary = result & kPrimary;
    return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

/// Whether a result of SQLite's speaks of the disk. Source: https://www.sqlite.org/rescode.html
inline bool ofTheDisk(int result) {
    constexpr int kPrimary = 0xff;
    switch (result & kPrimary) {
        case SQLITE_FULL:
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
            return true;
        default:
            return false;
    }
}

[[noreturn]] inline void fail(sqlite3* database, const char* what) {
    const char* path = sqlite3_db_filename(database, "main");
    std::string why = sqlite3_errmsg(database);
    if (sqlite3_errcode(database) == SQLITE_IOERR && sqlite3_system_errno(database) != 0) {
        why += std::string(" (") + std::strerror(sqlite3_system_errno(database)) + ")";
    }
    const std::string message =
        std::string("the state database ") + (path == nullptr ? "" : path) + ": cannot " + what + ": " + why;
    const char* hint = "check that the disk is not full, and that no other program locks the database";
    if (ofTheContent(sqlite3_errcode(database))) {
        failDamaged(path == nullptr ? "" : path, why);
    }
    if (ofTheDisk(sqlite3_errcode(database))) {
        throw Unavailable(message, hint);
    }
    throw Error(message, hint);
}

/// One prepared statement.
class Statement {
public:
    Statement(sqlite3* database, const char* sql) : database_(database) {
        const int result = sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr);
        if (result == SQLITE_ERROR) {  // our own statements are right: a table or a column is missing
            const char* path = sqlite3_db_filename(database, "main");
            failDamaged(path == nullptr ? "" : path, sqlite3_errmsg(database));
        }
        if (result != SQLITE_OK) {
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
    Statement& bindBytes(const std::string& bytes) {
        sqlite3_bind_blob64(statement_, ++bound_, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
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
    std::string bytes(int column) {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
        return bytes == nullptr
                   ? std::string()
                   : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
    }
    std::int64_t number(int column) { return sqlite3_column_int64(statement_, column); }

private:
    sqlite3* database_;
    sqlite3_stmt* statement_ = nullptr;
    int bound_ = 0;
};

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

}  // namespace vigie::state
