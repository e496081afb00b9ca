// What a client of the controller's server may send: a request in pieces, and a webhook.
#include "controller/server/body.hpp"
#include "controller/server/checks.hpp"
#include "controller/server/head.hpp"
#include "controller/webhook.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>

namespace vigie::fuzz {
namespace {

/// Where the head ends when bytes come `piece` at a time.
std::pair<controller::HeadScanner::State, std::size_t> scanned(std::string_view bytes, std::size_t piece) {
    using State = controller::HeadScanner::State;
    controller::HeadScanner scanner;
    auto state = State::more;
    for (std::size_t size = 0; size < bytes.size() && state == State::more;) {
        size = std::min(bytes.size(), size + piece);
        state = scanner.scan(bytes.substr(0, size));
    }
    return {state, state == State::complete ? scanner.size() : 0};
}

/// The body when bytes come `piece` at a time, and how reading it ended.
std::pair<controller::BodyReader::State, std::string> bodyOf(const controller::Head& head,
                                                             std::string_view bytes, std::size_t piece) {
    constexpr std::size_t kLimit = 4096;
    auto reader = head.chunked ? controller::BodyReader::chunked(kLimit)
                               : controller::BodyReader::plain(head.length, kLimit);
    auto state = controller::BodyReader::State::more;
    while (!bytes.empty() && state == controller::BodyReader::State::more) {
        auto part = bytes.substr(0, piece);
        const auto before = part.size();
        state = reader.take(part);
        bytes.remove_prefix(before - part.size());
        demand(before != part.size() || state != controller::BodyReader::State::more, "reading goes on");
    }
    demand(reader.body.size() <= kLimit, "a body is within its limit");
    return {state, state == controller::BodyReader::State::done ? reader.body : ""};
}

}  // namespace

void httpRequest(std::string_view bytes) {
    const auto whole = scanned(bytes, bytes.size() + 1);
    demand(scanned(bytes, 1) == whole, "how bytes arrive makes no difference to a head");
    if (whole.first != controller::HeadScanner::State::complete) {
        return;
    }
    const auto parsed = controller::parseHead(bytes.substr(0, whole.second), controller::Limits{});
    const auto* head = std::get_if<controller::Head>(&parsed);
    if (head == nullptr) {
        return;
    }
    for (const bool local : {false, true}) {
        static_cast<void>(controller::refusalOf(head->request, {local, false}, {"vm"}));
    }
    const auto rest = bytes.substr(whole.second);
    if (head->hasBody()) {
        demand(bodyOf(*head, rest, 1) == bodyOf(*head, rest, rest.size() + 1),
               "how bytes arrive makes no difference to a body");
    }
}

void webhook(std::string_view bytes) {
    using controller::HookProvider;
    controller::HttpHeaders headers;
    while (true) {
        const auto end = bytes.find('\n');
        const auto line = bytes.substr(0, end);
        bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
        const auto colon = line.find(": ");
        if (colon == std::string_view::npos) {
            break;
        }
        headers[std::string(line.substr(0, colon))] = line.substr(colon + 2);
    }
    for (const auto provider :
         {HookProvider::github, HookProvider::gitea, HookProvider::forgejo, HookProvider::gogs,
          HookProvider::gitlab, HookProvider::bitbucket, HookProvider::generic}) {
        constexpr std::int64_t kNow = 1'700'000'000;
        const auto verdict =
            controller::verifyHook(provider, headers, bytes, "a secret that nobody can guess", kNow);
        demand(verdict != controller::HookVerdict::good, "nobody knows the secret");
        static_cast<void>(controller::deliveryMark(provider, headers, bytes));
    }
}

}  // namespace vigie::fuzz
