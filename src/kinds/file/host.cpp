// Files on the host: observe, capture, write, undo, remove.

#include "kinds/file/host.hpp"

#include "apply/tools.hpp"
#include "base/fields.hpp"
#include "base/hash.hpp"
#include "base/record.hpp"
#include "kinds/hosts.hpp"
#include "kinds/unit/host.hpp"
#include "plan/diff.hpp"

namespace vigie::kinds {
namespace {

constexpr std::string_view kUnits = "/etc/systemd/system/";

/// Set-user and set-group bits are never given back: whoever owned the file could choose its bytes.
constexpr unsigned kRestored = 01777;

struct FileImage {
    FileInfo info;
    std::string_view bytes;
    std::optional<std::uint64_t> directory;  ///< the inode of where it lay; unknown to journals of 0.1
};

/// Fields: `type`, the number of a `FileInfo::Type`; `mode`, `uid` and `gid`, as numbers; `bytes`, of a file;
/// `inode`, its own, and `directory`, that of where it lies. Before, these were packed one behind the other
/// in this order; 0.1 wrote no inodes.
SecureBytes pack(const FileInfo& info, std::string_view bytes, std::uint64_t directory) {
    return RecordWriter()
        .add("type", static_cast<std::int64_t>(info.type))
        .add("mode", info.mode)
        .add("uid", info.owner.uid)
        .add("gid", info.owner.gid)
        .add("bytes", bytes)
        .add("inode", static_cast<std::int64_t>(info.inode))
        .add("directory", static_cast<std::int64_t>(directory))
        .take();
}

FileImage unpackOld(std::string_view data) {
    FieldReader fields(data);
    FileImage out;
    out.info.type = static_cast<FileInfo::Type>(fields.number());
    out.info.mode = static_cast<unsigned>(fields.number());
    out.info.owner.uid = static_cast<unsigned>(fields.number());
    out.info.owner.gid = static_cast<unsigned>(fields.number());
    out.bytes = fields.next();
    if (!fields.done()) {
        out.info.inode = static_cast<std::uint64_t>(fields.number());
        out.directory = static_cast<std::uint64_t>(fields.number());
    }
    return out;
}

FileImage unpackNew(std::string_view data) {
    const RecordReader fields(data);
    FileImage out;
    out.info.type = static_cast<FileInfo::Type>(fields.number("type"));
    out.info.mode = static_cast<unsigned>(fields.number("mode"));
    out.info.owner.uid = static_cast<unsigned>(fields.number("uid"));
    out.info.owner.gid = static_cast<unsigned>(fields.number("gid"));
    out.bytes = fields.text("bytes");
    out.info.inode = static_cast<std::uint64_t>(fields.number("inode"));
    out.directory = static_cast<std::uint64_t>(fields.number("directory"));
    return out;
}

FileImage unpack(std::string_view data) {
    auto out = RecordReader::is(data) ? unpackNew(data) : unpackOld(data);
    out.info.mode &= kRestored;
    return out;
}

/// Attributes are put back on the directory that had them. One that the transaction removed is another now:
/// as an interrupted pass has made it anew, it is ours and empty.
void restoreDirectory(const std::string& path, const FileImage& image, const FileInfo& is,
                      std::optional<Owner> owner, system::Files& files) {
    const bool halfMade =
        is.inode != image.info.inode && is.owner.uid == Owner{}.uid && files.list(path).empty();
    if (image.directory && !halfMade) {
        files.restoreAttributes(path, image.info.mode, owner, image.info.inode);
    } else {
        files.setAttributes(path, image.info.mode, owner);
    }
}

/// What is as it was is not touched. Throws system::WayChanged where it is not what it was taken from.
/// `remade`: the directories of the images so far, which the transaction may have removed.
void restorePath(const std::string& path, const FileImage& image, std::set<std::string>& remade,
                 system::Files& files) {
    files.cleanUp(path);
    const auto is = files.inspect(path);
    const auto owner = files.canChown() ? std::optional(image.info.owner) : std::nullopt;
    const bool attributes =
        is.mode == image.info.mode && (!owner.has_value() || is.owner == image.info.owner);
    switch (image.info.type) {
        case FileInfo::Type::missing:
            if (!is.exists() || (is.type == FileInfo::Type::directory && !files.list(path).empty())) {
                return;  // a program has put its data there: they stay
            }
            files.remove(path);
            return;
        case FileInfo::Type::regular:
            if (is.type == FileInfo::Type::regular && attributes && is.size == image.bytes.size() &&
                view(files.read(path, system::kLargestFile)) == image.bytes) {
                return;
            }
            if (image.directory && remade.count(system::parentOf(path)) == 0) {
                files.restore(path, image.bytes, image.info.mode, owner, *image.directory);
            } else {
                files.write(path, image.bytes, image.info.mode, owner);
            }
            return;
        case FileInfo::Type::directory:
            remade.insert(path);
            if (!is.exists()) {
                files.makeDirectory(path, image.info.mode, owner);
            } else if (!attributes) {
                restoreDirectory(path, image, is, owner, files);
            }
            return;
        case FileInfo::Type::symlink:
        case FileInfo::Type::other:
        case FileInfo::Type::behindLink:
            return;  // never changed: a plan refuses them
    }
}

/// Whether a file of that size may be what is wanted.
bool mayBe(const render::Text& wanted, std::uint64_t size) {
    return size == wanted.masked().size() || (wanted.available() && size == wanted.reveal().size());
}

/// A large file that is not ours costs no memory: whoever may write there decides how large it is.
plan::ObservedFile observeFile(const system::Files& files, const render::File& file) {
    plan::ObservedFile out;
    out.info = files.inspect(file.path);
    if (out.info.type == FileInfo::Type::regular) {
        out.unread = out.info.size > plan::kMostBytes && !mayBe(file.content, out.info.size);
        if (!out.unread) {
            out.bytes = files.read(file.path, system::kLargestFile);
        }
    }
    return out;
}

}  // namespace

void observeOwnedPaths(Kind kind, const Looking& looking, plan::Observed& out) {
    const auto& files = looking.system.files;
    std::set<std::string_view> wanted;
    for (const auto& resource : looking.desired) {
        wanted.insert(resource.id);
    }
    for (const auto& [id, owned] : looking.inventory) {
        if (!isA(kind, id)) {
            continue;
        }
        auto& observed = out.files[id];
        if (!observed.info.exists()) {
            observed.info = files.inspect(nameOf(id));
        }
        if (observed.info.type == FileInfo::Type::directory && wanted.count(id) == 0) {
            observed.names = files.list(nameOf(id));
        }
    }
}

void FileHost::observe(const Looking& looking, plan::Observed& out) {
    each<Model>(looking.desired, [&](const render::Resource& resource, const render::File& file) {
        out.files[resource.id] = observeFile(looking.system.files, file);
    });
    observeOwnedPaths(Model::kind, looking, out);
}

/// One field, `inode`. Before, that number alone.
void captureOrigin(const std::string& stateDirectory, BeforeImages& images) {
    if (images.first("origin", stateDirectory)) {
        const auto inode = images.system().files.inspect(stateDirectory).inode;
        images.add("origin", stateDirectory,
                   RecordWriter().add("inode", static_cast<std::int64_t>(inode)).take());
    }
}

void capturePath(const std::string& path, BeforeImages& images) {
    capturePath(path, "file", images.system().files, images);
}

void capturePath(const std::string& path, std::string_view image, const system::Files& files,
                 BeforeImages& images) {
    if (!images.first(image, path)) {
        return;
    }
    const std::string above = system::parentOf(path);
    const auto parent = files.inspect(above);
    if (!parent.exists()) {
        capturePath(above, image, files, images);
    }
    const auto info = files.inspect(path);
    images.add(image, path,
               info.type == FileInfo::Type::regular
                   ? pack(info, view(files.read(path, system::kLargestFile)), parent.inode)
                   : pack(info, "", parent.inode));
}

void FileHost::capture(const Capturing& capturing, const render::File* /*file*/, BeforeImages& images) {
    if (capturing.change.action == plan::Action::release && !capturing.options.givesBack) {
        return;  // nothing of it is touched
    }
    capturePath(nameOf(capturing.change.id), images);
}

void keepBackup(Transaction& transaction, const std::string& id, const std::string& path) {
    keepBackup(transaction, id, path, transaction.system.files);
}

void keepBackup(Transaction& transaction, const std::string& id, const std::string& path,
                const system::Files& from) {
    constexpr std::size_t kShort = 16;
    auto& files = transaction.system.files;
    const std::string backup = transaction.stateDirectory + "/backups/" + sha256Hex(path).substr(0, kShort) +
                               path.substr(path.rfind('/')).replace(0, 1, "-");
    const auto info = from.inspect(path);
    system::makeParents(files, backup);
    files.write(backup, view(from.read(path, system::kLargestFile)), info.mode & kRestored,
                transaction.ownerOf(info.owner));
    transaction.inventory[id].backup = backup;
}

void FileHost::make(Transaction& transaction, const plan::Change& change,
                    const render::Resource& /*resource*/, const render::File& file) {
    auto& files = transaction.system.files;
    kinds::letGo(transaction, file.path, Touch::bytes);
    system::makeParents(files, file.path);
    if (change.action == plan::Action::adopt) {
        keepBackup(transaction, change.id, file.path);
    }
    const auto owner = transaction.ownerOf(file.owner);
    if (change.action != plan::Action::create && change.diff.empty()) {
        const auto info = files.inspect(file.path);  // its bytes are right already
        if (info.mode != file.mode || (files.canChown() && info.owner != file.owner)) {
            files.setAttributes(file.path, file.mode, owner);
        }
    } else if (transaction.options.masked) {
        files.write(file.path, file.content.masked(), file.mode, owner);
    } else {
        files.write(file.path, view(file.content.reveal()), file.mode, owner);
    }
    if (file.path.starts_with(kUnits) && apply::systemdRuns(files)) {
        apply::reloadUnits(transaction.system);
    }
}

namespace {

/// A file that was taken over gets back what it was; all else stays as it is.
void giveBack(Transaction& transaction, const std::string& id, const state::Owned& owned) {
    auto& files = transaction.system.files;
    transaction.tell("release " + id);
    if (transaction.options.givesBack && !owned.backup.empty() && files.inspect(owned.backup).exists()) {
        const auto theirs = files.inspect(owned.backup);
        const std::string path = nameOf(id);
        system::makeParents(files, path);
        files.write(path, view(files.read(owned.backup, system::kLargestFile)), theirs.mode,
                    transaction.ownerOf(theirs.owner));
    }
}

}  // namespace

void removePath(Transaction& transaction, const plan::Change& change, const state::Owned& owned) {
    if (change.action == plan::Action::release) {
        giveBack(transaction, change.id, owned);
        return;
    }
    auto& files = transaction.system.files;
    const std::string path = nameOf(change.id);
    const auto info = files.inspect(path);
    if (info.type == FileInfo::Type::directory && !files.list(path).empty()) {
        transaction.tell("keep " + change.id + ": it is not empty");
    } else if (info.type == FileInfo::Type::directory || info.type == FileInfo::Type::regular) {
        transaction.tell("delete " + change.id);
        files.remove(path);
        transaction.unitFilesGone = transaction.unitFilesGone || path.starts_with(kUnits);
    }
}

void FileHost::remove(Transaction& transaction, const plan::Change& change, const state::Owned& owned) {
    removePath(transaction, change, owned);
}

void FileHost::reloadUnits(Transaction& transaction) {
    if (transaction.unitFilesGone && apply::systemdRuns(transaction.system.files)) {
        apply::reloadUnits(transaction.system);
    }
}

void FileHost::noteOrigin(Undoing& undoing, const std::string& stateDirectory, std::string_view data) {
    const auto inode = static_cast<std::int64_t>(undoing.system.files.inspect(stateDirectory).inode);
    undoing.copied =
        RecordReader::is(data) ? inode != RecordReader(data).number("inode") : std::to_string(inode) != data;
}

void putBackPath(Undoing& undoing, const std::string& path, std::string_view data, system::Files& files) {
    auto image = unpack(data);
    if (undoing.copied) {
        image.directory.reset();
    }
    restorePath(path, image, undoing.remade, files);
}

void FileHost::putBack(Undoing& undoing, const std::string& path, std::string_view data) {
    putBackPath(undoing, path, data, undoing.system.files);
    // Also when it is as it was: an interrupted pass may have put it back and told nobody.
    undoing.unitFiles = undoing.unitFiles || path.starts_with(kUnits);
}

void FileHost::reloadUnitsAgain(Undoing& undoing, const std::string& /*id*/, std::string_view /*data*/) {
    if (undoing.unitFiles && apply::systemdRuns(undoing.system.files)) {
        apply::reloadUnits(undoing.system);
    }
}

}  // namespace vigie::kinds
