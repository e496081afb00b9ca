// Inventory and history in the state database.
#include "state/store.hpp"

#include "base/error.hpp"
#include "state/damaged.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <fstream>

namespace vigie::state {
namespace {

using tests::TemporaryDirectory;

Attempt attempt(std::int64_t time) {
    return {time, "revision", AttemptResult::applied, "message"};
}

Applied applied() {
    return {
        "stack", "abc", "digest", {{"file:/a", {"1", "/backup"}}, {"directory:/d", {"2", ""}}}, attempt(1)};
}

unsigned modeOf(const std::string& path) {
    struct stat found {};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    return found.st_mode & 07777U;
}

TEST_CASE("a store returns what was recorded, also when it is opened again", "[state]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path + "/state.db";
    Store::open(path).record(applied());
    const Store store = Store::open(path);
    CHECK(store.inventory() == applied().inventory);
    CHECK(store.lastAppliedRevision() == "abc");
    CHECK(store.lastRenderDigest() == "digest");
    CHECK(store.history(10) == std::vector<Attempt>{attempt(1)});
}

TEST_CASE("a new state database is empty", "[state]") {
    const TemporaryDirectory directory;
    const Store store = Store::open(directory.path + "/state.db");
    CHECK(store.inventory().empty());
    CHECK(store.lastAppliedRevision().empty());
    CHECK(store.lastRenderDigest().empty());
    CHECK(store.history(10).empty());
}

TEST_CASE("a recorded inventory replaces the one before, and a failed attempt keeps it", "[state]") {
    const TemporaryDirectory directory;
    Store store = Store::open(directory.path + "/state.db");
    store.record(applied());
    auto next = applied();
    next.inventory = {{"file:/b", {"3", ""}}};
    store.record(next);
    CHECK(store.inventory() == next.inventory);
    store.record(Attempt{9, "def", AttemptResult::failed, "why"});
    CHECK(store.inventory() == next.inventory);
    CHECK(store.lastAppliedRevision() == "abc");
}

TEST_CASE("a store on an unusable disk is empty, refuses writes, and works once the disk does", "[state]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path + "/missing/state.db";
    Store store = Store::openPatiently(path);
    CHECK(store.inventory().empty());
    CHECK(store.history(10).empty());
    CHECK_FALSE(store.journal());
    CHECK_THROWS_AS(store.record(applied()), Error);
    CHECK_THROWS_AS(store.suspend("why"), Error);
    try {
        store.mend();
        FAIL("opened");
    } catch (const Error& error) {
        CHECK(tests::contains(error.what(), path));
        CHECK(tests::contains(error.hint(), "disk is not full"));
    }
    std::filesystem::create_directory(directory.path + "/missing");
    store.mend();
    store.record(applied());
    store.mend();
    CHECK(Store::open(path).inventory() == applied().inventory);
}

TEST_CASE("a database of a newer vigie is not taken for a disk problem", "[state]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path + "/state.db";
    Store::open(path);
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
    sqlite3_exec(database, "PRAGMA user_version = 999", nullptr, nullptr, nullptr);
    sqlite3_close(database);
    CHECK_THROWS_AS(Store::openPatiently(path), Error);
}

TEST_CASE("a suspension with an end is over then; one without an end stays", "[state]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path + "/state.db";
    Store store = Store::open(path);
    CHECK_FALSE(store.endSuspension(5'000));
    store.suspend("until five", 5'000);
    CHECK(store.suspendedUntil() == 5'000);
    CHECK_FALSE(store.endSuspension(4'999));
    CHECK(Store::open(path).suspended() == "until five");
    CHECK(store.endSuspension(5'000));
    CHECK_FALSE(store.suspended());
    CHECK(store.suspendedUntil() == 0);
    CHECK_FALSE(store.endSuspension(9'000));
    store.suspend("until six", 6'000);
    store.suspend("for good");
    CHECK_FALSE(store.endSuspension(9'000));
    CHECK(store.suspended() == "for good");
    store.suspend("until seven", 7'000);
    store.resume();
    CHECK_FALSE(store.endSuspension(9'000));
}

TEST_CASE("history is sorted by order of recording, newest first", "[state]") {
    const TemporaryDirectory directory;
    Store store = Store::open(directory.path + "/state.db");
    for (const std::int64_t time : {5, 9, 2}) {
        store.record(attempt(time));
    }
    CHECK(store.history(2) == std::vector<Attempt>{attempt(2), attempt(9)});
    CHECK(store.history(0).empty());
}

TEST_CASE("history keeps the newest thousand attempts", "[state]") {
    const TemporaryDirectory directory;
    Store store = Store::open(directory.path + "/state.db");
    for (std::int64_t i = 0; i < 1010; ++i) {
        store.record(attempt(i));
    }
    const auto history = store.history(5000);
    CHECK(history.size() == 1000);
    CHECK(history.front() == attempt(1009));
    CHECK(history.back() == attempt(10));
}

TEST_CASE("every result of an attempt is read as it was written", "[state]") {
    Store store = Store::open(":memory:");
    for (const auto& [result, text] : kAttemptResults) {
        store.record(Attempt{.time = 1, .revision = "abc", .result = result, .message = ""});
        CHECK(store.history(1).front().result == result);
        CHECK(valueIn(kAttemptResults, toText(result)) == result);
    }
}

TEST_CASE("what a later version has written is told apart from what this one knows", "[state]") {
    const TemporaryDirectory directory;
    const auto path = directory.path + "/state.db";
    Store store = Store::open(path);
    store.record(Attempt{.time = 1, .revision = "abc", .result = AttemptResult::applied, .message = ""});
    OpenJournal journal;
    journal.revision = "abc";
    store.begin(journal);
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
    REQUIRE(sqlite3_exec(database,
                         "UPDATE history SET result = 'Teleported'; UPDATE journal SET state = 'folded'",
                         nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(database);
    CHECK(store.history(1).front().result == AttemptResult::unknown);
    CHECK_THROWS_AS(store.journal(), Damaged);
}

TEST_CASE("texts with quotes and special characters are stored unchanged", "[state]") {
    const TemporaryDirectory directory;
    Store store = Store::open(directory.path + "/state.db");
    const Attempt odd{1, "'; DROP TABLE history; --", AttemptResult::failed, "é\n\t\"%"};
    store.record(odd);
    CHECK(store.history(1) == std::vector<Attempt>{odd});
}

TEST_CASE("only the owner can read the database and its siblings", "[state]") {
    const TemporaryDirectory directory;
    Store store = Store::open(directory.path + "/state.db");
    store.record(applied());
    for (const auto& entry : std::filesystem::directory_iterator(directory.path)) {
        INFO(entry.path().string());
        CHECK(modeOf(entry.path().string()) == 0600);
    }
}

TEST_CASE("a reader without a database finds nothing and creates nothing", "[state]") {
    const TemporaryDirectory directory;
    CHECK_FALSE(Store::openReadOnly(directory.path + "/state.db"));
    CHECK(std::filesystem::is_empty(directory.path));
}

TEST_CASE("reading the state database leaves its directory unchanged", "[state]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path + "/state.db";
    Store::open(path).record(applied());
    const auto time = std::filesystem::last_write_time(path);
    const auto names = [&] {
        std::vector<std::string> out;
        for (const auto& entry : std::filesystem::directory_iterator(directory.path)) {
            out.push_back(entry.path().filename().string());
        }
        std::sort(out.begin(), out.end());
        return out;
    };
    const auto before = names();
    {
        const auto store = Store::openReadOnly(path);
        REQUIRE(store);
        CHECK(store->inventory() == applied().inventory);
    }
    CHECK(names() == before);
    CHECK(std::filesystem::last_write_time(path) == time);
}

TEST_CASE("a reader sees attempts that are recorded while it is open", "[state]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path + "/state.db";
    Store writer = Store::open(path);
    writer.record(applied());
    const auto reader = Store::openReadOnly(path);
    REQUIRE(reader);
    writer.record(attempt(2));
    CHECK(reader->history(9).size() == 2);
}

TEST_CASE("a read-only state database refuses writes", "[state]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path + "/state.db";
    Store::open(path).record(applied());
    auto reader = Store::openReadOnly(path);
    CHECK_THROWS_AS(reader->record(attempt(2)), Error);
}

/// Runs `sql` on the database as somebody else would.
void meddle(const std::string& path, const std::string& sql) {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
    CHECK(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(database);
}

TEST_CASE("a damaged database is reported as such with the command that helps", "[state]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path + "/state.db";
    {
        Store store = Store::open(path);
        for (std::int64_t i = 0; i < 300; ++i) {
            store.record(Attempt{i, "revision", AttemptResult::applied, std::string(200, 'm')});
        }
    }
    const auto overwrite = [&](std::int64_t from, std::size_t bytes) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(from);
        file << std::string(bytes, 'x');
    };
    std::string says;
    SECTION("its beginning is overwritten") {
        overwrite(0, 20'000);
        says = "not a database";
    }
    SECTION("its middle is overwritten") {
        overwrite(4096 * 8, 4096 * 6);
    }
    SECTION("a table is missing") {
        meddle(path, "DROP TABLE quarantine");
        says = "no such table: quarantine";
    }
    SECTION("a column is missing") {
        meddle(path, "ALTER TABLE generation RENAME COLUMN revision TO other");
        says = "revision";
    }
    SECTION("its schema has an unknown version number") {
        meddle(path, "PRAGMA user_version = -1");
        says = "-1";
    }
    SECTION("it was made by another program") {
        meddle(path, "PRAGMA user_version = 0");
        says = "already exists";
    }
    for (const bool patiently : {false, true}) {
        try {
            patiently ? Store::openPatiently(path) : Store::open(path);
            FAIL("opened");
        } catch (const Error& error) {
            CHECK(tests::contains(error.what(), "the state database " + path + " is damaged: "));
            CHECK(tests::contains(error.what(), says));
            CHECK(tests::contains(error.hint(), "vigie recover --forget-state"));
        }
    }
}

TEST_CASE("a reader reports a damaged database as such", "[state]") {
    const TemporaryDirectory directory;
    const std::string path = directory.write("state.db", std::string(20'000, 'x'));
    try {
        Store::openReadOnly(path);
        FAIL("opened");
    } catch (const Error& error) {
        CHECK(tests::contains(error.what(), "is damaged"));
        CHECK(tests::contains(error.hint(), "vigie recover --forget-state"));
    }
}

TEST_CASE("a database that cannot be inspected is an error, not a missing one", "[state]") {
    const TemporaryDirectory directory;
    const std::string path = directory.path + "/state.db";
    std::filesystem::create_symlink("state.db", path);  // leads to itself
    CHECK_THROWS_AS(Store::openReadOnly(path), Error);
    CHECK_FALSE(Store::openReadOnly(directory.write("file", "") + "/state.db"));
}

TEST_CASE("a file that is no database, a symbolic link, or in a missing directory is refused", "[state]") {
    const TemporaryDirectory directory;
    CHECK_THROWS_AS(Store::open(directory.write("text", std::string(5000, 'x'))), Error);
    Store::open(directory.path + "/state.db").record(applied());
    std::filesystem::create_symlink("state.db", directory.path + "/link.db");
    CHECK_THROWS_AS(Store::open(directory.path + "/link.db"), Error);
    const mode_t before = ::umask(022);
    CHECK_THROWS_AS(Store::open(directory.path + "/missing/state.db"), Error);
    ::umask(before);
}

TEST_CASE("a store that cannot be opened leaves the umask alone", "[state]") {
    const mode_t before = ::umask(022);
    CHECK_THROWS_AS(Store::open("/nowhere/state.db"), Error);
    CHECK(::umask(before) == 022);
}

}  // namespace
}  // namespace vigie::state
