// The thread that listens to the host.
#include "controller/watch.hpp"

#include "system/real_clock.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <fstream>
#include <future>

namespace vigie::controller {
namespace {

class SilentLog : public Log {
public:
    void info(const std::string& /*text*/) override {}
    void warning(const std::string& /*text*/) override {}
    void error(const std::string& /*text*/) override {}
};

/// A socket that stands in for the engine's; the test says what it answers.
class Engine {
public:
    explicit Engine(const std::string& path) : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof(address.sun_path) - 1);
        REQUIRE(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
        REQUIRE(::listen(listener_.get(), 4) == 0);
    }
    system::Descriptor accept() { return system::Descriptor(::accept(listener_.get(), nullptr, nullptr)); }
    static void say(const system::Descriptor& to, const std::string& text) {
        REQUIRE(::send(to.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
                static_cast<ssize_t>(text.size()));
    }

private:
    system::Descriptor listener_;
};

std::string started(const std::string& project) {
    const std::string line = R"({"Type":"container","Action":"start","Actor":{"Attributes":{)"
                             R"("com.docker.compose.project":")" +
                             project + "\"}}}\n";
    std::string size;
    for (auto n = line.size(); n != 0; n /= 16) {
        size.insert(0, 1, "0123456789abcdef"[n % 16]);
    }
    return size + "\r\n" + line + "\r\n";
}

struct Thread {
    tests::TemporaryDirectory root;
    system::RealClock clock;
    system::Stop stop;
    SilentLog log;
    Queue queue{clock};
    Watch watch{{root.path, root.path + "/engine.sock", {}, {}}, queue, clock, log};

    std::string next() { return queue.wait(stop).reasons(); }
};

TEST_CASE("a changed managed file triggers a reconcile, also if it changed before the wait",
          "[controller][watch]") {
    Thread thread;
    const auto file = thread.root.write("managed", "one");
    thread.watch.only({file}, {});
    CHECK(thread.next() == "files");  // it is watched from now on, and may have changed before
    std::ofstream(file) << "two";
    CHECK(thread.next() == "files");
}

TEST_CASE("events of managed containers trigger a reconcile, and a lost engine connection is restored",
          "[controller][watch]") {
    Thread thread;
    Engine engine(thread.root.path + "/engine.sock");
    thread.watch.only({}, {"monitoring"});
    {
        const auto connection = engine.accept();
        Engine::say(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        CHECK(thread.next() == "engine");  // what happened before the connection is unknown
        Engine::say(connection, started("somebody's"));
        thread.queue.plan(Trigger::poll, thread.clock.monotonic() + 300);
        CHECK(thread.next() == "interval");
        Engine::say(connection, started("monitoring"));
        CHECK(thread.next() == "engine");
    }
    CHECK(thread.next() == "engine");  // an engine that goes takes its containers along
    const auto again = engine.accept();
    Engine::say(again, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    CHECK(thread.next() == "engine");
}

TEST_CASE("an urgent task runs at once although no thread takes work from the queue", "[controller][watch]") {
    Thread thread;
    std::promise<int> done;
    thread.watch.soon([&] { done.set_value(7); });
    CHECK(done.get_future().get() == 7);
}

TEST_CASE("the watchdog tick is repeated without other events", "[controller][watch]") {
    const tests::TemporaryDirectory root;
    const system::RealClock clock;
    SilentLog log;
    Queue queue(clock);
    std::promise<void> ticked;
    int ticks = 0;
    const Watch watch({root.path, "/nowhere", std::chrono::milliseconds(10),
                       [&] {
                           if (++ticks == 3) {
                               ticked.set_value();
                           }
                       }},
                      queue, clock, log);
    ticked.get_future().get();
}

}  // namespace
}  // namespace vigie::controller
