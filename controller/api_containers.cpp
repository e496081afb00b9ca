// The part of the API that tells of containers, and of what they wrote.

#include "controller/api_containers.hpp"

#include "apply/probes/container_log.hpp"
#include "base/error.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace vigie::controller {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kBelow = "/api/v1/containers/";
constexpr std::string_view kLogs = "/logs";
constexpr int kMostLines = 500;

/// How many lines are wanted; nothing when that is no number from 1 to 500.
std::optional<int> linesOf(const HttpRequest& request) {
    int lines = 50;
    if (const auto it = request.query.find("lines"); it != request.query.end()) {
        const auto& text = it->second;
        const auto result = std::from_chars(text.data(), text.data() + text.size(), lines);
        if (result.ec != std::errc() || result.ptr != text.data() + text.size() || lines < 1 ||
            lines > kMostLines) {
            return std::nullopt;
        }
    }
    return lines;
}

HttpResponse logOf(const std::string& id, int lines, system::Http& engine) {
    try {
        ordered_json out{{"lines", apply::lastLogLines(id, lines, engine)}};
        return {200,
                "application/json",
                out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n",
                {{"Cache-Control", "no-store"}}};
    } catch (const Error& error) {
        return errorResponse(503, std::string("what it wrote cannot be read: ") + error.what(), error.hint());
    } catch (const Interrupted&) {
        return errorResponse(503, "what it wrote cannot be read: the controller ends");
    } catch (const std::exception& error) {
        return errorResponse(500, std::string("what it wrote cannot be read: ") + error.what());
    }
}

void readLog(const ContainersApi& api, const HttpRequest& request, const HttpReply& reply) {
    const auto id = between(request.path, kBelow, kLogs);
    if (!id) {
        return reply(errorResponse(404, "there is nothing at this path"));
    }
    if (!request.mayChange) {
        return reply(tokenWanted("what containers write may hold secrets: reading it needs the token"));
    }
    if (api.published.get()->containers.ids.count(*id) == 0) {
        return reply(errorResponse(404, "no project of the document has a container with this id",
                                   "GET /api/v1/containers has the ids"));
    }
    const auto lines = linesOf(request);
    if (!lines) {
        return reply(errorResponse(400, "`lines` must be a number from 1 to 500"));
    }
    const auto& engine = api.engine;
    if (!api.later([reply, engine, id = *id, lines = *lines] { reply(logOf(id, lines, engine())); })) {
        reply(errorResponse(503, "too many logs are asked for just now", "try again in a moment"));
    }
}

}  // namespace

void addContainers(Router& router, const ContainersApi& api) {
    router.add("GET", "/api/v1/containers", [api](const HttpRequest&, const HttpReply& reply) {
        const auto snapshot = api.published.get();
        reply(snapshot->containers.json.empty()
                  ? errorResponse(503, "the first pass has not ended yet", "try again in a moment")
                  : HttpResponse{200, "application/json", snapshot->containers.json, {}});
    });
    router.add("GET", std::string(kBelow) + "*",
               [api](const HttpRequest& request, const HttpReply& reply) { readLog(api, request, reply); });
}

}  // namespace vigie::controller
