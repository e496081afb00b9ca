#pragma once

#include "state/inventory.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct sqlite3;

namespace vigie::state {

/// One attempt to change a host.
struct Attempt {
    std::int64_t time = 0;  ///< Unix milliseconds
    std::string revision;
    std::string result;  ///< Applied, Repaired, Failed or Refused
    std::string message;
    bool operator==(const Attempt&) const = default;
};

/// What an apply leaves behind, written in one transaction.
struct Applied {
    std::string stack;
    std::string revision;
    std::string renderDigest;
    Inventory inventory;
    Attempt attempt;
};

/// vigie's memory on a host: an SQLite database in its state directory. All functions throw Error.
class Store {
public:
    /// Opens for writing; makes the database (0600) when there is none.
    static Store open(const std::string& path);
    /// Nothing when there is no database yet. Never writes.
    static std::optional<Store> openReadOnly(const std::string& path);

    [[nodiscard]] Inventory inventory() const;
    /// Empty when nothing was applied yet.
    [[nodiscard]] std::string lastAppliedRevision() const;
    [[nodiscard]] std::string lastRenderDigest() const;
    /// Newest first.
    [[nodiscard]] std::vector<Attempt> history(int limit) const;

    void record(const Applied& applied);
    void record(const Attempt& attempt);

private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    explicit Store(sqlite3* database) : database_(database) {}
    void execute(const char* sql) const;
    [[nodiscard]] std::string meta(const char* key) const;
    void setMeta(const char* key, const std::string& value) const;
    void insert(const Attempt& attempt) const;

    std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace vigie::state
