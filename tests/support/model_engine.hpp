// A model of the Docker engine.
#pragma once

#include "system/http.hpp"
#include "system/processes.hpp"
#include "tests/support/fuse.hpp"
#include "tests/support/model_clock.hpp"
#include "tests/support/model_compose.hpp"
#include "tests/support/model_tunnel.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace vigie::tests {

struct ModelMount {
    std::string source;
    std::string target;
    bool readOnly = false;
};

struct ModelContainer {
    std::string id;
    std::string name;
    std::string image;
    std::string imageId;
    std::string state = "created";
    int exitCode = 0;
    std::int64_t createdAt = 0;  ///< Unix milliseconds, as the others
    std::int64_t startedAt = 0;
    std::int64_t finishedAt = 0;
    std::vector<std::string> entrypoint;
    std::vector<std::string> command;
    std::string user;
    std::string restart;
    std::map<std::string, std::string> environment;
    std::vector<std::string> ports;  ///< `address:port:containerPort`
    std::vector<ModelMount> mounts;
    std::map<std::string, std::string> labels;
    std::string network;
    std::vector<std::string> joined;  ///< networks beside it
    std::vector<std::string> capAdd;
    std::vector<std::string> capDrop;
    bool privileged = false;

    [[nodiscard]] std::string label(const std::string& name) const;
    /// The host's path of a path inside, or empty.
    [[nodiscard]] std::string outside(const std::string& inside) const;
};

struct ModelImage {
    std::string id;
    std::vector<std::string> entrypoint;
    std::vector<std::string> command;
    std::string user;
    std::map<std::string, std::string> environment;
};

/// The Docker engine: its API as src/apply/engine.cpp asks it, and `docker` on the command line. The steps of
/// `docker compose up` can be killed between each other, as a killed client leaves them.
class ModelEngine : public system::Http {
public:
    ModelEngine(Fuse& fuse, ModelFiles& files, const ModelTunnel& tunnel, const ModelClock& clock)
        : fuse_(fuse), files_(files), tunnel_(tunnel), clock_(clock) {}

    system::HttpResponse send(const system::HttpRequest& request) override;
    system::ProcessResult docker(const std::vector<std::string>& argv);

    /// An image of this name is here.
    void addImage(const std::string& name);
    /// Somebody runs `docker compose up -d` for one service.
    void upByHand(const std::string& project, const std::string& directory,
                  const std::vector<std::string>& files, const std::string& service);
    [[nodiscard]] ModelContainer* find(const std::string& project, const std::string& service);
    /// The running container that publishes `address:port`, or null.
    [[nodiscard]] const ModelContainer* publishing(const std::string& address, const std::string& port) const;

    void stop(ModelContainer& container);
    /// Throws ToolFailed when a port cannot be bound.
    void start(ModelContainer& container);
    void reboot();

    std::vector<ModelContainer> containers;    ///< newest first, as the engine lists them
    std::map<std::string, std::string> names;  ///< image name → id
    std::map<std::string, ModelImage> images;  ///< by id
    /// What the program of a container does when it starts; false: it ends at once with an error.
    std::function<bool(ModelContainer&)> onStart;
    std::function<void(const ModelContainer&)> onStop;

    int made = 0;  ///< containers and images so far: no id comes back

private:
    struct Project;
    system::HttpResponse answer(const system::HttpRequest& request, const std::string& path);
    system::HttpResponse act(const std::string& path);
    [[nodiscard]] ModelContainer* byId(const std::string& id);
    void removeById(const std::string& id);

    void up(const Project& project, const ModelService& service, bool always);
    std::string create(const Project& project, const ModelService& service, const std::string& name);
    void build(const Project& project, const ModelService& service);
    void require(const ModelContainer& container) const;

    Fuse& fuse_;
    ModelFiles& files_;
    const ModelTunnel& tunnel_;
    const ModelClock& clock_;
};

}  // namespace vigie::tests
