#pragma once

#include "system/files.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::apply {

/// Where before-images go before something changes. The durable journal of a crash-safe apply implements
/// this; without one the images live as long as the transaction does.
class Journal {
public:
    Journal() = default;
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;
    Journal(Journal&&) = delete;
    Journal& operator=(Journal&&) = delete;
    virtual ~Journal() = default;

    /// Called before `path` changes. `bytes` is empty unless `info` says regular file.
    virtual void before(const std::string& path, const FileInfo& info, const SecureBytes& bytes) = 0;
    /// Called when the transaction is committed or has been rolled back.
    virtual void close() = 0;
};

/// Changes to a host's files that can be taken back as a whole. Unless `commit` is called, the destructor
/// rolls back.
class Transaction {
public:
    explicit Transaction(system::Files& files, Journal* journal = nullptr)
        : files_(files), journal_(journal) {}
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    Transaction(Transaction&&) = delete;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    void write(const std::string& path, std::string_view bytes, unsigned mode, std::optional<Owner> owner);
    void makeDirectory(const std::string& path, unsigned mode, std::optional<Owner> owner);
    void setAttributes(const std::string& path, unsigned mode, std::optional<Owner> owner);
    void remove(const std::string& path);

    /// Restores every byte, mode and owner, newest change first. Returns what could not be restored, in
    /// words.
    std::vector<std::string> rollBack();
    void commit();

    [[nodiscard]] bool changedAnything() const { return !images_.empty(); }

private:
    struct Image {
        std::string path;
        FileInfo info;
        SecureBytes bytes;
    };
    void remember(const std::string& path);
    void makeParents(const std::string& path);
    void restore(const Image& image);

    system::Files& files_;
    Journal* journal_;
    std::vector<Image> images_;
    bool open_ = true;
};

}  // namespace vigie::apply
