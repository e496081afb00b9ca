// vigie-http: HTTP requests, described as a JSON array on standard input, sent one after the other, answered
// as a JSON array on standard output, which ends with the first that has no answer. The only translation unit
// that sees cpprestsdk.

#include "system/self_limits.hpp"

#include <cpprest/http_client.h>
#include <nlohmann/json.hpp>
#include <pplx/threadpool.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <new>
#include <string>
#include <string_view>

namespace {

using nlohmann::json;

/// Enough for an answer of 8 MiB of control characters, which become six times as much in JSON. cpprestsdk
/// has no limit to what it holds: a header without an end, or a body that comes faster than it is read.
constexpr std::uint64_t kMemory = 160U << 20U;

bool anAnswerIsWritten = false;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): for `noMemory`

bool writeOut(std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

bool writeAnswer(const json& answer) {
    const bool first = !anAnswerIsWritten;
    anAnswerIsWritten = true;
    return writeOut((first ? "[" : ",") + answer.dump(-1, ' ', true, json::error_handler_t::replace));
}

/// Called by `new` when it is refused memory, on whichever of cpprestsdk's threads: an exception there would
/// end the process without a word. The main thread waits for that one, or is the one that is here.
[[noreturn]] void noMemory() {
    constexpr std::string_view kWhy =
        R"({"error":"the answer needs more than 160 MiB of memory: a header without an end, or a body that is )"
        R"(sent faster than it can be read; is it the program that it should be?"}])";
    const std::string_view begin = anAnswerIsWritten ? "," : "[";
    const bool written = ::write(STDOUT_FILENO, begin.data(), begin.size()) > 0 &&
                         ::write(STDOUT_FILENO, kWhy.data(), kWhy.size()) > 0;
    std::_Exit(written ? 0 : 1);
}

json send(const json& question) {
    web::http::client::http_client_config config;
    config.set_timeout(std::chrono::milliseconds(question.at("timeoutMs").get<int>()));
    // What answers must not choose whom root's agent asks next.
    config.set_max_redirects(0);
    web::http::client::http_client client(question.at("url").get<std::string>(), config);
    web::http::http_request request(question.at("method").get<std::string>());
    if (const auto body = question.at("body").get<std::string>(); !body.empty()) {
        request.set_body(body, "application/json");  // the only kind of body that we send
    }
    // `.get()` is safe here: this is no handler, and every task is observed before the process ends.
    web::http::http_response response = client.request(request).get();
    const auto limit = question.at("maxBytes").get<std::size_t>();
    auto stream = response.body().streambuf();
    std::string body;
    std::string chunk(std::min<std::size_t>(limit + 1, 65536), '\0');
    while (body.size() <= limit) {
        auto* to = reinterpret_cast<std::uint8_t*>(chunk.data());  // NOLINT(*-reinterpret-cast)
        const std::size_t size = stream.getn(to, chunk.size()).get();
        if (size == 0) {
            return {{"status", response.status_code()}, {"body", std::move(body)}};
        }
        body.append(chunk, 0, size);
    }
    return {{"error", "the answer is larger than " + std::to_string(limit) + " bytes"}};
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): what may throw outside of the try is the lack of memory
int main() {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    vigie::system::closeMemory();
    bool written = true;
    try {
        crossplat::threadpool::initialize_with_threads(2);
        const std::string text((std::istreambuf_iterator<char>(std::cin)), std::istreambuf_iterator<char>());
        const auto questions = json::parse(text);
        vigie::system::limitMemory(kMemory);
        std::set_new_handler(&noMemory);
        for (const auto& question : questions) {
            const auto answer = send(question);
            written = written && writeAnswer(answer);
            if (answer.contains("error")) {
                break;
            }
        }
    } catch (const std::exception& error) {
        written = written && writeAnswer({{"error", error.what()}});
    }
    written = written && writeOut(anAnswerIsWritten ? "]" : "[]");
    // cpprestsdk's threads are of no use any more, and joining them is where it hangs.
    std::_Exit(written ? 0 : 1);
}
