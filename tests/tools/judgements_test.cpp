// Durations, expressions, sizes and options are judged here as the real programs that are installed judge
// them.
#include "spec/flags.hpp"
#include "spec/format.hpp"
#include "spec/image_version.hpp"
#include "spec/regex.hpp"
#include "system/real_processes.hpp"
#include "system/stop.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <regex>
#include <set>

namespace vigie::tests {
namespace {

system::ProcessResult run(const std::vector<std::string>& command) {
    const system::Stop stop;
    system::RealProcesses processes(stop);
    return processes.run({command, {}, {}});
}

bool accepts(const std::string& tool, const std::vector<std::string>& check,
             const std::string& configuration) {
    const TemporaryDirectory directory;
    const std::string path = directory.path + "/a.yml";
    std::ofstream(path) << configuration;
    std::vector<std::string> command{tool};
    command.insert(command.end(), check.begin(), check.end());
    command.push_back(path);
    return run(command).ok();
}

bool promtool(const std::string& configuration) {
    return accepts("promtool", {"check", "config"}, configuration);
}

bool amtool(const std::string& route, const std::string& receiver) {
    return accepts("amtool", {"check-config"},
                   "route: { receiver: a" + route + " }\nreceivers: [{ name: a, " + receiver + " }]\n");
}

TEST_CASE("duration formats are accepted exactly where the programs that read them accept them", "[tools]") {
    for (const std::string text : {"1d", "1w", "1y", "90s", "1h30m", "1.5h", "30s1m", "1m1m", "5us", "0",
                                   "0s", "292y", "293y", "2562047h", "2562048h", "15", "1h 30m", ".5h"}) {
        CAPTURE(text);
        const bool prometheus = !spec::checkFormat("prometheus-duration", text);
        CHECK(promtool("global: { evaluation_interval: \"" + text + "\" }\n") == prometheus);
        CHECK(amtool(", group_wait: \"" + text + "\"", "webhook_configs: [{ url: \"http://a/\" }]") ==
              prometheus);
        CHECK(amtool("", "pushover_configs: [{ user_key: u, token: t, retry: \"" + text + "\" }]") ==
              !spec::checkFormat("go-duration", text));
    }
    for (const std::string text : {"0s", "1s"}) {
        CAPTURE(text);
        CHECK(amtool(", group_interval: \"" + text + "\"", "webhook_configs: [{ url: \"http://a/\" }]") ==
              !spec::checkFormat("positive-duration", text));
    }
}

TEST_CASE("byte sizes and regular expressions are accepted exactly where promtool accepts them", "[tools]") {
    const auto job = [](const std::string& fields) {
        return promtool("scrape_configs: [{ job_name: x, " + fields + " }]\n");
    };
    for (const std::string text :
         {"0B", "1B", "512MB", "1.5GiB", "7.9EB", "9EB", "99999EB", "1000", "1kB", "1XB"}) {
        CAPTURE(text);
        CHECK(job("body_size_limit: " + text) == !spec::checkFormat("byte-size", text));
    }
    for (const std::string text :
         {"a{1000}", "a{1001}", "a{2,1}", "(a{100}){100}", "\\C", "\\Qa(b\\E", "\\Qa(b", "(?P<n>a)(?P<n>b)",
          "(?x)a", "(?=a)", "\\1", "\\_", "\\Z", "a**", "[b-a]", "[[:nope:]]", "(", "*a"}) {
        CAPTURE(text);
        CHECK(job("relabel_configs: [{ action: keep, source_labels: [a], regex: '" + text + "' }]") ==
              !spec::regexProblem(text));
    }
}

/// What a program's `--help` lists.
std::set<std::string> optionsOf(const std::string& program) {
    const auto help = run({program, "--help"});
    const std::string text = help.out + help.err;
    const std::regex option("^ {2,6}(?:-[a-z], )?--(?:\\[no-\\])?([a-z0-9.-]+)", std::regex::multiline);
    std::set<std::string> out;
    for (std::sregex_iterator it(text.begin(), text.end(), option), end; it != end; ++it) {
        out.insert((*it)[1]);
    }
    return out;
}

spec::ImageVersion versionOf(const std::string& program) {
    const auto said = run({program, "--version"});
    const std::string text = said.out + said.err;
    std::smatch match;
    REQUIRE(std::regex_search(text, match, std::regex("version ([0-9]+)\\.([0-9]+)")));
    return {std::stoi(match[1]), std::stoi(match[2])};
}

TEST_CASE("every option that an installed server's help lists is in the table of options", "[tools]") {
    // Debian's own, which no image has.
    const std::set<std::string> debians = {"web.local-assets", "web.ui-path", "storage.tsdb.use-lockfile",
                                           "storage.agent.use-lockfile"};
    for (const auto& [name, program] : {std::pair{"prometheus", spec::Program::prometheus},
                                        std::pair{"prometheus-alertmanager", spec::Program::alertmanager}}) {
        const auto known = spec::knownFlags(program);
        const auto version = versionOf(name);
        if (known.newest < version) {
            continue;
        }
        const auto options = optionsOf(name);
        CHECK(options.size() > 20);
        for (const auto& option : options) {
            CAPTURE(name, option);
            const auto* flag = spec::flagNamed(program, option);
            CHECK(((flag != nullptr) != (debians.count(option) == 1)));
            CHECK((flag == nullptr || !flag->late || known.oldest < version));
        }
    }
}

}  // namespace
}  // namespace vigie::tests
