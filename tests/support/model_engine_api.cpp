// The engine's API.

#include "base/error.hpp"
#include "tests/support/model_engine.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <ctime>
#include <stdexcept>

namespace vigie::tests {
namespace {

using nlohmann::json;
using system::HttpRequest;
using system::HttpResponse;

std::string percentDecoded(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            unsigned byte = 0;
            std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
            out += static_cast<char>(byte);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string timeText(std::int64_t milliseconds) {
    if (milliseconds == 0) {
        return "0001-01-01T00:00:00Z";
    }
    const std::time_t seconds = milliseconds / 1000;
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    std::array<char, 64> out{};
    std::strftime(out.data(), out.size(), "%Y-%m-%dT%H:%M:%S", &utc);
    return std::string(out.data()) + ".5Z";
}

json networksOf(const ModelContainer& container) {
    json out{{container.network, json::object()}};
    for (const auto& network : container.joined) {
        out[network] = json::object();
    }
    return out;
}

json mountsOf(const ModelContainer& container) {
    json out = json::array();
    for (const auto& mount : container.mounts) {
        out.push_back({{"Type", "bind"},
                       {"Source", mount.source},
                       {"Destination", mount.target},
                       {"RW", !mount.readOnly}});
    }
    return out;
}

json environmentOf(const std::map<std::string, std::string>& environment) {
    json out = json::array();
    for (const auto& [key, value] : environment) {
        out.push_back(key + "=" + value);
    }
    return out;
}

json inspected(const ModelContainer& container) {
    json bindings = json::object();
    for (const auto& port : container.ports) {
        const auto colon = port.rfind(':');
        const auto middle = port.rfind(':', colon - 1);
        std::string address = port.substr(0, middle);
        if (address.size() > 2 && address.front() == '[') {  // the engine has it without
            address = address.substr(1, address.size() - 2);
        }
        bindings[port.substr(colon + 1) + "/tcp"].push_back(
            {{"HostIp", address}, {"HostPort", port.substr(middle + 1, colon - middle - 1)}});
    }
    return {{"Id", container.id},
            {"Name", "/" + container.name},
            {"Image", container.imageId},
            {"Created", timeText(container.createdAt)},
            {"RestartCount", 0},
            {"State",
             {{"Status", container.state},
              {"ExitCode", container.exitCode},
              {"StartedAt", timeText(container.startedAt)},
              {"FinishedAt", timeText(container.finishedAt)}}},
            {"Config",
             {{"Image", container.image},
              {"Entrypoint", container.entrypoint},
              {"Cmd", container.command},
              {"User", container.user},
              {"Env", environmentOf(container.environment)},
              {"Labels", container.labels}}},
            {"HostConfig",
             {{"RestartPolicy", {{"Name", container.restart}}},
              {"PortBindings", bindings},
              {"CapAdd", container.capAdd},
              {"CapDrop", container.capDrop},
              {"Privileged", container.privileged}}},
            {"Mounts", mountsOf(container)},
            {"NetworkSettings", {{"Networks", networksOf(container)}}}};
}

HttpResponse answered(const json& body) {
    return {200, body.dump()};
}

HttpResponse missing() {
    return {404, R"({"message":"No such thing"})"};
}

}  // namespace

HttpResponse ModelEngine::send(const HttpRequest& request) {
    const std::string prefix = "http://docker";
    const std::string path = request.url.substr(prefix.size());
    fuse_.look();
    try {
        return answer(request, path);
    } catch (const Fault& fault) {
        if (fault.hangs) {
            throw Error("the Docker engine did not answer in time");
        }
        return {500, json{{"message", fault.why}}.dump()};
    } catch (const ToolFailed& failed) {
        return {500, json{{"message", failed.err}}.dump()};
    }
}

HttpResponse ModelEngine::answer(const HttpRequest& request, const std::string& path) {
    if (request.method != "GET") {
        fuse_.mutate(request.method + " " + path);
        if (request.method == "DELETE") {
            const auto* container = byId(path.substr(path.rfind('/') + 1));
            if (container != nullptr && container->state == "running") {
                return {409, R"({"message":"You cannot remove a running container"})"};
            }
            removeById(path.substr(path.rfind('/') + 1));
            return {container == nullptr ? 404 : 204, {}};
        }
        return act(path);
    }
    if (path == "/_ping") {
        return {200, "OK"};
    }
    const std::string list = "/containers/json?all=1&filters=";
    if (path.compare(0, list.size(), list) == 0) {
        const auto filters = json::parse(percentDecoded(path.substr(list.size())));
        const std::string wanted = filters.at("label").at(0);
        json out = json::array();
        for (const auto& each : containers) {
            if ("com.docker.compose.project=" + each.label("com.docker.compose.project") == wanted) {
                out.push_back({{"Id", each.id},
                               {"State", each.state},
                               {"Labels", each.labels},
                               {"Mounts", mountsOf(each)}});
            }
        }
        return answered(out);
    }
    const std::string end = "/json";
    const std::string container = "/containers/";
    const std::string image = "/images/";
    if (path.compare(0, container.size(), container) == 0) {
        const auto* found = byId(path.substr(container.size(), path.size() - container.size() - end.size()));
        return found == nullptr ? missing() : answered(inspected(*found));
    }
    if (path.compare(0, image.size(), image) == 0) {
        const auto it = names.find(path.substr(image.size(), path.size() - image.size() - end.size()));
        if (it == names.end()) {
            return missing();
        }
        const auto& is = images.at(it->second);
        return answered({{"Id", is.id},
                         {"Config",
                          {{"Entrypoint", is.entrypoint},
                           {"Cmd", is.command},
                           {"User", is.user},
                           {"Env", environmentOf(is.environment)}}}});
    }
    throw std::logic_error("the model does not know GET " + path);
}

HttpResponse ModelEngine::act(const std::string& path) {
    const auto verb = path.substr(path.rfind('/') + 1);
    if (const auto question = verb.find("?repo="); verb.substr(0, 4) == "tag?") {
        const std::string start = "/images/";
        const std::string id = path.substr(start.size(), path.find("/tag?") - start.size());
        const auto ampersand = verb.find("&tag=");
        const std::string repository = percentDecoded(verb.substr(question + 6, ampersand - question - 6));
        const std::string tag = verb.substr(ampersand + 5);
        if (images.count(id) == 0) {
            return missing();
        }
        // A name without a tag means `latest`, and is written either way.
        names[names.count(repository) != 0 && tag == "latest" ? repository : repository + ":" + tag] = id;
        return {201, {}};
    }
    const std::string start = "/containers/";
    auto* container = byId(path.substr(start.size(), path.rfind('/') - start.size()));
    if (container == nullptr) {
        return missing();
    }
    if (verb == "restart" || verb == "stop") {
        stop(*container);
    }
    if (verb == "restart" || verb == "start") {
        this->start(*container);
    } else if (verb != "stop") {
        throw std::logic_error("the model does not know POST " + path);
    }
    return {204, {}};
}

}  // namespace vigie::tests
