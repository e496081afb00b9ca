#include "apply/transaction.hpp"

#include "base/error.hpp"
#include "system/memory_files.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/snapshot.hpp"

namespace vigie::apply {
namespace {

using system::MemoryFiles;
using tests::snapshot;

void prepare(MemoryFiles& files) {
    files.makeDirectory("/d", 0750, Owner{1, 1});
    files.write("/d/changed", "old", 0640, Owner{2, 3});
    files.write("/d/removed", "precious", 0400, Owner{4, 5});
    files.makeDirectory("/empty", 0711, Owner{6, 7});
    files.mutations.clear();
}

void change(Transaction& transaction) {
    transaction.write("/d/changed", "new", 0600, Owner{});
    transaction.write("/d/changed", "newer", 0644, Owner{});
    transaction.write("/new/deep/file", "x", 0644, std::nullopt);
    transaction.makeDirectory("/made/too", 0700, Owner{9, 9});
    transaction.setAttributes("/d", 0777, Owner{8, 8});
    transaction.setAttributes("/d/changed", 0600, std::nullopt);
    transaction.remove("/d/removed");
    transaction.remove("/empty");
    transaction.write("/d/removed", "again", 0644, std::nullopt);
}

TEST_CASE("a transaction that is rolled back leaves every byte, mode and owner as it was", "[apply]") {
    MemoryFiles files;
    prepare(files);
    const auto before = snapshot(files);
    Transaction transaction(files);
    change(transaction);
    CHECK(snapshot(files) != before);
    CHECK(transaction.changedAnything());
    CHECK(transaction.rollBack().empty());
    CHECK(snapshot(files) == before);
    CHECK_FALSE(transaction.changedAnything());
}

TEST_CASE("whichever mutation fails, everything is put back", "[apply]") {
    int n = 0;
    for (bool failed = true; failed;) {
        MemoryFiles files;
        prepare(files);
        const auto before = snapshot(files);
        files.failAt = ++n;
        INFO("mutation " << n);
        Transaction transaction(files);
        try {
            change(transaction);
            failed = false;
        } catch (const Error&) {
            CHECK(transaction.rollBack().empty());
            CHECK(snapshot(files) == before);
        }
    }
    CHECK(n > 10);
}

TEST_CASE("a transaction that nobody commits rolls itself back", "[apply]") {
    MemoryFiles files;
    prepare(files);
    const auto before = snapshot(files);
    try {
        Transaction transaction(files);
        change(transaction);
        throw Interrupted{};
    } catch (const Interrupted&) {
        CHECK(snapshot(files) == before);
    }
}

TEST_CASE("what was committed stays", "[apply]") {
    MemoryFiles files;
    prepare(files);
    {
        Transaction transaction(files);
        change(transaction);
        transaction.commit();
    }
    CHECK(files.entries.at("/d/changed").bytes == "newer");
    CHECK(files.entries.count("/empty") == 0);
}

TEST_CASE("without the right to change owners nothing tries to", "[apply]") {
    MemoryFiles files;
    prepare(files);
    files.chown = false;
    Transaction transaction(files);
    transaction.write("/d/changed", "new", 0600, std::nullopt);
    CHECK(transaction.rollBack().empty());
    CHECK(files.entries.at("/d/changed").bytes == "old");
    CHECK(files.entries.at("/d/changed").info.mode == 0640);
}

TEST_CASE("what cannot be put back is told, and the rest is put back all the same", "[apply]") {
    MemoryFiles files;
    prepare(files);
    Transaction transaction(files);
    transaction.write("/d/changed", "new", 0600, std::nullopt);
    transaction.remove("/d/removed");
    files.failAt = 1;
    const auto problems = transaction.rollBack();
    CHECK(problems.size() == 1);
    CHECK(files.entries.at("/d/changed").bytes == "old");
}

class RememberingJournal : public Journal {
public:
    explicit RememberingJournal(const MemoryFiles& files) : files_(files) {}
    void before(const std::string& path, const FileInfo& info, const SecureBytes& bytes) override {
        CHECK(files_.inspect(path).type == info.type);  // nothing has changed yet
        paths.push_back(path);
        images.emplace_back(view(bytes));
    }
    void close() override { ++closed; }

    std::vector<std::string> paths;
    std::vector<std::string> images;
    int closed = 0;

private:
    const MemoryFiles& files_;
};

TEST_CASE("the journal has the image before anything changes, and is closed once", "[apply]") {
    MemoryFiles files;
    prepare(files);
    RememberingJournal journal(files);
    {
        Transaction transaction(files, &journal);
        transaction.write("/d/changed", "new", 0600, std::nullopt);
        transaction.makeDirectory("/e/f", 0700, std::nullopt);
        CHECK(journal.closed == 0);
        transaction.commit();
    }
    CHECK(journal.paths == std::vector<std::string>{"/d/changed", "/e", "/e/f"});
    CHECK(journal.images == std::vector<std::string>{"old", "", ""});
    CHECK(journal.closed == 1);
}

TEST_CASE("a journal stays open when something could not be put back", "[apply]") {
    MemoryFiles files;
    prepare(files);
    RememberingJournal journal(files);
    Transaction transaction(files, &journal);
    transaction.write("/d/changed", "new", 0600, std::nullopt);
    files.failAt = 1;
    CHECK_FALSE(transaction.rollBack().empty());
    CHECK(journal.closed == 0);
}

}  // namespace
}  // namespace vigie::apply
