// Tests system/attach_client and system/attach_http: speaking with vigie-attach, and through its connections.

#include "system/attach_client.hpp"

#include "base/error.hpp"
#include "system/attach_http.hpp"
#include "system/libexec.hpp"
#include "system/memory_attach.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <functional>
#include <thread>

namespace vigie::system {
namespace {

using std::chrono::milliseconds;
using Kind = AttachError::Kind;

const attach::ProcessId kProcess{100, 7, std::string(64, 'c'), "/bin/prometheus"};

void sendText(int socket, std::string_view text, const std::vector<int>& fds = {}) {
    iovec part{const_cast<char*>(text.data()), text.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(8 * sizeof(int))> control{};
    if (!fds.empty()) {
        message.msg_control = control.data();
        message.msg_controllen = CMSG_SPACE(fds.size() * sizeof(int));
        auto* rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
        std::memcpy(CMSG_DATA(rights), fds.data(), fds.size() * sizeof(int));
    }
    static_cast<void>(::sendmsg(socket, &message, MSG_NOSIGNAL));
}

/// A vigie-attach of its own making, for one connection.
class Helper {
public:
    explicit Helper(std::function<void(int)> script)
        : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path().copy(address.sun_path, sizeof(address.sun_path) - 1);
        REQUIRE(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
        REQUIRE(::listen(listener_.get(), 4) == 0);
        thread_ = std::thread([this, script] {
            const Descriptor connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            std::array<char, 65536> buffer{};
            while (connection.valid() && heard.find('\n') == std::string::npos) {
                const auto n = ::recv(connection.get(), buffer.data(), buffer.size(), 0);
                if (n <= 0) {
                    return;
                }
                heard.append(buffer.data(), static_cast<std::size_t>(n));
            }
            if (connection.valid()) {
                script(connection.get());
            }
        });
    }
    Helper(const Helper&) = delete;
    Helper& operator=(const Helper&) = delete;
    Helper(Helper&&) = delete;
    Helper& operator=(Helper&&) = delete;
    ~Helper() {
        ::shutdown(listener_.get(), SHUT_RDWR);
        thread_.join();
    }

    [[nodiscard]] std::string path() const { return directory_.path + "/socket"; }

    std::string heard;

private:
    tests::TemporaryDirectory directory_;
    Descriptor listener_;
    std::thread thread_;
};

Kind kindOf(const std::function<void()>& act) {
    try {
        act();
    } catch (const AttachError& error) {
        return error.kind();
    }
    FAIL("it was done");
    return Kind::refused;
}

TEST_CASE("a request is one line of named fields, and its answer another", "[attach]") {
    Stop stop;
    attach::Processes found;
    std::string heard;
    {
        Helper helper([](int socket) {
            sendText(
                socket,
                R"({"version":1,"found":{"cut":true,"processes":[{"id":{"pid":5,"exe":"/bin/sh"},"parent":1}]}})"
                "\n");
        });
        RealAttach attach({helper.path(), "/none"}, stop);
        found = attach.find(kProcess.group, "prometheus");
        heard = helper.heard;
    }
    CHECK(found.cut);
    REQUIRE(found.processes.size() == 1);
    CHECK(found.processes[0].id.pid == 5);
    const auto request = nlohmann::json::parse(heard);
    CHECK(request["version"] == 1);
    CHECK(request["op"] == "find");
    CHECK(request["process"]["group"] == kProcess.group);
}

TEST_CASE("a failure has its kind, its words and its hint", "[attach]") {
    Stop stop;
    Helper helper([](int socket) {
        sendText(
            socket,
            R"({"version":1,"failure":"changed","error":"process 100 started at another time","hint":"h"})"
            "\n");
    });
    RealAttach attach({helper.path(), "/none"}, stop);
    try {
        attach.signal(kProcess, Attach::Signal::hup);
        FAIL("it was done");
    } catch (const AttachError& error) {
        CHECK(error.kind() == Kind::changed);
        CHECK(std::string(error.what()) == "process 100 started at another time");
        CHECK(error.hint() == "h");
    }
}

TEST_CASE("an answer that is none is no answer", "[attach]") {
    Stop stop;
    for (const std::string text : {"", "\n", "garbage\n", "[]\n", "{}\n", "{\"version\":2}\n",
                                   "{\"version\":\"1\"}\n", "{\"version\":1,\"found\":{\"processes\":{}}}\n",
                                   "{\"version\":1,\"found\":{\"cut\":7}}\n", "{\"version\":1"}) {
        INFO(text);
        Helper helper([&](int socket) { sendText(socket, text); });
        RealAttach attach({helper.path(), "/none"}, stop);
        CHECK(kindOf([&] { attach.find(kProcess.group, "prometheus"); }) == Kind::unavailable);
    }
}

TEST_CASE("an answer about fewer paths than were asked for is none", "[attach]") {
    Stop stop;
    Helper helper(
        [](int socket) { sendText(socket, "{\"version\":1,\"seen\":{\"inside\":[],\"host\":[]}}\n"); });
    RealAttach attach({helper.path(), "/none"}, stop);
    CHECK(kindOf([&] { attach.stat(kProcess, {"/etc"}, {}); }) == Kind::unavailable);
}

TEST_CASE("the connection comes with the answer, and others that come too are closed", "[attach]") {
    Stop stop;
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) == 0);
    Descriptor here(ends[0]);
    Descriptor there(ends[1]);
    std::array<int, 2> other{};
    REQUIRE(::pipe(other.data()) == 0);
    const Descriptor reader(other[0]);
    {
        Helper helper([&](int socket) { sendText(socket, "{\"version\":1}\n", {there.get(), other[1]}); });
        RealAttach attach({helper.path(), "/none"}, stop);
        const auto connection = attach.connect(kProcess, "127.0.0.1", 9090, milliseconds(1000));
        REQUIRE(::send(connection.get(), "x", 1, 0) == 1);
        char byte = 0;
        CHECK(::recv(here.get(), &byte, 1, 0) == 1);
        CHECK(byte == 'x');
    }
    ::close(other[1]);
    char byte = 0;
    CHECK(::read(reader.get(), &byte, 1) == 0);  // nobody has the other end any more
}

TEST_CASE("an answer without a connection is none", "[attach]") {
    Stop stop;
    Helper helper([](int socket) { sendText(socket, "{\"version\":1}\n"); });
    RealAttach attach({helper.path(), "/none"}, stop);
    CHECK(kindOf([&] { attach.connect(kProcess, "127.0.0.1", 9090, milliseconds(1000)); }) ==
          Kind::unavailable);
}

TEST_CASE("where no helper listens and none can be started, it says how to have one", "[attach]") {
    Stop stop;
    RealAttach attach({"/nonexistent/attach.sock", "/nonexistent/vigie-attach"}, stop);
    try {
        attach.find(kProcess.group, "prometheus");
        FAIL("it was done");
    } catch (const AttachError& error) {
        CHECK(error.kind() == Kind::unavailable);
        CHECK(std::string(error.what()).find("/nonexistent/vigie-attach") != std::string::npos);
    }
}

TEST_CASE("a started program that is no helper is no answer, and is not left behind", "[attach]") {
    Stop stop;
    RealAttach attach({"", "/bin/true"}, stop);
    CHECK(kindOf([&] { attach.find(kProcess.group, "prometheus"); }) == Kind::unavailable);
}

TEST_CASE("the operator may stop a question that waits", "[attach]") {
    Stop stop;
    Helper helper([&](int socket) {
        stop.raise();
        char byte = 0;
        static_cast<void>(::recv(socket, &byte, 1, 0));
    });
    RealAttach attach({helper.path(), "/none"}, stop);
    CHECK_THROWS_AS(attach.find(kProcess.group, "prometheus"), Interrupted);
}

TEST_CASE("the real helper answers root, and nobody else", "[attach]") {
    Stop stop;
    RealAttach attach({"", helperPath("vigie-attach")}, stop);
    if (::geteuid() != 0) {
        CHECK(kindOf([&] { attach.stat({}, {}, {"/etc/passwd"}); }) == Kind::refused);
        return;
    }
    const auto seen = attach.stat({}, {}, {"/etc/passwd", "/nonexistent", "/proc/self/exe"});
    REQUIRE(seen.host.size() == 3);
    CHECK(seen.host[0].type == "file");
    CHECK(seen.host[0].resolved == "/etc/passwd");
    CHECK(seen.host[0].mode == 0644);
    CHECK_FALSE(seen.host[1].exists());
    CHECK_FALSE(seen.host[2].exists());  // a link of /proc leads anywhere
    CHECK(attach.find(kProcess.group, "prometheus").processes.empty());
    CHECK(kindOf([&] { attach.find("../x", "prometheus"); }) == Kind::refused);
    CHECK(kindOf([&] {
              attach.signal({::getpid(), 1, kProcess.group, "/x"}, Attach::Signal::hup);
          }) == Kind::changed);
    CHECK(kindOf([&] {
              attach.connect({::getpid(), 1, kProcess.group, "/x"}, "127.0.0.1", 1, milliseconds(10));
          }) == Kind::changed);
}

/// A program in a container: says what it says to whoever connects.
struct Program {
    MemoryAttach attach;
    Descriptor far;
    Stop stop;

    explicit Program(std::string answer) {
        attach::Process process;
        process.id = kProcess;
        attach.groups[kProcess.group] = {{process}, false};
        attach.connection = [this, answer = std::move(answer)] {
            std::array<int, 2> ends{};
            REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) == 0);
            far = Descriptor(ends[1]);
            sendText(far.get(), answer);
            return Descriptor(ends[0]);
        };
    }
    HttpResponse get(const std::string& authorization = "", milliseconds timeout = milliseconds(20'000)) {
        AttachHttp http(attach, {kProcess, "127.0.0.1", 9090, authorization}, stop);
        return http.send({"GET", "http://ignored/-/healthy", {}, timeout, 1000});
    }
};

TEST_CASE("HTTP goes through a connection inside of the container", "[attach]") {
    Program program("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    const auto answer = program.get("Basic abc");
    CHECK(answer.status == 200);
    CHECK(answer.body == "ok");
    CHECK(program.attach.asked == std::vector<std::string>{"connect 100 127.0.0.1:9090"});
    std::array<char, 4096> buffer{};
    const auto n = ::recv(program.far.get(), buffer.data(), buffer.size(), 0);
    const std::string heard(buffer.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
    CHECK(heard.find("GET /-/healthy HTTP/1.1\r\nHost: 127.0.0.1:9090\r\n") == 0);
    CHECK(heard.find("Authorization: Basic abc\r\n") != std::string::npos);
}

TEST_CASE("a header that would begin another one is not sent, nor shown", "[attach]") {
    Program program("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    try {
        program.get("Basic secret\r\nX: y");
        FAIL("it was sent");
    } catch (const std::invalid_argument& error) {
        CHECK(std::string(error.what()).find("secret") == std::string::npos);
    }
}

TEST_CASE("a hostile server gets an error, whatever it says", "[attach]") {
    const std::vector<std::string> answers = {"garbage\r\n\r\n",
                                              "HTTP/1.1 200 OK\r\n\r\n" + std::string(50'000, 'x'),
                                              "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nx",
                                              "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x'),
                                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"};
    for (const auto& answer : answers) {
        Program program(answer);
        CHECK_THROWS_AS(program.get(), Error);
    }
}

TEST_CASE("a server that never answers, or never ends its answer, gets no longer than the request's time",
          "[attach]") {
    for (const std::string answer : {"", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx"}) {
        Program program(answer);
        try {
            program.get("", milliseconds(50));
            FAIL("it answered");
        } catch (const Error& error) {
            CHECK(std::string(error.what()).find("no answer within") != std::string::npos);
            CHECK(error.hint() == "see the log of the container");
        }
    }
}

TEST_CASE("a process that is another one is not asked", "[attach]") {
    Program program("HTTP/1.1 200 OK\r\n\r\n");
    program.attach.groups[kProcess.group].processes[0].id.startTime = 8;
    CHECK(kindOf([&] { program.get(); }) == Kind::changed);
}

}  // namespace
}  // namespace vigie::system
