// Runs docker and docker compose.

#include "kinds/compose/tool.hpp"

#include "apply/rejected.hpp"
#include "apply/tools.hpp"
#include "base/fields.hpp"
#include "base/record.hpp"
#include "base/text.hpp"
#include "kinds/compose/engine.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace vigie::apply {
namespace {

using system::System;

constexpr auto kUpTimeout = std::chrono::minutes(3);
constexpr auto kPullTimeout = std::chrono::minutes(20);
constexpr auto kBuildTimeout = std::chrono::minutes(60);

std::string homeDirectory() {
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    ::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found);
    return found == nullptr ? "/" : found->pw_dir;
}

std::vector<std::string> composeArguments(const render::ComposeProject& project, const System& system) {
    const auto& files = system.files;
    std::vector<std::string> out{"compose",        "--project-directory", files.real(project.directory),
                                 "--project-name", project.name,          "--ansi",
                                 "never"};
    for (const auto& file : project.files) {
        out.insert(out.end(), {"--file", files.real(project.directory + "/" + file)});
    }
    for (const auto& file : project.envFiles) {
        if (files.inspect(project.directory + "/" + file).exists()) {
            out.insert(out.end(), {"--env-file", files.real(project.directory + "/" + file)});
        }
    }
    return out;
}

/// The files in which Compose finds what it may quote.
std::vector<std::string> filesOf(const render::ComposeProject& project) {
    auto out = project.paths();
    out.erase(out.begin());  // the directory
    return out;
}

struct Version {
    int major = 0;
    int minor = 0;
    int patch = 0;
    auto operator<=>(const Version&) const = default;
};

Version versionIn(std::string_view text) {
    text = trim(text);
    if (!text.empty() && text.front() == 'v') {
        text.remove_prefix(1);
    }
    std::array<int, 3> numbers{};
    std::size_t at = 0;
    for (auto& each : numbers) {
        const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), each);
        at = static_cast<std::size_t>(end - text.data());
        if (error != std::errc{} || at >= text.size() || text[at] != '.') {
            break;
        }
        ++at;
    }
    return {numbers[0], numbers[1], numbers[2]};
}

/// Carries what compose calls the hash of a service's configuration.
constexpr const char* kHashLabel = "com.docker.compose.config-hash";

/// What `snapshotContainer` packed.
struct Was {
    render::ComposeProject project;
    std::string service;
    std::vector<std::string> ids;  ///< of its containers; none: there was none
    plan::ObservedContainer first;
};

bool has(const std::vector<std::string>& all, const std::string& each) {
    return std::find(all.begin(), all.end(), each) != all.end();
}

std::string hashOf(const plan::ObservedContainer& container) {
    const auto it = container.labels.find(kHashLabel);
    return it == container.labels.end() ? "" : it->second;
}

std::vector<std::string> lines(std::string_view text) {
    std::vector<std::string> out;
    for (const auto line : splitLines(text)) {
        out.emplace_back(line);
    }
    return out;
}

Was unpackOld(std::string_view snapshot) {
    FieldReader fields(snapshot);
    Was out;
    out.project.name = fields.next();
    out.project.directory = fields.next();
    out.project.files = lines(fields.next());
    out.project.envFiles = lines(fields.next());
    out.service = fields.next();
    out.ids = lines(fields.next());
    out.first.name = fields.next();
    out.first.state = fields.next();
    out.first.image = fields.next();
    out.first.imageId = fields.next();
    out.first.labels[kHashLabel] = fields.next();
    return out;
}

Was unpack(std::string_view snapshot) {
    if (!RecordReader::is(snapshot)) {
        return unpackOld(snapshot);
    }
    const RecordReader fields(snapshot);
    Was out;
    out.project.name = fields.string("project");
    out.project.directory = fields.string("directory");
    out.project.files = fields.list("file");
    out.project.envFiles = fields.list("envFile");
    out.service = fields.string("service");
    out.ids = fields.list("container");
    out.first.name = fields.string("name");
    out.first.state = fields.string("state");
    out.first.image = fields.string("image");
    out.first.imageId = fields.string("imageId");
    out.first.labels[kHashLabel] = fields.string("configHash");
    return out;
}

/// Whether compose knew the service that it could not start.
bool described(const Error& error) {
    constexpr std::array<std::string_view, 3> kUnknown = {"no such service", "no configuration file provided",
                                                          "neither an image nor a build context"};
    return std::none_of(kUnknown.begin(), kUnknown.end(), [&](std::string_view words) {
        return std::string_view(error.what()).find(words) != std::string_view::npos;
    });
}

/// What there is now is what there was, but for containers that were made since; those go.
bool keptOrAlike(const Was& was, const System& system) {
    std::size_t kept = 0;
    std::vector<plan::ObservedContainer> others;
    for (const auto& container : containersOf(was.project.name, was.service, system)) {
        if (has(was.ids, container.id)) {
            ++kept;
        } else {
            others.push_back(container);
        }
    }
    if (kept == was.ids.size()) {
        for (const auto& each : others) {
            removeContainer(each.id, system);
        }
        return true;
    }
    // It was brought back before, and that was interrupted later.
    return kept == 0 && was.ids.size() == 1 && others.size() == 1 && others[0].name == was.first.name &&
           others[0].imageId == was.first.imageId && hashOf(others[0]) == hashOf(was.first);
}

}  // namespace

system::Command dockerCommand(std::vector<std::string> arguments, std::chrono::milliseconds timeout) {
    system::Command out;
    out.argv = {"docker"};
    out.argv.insert(out.argv.end(), std::make_move_iterator(arguments.begin()),
                    std::make_move_iterator(arguments.end()));
    out.environment["HOME"] = homeDirectory();
    out.timeout = timeout;
    return out;
}

void requireCompose(const System& system) {
    constexpr Version kOldest{2, 24, 4};  // the first with `!override`
    const std::string problem = missing(kDocker, system.processes);
    if (!problem.empty()) {
        throw Error(problem);
    }
    const auto result =
        system.processes.run(dockerCommand({"compose", "version", "--short"}, std::chrono::seconds(20)));
    const std::string cure =
        "install the Compose plugin 2.24.4 or newer; version 1 (`docker-compose`) ended in 2023 and fails "
        "with "
        "today's engines";
    if (!result.ok()) {
        throw Error("Docker Compose version 2 is not installed", cure);
    }
    const auto version = versionIn(result.out);
    if (version < kOldest) {
        throw Error("Docker Compose " + std::string(trim(result.out)) + " is too old", cure);
    }
}

void pullImage(const std::string& name, const std::string& configDirectory, const System& system) {
    auto command = dockerCommand({"pull", "--quiet", name}, kPullTimeout);
    if (!configDirectory.empty()) {
        command.environment["DOCKER_CONFIG"] = system.files.real(configDirectory);
    }
    mustRun(command, system.processes);
}

void buildImage(const render::ComposeProject& project, const std::string& service, const System& system) {
    auto existing = project;  // our own file may not be written yet; it says nothing about building
    const auto gone = [&](const std::string& file) {
        return !system.files.inspect(existing.directory + "/" + file).exists();
    };
    existing.files.erase(std::remove_if(existing.files.begin(), existing.files.end(), gone),
                         existing.files.end());
    auto arguments = composeArguments(existing, system);
    arguments.insert(arguments.end(), {"build", "--no-cache", "--pull", service});
    auto command = dockerCommand(std::move(arguments), kBuildTimeout);
    // buildx keeps books of its own; the service cannot write in the home directory.
    command.environment["BUILDX_CONFIG"] = system.files.real("/var/lib/vigie/buildx");
    const auto result = system.processes.run(command);
    if (!result.ok()) {
        // A build prints what its Dockerfile and the files beside it tell it to: not a word of it is ours to
        // show.
        throw Error("the build of " + existing.name + "/" + service +
                        (result.timedOut ? " did not finish within an hour and was killed"
                                         : " failed with exit code " + std::to_string(result.exitCode)),
                    "to see what it prints, build it by hand: `docker compose --project-directory " +
                        existing.directory + " build " + service + "`");
    }
}

void composeUp(const render::ComposeProject& project, const std::string& service, Recreate recreate,
               const System& system) {
    auto arguments = composeArguments(project, system);
    arguments.insert(arguments.end(), {"up", "--detach", "--no-deps", "--no-build", "--pull", "never"});
    if (recreate == Recreate::always) {
        arguments.emplace_back("--force-recreate");
    }
    arguments.push_back(service);
    mustRunOnForeign(dockerCommand(std::move(arguments), kUpTimeout), filesOf(project),
                     project.name + " " + service, system);
}

/// Fields: `project`, `directory`, `file` and `envFile`, one for each, and `service`; `container`, the id of
/// each of its containers; and of the first one `name`, `state`, `image`, `imageId` and `configHash`, which
/// are empty where there is none. Before, these were packed one behind the other in this order, lists with a
/// line for each.
SecureBytes snapshotContainer(const render::ComposeProject& project, const std::string& service,
                              const System& system) {
    std::vector<std::string> ids;
    plan::ObservedContainer first;
    for (const auto& container : containersOf(project.name, service, system)) {
        first = ids.empty() ? container : first;
        ids.push_back(container.id);
    }
    return RecordWriter()
        .add("project", project.name)
        .add("directory", project.directory)
        .add("file", project.files)
        .add("envFile", project.envFiles)
        .add("service", service)
        .add("container", ids)
        .add("name", first.name)
        .add("state", first.state)
        .add("image", first.image)
        .add("imageId", first.imageId)
        .add("configHash", hashOf(first))
        .take();
}

void removeIfNew(std::string_view snapshot, const System& system) {
    const auto was = unpack(snapshot);
    if (was.ids.empty()) {
        removeContainer(was.project.name, was.service, system);
    }
}

std::string restoreContainer(std::string_view snapshot, const System& system) {
    const auto was = unpack(snapshot);
    const auto& project = was.project;
    if (was.ids.empty()) {
        removeContainer(project.name, was.service, system);
        return {};
    }
    // A build or pull may have given the name to another image.
    const auto now = observeImage(was.first.image, system);
    if (!now || now->id != was.first.imageId) {
        tagImage(was.first.imageId, was.first.image, system);
    }
    if (!keptOrAlike(was, system)) {
        // Where our file is not restored (it did not exist), the others alone are what there was.
        auto existing = project;
        existing.files.clear();
        for (const auto& file : project.files) {
            if (system.files.inspect(project.directory + "/" + file).exists()) {
                existing.files.push_back(file);
            }
        }
        try {
            composeUp(existing, was.service, Recreate::always, system);
        } catch (const Error& error) {
            if (described(error)) {
                throw;
            }
            return error.what();  // no file describes it: somebody removed it, or the document was ahead
        }
    }
    const std::string& state = was.first.state;
    const bool ran = state == "running" || state == "restarting";
    const bool stood = state == "exited" || state == "created" || state == "dead";
    const auto container = findContainer(project.name, was.service, system);
    if (container && ran && container->state != "running" && container->state != "restarting") {
        startContainer(container->id, system);
    } else if (container && stood && container->state == "running") {
        stopContainer(container->id, system);
    }
    return {};
}

void requireStable(const std::set<std::pair<std::string, std::string>>& services,
                   std::chrono::milliseconds settle, std::chrono::milliseconds timeout,
                   const System& system) {
    constexpr auto kPause = std::chrono::milliseconds(1000);
    const auto begin = system.clock.monotonic();
    std::map<std::pair<std::string, std::string>, plan::ObservedContainer> first;
    while (true) {
        bool starting = false;
        for (const auto& key : services) {
            const auto is = findContainer(key.first, key.second, system);
            const std::string name = "the container of " + key.first + "/" + key.second;
            const std::string hint = "look at it with `docker logs " + (is ? is->name : key.second) + "`";
            if (!is) {
                throw Rejected(name + " is gone");
            }
            const auto [before, fresh] = first.emplace(key, *is);
            if (is->state != "running" || is->restartCount != before->second.restartCount ||
                is->startedAt != before->second.startedAt) {
                throw Rejected(name + " does not stay up: it is " + is->state + ", exit code " +
                                   std::to_string(is->exitCode) + ", restarted " +
                                   std::to_string(is->restartCount) + " times",
                               hint);
            }
            if (is->health == "unhealthy") {
                throw Rejected(name + " is unhealthy", hint);
            }
            starting = starting || is->health == "starting";
        }
        const auto passed = system.clock.monotonic() - begin;
        if (passed >= settle.count() && !starting) {
            return;
        }
        if (passed >= settle.count() + timeout.count()) {
            throw Rejected("a container is not healthy after " + std::to_string(passed / 1000) + " s");
        }
        system.clock.sleep(std::min<std::chrono::milliseconds>(kPause, settle));
    }
}

}  // namespace vigie::apply
