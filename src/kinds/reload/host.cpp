// Reloads of Prometheus and Alertmanager: observe, make, prove, undo.

#include "kinds/reload/host.hpp"

#include "base/error.hpp"
#include "base/fields.hpp"
#include "base/record.hpp"
#include "kinds/attached/record.hpp"
#include "kinds/reload/loaded.hpp"

#include <algorithm>

namespace vigie::kinds {
namespace {

using Program = render::ConfiguredProgram::Program;

/// A program that has just been started may read much of its own data before it answers.
constexpr int kPatience = 5;

/// The before-image of a program.
struct ProgramImage {
    render::ConfiguredProgram reload;  ///< with what it had loaded
    bool answered = false;
    bool reloaded = false;  ///< the transaction did, or was about to
};

/// Fields: `program`, `prometheus` or `alertmanager`; `url`; `config`, the path of its file; `state`,
/// `answered` or `silent`; `digest`, which is empty where the configuration is the user's; `way`, `reloaded`
/// or `left alone`; `job`, one for each; and of an attached program `attached`, an
/// `AttachedRecord`, `username` and `password`. Before, these were packed one behind the other in this order,
/// the program as a number.
SecureBytes pack(const ProgramImage& image) {
    RecordWriter out;
    out.add("program", image.reload.program == Program::prometheus ? "prometheus" : "alertmanager")
        .add("url", image.reload.baseUrl)
        .add("config", image.reload.configPath)
        .add("state", image.answered ? "answered" : "silent")
        .add("digest", image.reload.digest)
        .add("way", image.reloaded ? "reloaded" : "left alone")
        .add("job", image.reload.jobs);
    if (const auto& attached = image.reload.attached) {
        out.add("attached", AttachedRecord::of(*attached, image.reload.program).text())
            .add("username", attached->username)
            .add("password", attached->password.available() ? view(*attached->password.value) : "");
    }
    return out.take();
}

ProgramImage unpackOld(std::string_view data) {
    FieldReader fields(data);
    ProgramImage out;
    out.reload.program = static_cast<Program>(fields.number());
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

std::optional<render::AttachedProgram> attachedIn(const RecordReader& fields) {
    const auto record = AttachedRecord::read(fields.text("attached"));
    if (!record) {
        return std::nullopt;
    }
    auto out = record->attachedProgram();
    out.username = fields.string("username");
    if (const auto password = fields.text("password"); !password.empty()) {
        out.password = {"before", std::make_shared<const SecureBytes>(secureBytes(password))};
    }
    return out;
}

ProgramImage unpack(std::string_view data) {
    if (!RecordReader::is(data)) {
        return unpackOld(data);
    }
    const RecordReader fields(data);
    ProgramImage out;
    out.reload.program = fields.text("program") == "prometheus" ? Program::prometheus : Program::alertmanager;
    out.reload.baseUrl = fields.string("url");
    out.reload.configPath = fields.string("config");
    out.answered = fields.text("state") == "answered";
    out.reload.digest = fields.string("digest");
    out.reloaded = fields.text("way") == "reloaded";
    out.reload.jobs = fields.list("job");
    if (fields.has("attached")) {
        out.reload.attached = attachedIn(fields);
    }
    return out;
}

std::string restore(const ProgramImage& was, std::chrono::milliseconds timeout,
                    const system::System& system) {
    const auto now = apply::observeReload(was.reload, system);
    if (!was.answered) {
        // It may have been reached through the tunnel that was brought up: it takes the old files again.
        return now.answered ? apply::reloadOnly(was.reload, timeout, system) : "";
    }
    // One that refused a configuration may have taken a part of it, and one that was started in between may
    // have missed a rule file: neither can be seen.
    if (!was.reloaded && now.answered && now.digest == was.reload.digest && now.jobs == was.reload.jobs) {
        return {};
    }
    try {
        if (was.reload.digest.empty()) {
            return apply::reloadOnly(was.reload, timeout, system);
        }
        apply::reloadAndProve(was.reload, timeout, system);
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

}  // namespace

void ReloadHost::observe(const Looking& looking, plan::Observed& out) {
    if (looking.options.activation < Model::traits.from) {
        return;
    }
    each<Model>(looking.desired, [&](const render::Resource& resource, const render::Reload& reload) {
        out.reloads[resource.id] = apply::observeReload(reload, looking.system);
    });
}

/// A program may be reached again over a tunnel that is brought up, see `settle`.
bool ReloadHost::concerned(const Concern& concern) {
    return concern.acting.count(Kind::wireguard) != 0;
}

void ReloadHost::capture(const Capturing& capturing, const render::Reload* reload, BeforeImages& images) {
    if (reload == nullptr || !images.first("reload", reload->baseUrl)) {
        return;
    }
    const auto now = apply::observeReload(*reload, images.system());
    ProgramImage image{.reload = *reload, .answered = now.answered, .reloaded = capturing.change.acts()};
    image.reload.digest = reload->owner == render::ConfigOwner::vigie ? now.digest : "";  // no file of ours
    image.reload.jobs = now.jobs;
    images.add("reload", reload->baseUrl, pack(image));
}

void ReloadHost::make(Transaction& transaction, const plan::Change& /*change*/,
                      const render::Resource& resource, const render::Reload& reload) {
    const auto& after = resource.dependsOn;
    const bool fresh = std::any_of(after.begin(), after.end(), [&](const std::string& id) {
        return isA(Kind::compose, id) && transaction.started.count(serviceOf(id)) != 0;
    });
    if (fresh) {
        transaction.unproven.push_back(&resource);
    } else {
        apply::reloadAndProve(reload, transaction.timeout, transaction.system);
    }
}

void ReloadHost::prove(const Transaction& transaction, const render::Reload& reload) {
    apply::proveLoaded(reload, kPatience * transaction.timeout, transaction.system);
}

/// It is reached again over the tunnel that was brought up.
bool ReloadHost::settle(const Transaction& transaction, const plan::Change& /*change*/,
                        const render::Reload& reload) {
    apply::reloadAndProve(reload, transaction.timeout, transaction.system);
    return true;
}

void ReloadHost::putBack(Undoing& undoing, const std::string& /*url*/, std::string_view data) {
    const auto problem = restore(unpack(data), undoing.timeout, undoing.system);
    if (!problem.empty()) {
        undoing.out.notes.push_back(problem);
    }
}

}  // namespace vigie::kinds
