// What a program has put into its data directory.

#include "kinds/directory/data_tree.hpp"

#include "base/error.hpp"
#include "base/fields.hpp"
#include "base/record.hpp"

#include <functional>

namespace vigie::apply {
namespace {

/// More than any Alertmanager writes; counting them takes about a second.
constexpr std::uint64_t kMostEntries = 100'000;

/// Deeper than any program of ours nests its data.
constexpr int kDeepest = 32;
/// Who may write there must not have a set-id bit of his renewed under another owner.
constexpr unsigned kPlainMode = 0777;

/// Calls `each` with every path below `directory`, what is in a directory before the directory itself, as
/// long as it returns true and nothing is too deep. Whether it came to the end.
bool walk(const std::string& directory, const system::Files& files,
          const std::function<bool(const std::string&, const FileInfo&)>& each, int depth = 0) {
    if (depth == kDeepest) {
        return false;
    }
    for (const auto& name : files.list(directory)) {
        const std::string path = directory + "/" + name;
        const auto info = files.inspect(path);
        if (info.type == FileInfo::Type::directory && !walk(path, files, each, depth + 1)) {
            return false;
        }
        if (!each(path, info)) {
            return false;
        }
    }
    return true;
}

}  // namespace

plan::ObservedTree observeTree(const std::string& path, const system::Files& files) {
    plan::ObservedTree out;
    out.whole = walk(path, files, [&](const std::string& /*below*/, const FileInfo& info) {
        ++out.entries;
        out.bytes += info.type == FileInfo::Type::regular ? info.size : 0;
        return out.entries < kMostEntries;
    });
    return out;
}

void reownTree(const std::string& path, const Owner& from, const Owner& to, system::Files& files) {
    const bool whole = walk(path, files, [&](const std::string& below, const FileInfo& info) {
        const bool ownable = info.type == FileInfo::Type::regular || info.type == FileInfo::Type::directory;
        if (ownable && info.owner.uid == from.uid) {
            files.restoreAttributes(below, info.mode & kPlainMode, to, info.inode);
        }
        return true;
    });
    if (!whole) {
        throw Error("the directories below " + path + " are nested too deeply to change their owner",
                    "look at what put them there, or change it yourself with chown -R");
    }
    const auto info = files.inspect(path);
    if (info.owner != to) {
        files.restoreAttributes(path, info.mode, to, info.inode);
    }
}

/// Fields: `fromUid`, `fromGid`, `toUid` and `toGid`, as numbers. Before, these were packed one behind the
/// other in this order.
SecureBytes packTree(const Owner& from, const Owner& to) {
    return RecordWriter()
        .add("fromUid", from.uid)
        .add("fromGid", from.gid)
        .add("toUid", to.uid)
        .add("toGid", to.gid)
        .take();
}

void giveBackTree(const std::string& path, std::string_view packed, system::Files& files) {
    Owner from;
    Owner to;
    if (RecordReader::is(packed)) {
        const RecordReader fields(packed);
        const auto id = [&](std::string_view name) { return static_cast<unsigned>(fields.number(name)); };
        from = {.uid = id("fromUid"), .gid = id("fromGid")};
        to = {.uid = id("toUid"), .gid = id("toGid")};
    } else {
        FieldReader fields(packed);
        for (auto* each : {&from.uid, &from.gid, &to.uid, &to.gid}) {
            *each = static_cast<unsigned>(fields.number());
        }
    }
    if (files.inspect(path).type == FileInfo::Type::directory) {
        reownTree(path, to, from, files);
    }
}

}  // namespace vigie::apply
