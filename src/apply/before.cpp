#include "apply/before.hpp"

#include "apply/containers.hpp"
#include "apply/data_tree.hpp"
#include "apply/engine.hpp"
#include "apply/firewall.hpp"
#include "apply/host.hpp"
#include "apply/owned.hpp"
#include "apply/reload.hpp"
#include "apply/silences.hpp"
#include "apply/wireguard.hpp"
#include "base/error.hpp"
#include "base/fields.hpp"
#include "base/text.hpp"
#include "secrets/storage.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

using state::BeforeImage;
using system::System;

/// What the engine says about a port that is bound to an address that is not there.
constexpr std::string_view kNoAddress = "cannot assign requested address";
constexpr std::string_view kUnits = "/etc/systemd/system/";

/// Set-user and set-group bits are never given back: whoever owned the file could choose its bytes.
constexpr unsigned kRestored = 01777;

struct FileImage {
    FileInfo info;
    std::string_view bytes;
    std::optional<std::uint64_t> directory;  ///< the inode of where it lay; unknown to journals of 0.1
};

SecureBytes pack(const FileInfo& info, std::string_view bytes, std::uint64_t directory) {
    SecureBytes out;
    packField(out, std::to_string(static_cast<int>(info.type)));
    packField(out, std::to_string(info.mode));
    packField(out, std::to_string(info.owner.uid));
    packField(out, std::to_string(info.owner.gid));
    packField(out, bytes);
    packField(out, std::to_string(static_cast<std::int64_t>(info.inode)));
    packField(out, std::to_string(static_cast<std::int64_t>(directory)));
    return out;
}

FileImage unpackFile(std::string_view data) {
    FieldReader fields(data);
    FileImage out;
    out.info.type = static_cast<FileInfo::Type>(fields.number());
    out.info.mode = static_cast<unsigned>(fields.number());
    out.info.owner.uid = static_cast<unsigned>(fields.number());
    out.info.owner.gid = static_cast<unsigned>(fields.number());
    out.bytes = fields.next();
    out.info.mode &= kRestored;
    if (!fields.done()) {
        out.info.inode = static_cast<std::uint64_t>(fields.number());
        out.directory = static_cast<std::uint64_t>(fields.number());
    }
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

/// A rule's comment, and where it stands in user.rules and in user6.rules, counted from 1; 0: not there.
struct FoundRule {
    std::size_t place = 0;
    std::size_t place6 = 0;
    std::string comment;

    [[nodiscard]] bool there() const { return place != 0 || place6 != 0; }
};

FoundRule findRule(const std::string& rule, const System& system) {
    const auto wanted = plan::parseUfwRule(rule);
    FoundRule out;
    std::size_t place = 0;
    std::size_t place6 = 0;
    for (const auto& each : observeFirewall(system).rules) {
        ++(each.v6 ? place6 : place);
        if (wanted && sameRule(each, *wanted)) {
            out.comment = each.comment;
            (each.v6 ? out.place6 : out.place) = each.v6 ? place6 : place;
        }
    }
    return out;
}

FoundRule unpackRule(std::string_view data) {
    FieldReader fields(data);
    FoundRule out;
    out.place = static_cast<std::size_t>(fields.number());
    out.place6 = static_cast<std::size_t>(fields.number());
    out.comment = fields.next();
    return out;
}

/// Puts a rule back to its place. ufw writes one file after the other: when it was killed between them, half
/// of the rule is there. `moved`: one that stood before it was put back, so that it may stand elsewhere.
void restoreRule(const std::string& rule, const FoundRule& was, bool& moved, const System& system) {
    const auto is = findRule(rule, system);
    const bool missing = (is.place == 0) != (was.place == 0) || (is.place6 == 0) != (was.place6 == 0);
    const bool elsewhere = is.place != was.place || is.place6 != was.place6;
    if (!missing && !(moved && elsewhere)) {
        return;
    }
    moved = true;
    if (is.there()) {
        deleteFirewallRule(rule, system);
    }
    insertFirewallRule(was.place, was.place6, rule, was.comment, system);
}

/// What `BeforeImages::program` packed.
struct ProgramImage {
    render::Reload reload;  ///< with what it had loaded
    bool answered = false;
    bool reloaded = false;  ///< the transaction did, or was about to
};

ProgramImage unpackProgram(std::string_view data) {
    FieldReader fields(data);
    ProgramImage out;
    out.reload.program = static_cast<render::Reload::Program>(fields.number());
    out.reload.baseUrl = fields.next();
    out.reload.configPath = fields.next();
    out.answered = fields.next() == "answered";
    out.reload.digest = fields.next();
    out.reloaded = fields.next() == "reloaded";
    while (!fields.done()) {
        out.reload.jobs.emplace_back(fields.next());
    }
    return out;
}

std::string restoreProgram(std::string_view data, std::chrono::milliseconds timeout, const System& system) {
    const auto was = unpackProgram(data);
    const auto now = observeReload(was.reload, system);
    if (!was.answered) {
        // It may have been reached through the tunnel that was brought up: it takes the old files again.
        return now.answered ? reloadOnly(was.reload.baseUrl, timeout, system.http) : "";
    }
    // One that refused a configuration may have taken a part of it, and one that was started in between may
    // have missed a rule file: neither can be seen.
    if (!was.reloaded && now.answered && now.digest == was.reload.digest && now.jobs == was.reload.jobs) {
        return {};
    }
    try {
        if (was.reload.digest.empty()) {
            return reloadOnly(was.reload.baseUrl, timeout, system.http);
        }
        reloadAndProve(was.reload, timeout, system);
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

/// One pass over the images of one kind; an error of one does not keep the others from being put back.
class Pass {
public:
    Pass(const std::vector<BeforeImage>& images, const SecureBytes& key, Restored& out)
        : images_(images), key_(key), out_(out) {}

    template <class Function>
    void forward(const char* kind, Function function) {
        for (const auto& image : images_) {
            one(image, kind, function);
        }
    }
    template <class Function>
    void backward(const char* kind, Function function) {
        for (auto image = images_.rbegin(); image != images_.rend(); ++image) {
            one(*image, kind, function);
        }
    }

private:
    template <class Function>
    void one(const BeforeImage& image, const char* kind, Function function) {
        if (image.kind != kind) {
            return;
        }
        try {
            const auto data = secrets::decrypt(image.data, key_);
            function(image.id, view(data));
        } catch (const system::WayChanged& error) {
            out_.abandoned.emplace_back(error.what());
        } catch (const Error& error) {
            out_.problems.emplace_back(error.what());
        }
    }

    const std::vector<BeforeImage>& images_;
    const SecureBytes& key_;
    Restored& out_;
};

}  // namespace

bool BeforeImages::first(const std::string& kind, const std::string& id) {
    return seen_.insert(kind + ":" + id).second;
}

void BeforeImages::add(const std::string& kind, const std::string& id, const SecureBytes& data) {
    images_.push_back({kind, id, secrets::encrypt(view(data), key_)});
}

void BeforeImages::origin(const std::string& stateDirectory) {
    if (first("origin", stateDirectory)) {
        add("origin", stateDirectory,
            secureBytes(std::to_string(system_.files.inspect(stateDirectory).inode)));
    }
}

void BeforeImages::path(const std::string& path) {
    if (!first("file", path)) {
        return;
    }
    const auto& files = system_.files;
    const std::string above = system::parentOf(path);
    const auto parent = files.inspect(above);
    if (!parent.exists()) {
        this->path(above);
    }
    const auto info = files.inspect(path);
    add("file", path,
        info.type == FileInfo::Type::regular
            ? pack(info, view(files.read(path, system::kLargestFile)), parent.inode)
            : pack(info, "", parent.inode));
}

void BeforeImages::tree(const std::string& path, const Owner& from, const Owner& to) {
    if (first("tree", path)) {
        add("tree", path, packTree(from, to));
    }
}

void BeforeImages::wireguard(const std::string& interface, const std::string& configPath, bool restarted) {
    if (first("wireguard", interface)) {
        SecureBytes data;
        packField(data, restarted ? "restarted" : "in place");
        packField(data, view(snapshotWireguard(interface, configPath, system_)));
        add("wireguard", interface, data);
    }
}

void BeforeImages::firewall(const std::string& rule) {
    if (first("firewall", rule)) {
        SecureBytes data;
        const auto found = findRule(rule, system_);
        packField(data, std::to_string(found.place));
        packField(data, std::to_string(found.place6));
        packField(data, found.comment);
        add("firewall", rule, data);
        places_[rule] = {found.place, found.place6};
    }
}

void BeforeImages::sysctl(const std::string& key) {
    if (first("sysctl", key)) {
        add("sysctl", key, secureBytes(observeSysctl(key, system_)));
    }
}

void BeforeImages::unit(const std::string& name) {
    if (first("unit", name)) {
        add("unit", name, secureBytes(observeUnit(name, system_).enabled ? "enabled" : "disabled"));
    }
}

void BeforeImages::container(const render::ComposeProject& project, const std::string& service) {
    if (first("compose", project.name + "/" + service)) {
        add("compose", project.name + "/" + service, snapshotContainer(project, service, system_));
    }
}

void BeforeImages::mount(const std::string& id) {
    if (first("mount", id)) {
        add("mount", id, {});
    }
}

void BeforeImages::program(const render::Reload& reload, bool reloaded) {
    if (!first("reload", reload.baseUrl)) {
        return;
    }
    const auto now = observeReload(reload, system_);
    SecureBytes data;
    packField(data, std::to_string(static_cast<int>(reload.program)));
    packField(data, reload.baseUrl);
    packField(data, reload.configPath);
    packField(data, now.answered ? "answered" : "silent");
    packField(data, reload.hosts == render::Reload::Hosts::no ? now.digest : "");  // the file is not ours
    packField(data, reloaded ? "reloaded" : "left alone");
    for (const auto& job : now.jobs) {
        packField(data, job);
    }
    add("reload", reload.baseUrl, data);
}

void BeforeImages::silence(const std::string& baseUrl, const std::string& mark) {
    if (first("silence", baseUrl + mark)) {
        add("silence", mark, secureBytes(snapshotSilence(baseUrl, mark, system_)));
    }
}

std::vector<BeforeImage> BeforeImages::take() {
    // Rules come back in the order of their places: each finds those that stood before it.
    const auto end = std::stable_partition(images_.begin(), images_.end(),
                                           [](const BeforeImage& image) { return image.kind == "firewall"; });
    std::stable_sort(images_.begin(), end, [this](const BeforeImage& a, const BeforeImage& b) {
        return orderOf(a.id) < orderOf(b.id);
    });
    return std::move(images_);
}

/// Rules of IPv6 alone come last: by then everything before them is in its place.
std::pair<bool, std::size_t> BeforeImages::orderOf(const std::string& rule) const {
    const auto [place, place6] = places_.at(rule);
    return place != 0 ? std::pair(false, place) : std::pair(true, place6);
}

Restored restore(const std::vector<BeforeImage>& images, const SecureBytes& key,
                 std::chrono::milliseconds reloadTimeout, const System& system) {
    Restored out;
    Pass pass(images, key, out);
    bool units = false;
    pass.forward("compose", [&](const std::string& /*id*/, std::string_view data) {
        removeIfNew(data, system);  // before its files and directories go
    });
    // What let somebody in comes back first and what was let in additionally goes last.
    bool moved = false;
    pass.forward("firewall", [&](const std::string& rule, std::string_view data) {
        if (const auto was = unpackRule(data); was.there()) {
            restoreRule(rule, was, moved, system);
        }
    });
    bool copied = false;
    pass.forward("origin", [&](const std::string& path, std::string_view data) {
        copied = std::to_string(system.files.inspect(path).inode) != data;
    });
    std::set<std::string> remade;
    pass.backward("file", [&](const std::string& path, std::string_view data) {
        auto image = unpackFile(data);
        if (copied) {
            image.directory.reset();
        }
        restorePath(path, image, remade, system.files);
        // Also when it is as it was: an interrupted pass may have put it back and told nobody.
        units = units || path.compare(0, kUnits.size(), kUnits) == 0;
    });
    pass.forward("tree", [&](const std::string& path, std::string_view data) {
        giveBackTree(path, data, system.files);
    });
    if (units && systemdRuns(system.files)) {
        try {
            reloadUnits(system);
        } catch (const Error& error) {
            out.problems.emplace_back(error.what());
        }
    }
    pass.forward("sysctl", [&](const std::string& name, std::string_view data) {
        if (observeSysctl(name, system) != data) {
            setSysctl(name, std::string(data), system);
        }
    });
    const auto tunnels = [&](bool up) {
        pass.forward("wireguard", [&](const std::string& interface, std::string_view data) {
            FieldReader fields(data);
            const bool restarted = fields.next() == "restarted";
            const auto snapshot = fields.next();
            FieldReader inside(snapshot);
            const std::string configPath(inside.next());
            if ((inside.next() == "up") != up) {
                return;
            }
            if (restarted) {
                takeDownWireguard(interface, configPath, system);
            }
            restoreWireguard(interface, snapshot, system);
        });
    };
    // Containers need its addresses to start: it goes down behind them.
    tunnels(true);
    pass.forward("unit", [&](const std::string& name, std::string_view data) {
        if (observeUnit(name, system).enabled != (data == "enabled")) {
            enableUnit(name, data == "enabled", system);
        }
    });
    pass.forward("firewall", [&](const std::string& rule, std::string_view data) {
        if (!unpackRule(data).there() && findRule(rule, system).there()) {
            deleteFirewallRule(rule, system);
        }
    });
    pass.forward("compose", [&](const std::string& /*id*/, std::string_view data) {
        try {
            const auto problem = restoreContainer(data, system);
            if (!problem.empty()) {
                out.notes.push_back(problem);
            }
        } catch (const Error& error) {
            if (std::string_view(error.what()).find(kNoAddress) == std::string_view::npos) {
                throw;
            }
            out.notes.emplace_back(
                error.what());  // the tunnel had lost the address before; a repair brings both
        }
    });
    pass.forward("mount", [&](const std::string& id, std::string_view /*data*/) {
        const auto [project, service] = serviceOf(id);
        if (const auto container = findContainer(project, service, system);
            container && container->state == "running") {
            restartContainer(project, service, system);
        }
    });
    pass.forward("reload", [&](const std::string& /*url*/, std::string_view data) {
        const auto problem = restoreProgram(data, reloadTimeout, system);
        if (!problem.empty()) {
            out.notes.push_back(problem);
        }
    });
    pass.forward("silence", [&](const std::string& mark, std::string_view data) {
        try {
            restoreSilence(data, system);
        } catch (const Error& error) {
            out.notes.push_back("the silence " + mark + ": " + error.what());
        }
    });
    tunnels(false);
    return out;
}

}  // namespace vigie::apply
