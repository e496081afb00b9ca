// vigie-http: HTTP requests, described as a JSON array on standard input, sent one after the other, answered
// as a JSON array on standard output, which ends with the first that has no answer. The only translation unit
// that sees cpprestsdk.

#include <cpprest/http_client.h>
#include <nlohmann/json.hpp>
#include <pplx/threadpool.h>
#include <sys/prctl.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>

namespace {

using nlohmann::json;

json send(const json& question) {
    web::http::client::http_client_config config;
    config.set_timeout(std::chrono::milliseconds(question.at("timeoutMs").get<int>()));
    web::http::client::http_client client(question.at("url").get<std::string>(), config);
    web::http::http_request request(question.at("method").get<std::string>());
    if (const auto body = question.at("body").get<std::string>(); !body.empty()) {
        request.set_body(body, "application/json");  // the only kind of body that we send
    }
    // `.get()` is safe here: this is no handler, and every task is observed before the process ends.
    web::http::http_response response = client.request(request).get();
    const auto limit = question.at("maxBytes").get<std::size_t>();
    concurrency::streams::container_buffer<std::string> body;
    while (body.collection().size() <= limit) {
        constexpr std::size_t kChunk = 65536;
        if (response.body().read(body, kChunk).get() == 0) {
            return {{"status", response.status_code()}, {"body", body.collection()}};
        }
    }
    return {{"error", "the answer is larger than " + std::to_string(limit) + " bytes"}};
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): what may throw outside of the try is the lack of memory
int main() {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    json answers = json::array();
    try {
        crossplat::threadpool::initialize_with_threads(2);
        const std::string text((std::istreambuf_iterator<char>(std::cin)), std::istreambuf_iterator<char>());
        for (const auto& question : json::parse(text)) {
            answers.push_back(send(question));
            if (answers.back().contains("error")) {
                break;
            }
        }
    } catch (const std::exception& error) {
        answers.push_back({{"error", error.what()}});
    }
    const std::string out = answers.dump(-1, ' ', true, json::error_handler_t::replace);
    const bool written =
        std::fwrite(out.data(), 1, out.size(), stdout) == out.size() && std::fflush(stdout) == 0;
    // cpprestsdk's threads are of no use any more, and joining them is where it hangs.
    std::_Exit(written ? 0 : 1);
}
