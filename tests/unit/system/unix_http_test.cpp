// Tests system/unix_http: HTTP over a unix socket: the Docker engine's API.

#include "system/unix_http.hpp"

#include "base/error.hpp"
#include "system/descriptor.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace vigie::system {
namespace {

using std::chrono::milliseconds;
using Time = std::chrono::steady_clock;

constexpr milliseconds kLong{20'000};
constexpr milliseconds kShort{100};
const std::string kOk = "HTTP/1.1 200 OK\r\n";
const std::string kChunked = kOk + "Transfer-Encoding: chunked\r\n\r\n";

/// The engine's end of a connection. Every wait is over when the client or the test goes away.
class Peer {
public:
    Peer(int connection, const Stop& end) : socket_(connection), end_(end) {}

    /// A whole request, as it came.
    std::string hear() {
        std::string out;
        std::size_t whole = std::string::npos;
        while (out.size() < whole && waitFor(POLLIN)) {
            std::array<char, 65536> buffer{};
            const auto n = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (n <= 0) {
                break;
            }
            out.append(buffer.data(), static_cast<std::size_t>(n));
            const auto body = out.find("\r\n\r\n");
            if (body != std::string::npos && whole == std::string::npos) {
                const auto length = out.find("Content-Length: ");
                whole = body + 4 + (length < body ? std::stoul(out.substr(length + 16)) : 0);
            }
        }
        return out;
    }

    /// Whether all of it could be written.
    bool say(std::string_view text) {
        while (!text.empty()) {
            const auto n = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n > 0) {
                text.remove_prefix(static_cast<std::size_t>(n));
            } else if (errno != EAGAIN || !waitFor(POLLOUT)) {
                return false;
            }
        }
        return true;
    }

    /// Each piece is read before the next one is written.
    bool sayInPieces(std::string_view text, std::size_t size) {
        for (std::size_t i = 0; i < text.size(); i += size) {
            if (!say(text.substr(i, size))) {
                return false;
            }
            int unread = 1;
            while (::ioctl(socket_.get(), SIOCOUTQ, &unread) == 0 && unread > 0) {
                if (end_.raised() || Time::now() > deadline_) {
                    return false;
                }
                std::this_thread::sleep_for(std::chrono::microseconds(20));
            }
        }
        return true;
    }

    void sayForEver(const std::string& text, std::size_t pieces = 0) {
        while (!end_.raised() && Time::now() < deadline_ &&
               (pieces == 0 ? say(text) : sayInPieces(text, pieces))) {
        }
    }

    void drip(std::string_view text) {
        for (const char c : text) {
            if (!say({&c, 1}) || end_.waitFor(milliseconds(5))) {
                return;
            }
        }
    }

    void staySilent() { waitFor(0); }

private:
    bool waitFor(short events) {
        while (Time::now() < deadline_) {
            std::array<pollfd, 2> waiting{{{end_.fd(), POLLIN, 0}, {socket_.get(), events, 0}}};
            ::poll(waiting.data(), waiting.size(), 100);
            if (waiting[0].revents != 0 || (waiting[1].revents & (POLLHUP | POLLERR)) != 0) {
                return (waiting[1].revents & events) != 0;
            }
            if (waiting[1].revents != 0) {
                return true;
            }
        }
        return false;
    }

    Descriptor socket_;
    const Stop& end_;
    Time::time_point deadline_ = Time::now() + 2 * kLong;
};

sockaddr_un addressOf(const std::string& path) {
    sockaddr_un out{};
    out.sun_family = AF_UNIX;
    path.copy(out.sun_path, sizeof(out.sun_path) - 1);
    return out;
}

Descriptor listenOn(const std::string& path, int queue) {
    Descriptor out(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto address = addressOf(path);
    if (::bind(out.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        ::listen(out.get(), queue) != 0) {
        throw std::runtime_error("cannot listen on " + path);
    }
    return out;
}

/// An engine for one connection, in a thread that ends with this object at the latest.
class Engine {
public:
    explicit Engine(std::function<void(Peer&)> script)
        : listening_(listenOn(path(), 1)), thread_([this, script = std::move(script)] {
              std::array<pollfd, 2> waiting{{{end_.fd(), POLLIN, 0}, {listening_.get(), POLLIN, 0}}};
              ::poll(waiting.data(), waiting.size(), 20'000);
              if (waiting[1].revents != 0) {
                  Peer peer(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC), end_);
                  script(peer);
              }
          }) {}
    /// Says `answer` to whatever it is asked.
    explicit Engine(const std::string& answer)
        : Engine([this, answer](Peer& peer) {
              heard_ = peer.hear();
              peer.say(answer);
          }) {}
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    Engine(Engine&&) = delete;
    Engine& operator=(Engine&&) = delete;
    ~Engine() {
        end_.raise();
        if (thread_.joinable()) {
            thread_.join();
        }
    }

    [[nodiscard]] std::string path() const { return directory_.path + "/engine.sock"; }

    std::string heard() {
        thread_.join();
        return heard_;
    }

private:
    tests::TemporaryDirectory directory_;
    Stop end_;
    Descriptor listening_;
    std::string heard_;
    std::thread thread_;
};

HttpRequest request(milliseconds timeout = kLong) {
    HttpRequest out;
    out.url = "http://docker/version";
    out.timeout = timeout;
    return out;
}

HttpResponse ask(const std::string& path, const HttpRequest& question) {
    const Stop stop;
    return UnixHttp(path, stop).send(question);
}

/// The error's message and hint, or the answer.
std::string failure(const std::string& path, const HttpRequest& question) {
    try {
        return "answered: " + ask(path, question).body.substr(0, 100);
    } catch (const Error& error) {
        return std::string(error.what()) + "; " + error.hint();
    }
}

std::string failure(const std::function<void(Peer&)>& script, const HttpRequest& question) {
    const Engine engine([&script](Peer& peer) {
        peer.hear();
        script(peer);
    });
    return failure(engine.path(), question);
}

TEST_CASE("a request and its answer go over a Unix socket", "[system]") {
    Engine engine(kOk + "Content-Length: 5\r\nX-Other: x\r\n\r\nhello and more");
    const auto answer = ask(engine.path(), request());
    CHECK(answer.status == 200);
    CHECK(answer.body == "hello");
    CHECK(engine.heard() == "GET /version HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n");
}

TEST_CASE("a request body is sent as JSON with its length", "[system]") {
    Engine engine(kOk + "Content-Length: 0\r\n\r\n");
    auto question = request();
    question.method = "POST";
    question.url = "http://docker/containers/create?name=a";
    question.body = "{}";
    CHECK(ask(engine.path(), question).body.empty());
    CHECK(engine.heard() ==
          "POST /containers/create?name=a HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n"
          "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
}

TEST_CASE("a POST without a body sends a length of zero", "[system]") {
    Engine engine(kOk + "Content-Length: 0\r\n\r\n");
    auto question = request();
    question.method = "POST";
    CHECK(ask(engine.path(), question).status == 200);
    CHECK(tests::contains(engine.heard(), "\r\nContent-Length: 0\r\n\r\n"));
}

TEST_CASE("the host of a Unix socket's URL is ignored, its path and query are sent", "[system]") {
    const std::vector<std::pair<std::string, std::string>> cases{{"http://docker", "/"},
                                                                 {"http://docker/", "/"},
                                                                 {"http://docker?a=b", "/?a=b"},
                                                                 {"http://a:1/v1.41/b?c=/d", "/v1.41/b?c=/d"},
                                                                 {"/a?b=http://c/d", "/a?b=http://c/d"}};
    for (const auto& [url, target] : cases) {
        INFO(url);
        Engine engine(kOk + "\r\n");
        auto question = request();
        question.url = url;
        CHECK(ask(engine.path(), question).status == 200);
        CHECK(engine.heard().rfind("GET " + target + " HTTP/1.1\r\n", 0) == 0);
    }
}

TEST_CASE("a request with a malformed URL or method is a programming error", "[system]") {
    const Stop stop;
    UnixHttp engine("/nowhere", stop);
    for (const char* url :
         {"", "version", "http://docker/a b", "http://doc\nker/", "http://docker/a\r\nX: y", "/\xc3\xa9"}) {
        INFO(url);
        auto question = request();
        question.url = url;
        CHECK_THROWS_AS(engine.send(question), std::invalid_argument);
    }
    auto question = request();
    question.method = "GET /";
    CHECK_THROWS_AS(engine.send(question), std::invalid_argument);
}

TEST_CASE("an answer with any HTTP status is returned", "[system]") {
    const Engine missing(
        "HTTP/1.1 404 Not Found\r\nContent-Length: 28\r\n\r\n{\"message\":\"no such thing\"}\n");
    const auto answer = ask(missing.path(), request());
    CHECK(answer.status == 404);
    CHECK(answer.body == "{\"message\":\"no such thing\"}\n");
    const Engine empty("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n");
    CHECK(ask(empty.path(), request()).status == 204);
    const Engine broken("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
    CHECK(ask(broken.path(), request()).status == 500);
}

TEST_CASE("an answer is read in pieces of any size", "[system]") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {kOk + "Content-Length: 5\r\n\r\nhello", "hello"},
        {kChunked + "0\r\n\r\n", ""},
        {kChunked + "5;a=b\r\nhello\r\n1\r\n \r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n",
         "hello 0123456789"},
        {kOk + "\r\nuntil the end", "until the end"}};
    for (const auto& [text, body] : cases) {
        for (const std::size_t size : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 11U, 1000U}) {
            INFO(text << " in pieces of " << size);
            const Engine engine([&text = text, size](Peer& peer) {
                peer.hear();
                peer.sayInPieces(text, size);
            });
            const auto answer = ask(engine.path(), request());
            CHECK(answer.status == 200);
            CHECK(answer.body == body);
        }
    }
}

TEST_CASE("the answer to HEAD has no body", "[system]") {
    auto question = request();
    question.method = "HEAD";
    for (const auto& text : {kOk + "Content-Length: 5\r\n\r\n", kChunked}) {
        for (const std::size_t size : {std::size_t{1}, text.size() - 1}) {
            INFO(text << " in pieces of " << size);
            const Engine engine([&text, size](Peer& peer) {
                peer.hear();
                peer.sayInPieces(text, size);
                peer.staySilent();
            });
            CHECK(failure(engine.path(), question) == "answered: ");
        }
    }
}

TEST_CASE("megabytes are sent and received at once", "[system]") {
    Engine engine(kOk + "Content-Length: 3000000\r\n\r\n" + std::string(3'000'000, 'y'));
    auto question = request();
    question.method = "POST";
    question.body = std::string(3'000'000, 'x');
    question.maxBytes = kLargeAnswer;
    CHECK(ask(engine.path(), question).body == std::string(3'000'000, 'y'));
    CHECK(engine.heard().size() > 3'000'000);
}

TEST_CASE("an answer before the end of the request is read", "[system]") {
    const Engine engine(
        [](Peer& peer) { peer.say("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"); });
    auto question = request();
    question.method = "POST";
    question.body = std::string(3'000'000, 'x');
    CHECK(ask(engine.path(), question).body == "no");
}

TEST_CASE("an answer larger than the limit is an error", "[system]") {
    auto question = request();
    question.maxBytes = 10;
    const std::vector<std::pair<std::string, std::string>> cases{
        {"Content-Length: 10\r\n\r\n0123456789", "answered: 0123456789"},
        {"Transfer-Encoding: chunked\r\n\r\n9\r\n012345678\r\n1\r\n9\r\n0\r\n\r\n", "answered: 0123456789"},
        {"\r\n0123456789", "answered: 0123456789"},
        {"Content-Length: 11\r\n\r\n0123456789a", "larger than 10 bytes"},
        {"Content-Length: 11\r\n\r\n", "larger than 10 bytes"},
        {"Content-Length: 1000000000000000000\r\n\r\n0123456789", "larger than 10 bytes"},
        {"Content-Length: 18446744073709551615\r\n\r\n0123456789", "larger than 10 bytes"},
        {"Transfer-Encoding: chunked\r\n\r\n9\r\n012345678\r\n2\r\n9a\r\n0\r\n\r\n", "larger than 10 bytes"},
        {"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n0123456789", "larger than 10 bytes"},
        {"\r\n0123456789a", "larger than 10 bytes"}};
    for (const auto& [text, expected] : cases) {
        for (const std::size_t size : {1U, 1000U}) {
            INFO(text << " in pieces of " << size);
            CHECK(tests::contains(
                failure([&text = text, size](Peer& peer) { peer.sayInPieces(kOk + text, size); }, question),
                expected));
        }
    }
}

TEST_CASE("a malformed or truncated answer is an error that names the socket", "[system]") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "was closed"},
        {"H", "was closed"},
        {kOk, "was closed"},
        {kOk + "Content-Length: 5\r\n\r\nhell", "was closed"},
        {kChunked + "5\r\nhel", "was closed"},
        {kChunked + "5\r\nhello\r\n", "was closed"},
        {kChunked + "0\r\n", "was closed"},
        {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "not HTTP"},
        {std::string("\0\xff", 2) + "binary\r\n\r\n", "not HTTP"},
        {"HTTP/2.0 200 OK\r\n\r\n", "not HTTP"},
        {"HTTP/1.1 20 OK\r\n\r\n", "not HTTP"},
        {kOk + "no field\r\n\r\n", "not HTTP"},
        {kOk + "Content-Length: x\r\n\r\n", "not HTTP"},
        {kOk + "Content-Length: -1\r\n\r\n", "not HTTP"},
        {kOk + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", "not HTTP"},
        {kOk + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "not HTTP"},
        {kChunked + "-2\r\nab\r\n0\r\n\r\n", "not HTTP"},
        {kChunked + "1\r\nabcde\r\n0\r\n\r\n", "not HTTP"},
        {kChunked + "11111111111111111\r\nabcde", "not HTTP"}};
    for (const auto& [text, expected] : cases) {
        for (const std::size_t size : {1U, 1000U}) {
            INFO(text << " in pieces of " << size);
            const auto message =
                failure([&text = text, size](Peer& peer) { peer.sayInPieces(text, size); }, request());
            CHECK(tests::contains(message, expected));
            CHECK(tests::contains(message, "/engine.sock: "));
            CHECK(tests::contains(message, "log of the Docker engine"));
        }
    }
}

TEST_CASE("an endless answer is an error before the deadline", "[system]") {
    struct Case {
        std::string start;
        std::string again;
        std::size_t pieces;
        std::string expected;
    };
    const std::string block(5000, 'x');
    const std::vector<Case> cases{{"HTTP/1.1 200 ", block, 0, "header"},
                                  {kOk + "A: ", block, 0, "header"},
                                  {kOk, "A: b\r\n", 0, "header"},
                                  {kOk, "A: " + block + "\r\n", block.size() + 5, "header"},
                                  {kChunked + "1;a=", block, 0, "header"},
                                  {kChunked + "0\r\nA: ", block, 0, "header"},
                                  {kChunked + "0\r\n", "A: b\r\n", 0, "header"},
                                  {kChunked, "1388\r\n" + block + "\r\n", 0, "larger than 100000 bytes"},
                                  {kOk + "\r\n", block, 0, "larger than 100000 bytes"}};
    auto question = request();
    question.maxBytes = 100'000;
    for (const auto& each : cases) {
        INFO(each.start << each.again.substr(0, 10));
        CHECK(tests::contains(failure(
                                  [&each](Peer& peer) {
                                      peer.say(each.start);
                                      peer.sayForEver(each.again, each.pieces);
                                  },
                                  question),
                              each.expected));
    }
}

TEST_CASE("a response header of 64 KiB is read, a larger one is an error", "[system]") {
    const std::string end = "\r\nContent-Length: 2\r\n\r\n";
    for (const std::size_t more : {0U, 1U}) {
        const std::string field(65536 - kOk.size() - 3 - end.size() + more, 'x');
        const auto message = failure(
            [&](Peer& peer) {
                peer.say(kOk + "A: " + field + end + "ok");
                peer.staySilent();
            },
            request());
        CHECK(tests::contains(message, more == 0 ? "answered: ok" : "larger than 65536 bytes"));
    }
}

TEST_CASE("an engine that does not answer is an error at the deadline", "[system]") {
    const auto message = failure([](Peer& peer) { peer.staySilent(); }, request(kShort));
    CHECK(tests::contains(message, "GET http://docker/version on /tmp/"));
    CHECK(tests::contains(message, "/engine.sock: no answer within 100 ms"));
}

TEST_CASE("one deadline covers the whole exchange with the engine", "[system]") {
    const std::string much(1000, 'x');
    for (const auto& start :
         {std::string(), kOk + "A: ", kOk + "Content-Length: 9999\r\n\r\n", kChunked + "fff\r\n"}) {
        INFO(start);
        CHECK(tests::contains(failure(
                                  [&](Peer& peer) {
                                      peer.say(start);
                                      peer.drip(start.empty() ? kOk + "A: " + much : much);
                                  },
                                  request(kShort)),
                              "no answer within 100 ms"));
    }
    const Engine deaf([](Peer& peer) { peer.staySilent(); });
    auto question = request(kShort);
    question.body = std::string(3'000'000, 'x');
    CHECK(tests::contains(failure(deaf.path(), question), "no answer within 100 ms"));
}

TEST_CASE("an error for an unreachable engine says what to do", "[system]") {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path + "/engine.sock";
    CHECK(failure(path, request()) == "GET http://docker/version on " + path +
                                          ": cannot connect: No such file or directory; "
                                          "check that the Docker engine runs");
    static_cast<void>(listenOn(path, 1));  // whoever listened has gone
    CHECK(tests::contains(failure(path, request()), "Connection refused; check that the Docker engine runs"));
    CHECK(tests::contains(failure("/" + std::string(107, 'x'), request()), "too long"));
    CHECK(tests::contains(failure("/" + std::string(106, 'x'), request()), "No such file"));
}

TEST_CASE("permission denied on the Docker socket names the required group", "[system]") {
    const Engine engine(kOk + "\r\n");
    const bool root = ::geteuid() == 0;
    REQUIRE(::chmod(engine.path().c_str(), 0) == 0);
    constexpr uid_t kNobody = 65534;
    if (root && ::seteuid(kNobody) != 0) {
        WARN("cannot become nobody");
        return;
    }
    const std::string message = failure(engine.path(), request());
    if (root) {
        REQUIRE(::seteuid(0) == 0);
    }
    CHECK(tests::contains(message, "Permission denied; run as root, or as a member of the group docker"));
}

TEST_CASE("a stop interrupts a request to the engine", "[system]") {
    const Stop stop;
    const Engine engine([&](Peer& peer) {
        peer.hear();
        peer.say(kOk + "Content-Length: 5\r\n\r\nhel");
        stop.raise();
        peer.staySilent();
    });
    UnixHttp client(engine.path(), stop);
    CHECK_THROWS_AS(client.send(request()), Interrupted);
    CHECK_THROWS_AS(client.send(request()), Interrupted);
}

TEST_CASE("a full connection queue of the engine is waited for until the deadline", "[system]") {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path + "/engine.sock";
    const auto listening = listenOn(path, 0);
    const auto address = addressOf(path);
    std::vector<Descriptor> queue;
    int connected = 0;
    while (connected == 0 && queue.size() < 100) {
        queue.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        connected =
            ::connect(queue.back().get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    }
    REQUIRE(errno == EAGAIN);
    CHECK(tests::contains(failure(path, request(kShort)), "no answer within 100 ms"));

    const Stop stop;
    std::thread operator_([&] {
        static_cast<void>(stop.waitFor(milliseconds(50)));
        stop.raise();
    });
    CHECK_THROWS_AS(UnixHttp(path, stop).send(request()), Interrupted);
    operator_.join();

    std::thread engine([&] {
        for (std::size_t i = 0; i + 1 < queue.size(); ++i) {
            ::close(::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC));
        }
        pollfd waiting{listening.get(), POLLIN, 0};
        if (::poll(&waiting, 1, 20'000) > 0) {
            const Stop never;
            Peer peer(::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC), never);
            peer.hear();
            peer.say(kOk + "Content-Length: 2\r\n\r\nok");
        }
    });
    CHECK(failure(path, request()) == "answered: ok");
    engine.join();
}

}  // namespace
}  // namespace vigie::system
