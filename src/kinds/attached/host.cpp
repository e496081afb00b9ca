// Files of attached programs on the host: observe, capture, write, undo, release.

#include "kinds/attached/host.hpp"

#include "apply/probes/asked_program.hpp"
#include "apply/probes/attached_programs.hpp"
#include "base/error.hpp"
#include "base/record.hpp"
#include "kinds/attached/record.hpp"
#include "kinds/file/host.hpp"
#include "kinds/reload/loaded.hpp"
#include "plan/diff.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace vigie::kinds {
namespace {

using apply::AttachedPath;
using apply::AttachedPrograms;
using attach::Attachment;
using attach::Refusal;
using render::AttachedFile;
using Role = AttachedFile::Role;

constexpr unsigned kSecret = 0400;
constexpr unsigned kPublic = 0644;
constexpr unsigned kDirectory = 0755;
/// Set-user and set-group bits are never ours: whoever wrote the file may have chosen them.
constexpr unsigned kKept = 01777;

std::string inProgram(const AttachedFile& file) {
    return file.role == Role::main ? std::string() : file.path;
}

attach::Pin pinOf(const Attachment& attachment, const attach::Place& place) {
    auto out = attach::pinOf(attachment);
    out.inside = place.inside;
    out.mount = place.mount;
    out.source = place.source;
    out.host = place.host;
    out.resolved = place.resolved;
    return out;
}

std::string recordOf(const AttachedFile& file, const Attachment& attachment, const attach::Place& place) {
    auto out = AttachedRecord::of(file.program, file.kind);
    out.path = file.path;
    out.main = file.role == Role::main;
    out.pin = pinOf(attachment, place);
    return out.text();
}

/// A large file that is not ours costs no memory.
plan::ObservedFile observeFile(const system::Files& files, const std::string& path) {
    plan::ObservedFile out;
    out.info = files.inspect(path);
    if (out.info.type == FileInfo::Type::regular) {
        out.unread = out.info.size > plan::kMostBytes;
        if (!out.unread) {
            out.bytes = files.read(path, system::kLargestFile);
        }
    }
    return out;
}

void observeOne(AttachedPrograms& programs, const Looking& looking, const render::Resource& resource,
                const AttachedFile& file, plan::Observed& out) {
    auto& seen = out.attached[resource.id];
    const auto refuse = [&](const Refusal& refusal) { seen.problem = refusal.sentence(); };
    try {
        const auto& found = programs.find(file.program, file.kind);
        if (const auto* refusal = std::get_if<Refusal>(&found)) {
            refuse(*refusal);
            return;
        }
        const auto& attachment = std::get<Attachment>(found);
        const auto placed = programs.place(attachment, inProgram(file));
        if (const auto* refusal = std::get_if<Refusal>(&placed)) {
            refuse(*refusal);
            return;
        }
        const auto& place = std::get<AttachedPath>(placed).place;
        seen.path = place.resolved;
        seen.directory = apply::configDirectory(attachment);
        seen.runs = attachment.runs;
        seen.alone = place.singleFile;
        seen.record = recordOf(file, attachment, place);
        out.files[resource.id] = observeFile(looking.system.files.straight(), place.resolved);
    } catch (const Error& error) {
        seen.problem = error.hint().empty() ? error.what() : error.what() + std::string("; ") + error.hint();
    }
}

/// Where the file is now, when that is where the plan saw it.
struct Found {
    Attachment attachment;
    AttachedPath path;
};

Found findAgain(AttachedPrograms& programs, const AttachedRecord& planned,
                const render::AttachedProgram& program) {
    Found out;
    out.attachment = apply::mustFind(programs, program, planned.programKind());
    out.path = apply::mustPlace(programs, out.attachment, planned.main ? "" : planned.path);
    const auto moved = attach::differences(planned.pin, pinOf(out.attachment, out.path.place));
    if (!moved.empty()) {
        throw Error(program.service + " is another one than the plan has seen: " + moved.front(),
                    "look at a new plan");
    }
    return out;
}

/// Whether there is no container any more whose files they were: nothing of them is anybody's business then.
bool isGone(AttachedPrograms& programs, const AttachedRecord& record) {
    const auto& found = programs.find(record.attachedProgram(), record.programKind());
    const auto* refusal = std::get_if<Refusal>(&found);
    return refusal != nullptr && refusal->reason == Refusal::Reason::noContainer;
}

AttachedRecord recordIn(const std::string& text, const std::string& id) {
    auto out = AttachedRecord::read(text);
    if (!out || out->pin == attach::Pin{}) {
        throw Error("it is not known where " + id + " lies");
    }
    return std::move(*out);
}

/// Whose a new file in `directory` is: whoever owns the directory.
std::optional<Owner> ownerIn(const Transaction& transaction, const std::string& path) {
    return transaction.ownerOf(transaction.system.files.straight().inspect(system::parentOf(path)).owner);
}

/// The directories above `path` that are not there, with the owner of the one that is.
void makeDirectories(const Transaction& transaction, const std::string& path) {
    auto& files = transaction.system.files.straight();
    const auto above = system::parentOf(path);
    if (!files.inspect(above).exists()) {
        makeDirectories(transaction, above);
        files.makeDirectory(above, kDirectory, ownerIn(transaction, above));
    }
}

void writeAt(const Transaction& transaction, const attach::Place& place, std::string_view bytes,
             unsigned mode, std::optional<Owner> owner) {
    auto& files = transaction.system.files.straight();
    const auto is = files.inspect(place.resolved);
    if (!place.singleFile) {
        makeDirectories(transaction, place.resolved);
        files.write(place.resolved, bytes, mode, owner);
        return;
    }
    if (is.mode != mode || (owner && is.owner != *owner)) {
        files.setAttributes(place.resolved, mode, owner);  // before anybody else reads the new bytes
    }
    files.overwrite(place.resolved, bytes, is.inode);
}

void write(const Transaction& transaction, const AttachedFile& file, const Found& found) {
    auto& files = transaction.system.files.straight();
    const auto& place = found.path.place;
    const auto is = files.inspect(place.resolved);
    const auto bytes =
        transaction.options.masked ? secureBytes(file.content.masked()) : file.content.reveal();
    if (file.secret() && found.attachment.runs) {
        const Owner reader{found.attachment.user.uid, found.attachment.user.gid};
        writeAt(transaction, place, view(bytes), kSecret, transaction.ownerOf(reader));
    } else if (is.exists()) {
        writeAt(transaction, place, view(bytes), (file.secret() ? is.mode & ~077U : is.mode) & kKept,
                transaction.ownerOf(is.owner));
    } else {
        makeDirectories(transaction, place.resolved);
        writeAt(transaction, place, view(bytes), file.secret() ? kSecret : kPublic,
                ownerIn(transaction, place.resolved));
    }
}

/// A file that is mounted alone is put back into itself.
void captureAt(const attach::Place& place, BeforeImages& images) {
    if (!place.singleFile) {
        capturePath(place.resolved, AttachedHost::kPath, images.system().files.straight(), images);
        return;
    }
    if (!images.first("attached", place.resolved)) {
        return;
    }
    const auto& files = images.system().files.straight();
    const auto is = files.inspect(place.resolved);
    images.add("attached", place.resolved,
               RecordWriter()
                   .add("inode", static_cast<std::int64_t>(is.inode))
                   .add("mode", is.mode)
                   .add("uid", is.owner.uid)
                   .add("gid", is.owner.gid)
                   .add("bytes", view(files.read(place.resolved, system::kLargestFile)))
                   .take());
}

/// Whether the document still has something of the program to which a file of the inventory belongs.
bool programStays(const Transaction& transaction, const AttachedRecord& record) {
    const auto name = record.attachedProgram().name();
    return std::any_of(transaction.desired.begin(), transaction.desired.end(), [&](const auto& resource) {
        const auto* file = std::get_if<AttachedFile>(&resource.what);
        return file != nullptr && file->program.name() == name;
    });
}

/// A pattern of its configuration may have named what went: it was loaded until now.
void reloadAgain(const Transaction& transaction, const render::AttachedProgram& program) {
    for (const auto& resource : transaction.desired) {
        const auto* reload = programOf(resource);
        if (reload != nullptr && reload->attached && reload->attached->name() == program.name() &&
            apply::AskedProgram(*reload, transaction.system).runs()) {
            apply::reloadAndProve(*reload, transaction.timeout, transaction.system);
        }
    }
}

void giveBack(const Transaction& transaction, const state::Owned& owned, const attach::Place& place) {
    const auto& files = transaction.system.files;
    const auto theirs = files.inspect(owned.backup);
    writeAt(transaction, place, view(files.read(owned.backup, system::kLargestFile)), theirs.mode & kKept,
            transaction.ownerOf(theirs.owner));
}

/// What stays behind of a configuration has nothing of vigie's in it.
void dropProof(const Transaction& transaction, const attach::Place& place) {
    auto& files = transaction.system.files.straight();
    const auto is = files.inspect(place.resolved);
    const auto bytes = files.read(place.resolved, system::kLargestFile);
    if (const auto without = withoutProof(view(bytes)); !without.empty()) {
        writeAt(transaction, place, without, is.mode & kKept, transaction.ownerOf(is.owner));
    }
}

}  // namespace

void AttachedHost::observe(const Looking& looking, plan::Observed& out) {
    if (looking.options.activation < Model::traits.from) {
        return;
    }
    AttachedPrograms programs(looking.system);
    each<Model>(looking.desired, [&](const render::Resource& resource, const AttachedFile& file) {
        observeOne(programs, looking, resource, file, out);
    });
}

void AttachedHost::capture(const Capturing& capturing, const AttachedFile* file, BeforeImages& images) {
    const bool goes = file == nullptr;
    const auto record = recordIn(goes ? capturing.record() : capturing.change.record, capturing.change.id);
    const auto program = goes ? record.attachedProgram() : file->program;
    AttachedPrograms programs(images.system());
    if (goes && isGone(programs, record)) {
        return;
    }
    captureAt(findAgain(programs, record, program).path.place, images);
}

void AttachedHost::make(Transaction& transaction, const plan::Change& change,
                        const render::Resource& /*resource*/, const AttachedFile& file) {
    AttachedPrograms programs(transaction.system);
    const auto found = findAgain(programs, recordIn(change.record, change.id), file.program);
    if (change.action == plan::Action::adopt) {
        keepBackup(transaction, change.id, found.path.place.resolved, transaction.system.files.straight());
    }
    if (!change.diff.empty()) {  // else it means the same already
        write(transaction, file, found);
    }
}

void AttachedHost::remove(Transaction& transaction, const plan::Change& change, const state::Owned& owned) {
    const auto record = recordIn(owned.detail, change.id);
    auto program = record.attachedProgram();
    AttachedPrograms programs(transaction.system);
    if (isGone(programs, record)) {
        transaction.tell("  " + program.service + " has no container any more: " + record.pin.host +
                         " stays");
        return;
    }
    const auto place = findAgain(programs, record, program).path.place;
    const bool stays = programStays(transaction, record);
    const bool returns = !owned.backup.empty() && (stays || transaction.options.givesBack);
    if (returns) {
        giveBack(transaction, owned, place);
    } else if (change.action == plan::Action::remove) {
        if (place.singleFile) {
            throw Error(place.resolved + " is the place of a mount of " + program.service +
                            ": to remove it would take the mount away",
                        "remove the mount first");
        }
        transaction.system.files.straight().remove(place.resolved);
    } else if (record.main) {
        dropProof(transaction, place);
    }
    if (stays) {
        reloadAgain(transaction, program);
    }
    if (record.main && !stays) {
        apply::reloadReleased({.program = record.programKind(),
                               .baseUrl = "attached:" + program.name(),
                               .digest = {},
                               .jobs = {},
                               .configPath = {},
                               .attached = std::move(program)},
                              transaction.timeout, transaction.system);
    }
}

void AttachedHost::putBack(Undoing& undoing, const std::string& path, std::string_view data) {
    const RecordReader fields(data);
    auto& files = undoing.system.files.straight();
    const auto mode = static_cast<unsigned>(fields.number("mode"));
    const Owner owner{static_cast<unsigned>(fields.number("uid")),
                      static_cast<unsigned>(fields.number("gid"))};
    const auto wanted = files.canChown() ? std::optional(owner) : std::nullopt;
    const auto is = files.inspect(path);
    if (is.type == FileInfo::Type::regular &&
        view(files.read(path, system::kLargestFile)) != fields.text("bytes")) {
        files.overwrite(path, fields.text("bytes"), static_cast<std::uint64_t>(fields.number("inode")));
    }
    if (is.mode != mode || (wanted && is.owner != *wanted)) {
        files.setAttributes(path, mode, wanted);
    }
}

void AttachedHost::putBackWhole(Undoing& undoing, const std::string& path, std::string_view data) {
    putBackPath(undoing, path, data, undoing.system.files.straight());
}

}  // namespace vigie::kinds
