// What the API answers.

#include "controller/api.hpp"

#include "apply/transaction/generations.hpp"
#include "apply/transaction/suspension.hpp"
#include "base/error.hpp"
#include "base/parse_json.hpp"
#include "base/plan_text.hpp"
#include "base/text.hpp"
#include "controller/words.hpp"
#include "state/time.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace vigie::controller {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kOk = 200;
constexpr int kAccepted = 202;
constexpr int kBadRequest = 400;
constexpr int kConflict = 409;
constexpr int kInternal = 500;
constexpr int kUnavailable = 503;

HttpResponse answer(int status, const ordered_json& body) {
    return {status,
            "application/json",
            body.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n",
            {}};
}

HttpResponse notYet() {
    return errorResponse(kUnavailable, "the first pass has not ended yet", "try again in a moment");
}

/// A body's members, all of them strings and optional.
using Members = std::map<std::string, std::string>;

/// Nothing but `known` may be in it. Returns what is wrong with it, or an empty text.
std::string readBody(const std::string& body, const std::set<std::string>& known, Members& out) {
    if (trim(body).empty()) {
        return {};
    }
    const auto parsed = parseJson(body);
    if (!parsed.is_object()) {
        return "the body is no JSON object";
    }
    std::vector<std::string> mistakes;
    for (const auto& [key, value] : parsed.items()) {
        if (known.count(key) == 0) {
            const auto near = nearest(key, {known.begin(), known.end()});
            mistakes.push_back("there is no `" + printable(key) + "`" +
                               (near.empty() ? "" : "; did you mean `" + near + "`?"));
        } else if (!value.is_string() || findNonText(value.get<std::string>()) != std::string::npos) {
            mistakes.push_back("`" + key + "` must be a text");
        } else {
            out[key] = value.get<std::string>();
        }
    }
    return join(mistakes, "; ");
}

/// A handler of a POST: checks the body, and answers.
using Change = std::function<void(const Members&, HttpReply)>;

HttpHandler checked(std::set<std::string> known, Change change) {
    return [known = std::move(known), change = std::move(change)](const HttpRequest& request,
                                                                  HttpReply reply) {
        Members members;
        const auto mistakes = readBody(request.body, known, members);
        if (!mistakes.empty()) {
            reply(errorResponse(kBadRequest, mistakes, "docs/openapi.yaml has the fields of each request"));
            return;
        }
        change(members, std::move(reply));
    };
}

/// Runs `what`, which returns the answer, where it waits for no reconcile.
void atOnce(const Api& api, const HttpReply& reply, std::function<HttpResponse()> what) {
    api.soon([reply, what = std::move(what)] {
        try {
            reply(what());
        } catch (const Error& error) {
            reply(errorResponse(kInternal, error.what(), error.hint()));
        } catch (const std::exception& error) {
            reply(errorResponse(kInternal, error.what()));
        }
    });
}

/// A member of the body; empty when it is not there.
std::string member(const Members& members, const char* name) {
    const auto it = members.find(name);
    return it == members.end() ? "" : it->second;
}

HttpResponse suspend(const Api& api, const Members& members) {
    apply::Suspension asked;
    const auto now = api.clock.now();
    try {
        asked = apply::suspensionFor(member(members, "reason"), member(members, "for"), now);
    } catch (const Error& error) {
        return errorResponse(kBadRequest, error.what(), error.hint());
    }
    api.urgent.mend();
    api.urgent.suspend(asked.why, asked.until);
    api.events.normal("Suspended", asked.why, now);
    return answer(kOk, {{"suspended", asked.why},
                        {"until", asked.until == 0 ? "" : state::rfc3339(asked.until)},
                        {"request", api.queue.request()}});
}

HttpResponse resume(const Api& api) {
    api.urgent.mend();
    api.urgent.resume();
    api.events.normal("Resumed", "the controller may change this host again", api.clock.now());
    return answer(kOk, {{"suspended", ""}, {"until", ""}, {"request", api.queue.request()}});
}

HttpResponse reconcile(const Api& api, const Members& members) {
    const auto rewind = member(members, "allowRewind");
    if (!rewind.empty()) {
        if (!namesRevision(rewind)) {
            return errorResponse(kBadRequest,
                                 "`allowRewind` names the tip by its commit, at least by the first 12 digits",
                                 "the condition SourceVerified of `vigie status` has them");
        }
        api.urgent.mend();
        api.urgent.allowRewind(rewind);
        api.events.normal("RewindAllowed", "the operator lets this host follow revision " + rewind,
                          api.clock.now());
    }
    return answer(kAccepted, {{"request", api.queue.request()}});
}

HttpResponse approve(const Api& api, const Members& members) {
    constexpr std::size_t kShortest = 12;
    const auto it = members.find("digest");
    const std::string digest = it == members.end() ? "" : it->second;
    if (digest.size() < kShortest) {
        return errorResponse(kBadRequest, "`digest` names the plan by at least 12 characters of its digest",
                             "`vigie plan --pending` shows it");
    }
    const auto snapshot = api.published.get();
    if (!snapshot->plan.waits) {
        return errorResponse(kConflict, "no plan waits for an approval");
    }
    if (!snapshot->plan.digest.starts_with(digest)) {
        return errorResponse(kConflict, "the plan that waits is another one: " + snapshot->plan.digest,
                             "look at it again with `vigie plan --pending`");
    }
    api.urgent.mend();
    api.urgent.approve(snapshot->plan.digest);
    api.events.normal("Approved", "plan " + snapshot->plan.digest.substr(0, kShortest) + " was approved",
                      api.clock.now());
    return answer(kOk, {{"digest", snapshot->plan.digest}, {"request", api.queue.request()}});
}

/// Against a revert it is one compare-and-set in the database: whoever comes first wins.
HttpResponse confirm(const Api& api) {
    api.urgent.mend();
    const auto journal = api.urgent.journal();
    if (!journal || journal->state != state::JournalState::armed) {
        return errorResponse(kConflict, journal
                                            ? "the change cannot be confirmed: it is being made or taken back"
                                            : "nothing waits to be confirmed");
    }
    auto applied = journal->applied;
    applied.attempt.time = api.clock.now();
    if (!api.urgent.commit(applied)) {
        return errorResponse(kConflict, "too late: the change is being taken back");
    }
    api.events.normal("Confirmed", "the operator confirmed the change", api.clock.now());
    return answer(kOk, {{"revision", applied.revision}, {"request", api.queue.request()}});
}

HttpResponse history(const Snapshot& snapshot, const HttpRequest& request, bool diffs) {
    std::size_t limit = 20;
    if (const auto it = request.query.find("limit"); it != request.query.end()) {
        const auto& text = it->second;
        const auto result = std::from_chars(text.data(), text.data() + text.size(), limit);
        if (result.ec != std::errc() || result.ptr != text.data() + text.size() || limit == 0) {
            return errorResponse(kBadRequest, "`limit` must be a number from 1 on");
        }
    }
    ordered_json out = ordered_json::array();
    if (snapshot.history) {
        for (const auto& attempt : *snapshot.history) {
            if (out.size() == limit) {
                break;
            }
            out.push_back({{"revision", attempt.revision},
                           {"time", state::rfc3339(attempt.time)},
                           {"result", toText(attempt.result)},
                           {"message", attempt.message},
                           {"plan", diffs ? attempt.plan : withoutDiffs(attempt.plan)}});
        }
    }
    return answer(kOk, {{"diffs", diffs}, {"history", std::move(out)}});
}

HttpResponse generations(const Api& api) {
    api.urgent.mend();
    ordered_json out = ordered_json::array();
    for (const auto& each : api.urgent.generations()) {
        out.push_back({{"number", each.number},
                       {"revision", each.revision},
                       {"time", state::rfc3339(each.time)},
                       {"applied", apply::isApplied(each, api.urgent)}});
    }
    return answer(kOk, {{"generations", std::move(out)}});
}

HttpResponse events(const Events& events) {
    ordered_json out = ordered_json::array();
    for (const auto& event : events.list()) {
        out.push_back({{"type", event.type},
                       {"reason", event.reason},
                       {"message", event.message},
                       {"count", event.count},
                       {"firstTimestamp", state::rfc3339(event.first)},
                       {"lastTimestamp", state::rfc3339(event.last)}});
    }
    return answer(kOk, {{"events", std::move(out)}});
}

HttpResponse plan(const Snapshot& snapshot, const HttpRequest& request) {
    if (const auto it = request.query.find("format"); it != request.query.end()) {
        if (it->second == "text") {
            return {kOk, "text/plain; charset=utf-8", snapshot.plan.text, {}};
        }
        if (it->second != "json") {
            return errorResponse(kBadRequest, "`format` is json or text");
        }
    }
    return {kOk, "application/json", snapshot.plan.json, {}};
}

/// Why this host is ready, or why not.
std::string readyMessage(const Snapshot& snapshot) {
    const auto* condition = find(snapshot.status.conditions, ConditionType::ready);
    return condition == nullptr ? "" : condition->message;
}

HttpResponse ready(const Snapshot& snapshot) {
    const auto* condition = find(snapshot.status.conditions, ConditionType::ready);
    const bool is = condition != nullptr && condition->status == ConditionStatus::yes;
    return answer(is ? kOk : kUnavailable, {{"ready", is},
                                            {"reason", condition == nullptr ? "" : toText(condition->reason)},
                                            {"message", readyMessage(snapshot)}});
}

void addReads(Router& router, const Api& api) {
    const auto from = [&](const char* path, auto make) {
        router.add("GET", path, [api, make](const HttpRequest& request, const HttpReply& reply) {
            const auto snapshot = api.published.get();
            reply(snapshot->status.conditions.empty() ? notYet() : make(*snapshot, request));
        });
    };
    from("/api/v1/status", [](const Snapshot& snapshot, const HttpRequest&) {
        return HttpResponse{kOk, "application/json", toJson(snapshot.status), {}};
    });
    from("/api/v1/plan", [open = api.openReads](const Snapshot& snapshot, const HttpRequest& request) {
        if (!open && !request.mayChange) {
            return tokenWanted("a plan shows what is in the files of this host: reading it needs the token");
        }
        return snapshot.plan.json == nullptr
                   ? errorResponse(kUnavailable, "there is no plan: " + readyMessage(snapshot))
                   : plan(snapshot, request);
    });
    from("/api/v1/history", [open = api.openReads](const Snapshot& snapshot, const HttpRequest& request) {
        return history(snapshot, request, open || request.mayChange);
    });
    from("/api/v1/topology", [](const Snapshot& snapshot, const HttpRequest&) {
        return snapshot.topology.empty()
                   ? errorResponse(kUnavailable, "no document was loaded yet: " + readyMessage(snapshot))
                   : HttpResponse{kOk, "application/json", snapshot.topology, {}};
    });
    router.add("GET", "/api/v1/events",
               [api](const HttpRequest&, const HttpReply& reply) { reply(events(api.events)); });
    router.add("GET", "/api/v1/generations", [api](const HttpRequest&, const HttpReply& reply) {
        atOnce(api, reply, [api] { return generations(api); });
    });
    router.add("GET", "/readyz",
               [api](const HttpRequest&, const HttpReply& reply) { reply(ready(*api.published.get())); });
    router.add("GET", "/healthz", [api](const HttpRequest&, const HttpReply& reply) {
        const bool alive = api.watchdog.alive();
        reply(answer(alive ? kOk : kUnavailable, {{"alive", alive}}));
    });
}

}  // namespace

void addApi(Router& router, const Api& api) {
    addReads(router, api);
    router.add("POST", "/api/v1/reconcile",
               checked({"allowRewind"}, [api](const Members& members, const HttpReply& reply) {
                   if (members.empty()) {  // is not kept from it by a disk that is full
                       reply(reconcile(api, members));
                       return;
                   }
                   atOnce(api, reply, [api, members] { return reconcile(api, members); });
               }));
    router.add(
        "POST", "/api/v1/rollback", checked({"to"}, [api](const Members& members, const HttpReply& reply) {
            const auto to = members.find("to");
            const std::string argument = to == members.end() ? "" : to->second;
            reply(answer(kAccepted, {{"request", api.queue.post({Command::What::rollback, argument})}}));
        }));
    const auto urgent = [&](const char* path, std::set<std::string> known, auto what) {
        router.add("POST", path,
                   checked(std::move(known), [api, what](const Members& members, const HttpReply& reply) {
                       atOnce(api, reply, [api, what, members] { return what(api, members); });
                   }));
    };
    urgent("/api/v1/suspend", {"reason", "for"}, suspend);
    urgent("/api/v1/resume", {}, [](const Api& a, const Members&) { return resume(a); });
    urgent("/api/v1/approve", {"digest"}, approve);
    urgent("/api/v1/confirm", {}, [](const Api& a, const Members&) { return confirm(a); });
}

}  // namespace vigie::controller
