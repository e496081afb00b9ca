#include "apply/before.hpp"

#include "apply/containers.hpp"
#include "apply/firewall.hpp"
#include "apply/host.hpp"
#include "apply/reload.hpp"
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

constexpr const char* kPresent = "present";
constexpr const char* kAbsent = "absent";
constexpr std::string_view kUnits = "/etc/systemd/system/";

struct FileImage {
    FileInfo info;
    std::string_view bytes;
};

SecureBytes pack(const FileInfo& info, std::string_view bytes) {
    SecureBytes out;
    packField(out, std::to_string(static_cast<int>(info.type)));
    packField(out, std::to_string(info.mode));
    packField(out, std::to_string(info.owner.uid));
    packField(out, std::to_string(info.owner.gid));
    packField(out, bytes);
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
    return out;
}

/// Whether something had to be done.
bool restorePath(const std::string& path, const FileImage& image, system::Files& files) {
    files.cleanUp(path);
    const auto is = files.inspect(path);
    const auto owner = files.canChown() ? std::optional(image.info.owner) : std::nullopt;
    const bool attributes =
        is.mode == image.info.mode && (!owner.has_value() || is.owner == image.info.owner);
    switch (image.info.type) {
        case FileInfo::Type::missing:
            if (is.exists()) {
                files.remove(path);
            }
            return is.exists();
        case FileInfo::Type::regular:
            if (is.type == FileInfo::Type::regular && attributes && is.size == image.bytes.size() &&
                view(files.read(path, system::kLargestFile)) == image.bytes) {
                return false;
            }
            files.write(path, image.bytes, image.info.mode, owner);
            return true;
        case FileInfo::Type::directory:
            if (!is.exists()) {
                files.makeDirectory(path, image.info.mode, owner);
            } else if (!attributes) {
                files.setAttributes(path, image.info.mode, owner);
            }
            return !is.exists() || !attributes;
        case FileInfo::Type::symlink:
        case FileInfo::Type::other:
            break;  // never changed: a plan refuses them
    }
    return false;
}

/// Where a rule stands among the IPv4 rules, and as whose; `place` 0: it is not there.
struct FoundRule {
    std::size_t place = 0;
    std::string comment;
};

FoundRule findRule(const std::string& rule, const System& system) {
    const auto wanted = plan::parseUfwRule(rule);
    FoundRule out;
    std::size_t place = 0;
    for (const auto& each : observeFirewall(system).rules) {
        place += each.v6 ? 0 : 1;
        if (wanted && out.place == 0 && sameRule(each, *wanted)) {
            out = {std::max<std::size_t>(place, 1), each.comment};
        }
    }
    return out;
}

void restoreFirewall(const std::string& rule, std::string_view data, const char* when, const System& system) {
    FieldReader fields(data);
    const auto was = fields.next();
    const std::string comment(fields.next());
    const auto place = static_cast<std::size_t>(fields.number());
    if (was != when) {
        return;
    }
    const bool is = findRule(rule, system).place != 0;
    if (was == kPresent && !is) {
        insertFirewallRule(place, rule, comment, system);
    } else if (was == kAbsent && is) {
        deleteFirewallRule(rule, system);
    }
}

std::string restoreProgram(std::string_view data, std::chrono::milliseconds timeout, const System& system) {
    FieldReader fields(data);
    render::Reload reload;
    reload.program = static_cast<render::Reload::Program>(fields.number());
    reload.baseUrl = fields.next();
    const bool answered = fields.next() == "answered";
    reload.digest = fields.next();
    const std::string jobs(fields.next());
    for (const auto job : splitLines(jobs)) {
        reload.jobs.emplace_back(job);
    }
    reload.configPath = fields.next();
    if (!answered) {
        return {};
    }
    const auto now = observeReload(reload, system.http);
    if (now.answered && now.digest == reload.digest && now.jobs == reload.jobs) {
        return {};
    }
    try {
        if (reload.digest.empty()) {
            return reloadOnly(reload.baseUrl, timeout, system.http);
        }
        reloadAndProve(reload, timeout, system);
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

void BeforeImages::path(const std::string& path) {
    if (!first("file", path)) {
        return;
    }
    const auto& files = system_.files;
    const auto slash = path.rfind('/');
    if (slash != 0 && !files.inspect(path.substr(0, slash)).exists()) {
        this->path(path.substr(0, slash));
    }
    const auto info = files.inspect(path);
    add("file", path,
        info.type == FileInfo::Type::regular ? pack(info, view(files.read(path, system::kLargestFile)))
                                             : pack(info, ""));
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
        packField(data, found.place != 0 ? kPresent : kAbsent);
        packField(data, found.comment);
        packField(data, std::to_string(found.place));
        add("firewall", rule, data);
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

void BeforeImages::program(const render::Reload& reload) {
    if (!first("reload", reload.baseUrl)) {
        return;
    }
    const auto now = observeReload(reload, system_.http);
    SecureBytes data;
    packField(data, std::to_string(static_cast<int>(reload.program)));
    packField(data, reload.baseUrl);
    packField(data, now.answered ? "answered" : "silent");
    packField(data, now.digest);
    packField(data, join(now.jobs, "\n"));
    packField(data, reload.configPath);
    add("reload", reload.baseUrl, data);
}

Restored restore(const std::vector<BeforeImage>& images, const SecureBytes& key,
                 std::chrono::milliseconds reloadTimeout, const System& system) {
    Restored out;
    Pass pass(images, key, out);
    bool units = false;
    // What let somebody in comes back first and what was let in additionally goes last.
    pass.forward("firewall", [&](const std::string& rule, std::string_view data) {
        restoreFirewall(rule, data, kPresent, system);
    });
    pass.backward("file", [&](const std::string& path, std::string_view data) {
        const bool changed = restorePath(path, unpackFile(data), system.files);
        units = units || (changed && path.compare(0, kUnits.size(), kUnits) == 0);
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
    pass.forward("wireguard", [&](const std::string& interface, std::string_view data) {
        FieldReader fields(data);
        const bool restarted = fields.next() == "restarted";
        const auto snapshot = fields.next();
        FieldReader inside(snapshot);
        const std::string configPath(inside.next());
        if (restarted) {
            takeDownWireguard(interface, configPath, system);
        }
        restoreWireguard(interface, snapshot, system);
    });
    pass.forward("unit", [&](const std::string& name, std::string_view data) {
        if (observeUnit(name, system).enabled != (data == "enabled")) {
            enableUnit(name, data == "enabled", system);
        }
    });
    pass.forward("firewall", [&](const std::string& rule, std::string_view data) {
        restoreFirewall(rule, data, kAbsent, system);
    });
    pass.forward("compose",
                 [&](const std::string& /*id*/, std::string_view data) { restoreContainer(data, system); });
    pass.forward("reload", [&](const std::string& /*url*/, std::string_view data) {
        const auto problem = restoreProgram(data, reloadTimeout, system);
        if (!problem.empty()) {
            out.notes.push_back(problem);
        }
    });
    return out;
}

}  // namespace vigie::apply
