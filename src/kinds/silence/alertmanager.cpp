// Reads and sets silences through Alertmanager's API.

#include "kinds/silence/alertmanager.hpp"

#include "apply/http_api.hpp"
#include "base/error.hpp"
#include "base/fields.hpp"
#include "base/parse_json.hpp"
#include "base/record.hpp"
#include "base/text.hpp"
#include "spec/format.hpp"
#include "state/time.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <vector>

namespace vigie::apply {
namespace {

using nlohmann::json;

constexpr int kOk = 200;
constexpr auto kPatience = std::chrono::seconds(5);
constexpr auto kPause = std::chrono::milliseconds(100);
constexpr std::size_t kEnoughOfAReason = 500;

bool endsWith(std::string_view value, std::string_view suffix) {
    return value.size() >= suffix.size() && value.substr(value.size() - suffix.size()) == suffix;
}

/// The silences with this mark that have not ended.
std::vector<json> living(const std::string& baseUrl, const std::string& mark, system::Http& http) {
    const std::string url = baseUrl + "/api/v2/silences";
    const auto response = http.send({"GET", url, {}, kPatience, system::kLargeAnswer});
    const auto all = parseJson(response.body);
    if (response.status != kOk || !all.is_array()) {
        throw Error("GET " + url + " " + answeredWith(response.status));
    }
    std::vector<json> out;
    for (const auto& silence : all) {
        const bool ended = silence.is_object() && silence.contains("status") &&
                           text(silence["status"], "state") == "expired";
        if (!ended && endsWith(text(silence, "comment"), mark)) {
            out.push_back(silence);
        }
    }
    return out;
}

plan::ObservedSilence observed(const json& silence) {
    plan::ObservedSilence out;
    out.answered = true;
    out.exists = true;
    out.active = text(member(silence, "status"), "state") == "active";
    out.comment = text(silence, "comment");
    out.startsAt = spec::parseTimestamp(text(silence, "startsAt")).value_or(0);
    out.endsAt = spec::parseTimestamp(text(silence, "endsAt")).value_or(0);
    for (const auto& matcher : list(silence, "matchers")) {
        out.matchers.push_back({text(matcher, "name"), text(matcher, "value"),
                                memberOr(matcher, "isRegex", false), memberOr(matcher, "isEqual", true)});
    }
    return out;
}

json bodyOf(const render::Silence& silence, std::int64_t now) {
    json matchers = json::array();
    for (const auto& matcher : silence.matchers) {
        matchers.push_back({{"name", matcher.name},
                            {"value", matcher.value},
                            {"isRegex", matcher.isRegex},
                            {"isEqual", matcher.isEqual}});
    }
    return {{"matchers", matchers},
            {"startsAt", state::rfc3339(silence.startsAt == 0 ? now : silence.startsAt)},
            {"endsAt", state::rfc3339(silence.endsAt)},
            {"createdBy", "vigie"},
            {"comment", silence.markedComment()}};
}

void send(const std::string& method, const std::string& url, const std::string& body, system::Http& http) {
    const auto response = http.send({method, url, body});
    if (response.status != kOk) {
        throw Error(method + " " + url + " " + answeredWith(response.status) + ": " +
                    printable(trim(utf8Prefix(response.body, kEnoughOfAReason))));
    }
}

void end(const std::string& baseUrl, const json& silence, system::Http& http) {
    send("DELETE", baseUrl + "/api/v2/silence/" + text(silence, "id"), {}, http);
}

}  // namespace

plan::ObservedSilence observeSilence(const render::Silence& silence, const system::System& system) {
    plan::ObservedSilence out;
    try {
        const auto found =
            living(silence.baseUrl, render::silenceMark(silence.stack, silence.name), system.http);
        if (!found.empty()) {
            out = observed(found.front());
        }
        out.answered = true;
        out.several = found.size() > 1;
    } catch (const Error& error) {
        out.problem = error.what();
    }
    out.ended = system.clock.now() >= silence.endsAt;
    return out;
}

void makeSilence(const render::Silence& silence, std::chrono::milliseconds timeout,
                 const system::System& system) {
    const std::string mark = render::silenceMark(silence.stack, silence.name);
    const auto deadline = system.clock.monotonic() + timeout.count();
    std::vector<json> found;
    while (true) {
        try {
            found = living(silence.baseUrl, mark, system.http);
            break;
        } catch (const Error&) {
            if (system.clock.monotonic() >= deadline) {
                throw;
            }
        }
        system.clock.sleep(kPause);
    }
    auto body = bodyOf(silence, system.clock.now());
    if (!found.empty()) {
        // Alertmanager keeps the id where it can, and otherwise ends the old one.
        body["id"] = text(found.front(), "id");
    }
    send("POST", silence.baseUrl + "/api/v2/silences", body.dump(), system.http);
    for (std::size_t i = 1; i < found.size(); ++i) {
        end(silence.baseUrl, found[i], system.http);
    }
}

void endSilences(const std::string& baseUrl, const std::string& mark, const system::System& system) {
    std::vector<json> found;
    try {
        found = living(baseUrl, mark, system.http);
    } catch (const Error&) {
        return;
    }
    for (const auto& silence : found) {
        end(baseUrl, silence, system.http);
    }
}

namespace {

/// The before-image of a silence.
struct SilenceImage {
    std::string baseUrl;
    std::string mark;
    std::string_view silence;  ///< as Alertmanager's API gave it; empty: there was none, or it did not answer
};

SilenceImage unpack(std::string_view data) {
    if (RecordReader::is(data)) {
        const RecordReader fields(data);
        return {.baseUrl = fields.string("alertmanager"),
                .mark = fields.string("mark"),
                .silence = fields.has("silence") ? fields.text("silence") : std::string_view()};
    }
    FieldReader fields(data);
    SilenceImage out;
    out.baseUrl = fields.next();
    out.mark = fields.next();
    fields.next();  // whether it answered
    out.silence = fields.done() ? std::string_view() : fields.next();
    return out;
}

}  // namespace

/// Fields: `alertmanager`, its address; `mark`; and `silence`, as its API gave it, where there was one that
/// had not ended. Before, these were packed one behind the other, with `answered` or `silent` before the
/// silence.
SecureBytes snapshotSilence(const std::string& baseUrl, const std::string& mark,
                            const system::System& system) {
    RecordWriter out;
    out.add("alertmanager", baseUrl).add("mark", mark);
    try {
        const auto found = living(baseUrl, mark, system.http);
        if (!found.empty()) {
            out.add("silence", found.front().dump(-1, ' ', true, json::error_handler_t::replace));
        }
    } catch (const Error&) {
        return out.take();  // it has none when it does not answer
    }
    return out.take();
}

void restoreSilence(std::string_view snapshot, const system::System& system) {
    const auto image = unpack(snapshot);
    const auto& [baseUrl, mark, silence] = image;
    if (silence.empty()) {
        endSilences(baseUrl, mark, system);
        return;
    }
    auto was = parseJson(silence);
    std::vector<json> found = living(baseUrl, mark, system.http);
    const auto same = [&](const json& is) {
        return text(is, "endsAt") == text(was, "endsAt") && text(is, "comment") == text(was, "comment") &&
               member(is, "matchers") == member(was, "matchers");
    };
    if (found.size() == 1 && same(found.front())) {
        return;
    }
    for (const auto& each : found) {
        end(baseUrl, each, system.http);
    }
    if (spec::parseTimestamp(text(was, "endsAt")).value_or(0) > system.clock.now()) {
        for (const char* key : {"id", "status", "updatedAt"}) {
            was.erase(key);
        }
        send("POST", baseUrl + "/api/v2/silences", was.dump(), system.http);
    }
}

}  // namespace vigie::apply
