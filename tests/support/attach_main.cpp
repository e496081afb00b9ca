// The whole way to a program of the user's own, for tests/e2e/attach_test.py: settings as JSON on the command
// line, what was found, and what the program answered, as JSON on standard output.

#include "apply/probes/attached.hpp"
#include "attach/pin.hpp"
#include "base/error.hpp"
#include "base/json_fields.hpp"
#include "system/attach_client.hpp"
#include "system/attach_http.hpp"
#include "system/helper_http.hpp"
#include "system/real_clock.hpp"
#include "system/real_files.hpp"
#include "system/real_names.hpp"
#include "system/real_processes.hpp"
#include "system/unix_http.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

namespace {

using namespace vigie;  // NOLINT(google-build-using-namespace)
using nlohmann::json;

json toldOf(const attach::Attachment& found) {
    return {{"pin", toJson(attach::pinOf(found))},
            {"process", toJson(found.process)},
            {"checked", found.config.checked},
            {"singleFile", found.config.singleFile},
            {"reload", found.reload() == attach::Attachment::Reload::http ? "http" : "signal"}};
}

json toldOf(const attach::Refusal& refusal) {
    return {{"refused", attach::name(refusal.reason)}, {"sentence", refusal.sentence()}};
}

/// Of another path of the program.
json toldOf(const attach::OrRefusal<attach::Place>& place) {
    if (const auto* refusal = std::get_if<attach::Refusal>(&place)) {
        return toldOf(*refusal);
    }
    return {{"host", std::get<attach::Place>(place).host}};
}

/// GET of a path, with little patience.
json ask(const attach::Attachment& found, const std::string& path, system::Attach& attach,
         const system::Stop& stop) {
    const auto& listen = found.options.listen.front();
    system::AttachHttp http(attach, {found.process, listen.address, listen.port, {}}, stop);
    constexpr std::chrono::milliseconds kTimeout{1'000};
    try {
        const auto answer = http.send({"GET", "http://program" + path, {}, kTimeout, 4096});
        return {{"status", answer.status}, {"body", answer.body}};
    } catch (const Error& error) {
        return {{"error", error.what()}};
    }
}

json answerTo(const json& request) {
    const system::Stop stop;
    system::RealFiles files("/");
    system::RealProcesses processes(stop);
    system::HelperHttp http(processes, "/nonexistent");
    system::UnixHttp engine(request.at("engine"), stop);
    system::RealClock clock;
    system::RealNames names(processes);
    system::RealAttach attach({request.at("socket"), request.at("helper")}, stop);
    attach::Wanted wanted;
    wanted.subject = {request.at("service"), request.at("project")};
    wanted.directory = request.at("directory");
    if (request.value("kind", "") == "alertmanager") {
        wanted.kind = spec::Program::alertmanager;
    }
    const auto result = apply::findAttached(wanted, {files, processes, http, engine, clock, names, attach});
    if (const auto* refusal = std::get_if<attach::Refusal>(&result)) {
        return toldOf(*refusal);
    }
    const auto& found = std::get<attach::Attachment>(result);
    auto out = toldOf(found);
    if (request.contains("place")) {
        out["place"] = toldOf(apply::placeAttached(found, request["place"], false, attach));
    }
    if (request.contains("replace")) {
        const auto* mount = attach::mountAt(found.mounts, request["replace"]);
        out["detaches"] = mount == nullptr ? std::string() : mount->destination;
    }
    if (request.contains("get")) {
        out["answer"] = ask(found, request["get"], attach, stop);
    }
    if (request.contains("signal")) {
        attach.signal(found.process, system::Attach::Signal::hup);
    }
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    json out;
    try {
        out = answerTo(json::parse(argc > 1 ? argv[1] : "{}"));
    } catch (const std::exception& error) {
        out = {{"failed", error.what()}};
    }
    std::cout << out.dump(-1, ' ', true, json::error_handler_t::replace) << std::endl;
    return 0;
}
