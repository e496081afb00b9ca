// Transactions in the state database.
#include "state/journal.hpp"

#include "base/error.hpp"
#include "state/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <sqlite3.h>

namespace vigie::state {
namespace {

using tests::contains;

/// A database that goes away with its directory.
struct Database {
    tests::TemporaryDirectory directory;
    std::string path = directory.path + "/state.db";

    [[nodiscard]] Store open() const { return Store::open(path); }
    /// What all of its files hold.
    [[nodiscard]] std::string bytes() const {
        std::string out;
        for (const auto& entry : std::filesystem::directory_iterator(directory.path)) {
            std::ifstream in(entry.path(), std::ios::binary);
            out.append(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
        }
        return out;
    }
};

OpenJournal begun() {
    OpenJournal out;
    out.revision = "abc";
    out.renderDigest = "digest";
    out.bootId = "boot-1";
    out.deadline = 4711;
    out.byOperator = true;
    out.interface = "wg0";
    out.images = {{"file", "/b", std::string("a\0b\xff", 4)}, {"file", "/a", ""}, {"wireguard", "wg0", "x"}};
    return out;
}

Applied applied(const std::string& revision = "abc") {
    Applied out;
    out.stack = "moments";
    out.host = "vm";
    out.revision = revision;
    out.renderDigest = "digest";
    out.generation = generationName(revision, "digest");
    out.inventory = {{"file:/a", {"1", "/backup", ""}}, {"firewall:x", {"2", "", "allow 22/tcp"}}};
    out.attempt = {7, revision, AttemptResult::applied, "message"};
    return out;
}

OpenJournal armed() {
    OpenJournal out = begun();
    out.deadline = 9999;
    out.newestHandshake = 1234;
    out.byOperator = false;
    out.confirmingPeers = {"key-one=", "key/two="};
    out.endpoints = {{"key/two=", "vps.example.org:51820"}};
    out.applied = applied();
    return out;
}

std::vector<std::string> textsOf(const std::vector<BeforeImage>& images) {
    std::vector<std::string> out;
    for (const auto& image : images) {
        out.push_back(image.kind + " " + image.id + " " + image.data);
    }
    return out;
}

TEST_CASE("a new state database has no open transaction", "[state][journal]") {
    const Database database;
    Store store = database.open();
    CHECK_FALSE(store.journal());
    CHECK_FALSE(store.claimRevert());
    CHECK_FALSE(store.commit(applied()));
    CHECK(store.history(9).empty());
    CHECK_THROWS_AS(store.arm(armed()), Error);
}

TEST_CASE("a begun transaction is found by another process", "[state][journal]") {
    const Database database;
    database.open().begin(begun());
    const Store store = database.open();
    const auto reader = Store::openReadOnly(database.path);
    REQUIRE(reader);
    for (const auto& found : {store.journal(), reader->journal()}) {
        REQUIRE(found);
        CHECK(found->state == JournalState::open);
        CHECK(found->revision == "abc");
        CHECK(found->renderDigest == "digest");
        CHECK(found->bootId == "boot-1");
        CHECK(found->deadline == 4711);
        CHECK(found->newestHandshake == 0);
        CHECK(found->byOperator);
        CHECK(found->interface == "wg0");
        CHECK(found->confirmingPeers.empty());
        CHECK(found->applied.inventory.empty());
        CHECK(textsOf(found->images) == textsOf(begun().images));
    }
}

TEST_CASE("a second transaction is refused while one is open", "[state][journal]") {
    const Database database;
    Store store = database.open();
    store.begin(begun());
    auto other = begun();
    other.revision = "def";
    other.images.resize(1);
    CHECK_THROWS_AS(store.begin(other), Error);
    CHECK_THROWS_AS(database.open().begin(other), Error);
    CHECK(store.journal()->revision == "abc");
    CHECK(store.journal()->images.size() == 3);
}

TEST_CASE("the endpoints of a transaction are removed with it", "[state][journal]") {
    const Database database;
    Store store = database.open();
    for (const bool commits : {true, false}) {
        store.begin(begun());
        CHECK(store.journal()->endpoints.empty());
        store.arm(armed());
        CHECK(store.journal()->endpoints.size() == 1);
        commits ? static_cast<void>(store.commit(applied()))
                : store.rolledBack({7, "abc", AttemptResult::rolledBack, ""});
    }
}

TEST_CASE("an armed transaction holds everything that its commit needs", "[state][journal]") {
    const Database database;
    {
        Store store = database.open();
        store.begin(begun());
        store.arm(armed());
    }
    const auto found = database.open().journal();
    REQUIRE(found);
    CHECK(found->state == JournalState::armed);
    CHECK(found->deadline == 9999);
    CHECK(found->newestHandshake == 1234);
    CHECK_FALSE(found->byOperator);
    CHECK(found->confirmingPeers == armed().confirmingPeers);
    CHECK(found->endpoints == armed().endpoints);
    CHECK(found->images.size() == 3);
    CHECK(found->applied.stack == "moments");
    CHECK(found->applied.host == "vm");
    CHECK(found->applied.inventory == applied().inventory);
    CHECK(found->applied.attempt == applied().attempt);
    CHECK(found->applied.generation == applied().generation);
}

TEST_CASE("only an open transaction can be armed", "[state][journal]") {
    const Database database;
    Store store = database.open();
    store.begin(begun());
    store.arm(armed());
    CHECK_THROWS_AS(store.arm(armed()), Error);
    REQUIRE(store.claimRevert());
    CHECK_THROWS_AS(store.arm(armed()), Error);
    CHECK(store.journal()->state == JournalState::reverting);
}

TEST_CASE("a commit records the applied revision and removes the transaction", "[state][journal]") {
    for (const bool arm : {false, true}) {
        const Database database;
        Store store = database.open();
        store.begin(begun());
        if (arm) {
            store.arm(armed());
        }
        CHECK(store.commit(applied()));
        CHECK_FALSE(store.journal());
        CHECK(store.inventory() == applied().inventory);
        CHECK(store.lastAppliedRevision() == "abc");
        CHECK(store.lastRenderDigest() == "digest");
        CHECK(store.lastHost() == "vm");
        CHECK(store.history(9) == std::vector<Attempt>{applied().attempt});
        CHECK_FALSE(store.commit(applied()));
        CHECK(store.history(9).size() == 1);
        CHECK_NOTHROW(store.begin(begun()));
    }
}

TEST_CASE("a rollback records an attempt and keeps the applied revision", "[state][journal]") {
    const Database database;
    Store store = database.open();
    store.record(applied("old"));
    store.begin(begun());
    REQUIRE(store.claimRevert());
    CHECK(store.claimRevert());  // whoever finds it half taken back goes on
    store.rolledBack({8, "abc", AttemptResult::rolledBack, "why"});
    CHECK_FALSE(store.journal());
    CHECK(store.lastAppliedRevision() == "old");
    CHECK(store.history(1).front().result == AttemptResult::rolledBack);
    CHECK_NOTHROW(store.begin(begun()));
}

TEST_CASE("only one of two processes can confirm or roll back a transaction", "[state][journal]") {
    for (const bool arm : {false, true}) {
        for (const bool confirmFirst : {false, true}) {
            const Database database;
            Store one = database.open();
            Store two = database.open();
            one.begin(begun());
            if (arm) {
                one.arm(armed());
            }
            if (confirmFirst) {
                CHECK(one.commit(applied()));
                CHECK_FALSE(two.claimRevert());
                CHECK(two.lastAppliedRevision() == "abc");
            } else {
                CHECK(two.claimRevert());
                CHECK_FALSE(one.commit(applied()));
                CHECK(one.lastAppliedRevision().empty());
                CHECK(one.history(9).empty());
                CHECK(one.journal()->state == JournalState::reverting);
                CHECK(one.journal()->images.size() == 3);
            }
        }
    }
}

TEST_CASE("a blocked host keeps the start of its wait across restarts", "[state]") {
    const Database database;
    CHECK(database.open().heldSince("abc", 1000) == 1000);
    CHECK(database.open().heldSince("abc", 5000) == 1000);
    CHECK(database.open().heldSince("def", 6000) == 6000);
    database.open().record(applied("def"));
    CHECK(database.open().heldSince("def", 9000) == 9000);  // that wait is over
}

TEST_CASE("before-images are erased from disk when the transaction ends", "[state][journal]") {
    const std::string canary = "canary-of-the-images";
    for (const bool confirmed : {true, false}) {
        const Database database;
        auto journal = begun();
        for (int i = 0; i < 50; ++i) {
            journal.images.push_back(
                {"file", "/f" + std::to_string(i), canary + std::string(500, 'x') + canary});
        }
        {
            Store store = database.open();
            store.begin(journal);
            CHECK(contains(database.bytes(), canary));
            if (confirmed) {
                REQUIRE(store.commit(applied()));
            } else {
                REQUIRE(store.claimRevert());
                store.rolledBack({});
            }
        }
        CHECK_FALSE(contains(database.bytes(), canary));
    }
}

TEST_CASE("a quarantined render stays so until it is applied", "[state][quarantine]") {
    const Database database;
    Store store = database.open();
    CHECK_FALSE(store.quarantined("digest"));
    store.quarantine("digest", "first");
    store.quarantine("digest", "it does not stay up");
    store.quarantine("other", "another");
    CHECK(database.open().quarantined("digest") == "it does not stay up");
    store.record(applied());
    CHECK_FALSE(store.quarantined("digest"));
    CHECK(store.quarantined("other") == "another");
}

TEST_CASE("the newest hundred quarantined renders are kept", "[state][quarantine]") {
    const Database database;
    Store store = database.open();
    for (int i = 0; i < 105; ++i) {
        store.quarantine(std::to_string(i), "why");
    }
    CHECK_FALSE(store.quarantined("4"));
    CHECK(store.quarantined("5"));
    CHECK(store.quarantined("104"));
}

TEST_CASE("a controller that was suspended stays so until it is resumed", "[state]") {
    const Database database;
    CHECK_FALSE(database.open().suspended());
    database.open().suspend("rolled back by hand");
    Store store = database.open();
    CHECK(store.suspended() == "rolled back by hand");
    store.suspend("another reason");
    CHECK(store.suspended() == "another reason");
    store.record(applied());
    CHECK(store.suspended());
    store.resume();
    CHECK_FALSE(database.open().suspended());
}

TEST_CASE("the newest ten generations are remembered, each once", "[state][generations]") {
    const Database database;
    Store store = database.open();
    for (int i = 0; i < 12; ++i) {
        store.record(applied(std::to_string(i)));
    }
    const auto revisions = [&] {
        std::vector<std::string> out;
        for (const auto& each : store.generations()) {
            CHECK(each.directory == generationName(each.revision, each.renderDigest));
            CHECK(each.time == 7);
            out.push_back(each.revision);
        }
        return out;
    };
    CHECK(revisions() == std::vector<std::string>{"11", "10", "9", "8", "7", "6", "5", "4", "3", "2"});
    store.record(applied("5"));  // gone back to: now it is the newest
    CHECK(revisions() == std::vector<std::string>{"5", "11", "10", "9", "8", "7", "6", "4", "3", "2"});
    auto without = applied("none");
    without.generation.clear();
    store.record(without);
    CHECK(revisions().front() == "5");
}

TEST_CASE("a generation is named after its revision and its render", "[state][generations]") {
    CHECK(generationName("a", "b") == generationName("a", "b"));
    CHECK(generationName("a", "b").size() == 16);
    CHECK(generationName("a", "b") != generationName("a", "c"));
    CHECK(generationName("a", "b") != generationName("b", "b"));
    CHECK(generationName("", "ab") != generationName("a", "b"));
}

/// A database as vigie 0.1 wrote it.
void writeVersionOne(const std::string& path) {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
    const int result = sqlite3_exec(database, R"(
        PRAGMA journal_mode = WAL;
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
        CREATE TABLE inventory (id TEXT PRIMARY KEY, digest TEXT NOT NULL, backup TEXT NOT NULL) STRICT;
        CREATE TABLE history (
            number INTEGER PRIMARY KEY, time INTEGER NOT NULL, revision TEXT NOT NULL, result TEXT NOT NULL,
            message TEXT NOT NULL) STRICT;
        INSERT INTO meta VALUES ('revision', 'old');
        INSERT INTO inventory VALUES ('file:/a', 'digest', '/backup');
        INSERT INTO history (time, revision, result, message) VALUES (3, 'old', 'Applied', 'm');
        PRAGMA user_version = 1;)",
                                    nullptr, nullptr, nullptr);
    CHECK(result == SQLITE_OK);
    sqlite3_close(database);
}

TEST_CASE("a database of version 0.1 is migrated with all its contents", "[state]") {
    const Database database;
    writeVersionOne(database.path);
    for (int i = 0; i < 2; ++i) {
        Store store = database.open();
        CHECK(store.inventory() == Inventory{{"file:/a", {"digest", "/backup", ""}}});
        CHECK(store.lastAppliedRevision() == "old");
        CHECK(store.history(9) == std::vector<Attempt>{{3, "old", AttemptResult::applied, "m"}});
        CHECK_FALSE(store.journal());
        CHECK(store.generations().empty());
        CHECK_FALSE(store.suspended());
    }
    Store store = database.open();
    store.begin(begun());
    CHECK(store.commit(applied()));
}

TEST_CASE("a reader refuses to migrate a database and names the command that does", "[state]") {
    const Database database;
    writeVersionOne(database.path);
    const std::string before = database.bytes();
    try {
        Store::openReadOnly(database.path);
        FAIL("opened");
    } catch (const Error& error) {
        CHECK(contains(error.what(), "another version of vigie"));
        CHECK(contains(error.hint(), "vigie recover"));
    }
    CHECK(database.bytes() == before);
}

TEST_CASE("a database of a newer vigie is refused", "[state]") {
    const Database database;
    writeVersionOne(database.path);
    sqlite3* raw = nullptr;
    REQUIRE(sqlite3_open(database.path.c_str(), &raw) == SQLITE_OK);
    CHECK(sqlite3_exec(raw, "PRAGMA user_version = 99", nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(raw);
    CHECK_THROWS_AS(database.open(), Error);
    CHECK_THROWS_AS(Store::openReadOnly(database.path), Error);
}

}  // namespace
}  // namespace vigie::state
