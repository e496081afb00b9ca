// Jaeger's container and configuration, of version 1 and 2.

#include "render/jaeger.hpp"

#include "render/placement.hpp"
#include "render/yaml_writer.hpp"
#include "spec/format.hpp"
#include "spec/ports.hpp"

namespace vigie::render {
namespace {

constexpr const char* kMount = "/etc/jaeger";
constexpr const char* kFile = "config.yaml";
constexpr const char* kData = "/badger";
constexpr const char* kStore = "traces";  ///< the storage's name inside of the file
constexpr int kPagePort = 16686;
constexpr int kHealthPort = 13133;

std::string everywhere(int port) {
    return "0.0.0.0:" + std::to_string(port);
}

/// As Go reads it, which knows no days.
std::string goDuration(const std::string& text) {
    constexpr std::int64_t kSecond = 1000;
    constexpr std::int64_t kHour = 3600 * kSecond;
    const auto milliseconds = spec::parseDuration(text).value_or(0);
    if (milliseconds % kHour == 0) {
        return std::to_string(milliseconds / kHour) + "h";
    }
    return milliseconds % kSecond == 0 ? std::to_string(milliseconds / kSecond) + "s"
                                       : std::to_string(milliseconds) + "ms";
}

void storage(YamlWriter& yaml, const spec::JaegerStorage& storage) {
    if (!storage.badger) {
        yaml.map("memory", [&] { yaml.number("max_traces", storage.memory->maxTraces); });
        return;
    }
    yaml.map("badger", [&] {
        yaml.map("directories", [&] {
            yaml.text("keys", std::string(kData) + "/keys");
            yaml.text("values", std::string(kData) + "/values");
        });
        yaml.boolean("ephemeral", false);
        yaml.map("ttl", [&] { yaml.text("spans", goDuration(storage.badger->ttl)); });
    });
}

void list(YamlWriter& yaml, const char* key, std::initializer_list<const char*> items) {
    yaml.list(key, [&] {
        for (const auto* item : items) {
            yaml.item(item);
        }
    });
}

void endpoint(YamlWriter& yaml, const char* key, int port) {
    yaml.map(key, [&] { yaml.text("endpoint", everywhere(port)); });
}

/// The file of Jaeger 2: a configuration of the OpenTelemetry collector with Jaeger's own extensions.
Text configuration(const spec::JaegerStorage& ofTraces) {
    YamlWriter yaml;
    yaml.comment(kManaged);
    yaml.map("service", [&] {
        list(yaml, "extensions", {"jaeger_storage", "jaeger_query", "healthcheckv2"});
        yaml.map("pipelines", [&] {
            yaml.map("traces", [&] {
                list(yaml, "receivers", {"otlp"});
                list(yaml, "processors", {"batch"});
                list(yaml, "exporters", {"jaeger_storage_exporter"});
            });
        });
    });
    yaml.map("extensions", [&] {
        yaml.map("healthcheckv2", [&] {
            yaml.boolean("use_v2", true);
            endpoint(yaml, "http", kHealthPort);
        });
        yaml.map("jaeger_query", [&] {
            yaml.map("storage", [&] { yaml.text("traces", kStore); });
            endpoint(yaml, "http", kPagePort);
        });
        yaml.map("jaeger_storage",
                 [&] { yaml.map("backends", [&] { yaml.map(kStore, [&] { storage(yaml, ofTraces); }); }); });
    });
    yaml.map("receivers", [&] {
        yaml.map("otlp", [&] {
            yaml.map("protocols", [&] {
                endpoint(yaml, "grpc", spec::kOtlpGrpcPort);
                endpoint(yaml, "http", spec::kOtlpHttpPort);
            });
        });
    });
    yaml.map("processors", [&] { yaml.map("batch", [&] { yaml.text("timeout", "200ms"); }); });
    yaml.map("exporters",
             [&] { yaml.map("jaeger_storage_exporter", [&] { yaml.text("trace_storage", kStore); }); });
    return yaml.result();
}

/// Jaeger 1 is told everything by its environment. OTLP is off by default before 1.35.
std::map<std::string, std::string> environment(const spec::Jaeger& jaeger) {
    std::map<std::string, std::string> out{{"COLLECTOR_OTLP_ENABLED", "true"},
                                           {"COLLECTOR_OTLP_GRPC_HOST_PORT", everywhere(spec::kOtlpGrpcPort)},
                                           {"COLLECTOR_OTLP_HTTP_HOST_PORT", everywhere(spec::kOtlpHttpPort)},
                                           {"SPAN_STORAGE_TYPE", "memory"}};
    if (jaeger.storage && jaeger.storage->badger) {
        out["SPAN_STORAGE_TYPE"] = "badger";
        out["BADGER_EPHEMERAL"] = "false";
        out["BADGER_DIRECTORY_KEY"] = std::string(kData) + "/keys";
        out["BADGER_DIRECTORY_VALUE"] = std::string(kData) + "/values";
        out["BADGER_SPAN_STORE_TTL"] = goDuration(jaeger.storage->badger->ttl);
    } else if (jaeger.storage && jaeger.storage->memory) {
        out["MEMORY_MAX_TRACES"] = std::to_string(jaeger.storage->memory->maxTraces);
    }
    return out;
}

std::string directoryOf(const spec::Project& project) {
    return project.directory + "/" + serverDirectory(project, "jaeger");
}

bool hasFile(const spec::Jaeger& jaeger) {
    return !jaeger.first() && jaeger.storage && (jaeger.storage->badger || jaeger.storage->memory);
}

}  // namespace

Service jaegerContainer(const spec::Project& project, const spec::Jaeger& jaeger) {
    Service out;
    out.name = "jaeger";
    out.image = jaeger.image;
    if (jaeger.first()) {
        out.environment = environment(jaeger);
    } else if (hasFile(jaeger)) {
        out.command = {Text("--config=" + std::string(kMount) + "/" + kFile)};
        out.mounts.push_back({"./" + serverDirectory(project, "jaeger"), kMount, true});
        out.contentDigest = configuration(*jaeger.storage).digest();  // read at the start only
    }
    if (jaeger.storage && jaeger.storage->badger) {
        const auto data = pathIn(project, jaeger.storage->badger->directory);
        out.user = userText(spec::kJaegerUser);
        out.mounts.push_back(dataMount(jaeger.had, "." + data.substr(project.directory.size()), kData));
    }
    return out;
}

void renderJaeger(Builder& builder) {
    const auto& jaeger = builder.stack.jaeger;
    if (!jaeger || jaeger->had.attach || builder.stack.hostOf(jaeger->project) != &builder.host) {
        return;
    }
    const auto& project = builder.stack.projectNamed(jaeger->project);
    builder.from({"spec", "jaeger", "project"});
    if (hasFile(*jaeger)) {
        const auto parent = builder.directory(project.directory, "the project's directory");
        const auto id =
            builder.directory(directoryOf(project), "Jaeger's configuration, mounted as a directory");
        builder.file({directoryOf(project) + "/" + kFile, configuration(*jaeger->storage), 0644, {}},
                     "Jaeger's configuration", {parent, id});
    }
    if (jaeger->storage && jaeger->storage->badger) {
        builder.directory(project.directory, "the project's directory");
        if (jaeger->had.data.empty()) {
            builder.from({"spec", "jaeger", "storage", "badger", "directory"});
            builder.exactDirectory(pathIn(project, jaeger->storage->badger->directory), 0755,
                                   spec::kJaegerUser, "Jaeger's traces, owned by the user it runs as");
        }
    }
}

}  // namespace vigie::render
