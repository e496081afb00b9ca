// What is rendered for each supported version of Prometheus and Alertmanager, and the page that says which
// these are.

#include "apply/inputs/desired_state.hpp"
#include "source/directory.hpp"
#include "spec/schema.hpp"
#include "spec/supported.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace vigie::tests {
namespace {

/// The document of golden/versions with images of these versions, in a directory of its own.
class Versions {
public:
    Versions(const std::string& prometheus, const std::string& alertmanager) {
        auto text = readSource("tests/golden/versions/stack.yaml");
        for (const auto& version : {prometheus, alertmanager}) {
            text.replace(text.find("VERSION"), 7, "v" + version + ".0");
        }
        std::filesystem::create_directories(directory_ / "rules");
        std::ofstream(directory_ / "stack.yaml") << text;
        std::filesystem::copy_file(sourcePath("tests/golden/versions/rules/alerts.yml"),
                                   directory_ / "rules/alerts.yml",
                                   std::filesystem::copy_options::overwrite_existing);
    }
    Versions(const Versions&) = delete;
    Versions& operator=(const Versions&) = delete;
    ~Versions() { std::filesystem::remove_all(directory_); }

    [[nodiscard]] source::Loaded load() const { return source::loadDirectory(directory_); }

private:
    std::filesystem::path directory_ =
        std::filesystem::temp_directory_path() / ("vigie-versions-" + std::to_string(getpid()));
};

void holdRendered(const std::string& program, const source::Loaded& loaded, const std::string& version) {
    std::string findings;
    for (const auto& diagnostic : loaded.diagnostics.all()) {
        findings += diagnostic.severity == spec::Severity::info ? "" : diagnostic.message + "\n";
    }
    REQUIRE(findings.empty());
    for (const auto& resource : apply::makeSealedDesiredState(loaded, "vm").desired) {
        const auto* file = std::get_if<render::File>(&resource.what);
        const std::string directory = "/opt/monitoring/" + program + "/";
        if (file != nullptr &&
            (file->path == directory + program + ".yml" || file->path == "/opt/monitoring/compose.yaml")) {
            const auto name = file->path.substr(file->path.rfind('/') + 1);
            checkGolden(
                std::string("versions/").append(program).append("-").append(version).append("/").append(name),
                file->content.masked());
        }
    }
}

TEST_CASE("each supported version of Prometheus gets its own form of the settings", "[golden][versions]") {
    const auto newest = textOf(spec::supportedProgram("alertmanager").versions.back());
    for (const auto& version : spec::supportedProgram("prometheus").versions) {
        CAPTURE(textOf(version));
        holdRendered("prometheus", Versions(textOf(version), newest).load(), textOf(version));
    }
}

TEST_CASE("each supported version of Alertmanager gets its own form of the settings", "[golden][versions]") {
    const auto newest = textOf(spec::supportedProgram("prometheus").versions.back());
    for (const auto& version : spec::supportedProgram("alertmanager").versions) {
        CAPTURE(textOf(version));
        holdRendered("alertmanager", Versions(newest, textOf(version)).load(), textOf(version));
    }
}

std::string rangeOf(const spec::SupportedProgram& program) {
    if (program.versions.empty()) {
        return "any";
    }
    return textOf(program.versions.front()) + " to " + textOf(program.versions.back());
}

TEST_CASE("the page of tested versions matches the table of supported versions", "[golden][versions]") {
    std::string page =
        "# Tested with\n\n"
        "The programs that vigie renders for, and the versions that it is tested with. An older one is a "
        "warning "
        "([VG0425](codes/VG0425.md)),\na newer one a note ([VG0426](codes/VG0426.md)). This page is made "
        "from "
        "`src/spec/supported.cpp` and `src/exporter_types/`.\n\n"
        "| program | versions | where the document names no image | tested with |\n|---|---|---|---|\n";
    for (const auto& program : spec::supportedPrograms()) {
        page += "| " + std::string(program.name) + " | " + rangeOf(program) + " | " +
                (program.image.empty() ? "(it must)" : "`" + std::string(program.image) + "`") + " | " +
                std::string(program.tested) + " |\n";
    }
    checkGolden("../../docs/tested.md", page);
}

const spec::Schema& field(const spec::Schema& of, std::string_view name) {
    const auto it = std::find_if(of.properties.begin(), of.properties.end(),
                                 [&](const spec::Property& property) { return property.name == name; });
    REQUIRE(it != of.properties.end());
    return *it->schema;
}

TEST_CASE("the schema's default images match the table of supported versions", "[golden][versions]") {
    const auto& spec = field(spec::stackSchema(), "spec");
    for (const auto* program : {"prometheus", "alertmanager"}) {
        CHECK(field(field(spec, program), "image").defaultYaml == spec::supportedProgram(program).image);
    }
}

}  // namespace
}  // namespace vigie::tests
