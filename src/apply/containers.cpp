#include "apply/containers.hpp"

#include "apply/engine.hpp"
#include "apply/rejected.hpp"
#include "apply/tools.hpp"
#include "base/fields.hpp"
#include "base/text.hpp"

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

/// The docker command line, which finds its plugins and the credentials of registries in the home directory.
system::Command docker(std::vector<std::string> arguments, std::chrono::milliseconds timeout) {
    system::Command out;
    out.argv = {"docker"};
    out.argv.insert(out.argv.end(), std::make_move_iterator(arguments.begin()),
                    std::make_move_iterator(arguments.end()));
    out.environment["HOME"] = homeDirectory();
    out.timeout = timeout;
    return out;
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

}  // namespace

void requireCompose(const System& system) {
    constexpr Version kOldest{2, 24, 4};  // the first with `!override`
    const std::string problem = missing(kDocker, system.processes);
    if (!problem.empty()) {
        throw Error(problem);
    }
    const auto result =
        system.processes.run(docker({"compose", "version", "--short"}, std::chrono::seconds(20)));
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

void pullImage(const std::string& name, const System& system) {
    mustRun(docker({"pull", "--quiet", name}, kPullTimeout), system.processes);
}

void buildImage(const render::Rebuild& rebuild, const System& system) {
    auto existing = rebuild.project;  // our own file may not be written yet; it says nothing about building
    const auto gone = [&](const std::string& file) {
        return !system.files.inspect(existing.directory + "/" + file).exists();
    };
    existing.files.erase(std::remove_if(existing.files.begin(), existing.files.end(), gone),
                         existing.files.end());
    auto arguments = composeArguments(existing, system);
    arguments.insert(arguments.end(), {"build", "--no-cache", "--pull", rebuild.service});
    mustRun(docker(std::move(arguments), kBuildTimeout), system.processes);
}

void composeUp(const render::ComposeProject& project, const std::string& service, Recreate recreate,
               const System& system) {
    auto arguments = composeArguments(project, system);
    arguments.insert(arguments.end(), {"up", "--detach", "--no-deps", "--no-build", "--pull", "never"});
    if (recreate == Recreate::always) {
        arguments.emplace_back("--force-recreate");
    }
    arguments.push_back(service);
    mustRun(docker(std::move(arguments), kUpTimeout), system.processes);
}

SecureBytes snapshotContainer(const render::ComposeProject& project, const std::string& service,
                              const System& system) {
    const auto container = findContainer(project.name, service, system);
    SecureBytes out;
    packField(out, project.name);
    packField(out, project.directory);
    packField(out, join(project.files, "\n"));
    packField(out, join(project.envFiles, "\n"));
    packField(out, service);
    packField(out, container ? container->id : "");
    packField(out, container ? container->state : "");
    packField(out, container ? container->image : "");
    packField(out, container ? container->imageId : "");
    return out;
}

void restoreContainer(std::string_view snapshot, const System& system) {
    FieldReader fields(snapshot);
    render::ComposeProject project;
    const auto list = [](std::string_view text) {
        std::vector<std::string> out;
        for (const auto line : splitLines(text)) {
            out.emplace_back(line);
        }
        return out;
    };
    project.name = fields.next();
    project.directory = fields.next();
    project.files = list(fields.next());
    project.envFiles = list(fields.next());
    const std::string service(fields.next());
    const std::string id(fields.next());
    const bool ran = fields.next() == "running";
    const std::string image(fields.next());
    const std::string imageId(fields.next());
    if (id.empty()) {
        removeContainer(project.name, service, system);
        return;
    }
    // A build or pull may have given the name to another image.
    const auto now = observeImage(image, system);
    if (!now || now->id != imageId) {
        tagImage(imageId, image, system);
    }
    const auto container = findContainer(project.name, service, system);
    if (container && container->id == id) {
        if (ran && container->state != "running") {
            startContainer(id, system);
        }
        return;
    }
    // Where our file is not restored (it did not exist), the others alone are what there was.
    auto existing = project;
    existing.files.clear();
    for (const auto& file : project.files) {
        if (system.files.inspect(project.directory + "/" + file).exists()) {
            existing.files.push_back(file);
        }
    }
    composeUp(existing, service, Recreate::always, system);
    if (!ran) {
        if (const auto back = findContainer(project.name, service, system)) {
            stopContainer(back->id, system);
        }
    }
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
