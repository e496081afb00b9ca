// What a modelled Prometheus or Alertmanager has loaded, and how it answers.
#pragma once

#include "system/http.hpp"
#include "tests/support/fuse.hpp"
#include "tests/support/model_engine.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace vigie::tests {

/// What a Prometheus or an Alertmanager has loaded, and how it says so.
struct ModelLoaded {
    std::string configuration;  ///< the main file's text
    std::string rules;          ///< Prometheus: the body of /api/v1/rules
    bool operator==(const ModelLoaded&) const = default;
};

/// One silence of an Alertmanager.
struct ModelSilence {
    std::string id;
    std::string body;     ///< as it was posted, without an id
    std::string lasting;  ///< what of it a rollback gives back: all but the time at which it was made
    bool ended = false;
};

/// Prometheus and Alertmanager in the containers of a host. They read their configuration when they start and
/// on `POST /-/reload`, and are reached at the ports that their containers publish.
class ModelPrograms : public system::Http {
public:
    ModelPrograms(Fuse& fuse, ModelFiles& files, ModelEngine& engine, const ModelTunnel& tunnel);

    system::HttpResponse send(const system::HttpRequest& request) override;

    /// What they write below their data directories.
    static constexpr const char* kData = "data of a program";

    /// By the container's `project/service`; those that run.
    std::map<std::string, ModelLoaded> loaded;

    /// By the container's `project/service`, also while it does not run.
    std::map<std::string, std::vector<ModelSilence>> silences;

    /// What other addresses answer: the status by the URL.
    std::map<std::string, int> others;

    /// How often an Alertmanager ended that could not write into its own directory any more.
    int lostSnapshots = 0;

    /// The next so many reloads are answered with 500.
    int refuseReloads = 0;
    /// As Prometheus does it with a bad rule file: it has the new jobs and the old rules then.
    bool refusedInPart = false;

private:
    bool started(ModelContainer& container);
    void stopped(const ModelContainer& container);
    static std::string dataOf(const ModelContainer& container);
    [[nodiscard]] std::optional<ModelLoaded> read(const ModelContainer& container) const;
    [[nodiscard]] std::optional<std::string> rulesOf(const std::string& configuration,
                                                     const std::string& directory) const;
    system::HttpResponse silence(const system::HttpRequest& request, const std::string& path,
                                 std::vector<ModelSilence>& all);
    system::HttpResponse reload(const ModelContainer& container);

    Fuse& fuse_;
    ModelFiles& files_;
    ModelEngine& engine_;
    const ModelTunnel& tunnel_;
};

}  // namespace vigie::tests
