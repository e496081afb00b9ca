// Asks the Docker engine for containers and images through its API.

#include "kinds/compose/engine.hpp"

#include "apply/http_api.hpp"
#include "base/error.hpp"
#include "base/parse_json.hpp"
#include "base/text.hpp"
#include "kinds/compose/mounts.hpp"

#include <algorithm>
#include <ctime>

namespace vigie::apply {
namespace {

using nlohmann::json;
using system::System;

constexpr int kOk = 200;
constexpr int kNotFound = 404;
constexpr auto kEngineTimeout = std::chrono::seconds(10);
constexpr auto kActTimeout = std::chrono::seconds(60);

system::HttpResponse ask(const std::string& method, const std::string& path, const System& system,
                         std::chrono::milliseconds timeout = kEngineTimeout) {
    return system.engine.send({method, "http://docker" + path, {}, timeout, system::kLargeAnswer});
}

json askJson(const std::string& path, const System& system) {
    const auto response = ask("GET", path, system);
    auto out = parseJson(response.body);
    if (response.status != kOk || out.is_discarded()) {
        throw Error("the Docker engine answered " + std::to_string(response.status) + " to GET " + path);
    }
    return out;
}

void act(const std::string& method, const std::string& path, const System& system,
         std::chrono::milliseconds timeout = kActTimeout) {
    const auto response = ask(method, path, system, timeout);
    constexpr int kFirstError = 400;
    if (response.status >= kFirstError && response.status != kNotFound) {
        const auto body = parseJson(response.body);
        const std::string why = text(body, "message");
        throw Error("the Docker engine answered " + std::to_string(response.status) + " to " + method + " " +
                    path + (why.empty() ? "" : ": " + why));
    }
}

std::vector<std::string> strings(const json& list) {
    std::vector<std::string> out;
    if (list.is_array()) {
        for (const auto& each : list) {
            out.push_back(each.is_string() ? each.get<std::string>() : std::string());
        }
    }
    return out;
}

std::map<std::string, std::string> pairs(const json& list) {
    std::map<std::string, std::string> out;
    for (const auto& each : strings(list)) {
        const auto equals = each.find('=');
        out[each.substr(0, equals)] = equals == std::string::npos ? "" : each.substr(equals + 1);
    }
    return out;
}

/// Unix milliseconds of an RFC 3339 time in UTC, or 0; the engine writes the year 1 for "never".
std::int64_t timeIn(const std::string& text) {
    std::tm utc{};
    if (::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &utc) == nullptr) {
        return 0;
    }
    constexpr std::int64_t kMilliseconds = 1000;
    return std::max<std::int64_t>(0, static_cast<std::int64_t>(::timegm(&utc)) * kMilliseconds);
}

std::vector<std::string> portsIn(const json& bindings) {
    std::vector<std::string> out;
    if (!bindings.is_object()) {
        return out;
    }
    for (const auto& [name, hosts] : bindings.items()) {
        constexpr std::string_view kTcp = "/tcp";
        const bool tcp = name.size() > kTcp.size() && name.substr(name.size() - kTcp.size()) == kTcp;
        const std::string inside = tcp ? name.substr(0, name.size() - kTcp.size()) : name;
        for (const auto& host : hosts.is_array() ? hosts : json::array()) {
            const std::string address = text(host, "HostIp").empty() ? "0.0.0.0" : text(host, "HostIp");
            const std::string port = text(host, "HostPort");
            const bool six = address.find(':') != std::string::npos;
            out.push_back((six ? "[" + address + "]" : address) + ":" + port + ":" + inside);
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::vector<plan::ObservedMount> bindsIn(const json& mounts) {
    std::vector<plan::ObservedMount> out;
    for (const auto& mount : mounts.is_array() ? mounts : json::array()) {
        if (text(mount, "Type") == "bind") {
            out.push_back(
                {text(mount, "Source"), text(mount, "Destination"), member(mount, "RW") == json(false)});
        }
    }
    return out;
}

/// By their names, also those that the engine has made up.
std::vector<plan::ObservedMount> volumesIn(const json& mounts) {
    std::vector<plan::ObservedMount> out;
    for (const auto& mount : mounts.is_array() ? mounts : json::array()) {
        if (text(mount, "Type") == "volume") {
            out.push_back(
                {text(mount, "Name"), text(mount, "Destination"), member(mount, "RW") == json(false)});
        }
    }
    return out;
}

std::vector<std::string> capabilitiesIn(const json& hostConfig) {
    std::vector<std::string> out;
    // Newer engines write the kernel's names.
    const auto plain = [](const std::string& name) {
        return name.substr(0, 4) == "CAP_" ? name.substr(4) : name;
    };
    for (const auto& each : strings(member(hostConfig, "CapAdd"))) {
        out.push_back("+" + plain(each));
    }
    for (const auto& each : strings(member(hostConfig, "CapDrop"))) {
        out.push_back("-" + plain(each));
    }
    if (member(hostConfig, "Privileged") == json(true)) {
        out.emplace_back("privileged");
    }
    return out;
}

/// Nanoseconds, as the engine counts them; what is left to its defaults is 0 or absent.
std::vector<std::string> healthcheckIn(const json& config) {
    const auto& check = member(config, "Healthcheck");
    auto out = strings(member(check, "Test"));
    for (const char* key : {"Interval", "Timeout", "StartPeriod", "StartInterval", "Retries"}) {
        const auto& value = member(check, key);
        if (value.is_number_integer() && value.get<std::int64_t>() != 0) {
            out.push_back(std::string(key) + "=" + std::to_string(value.get<std::int64_t>()));
        }
    }
    return out;
}

/// The mounted directories that the process of a container sees as they were, and the host no longer has
/// there. A single file that was replaced is another matter: whoever writes it starts the container again.
std::vector<std::string> staleMounts(int pid, const std::vector<plan::ObservedMount>& binds,
                                     const System& system) {
    constexpr std::uint64_t kLargest = 65'536;
    const std::string path = "/proc/" + std::to_string(pid) + "/mountinfo";
    std::vector<std::string> out;
    if (pid == 0 || binds.empty() || system.files.inspect(path).type != FileInfo::Type::regular) {
        return out;
    }
    std::set<std::string> deleted;
    try {
        deleted = deletedMounts(view(system.files.read(path, kLargest)));
    } catch (const Error&) {  // it ended meanwhile
        return out;
    }
    for (const auto& bind : binds) {
        if (deleted.count(bind.target) != 0 &&
            system.files.inspect(bind.source).type != FileInfo::Type::regular) {
            out.push_back(bind.target);
        }
    }
    return out;
}

/// As the engine's API takes a time: seconds, a dot, nanoseconds.
std::string secondsText(std::int64_t milliseconds) {
    constexpr std::int64_t kMilliseconds = 1000;
    std::string fraction = std::to_string(kMilliseconds + milliseconds % kMilliseconds);
    return std::to_string(milliseconds / kMilliseconds) + "." + fraction.erase(0, 1) + "000000";
}

/// Unix milliseconds of the last event of that kind that a container had lately; 0: it had none. The engine
/// remembers the latest 256 events. Source: the engine's API, `GET /events`.
std::int64_t latestEvent(const std::string& id, const char* kind, std::int64_t since, const System& system) {
    constexpr std::int64_t kNanoseconds = 1'000'000;
    const json filters{{"container", {id}}, {"event", {kind}}, {"type", {"container"}}};
    // Until a moment that has passed: the engine then answers at once, and ends.
    const auto response =
        ask("GET",
            "/events?since=" + secondsText(since) + "&until=" + secondsText(system.clock.now()) +
                "&filters=" + percentEncoded(filters.dump()),
            system);
    if (response.status != kOk) {
        throw Error("the Docker engine answered " + std::to_string(response.status) + " to GET /events");
    }
    std::int64_t out = 0;
    for (const auto line : splitLines(response.body)) {
        const auto event = parseJson(line);
        const auto& time = member(event, "timeNano");
        if (time.is_number_integer()) {
            out = std::max(out, time.get<std::int64_t>() / kNanoseconds);
        }
    }
    return out;
}

constexpr const char* kServiceLabel = "com.docker.compose.service";

/// Source: the engine's API, `GET /containers/ID/json`.
/// False when it went away meanwhile.
bool inspect(plan::ObservedContainer& out, const System& system) {
    const std::string path = "/containers/" + out.id + "/json";
    const auto response = ask("GET", path, system);
    if (response.status == kNotFound) {
        return false;
    }
    const auto all = parseJson(response.body);
    if (response.status != kOk || all.is_discarded()) {
        throw Error("the Docker engine answered " + std::to_string(response.status) + " to GET " + path);
    }
    const auto& state = member(all, "State");
    const auto& config = member(all, "Config");
    const auto& host = member(all, "HostConfig");
    out.name = text(all, "Name").empty() ? "" : text(all, "Name").substr(1);
    out.image = text(config, "Image");
    out.imageId = text(all, "Image");
    out.state = text(state, "Status");
    out.health = text(member(state, "Health"), "Status");
    out.exitCode = memberOr(state, "ExitCode", 0);
    out.restartCount = memberOr(all, "RestartCount", 0);
    out.startedAt = text(state, "StartedAt");
    auto moved =
        std::max({timeIn(out.startedAt), timeIn(text(state, "FinishedAt")), timeIn(text(all, "Created"))});
    if (out.state == "paused") {  // which moves none of them
        constexpr std::int64_t kLately = 120'000;
        moved = std::max(moved, latestEvent(out.id, "pause", system.clock.now() - kLately, system));
    }
    out.quietMs = system.clock.now() - moved;
    out.entrypoint = strings(member(config, "Entrypoint"));
    out.command = strings(member(config, "Cmd"));
    out.user = text(config, "User");
    out.restart = text(member(host, "RestartPolicy"), "Name");
    out.environment = pairs(member(config, "Env"));
    out.ports = portsIn(member(host, "PortBindings"));
    out.binds = bindsIn(member(all, "Mounts"));
    out.volumes = volumesIn(member(all, "Mounts"));
    if (out.state == "running") {
        out.staleMounts = staleMounts(memberOr(state, "Pid", 0), out.binds, system);
    }
    out.healthcheck = healthcheckIn(config);
    out.capabilities = capabilitiesIn(host);
    const auto& networks = member(member(all, "NetworkSettings"), "Networks");
    if (networks.is_object()) {
        for (const auto& [name, network] : networks.items()) {
            out.networks.push_back(name);
            out.networkIds[name] = text(network, "NetworkID");
        }
    }
    const auto& labels = member(config, "Labels");
    if (labels.is_object()) {
        for (const auto& [name, value] : labels.items()) {
            out.labels[name] = value.is_string() ? value.get<std::string>() : "";
        }
    }
    return true;
}

/// The containers of a project, with what a list says of them.
std::vector<plan::ObservedContainer> listProject(const std::string& project, const System& system) {
    const json filters{{"label", {"com.docker.compose.project=" + project}}};
    const auto list = askJson("/containers/json?all=1&filters=" + percentEncoded(filters.dump()), system);
    std::vector<plan::ObservedContainer> out;
    for (const auto& each : list) {
        const auto& labels = member(each, "Labels");
        if (text(labels, "com.docker.compose.oneoff") == "True") {
            continue;  // `docker compose run`
        }
        plan::ObservedContainer container;
        container.id = text(each, "Id");
        container.service = text(labels, kServiceLabel);
        container.state = text(each, "State");
        container.image = text(each, "Image");
        if (const auto names = strings(member(each, "Names")); !names.empty() && !names.front().empty()) {
            container.name = names.front().substr(1);
        }
        container.binds = bindsIn(member(each, "Mounts"));
        out.push_back(std::move(container));
    }
    return out;
}

}  // namespace

std::optional<plan::ObservedContainer> findContainer(const std::string& project, const std::string& service,
                                                     const System& system) {
    for (auto& container : listProject(project, system)) {
        if (container.service == service && inspect(container, system)) {
            return container;
        }
    }
    return std::nullopt;
}

plan::ObservedProject observeProject(const std::string& project, const std::set<std::string>& services,
                                     const System& system) {
    plan::ObservedProject out;
    try {
        for (auto& container : listProject(project, system)) {
            if (services.count(container.service) == 0 || inspect(container, system)) {
                out.containers.push_back(std::move(container));
            }
        }
    } catch (const Error& error) {
        out = {error.what() + (error.hint().empty() ? std::string() : " (" + error.hint() + ")"), {}};
    }
    return out;
}

bool engineAnswers(const System& system) {
    try {
        return ask("GET", "/_ping", system).status == kOk;
    } catch (const Error&) {
        return false;
    }
}

std::optional<plan::ObservedImage> observeImage(const std::string& name, const System& system) {
    const auto response = ask("GET", "/images/" + name + "/json", system);
    const auto all = parseJson(response.body);
    if (response.status != kOk || all.is_discarded()) {
        return std::nullopt;
    }
    const auto& config = member(all, "Config");
    return plan::ObservedImage{
        text(all, "Id"),      strings(member(config, "Entrypoint")), strings(member(config, "Cmd")),
        text(config, "User"), pairs(member(config, "Env")),          healthcheckIn(config)};
}

std::string networkId(const std::string& name, const System& system) {
    // A name may also be the beginning of another network's id: the list has exact names.
    const json filters{{"name", {"^" + name + "$"}}};
    for (const auto& each : askJson("/networks?filters=" + percentEncoded(filters.dump()), system)) {
        if (text(each, "Name") == name) {
            return text(each, "Id");
        }
    }
    return {};
}

std::string volumePath(const std::string& name, const System& system) {
    const std::string path = "/volumes/" + name;
    const auto response = ask("GET", path, system);
    if (response.status == kNotFound) {
        return {};
    }
    const auto all = parseJson(response.body);
    if (response.status != kOk || all.is_discarded()) {
        throw Error("the Docker engine answered " + std::to_string(response.status) + " to GET " + path);
    }
    return text(all, "Mountpoint");
}

void restartContainer(const std::string& project, const std::string& service, const System& system) {
    const auto container = findContainer(project, service, system);
    if (!container) {
        throw Error("the container of " + project + "/" + service + " is gone");
    }
    act("POST", "/containers/" + container->id + "/restart", system);
}

std::vector<plan::ObservedContainer> containersOf(const std::string& project, const std::string& service,
                                                  const System& system) {
    auto out = listProject(project, system);
    out.erase(
        std::remove_if(out.begin(), out.end(), [&](const auto& each) { return each.service != service; }),
        out.end());
    for (auto& container : out) {
        inspect(container, system);
    }
    return out;
}

void removeContainer(const std::string& id, const System& system) {
    act("POST", "/containers/" + id + "/stop", system);
    act("DELETE", "/containers/" + id, system);
}

void removeContainer(const std::string& project, const std::string& service, const System& system) {
    while (const auto container = findContainer(project, service, system)) {
        removeContainer(container->id, system);
    }
}

void removeOurs(const std::string& name, const std::string& label, const System& system) {
    const auto response = ask("GET", "/containers/" + name + "/json", system);
    if (response.status == kNotFound) {
        return;
    }
    const auto all = parseJson(response.body);
    if (!member(member(all, "Config"), "Labels").contains(label)) {
        throw Error("a container is named " + name + ", and it is not vigie's", "give it another name");
    }
    act("DELETE", "/containers/" + text(all, "Id") + "?force=1&v=1", system);
}

void startContainer(const std::string& id, const System& system) {
    act("POST", "/containers/" + id + "/start", system);
}

void stopContainer(const std::string& id, const System& system) {
    act("POST", "/containers/" + id + "/stop", system);
}

void tagImage(const std::string& imageId, const std::string& name, const System& system) {
    const auto colon = name.rfind(':');
    const bool tagged = colon != std::string::npos && name.find('/', colon) == std::string::npos;
    act("POST",
        "/images/" + imageId + "/tag?repo=" + percentEncoded(name.substr(0, tagged ? colon : name.size())) +
            "&tag=" + (tagged ? name.substr(colon + 1) : "latest"),
        system);
}

}  // namespace vigie::apply
