// Signals and restarts of the user's own containers, where the document asks for them.

#include "kinds/signal/host.hpp"

#include "apply/probes/attached.hpp"
#include "base/error.hpp"
#include "base/record.hpp"

namespace vigie::kinds {
namespace {

using render::FileSignal;
using Way = FileSignal::Way;

constexpr int kNoContent = 204;

void restart(const std::string& container, const std::string& service, const system::System& system) {
    constexpr auto kTimeout = std::chrono::seconds(60);
    const auto response =
        system.engine.send({"POST", "http://docker/containers/" + container + "/restart?t=10", {}, kTimeout});
    if (response.status != kNoContent) {
        throw Error("the Docker engine answered " + std::to_string(response.status) + " to a restart of " +
                    service);
    }
}

/// Whether there was a process to tell.
bool tell(const FileSignal& signal, const system::System& system) {
    using Signal = system::Attach::Signal;
    const auto found = apply::orThrow(apply::mainProcess({signal.service, signal.project}, system));
    if (found.container.empty()) {
        return false;  // it reads its files when it starts
    }
    if (signal.way == Way::restart) {
        restart(found.container, signal.service, system);
    } else {
        system.attach.signal(found.process, signal.way == Way::hup    ? Signal::hup
                                            : signal.way == Way::usr1 ? Signal::usr1
                                                                      : Signal::usr2);
    }
    return true;
}

}  // namespace

void SignalHost::capture(const Capturing& capturing, const FileSignal* signal, BeforeImages& images) {
    if (signal != nullptr && images.first("signal", capturing.change.id)) {
        images.add("signal", capturing.change.id,
                   RecordWriter()
                       .add("project", signal->project)
                       .add("service", signal->service)
                       .add("way", static_cast<std::int64_t>(signal->way))
                       .take());
    }
}

void SignalHost::make(Transaction& transaction, const plan::Change& /*change*/,
                      const render::Resource& /*resource*/, const FileSignal& signal) {
    if (tell(signal, transaction.system)) {
        // Whoever does not know the signal has ended by it.
        transaction.started.insert({signal.project, signal.service});
    } else {
        transaction.tell("  " + signal.service + " does not run: it reads its files when it starts");
    }
}

void SignalHost::putBack(Undoing& undoing, const std::string& id, std::string_view data) {
    const RecordReader fields(data);
    try {
        static_cast<void>(tell({.project = fields.string("project"),
                                .service = fields.string("service"),
                                .way = static_cast<Way>(fields.number("way")),
                                .files = {}},
                               undoing.system));
    } catch (const Error& error) {
        undoing.out.notes.push_back(id + ": " + error.what());
    }
}

}  // namespace vigie::kinds
