// The API's answers about generations: the list, and the plan of a rollback.

#include "controller/api_generations.hpp"

#include "base/error.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace vigie::controller {
namespace {

constexpr std::string_view kBelow = "/api/v1/generations/";
constexpr std::string_view kPlan = "/plan";

/// The number of `/api/v1/generations/NUMBER/plan`; nothing when it is another path.
std::optional<std::int64_t> numberOf(const std::string& path) {
    const auto text = between(path, kBelow, kPlan).value_or("");
    std::int64_t out = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), out);
    return result.ec == std::errc{} && result.ptr == text.data() + text.size() && out > 0 ? std::optional(out)
                                                                                          : std::nullopt;
}

HttpResponse planned(std::int64_t number, const std::function<std::string(std::int64_t)>& planOf) {
    constexpr int kOk = 200;
    constexpr int kUnavailable = 503;
    try {
        const nlohmann::ordered_json out{{"number", number}, {"plan", planOf(number)}};
        return {kOk,
                "application/json",
                out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n",
                {{"Cache-Control", "no-store"}}};
    } catch (const Error& error) {
        return errorResponse(kUnavailable, std::string("what would change is not known: ") + error.what(),
                             error.hint());
    } catch (const Interrupted&) {
        return errorResponse(kUnavailable, "what would change is not known: the controller ends");
    } catch (const std::exception& error) {
        return errorResponse(kUnavailable, std::string("what would change is not known: ") + error.what());
    }
}

}  // namespace

void addGenerations(Router& router, const GenerationsApi& api) {
    router.add("GET", std::string(kBelow) + "*", [api](const HttpRequest& request, const HttpReply& reply) {
        const auto number = numberOf(request.path);
        if (!number) {
            return reply(errorResponse(404, "there is nothing at this path",
                                       "GET /api/v1/generations has the numbers"));
        }
        if (!request.mayChange) {
            return reply(
                tokenWanted("the plan of a rollback is for who may roll back: reading it needs the token"));
        }
        if (!api.later([reply, api, number = *number] { reply(planned(number, api.planOf)); })) {
            reply(errorResponse(503, "too much is asked for just now", "try again in a moment"));
        }
    });
}

}  // namespace vigie::controller
