// Tests controller/log_line.

#include "controller/log_line.hpp"

#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

namespace vigie::controller {
namespace {

constexpr std::int64_t kTime = 1'700'000'000'123;

std::string line(LogFormat format, LogReader reader, const std::string& message) {
    return logLine(format, reader, Severity::warning, kTime, "vm", message);
}

TEST_CASE("a log line for a terminal shows the time, the level and the host", "[controller][log]") {
    CHECK(line(LogFormat::text, LogReader::person, "one\ntwo") ==
          "2023-11-14T22:13:20.123Z warning host=vm one\n  two\n");
}

TEST_CASE("every log line for the journal begins with its priority", "[controller][log]") {
    CHECK(line(LogFormat::text, LogReader::journal, "one\ntwo") == "<4>warning host=vm one\n<4>  two\n");
    CHECK(logLine(LogFormat::text, LogReader::journal, Severity::error, kTime, "vm", "x") ==
          "<3>error host=vm x\n");
    CHECK(logLine(LogFormat::text, LogReader::journal, Severity::info, kTime, "vm", "x") ==
          "<6>info host=vm x\n");
}

TEST_CASE("a JSON log entry is one object on one line for any message", "[controller][log]") {
    const std::string message = "a \"quoted\"\nline \x01 \xff";
    const auto text = line(LogFormat::json, LogReader::person, message);
    CHECK(text.find('\n') == text.size() - 1);
    const auto json = nlohmann::json::parse(text);
    CHECK(json["level"] == "warning");
    CHECK(json["host"] == "vm");
    CHECK(json["time"] == "2023-11-14T22:13:20.123Z");
    CHECK(json["message"] == "a \"quoted\"\nline \\x01 \\xff");
    CHECK(line(LogFormat::json, LogReader::journal, "x").substr(0, 4) == "<4>{");
}

TEST_CASE("untrusted text in a log message cannot forge a line or control the terminal",
          "[controller][log]") {
    const std::string hostile = "\x1b[31mbad\r\n<2>error host=vm forged\n\n\tx\x07\xff";
    CHECK(line(LogFormat::text, LogReader::person, hostile) ==
          "2023-11-14T22:13:20.123Z warning host=vm \\x1b[31mbad\\x0d\n  <2>error host=vm forged\n\n  "
          "\tx\\x07\\xff\n");
    CHECK(line(LogFormat::text, LogReader::journal, hostile) ==
          "<4>warning host=vm \\x1b[31mbad\\x0d\n<4>  <2>error host=vm forged\n<4>\n<4>  \tx\\x07\\xff\n");
}

TEST_CASE("a log line longer than journald's limit is cut, with the priority on each part",
          "[controller][log]") {
    const auto text = line(LogFormat::text, LogReader::journal, std::string(100'000, 'x'));
    std::size_t lines = 0;
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos;
         at = end + 1, ++lines) {
        CHECK(end - at < 48 * 1024);
        CHECK(text.compare(at, 3, "<4>") == 0);
    }
    CHECK(lines == 4);
}

TEST_CASE("a multi-line message has the priority on each line only for journald", "[controller][log]") {
    CHECK(withPriority(LogReader::journal, Severity::error, "vigie: x\n  hint: y") ==
          "<3>vigie: x\n<3>  hint: y\n");
    CHECK(withPriority(LogReader::person, Severity::error, "vigie: x\n  hint: y") == "vigie: x\n  hint: y\n");
}

TEST_CASE("the journal is recognised by its device and inode", "[controller][log]") {
    CHECK(isJournal("8:77", 8, 77));
    CHECK_FALSE(isJournal("8:77", 8, 78));
    CHECK_FALSE(isJournal("", 0, 0));
    CHECK_FALSE(isJournal(nullptr, 8, 77));
}

}  // namespace
}  // namespace vigie::controller
