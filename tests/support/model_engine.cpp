// The containers of a host.

#include "tests/support/model_engine.hpp"

#include "base/hash.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <stdexcept>

namespace vigie::tests {
namespace {

using system::ProcessResult;

constexpr const char* kProject = "com.docker.compose.project";
constexpr const char* kService = "com.docker.compose.service";
constexpr const char* kHash = "com.docker.compose.config-hash";

}  // namespace

struct ModelEngine::Project {
    std::string name;
    std::string directory;
    std::map<std::string, ModelService> services;

    [[nodiscard]] const ModelService& service(const std::string& wanted) const {
        const auto it = services.find(wanted);
        if (it == services.end()) {
            throw ToolFailed{"no such service: " + wanted};
        }
        return it->second;
    }
};

std::string ModelContainer::label(const std::string& wanted) const {
    const auto it = labels.find(wanted);
    return it == labels.end() ? "" : it->second;
}

std::string ModelContainer::outside(const std::string& inside) const {
    for (const auto& mount : mounts) {
        if (inside == mount.target) {
            return mount.source;
        }
        if (inside.compare(0, mount.target.size() + 1, mount.target + "/") == 0) {
            return mount.source + inside.substr(mount.target.size());
        }
    }
    return {};
}

void ModelEngine::addImage(const std::string& name) {
    const std::string id = "sha256:" + sha256Hex(name + " " + std::to_string(++made));
    ModelImage image{id, {"/bin/entry"}, {"--default"}, "", {{"PATH", "/usr/bin"}, {"LANG", "C"}}};
    if (name.compare(0, 5, "prom/") == 0) {
        image.user = "nobody";
    }
    images[id] = image;
    names[name] = id;
}

ModelContainer* ModelEngine::find(const std::string& project, const std::string& service) {
    const auto it = std::find_if(containers.begin(), containers.end(), [&](const ModelContainer& each) {
        return each.label(kProject) == project && each.label(kService) == service;
    });
    return it == containers.end() ? nullptr : &*it;
}

const ModelContainer* ModelEngine::publishing(const std::string& address, const std::string& port) const {
    for (const auto& container : containers) {
        const std::string listens = "--web.listen-address=" + address + ":" + port;
        if (container.state == "running" && container.network == "host" &&
            std::find(container.command.begin(), container.command.end(), listens) !=
                container.command.end()) {
            return &container;
        }
        for (const auto& each : container.ports) {
            const std::string wanted = address + ":" + port + ":";
            const std::string everywhere = "0.0.0.0:" + port + ":";
            if (container.state == "running" && (each.compare(0, wanted.size(), wanted) == 0 ||
                                                 each.compare(0, everywhere.size(), everywhere) == 0)) {
                return &container;
            }
        }
    }
    return nullptr;
}

ModelContainer* ModelEngine::byId(const std::string& id) {
    const auto it = std::find_if(containers.begin(), containers.end(),
                                 [&](const ModelContainer& each) { return each.id == id; });
    return it == containers.end() ? nullptr : &*it;
}

void ModelEngine::removeById(const std::string& id) {
    containers.erase(std::remove_if(containers.begin(), containers.end(),
                                    [&](const ModelContainer& each) { return each.id == id; }),
                     containers.end());
}

/// Whether its ports can be bound.
void ModelEngine::require(const ModelContainer& container) const {
    for (const auto& port : container.ports) {
        const auto colon = port.rfind(':');
        const auto middle = port.rfind(':', colon - 1);
        std::string address = port.substr(0, middle);
        if (address.size() > 2 && address.front() == '[') {
            address = address.substr(1, address.size() - 2);
        }
        const std::string number = port.substr(middle + 1, colon - middle - 1);
        const std::string failed =
            "driver failed programming external connectivity on endpoint " + container.name + ": ";
        if (!tunnel_.hasAddress(address)) {
            throw ToolFailed{failed + "listen tcp4 " + address + ":" + number +
                             ": bind: cannot assign requested address"};
        }
        const auto* other = publishing(address, number);
        if (other != nullptr && other->id != container.id) {
            throw ToolFailed{failed + "Bind for " + address + ":" + number +
                             " failed: port is already allocated"};
        }
    }
}

void ModelEngine::start(ModelContainer& container) {
    if (container.state == "running") {
        return;
    }
    require(container);
    container.startedAt = clock_.now();
    const bool runs = !onStart || onStart(container);
    container.state = runs ? "running" : container.restart == "no" ? "exited" : "restarting";
    container.exitCode = runs ? 0 : 1;
}

void ModelEngine::stop(ModelContainer& container) {
    if (container.state == "running" || container.state == "restarting") {
        container.state = "exited";
        container.exitCode = 0;
        container.finishedAt = clock_.now();
        if (onStop) {
            onStop(container);
        }
    }
}

void ModelEngine::reboot() {
    for (auto& container : containers) {
        const bool ran = container.state == "running" || container.state == "restarting";
        stop(container);
        if (ran && container.restart != "no") {
            try {
                start(container);
            } catch (const ToolFailed&) {
                constexpr int kCannotStart = 128;
                container.exitCode = kCannotStart;
            }
        }
    }
}

std::string ModelEngine::create(const Project& project, const ModelService& service,
                                const std::string& name) {
    const auto image = names.find(service.image);
    if (image == names.end()) {
        throw ToolFailed{"Error response from daemon: No such image: " + service.image};
    }
    const auto& brings = images.at(image->second);
    ModelContainer out;
    out.id = sha256Hex("container " + std::to_string(++made));
    out.name = name;
    out.image = service.image;
    out.imageId = image->second;
    out.createdAt = clock_.now();
    out.entrypoint = brings.entrypoint;
    out.command = service.command.empty() ? brings.command : service.command;
    out.user = service.user.empty() ? brings.user : service.user;
    out.restart = service.restart.empty() ? "no" : service.restart;
    out.environment = brings.environment;
    for (const auto& [key, value] : service.environment) {
        out.environment[key] = value;
    }
    out.ports = service.ports;
    for (const auto& [target, text] : service.volumes) {
        const auto options = text.find(':');
        const bool readOnly = options != std::string::npos && text.compare(options, 3, ":ro") == 0;
        std::string source = text.substr(0, options);
        if (source.compare(0, 2, "./") == 0) {
            source = project.directory + source.substr(1);
        }
        files_.directories(source);  // the engine makes what is missing, as root
        out.mounts.push_back({source, target, readOnly});
    }
    out.labels = service.labels;
    out.labels[kProject] = project.name;
    out.labels[kService] = service.name;
    out.labels[kHash] = service.hash();
    out.labels["com.docker.compose.oneoff"] = "False";
    out.network = service.networkMode.empty() ? project.name + "_default" : service.networkMode;
    out.joined = service.networks;
    out.capAdd = service.capAdd;
    out.capDrop = service.capDrop;
    out.privileged = service.privileged;
    containers.insert(containers.begin(), out);
    return out.id;
}

/// `docker compose up --detach --no-deps SERVICE`, in the order in which compose 2.26 does it: the new
/// container is created beside the old one, which is stopped and removed before the new one gets its name and
/// starts.
void ModelEngine::up(const Project& project, const ModelService& service, bool always) {
    const std::string what = "docker compose up " + project.name + "/" + service.name;
    const std::string name =
        service.containerName.empty() ? project.name + "-" + service.name + "-1" : service.containerName;
    const auto good = [&](const ModelContainer& each) {
        const auto image = names.find(service.image);
        return !always && each.label(kHash) == service.hash() && image != names.end() &&
               each.imageId == image->second;
    };
    std::vector<std::string> old;
    std::string kept;
    for (const auto& each : containers) {
        if (each.label(kProject) != project.name || each.label(kService) != service.name) {
            continue;
        }
        if (kept.empty() && good(each)) {
            kept = each.id;
        } else {
            old.push_back(each.id);
        }
    }
    if (kept.empty()) {
        for (const auto& each : containers) {
            const bool ours = std::find(old.begin(), old.end(), each.id) != old.end();
            if (each.name == name && !ours) {
                throw ToolFailed{"Error response from daemon: Conflict. The container name \"/" + name +
                                 "\" is already in use"};
            }
        }
        fuse_.mutate(what + ": create");
        kept = create(project, service, old.empty() ? name : old.front().substr(0, 12) + "_" + name);
    }
    for (const auto& id : old) {
        fuse_.mutate(what + ": stop");
        stop(*byId(id));
        fuse_.mutate(what + ": remove");
        removeById(id);
    }
    auto& container = *byId(kept);
    if (container.name != name) {
        fuse_.mutate(what + ": rename");
        container.name = name;
    }
    if (container.state != "running") {
        fuse_.mutate(what + ": start");
        start(container);
    }
}

void ModelEngine::build(const Project& project, const ModelService& service) {
    if (!service.built) {
        return;  // compose has nothing to build and says nothing
    }
    fuse_.mutate("docker compose build " + project.name + "/" + service.name);
    addImage(service.image);
}

void ModelEngine::upByHand(const std::string& project, const std::string& directory,
                           const std::vector<std::string>& files, const std::string& service) {
    std::vector<std::string> paths;
    for (const auto& file : files) {
        paths.push_back(directory + "/" + file);
    }
    Fuse unseen;
    std::swap(unseen, fuse_);
    const Project all{project, directory, composeModel(files_, project, paths)};
    up(all, all.service(service), false);
    std::swap(unseen, fuse_);
}

ProcessResult ModelEngine::docker(const std::vector<std::string>& argv) {
    if (argv == std::vector<std::string>{"docker", "compose", "version", "--short"}) {
        return succeeded("2.26.1\n");
    }
    if (argv.size() == 4 && argv[1] == "pull") {
        fuse_.mutate(join(argv, " "));
        addImage(argv[3]);
        return succeeded();
    }
    Project project;
    std::vector<std::string> paths;
    bool always = false;
    std::string verb;
    std::string service;
    for (std::size_t i = 2; i < argv.size(); ++i) {
        const auto& word = argv[i];
        if (word == "--project-directory") {
            project.directory = argv.at(++i);
        } else if (word == "--project-name") {
            project.name = argv.at(++i);
        } else if (word == "--file") {
            paths.push_back(argv.at(++i));
        } else if (word == "--env-file") {
            if (!files_.text(argv.at(++i))) {
                throw ToolFailed{"couldn't find env file: " + argv[i]};
            }
        } else if (word == "--ansi" || (verb == "up" && word == "--pull")) {
            ++i;
        } else if (word == "up" || word == "build") {
            verb = word;
        } else if (word == "--force-recreate") {
            always = true;
        } else if (word.substr(0, 2) != "--") {
            service = word;
        }
    }
    if (argv.at(1) != "compose" || verb.empty() || service.empty()) {
        throw std::logic_error("the model does not know this docker command");
    }
    project.services = composeModel(files_, project.name, paths);
    if (verb == "up") {
        up(project, project.service(service), always);
    } else {
        build(project, project.service(service));
    }
    return succeeded();
}

}  // namespace vigie::tests
