// Reading a document out of a directory.
#include "source/directory.hpp"

#include "system/memory_files.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

#include <algorithm>
#include <filesystem>

namespace vigie::source {
namespace {

/// examples/moments with a compose file beside the document that is not the one of the facts.
class Copy {
public:
    Copy() {
        std::filesystem::copy(tests::sourcePath("examples/moments"), directory_.path,
                              std::filesystem::copy_options::recursive);
        (void)directory_.write("docker-compose.prod.yml", "services: {}\n");
    }

    void addProject(const std::string& item) const {
        auto text = tests::readSource("examples/moments/stack.yaml");
        const std::string before = "  applications:\n";
        text.insert(text.find(before), "    - " + item + "\n");
        (void)directory_.write("stack.yaml", text);
    }

    [[nodiscard]] auto count(const char* code) const {
        const auto loaded = loadDirectory(directory_.path);
        REQUIRE(loaded.usable());
        const auto codes = tests::codesOf(loaded.diagnostics);
        return std::count(codes.begin(), codes.end(), code);
    }

private:
    tests::TemporaryDirectory directory_;
};

TEST_CASE("facts collected from another Compose file than the one beside the document are reported",
          "[source][directory]") {
    CHECK(Copy().count("VG0353") == 1);
}

TEST_CASE("a Compose file with a name that several projects use is not compared with facts",
          "[source][directory]") {
    const Copy copy;
    SECTION("the other project's file has another name") {
        copy.addProject("{ name: blog, host: vm, directory: /opt/blog, composeFiles: [blog.yml] }");
        CHECK(copy.count("VG0353") == 1);
    }
    SECTION("the other project's file has the same name") {
        copy.addProject(
            "{ name: blog, host: vm, directory: /opt/blog, composeFiles: [docker-compose.prod.yml] }");
        CHECK(copy.count("VG0353") == 0);
    }
}

/// What is said of a directory with these files; `-> x` makes a link.
std::string said(const std::vector<std::pair<std::string, std::string>>& files) {
    const tests::TemporaryDirectory directory;
    for (const auto& [name, text] : files) {
        if (text.substr(0, 3) == "-> ") {
            std::filesystem::create_symlink(text.substr(3), directory.path + "/" + name);
        } else {
            (void)directory.write(name, text);
        }
    }
    std::string out;
    const auto loaded = loadDirectory(directory.path);
    for (const auto& each : loaded.diagnostics.all()) {
        if (each.severity == spec::Severity::error) {
            out += each.file.substr(directory.path.size()) + ":" + std::to_string(each.at.line) + ":" +
                   std::to_string(each.at.column) + " " + each.code + " " + each.message + "\n";
        }
    }
    return out;
}

const std::string kJson =
    R"({ "apiVersion": "vigie.dev/v1alpha1", "kind": "MonitoringStack", "metadata": { "name": "j" }, "spec": { "hosts": [ { "name": "a" } ] } })";
const std::string kRules = "groups: []\n";
const std::string kPointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";

TEST_CASE("a document is found among other YAML files, also as JSON or with quoted keys",
          "[source][directory]") {
    CHECK(said({{"stack.yaml", kJson}, {"rules.yml", kRules}}).empty());
    CHECK(said({{"rules.yml", kRules},
                {"z.yml",
                 "\"apiVersion\": \"vigie.dev/v1alpha1\"\n\"kind\": \"MonitoringStack\"\nmetadata: { name: "
                 "q }\nspec: { hosts: [{ name: a }] }\n"}})
              .empty());
}

TEST_CASE("a directory with no document, or with several, is an error with a position",
          "[source][directory]") {
    CHECK(said({}) == ":0:0 VG0006 no file of this directory holds a MonitoringStack\n");
    CHECK(
        said({{"a.yml", kRules}, {"stack.yml", kRules}}) ==
        "/stack.yml:1:1 VG0006 no file of this directory holds a MonitoringStack (read: a.yml, stack.yml)\n");
    CHECK(said({{"a.yaml", kJson}, {"b.yaml", "# copy\n" + kJson}}) ==
          "/b.yaml:2:3 VG0006 several files of this directory hold a MonitoringStack: a.yaml, b.yaml\n");
}

TEST_CASE("a document that is a symbolic link, a submodule's or a Git LFS pointer is reported as such",
          "[source][directory]") {
    for (const auto& others : {std::vector<std::pair<std::string, std::string>>{}, {{"rules.yml", kRules}}}) {
        auto files = others;
        files.emplace_back("stack.yaml", "-> /dev/null/nowhere");
        CHECK(tests::contains(said(files), "/stack.yaml:0:0 VG0006"));
        CHECK(tests::contains(said(files), "`stack.yaml` is a symbolic link or is in a submodule"));
        files.back().second = kPointer;
        CHECK(said(files) == "/stack.yaml:1:1 VG0001 this is a Git LFS pointer, not the file itself\n");
    }
    CHECK(said({{"stack.yaml", kJson}, {"old.yaml", "-> stack.yaml"}}).empty());
}

TEST_CASE("a named file that is a symbolic link or a Git LFS pointer is reported as such",
          "[source][directory]") {
    const auto naming = [](const std::string& content) {
        const tests::TemporaryDirectory directory;
        std::filesystem::copy(tests::sourcePath("examples/moments"), directory.path,
                              std::filesystem::copy_options::recursive);
        const std::string rules = directory.path + "/rules/alerting-rules.yml";
        std::filesystem::remove(rules);
        if (content.empty()) {
            std::filesystem::create_symlink("recording-rules.yml", rules);
        } else {
            (void)directory.write("rules/alerting-rules.yml", content);
        }
        std::string out;
        const auto loaded = loadDirectory(directory.path);
        for (const auto& each : loaded.diagnostics.all()) {
            out += each.severity == spec::Severity::error ? each.code + " " + each.message + "\n" : "";
        }
        return out;
    };
    CHECK(naming(kPointer) ==
          "VG0203 `rules/alerting-rules.yml` is a Git LFS pointer, not the file itself\n");
    CHECK(naming("") ==
          "VG0204 `rules/alerting-rules.yml` is reached through a symbolic link or a submodule; vigie "
          "follows neither\n");
}

TEST_CASE("a document in memory is read with the files that it names", "[source]") {
    system::MemoryFiles files;
    const auto put = [&](const std::string& path, const std::string& text) {
        files.entries[path] = {{FileInfo::Type::regular, 0644, {}, text.size(), 0, false}, text};
    };
    put("/stack.yaml", tests::readSource("examples/loopback/stack.yaml"));
    files.entries["/rules"] = {{FileInfo::Type::directory, 0755, {}, 0, 0, false}, {}};
    put("/rules/alerts.yml", tests::readSource("examples/loopback/rules/alerts.yml"));
    const auto loaded = loadDirectory(files, "the repository");
    CHECK(loaded.usable());
    CHECK(loaded.files.count("rules/alerts.yml") == 1);
    CHECK(loaded.sources.count("the repository/stack.yaml") == 1);
    files.entries.erase("/rules/alerts.yml");
    CHECK_FALSE(loadDirectory(files, "the repository").usable());
}

}  // namespace
}  // namespace vigie::source
