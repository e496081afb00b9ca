// Jaeger: its version, its storage and its traces.

#include "lint/rules.hpp"
#include "spec/image_version.hpp"

namespace vigie::lint {
namespace {

using spec::FieldPath;

const FieldPath kJaeger{"spec", "jaeger"};

/// The first directory of a path in a project.
std::string_view firstOf(std::string_view directory) {
    if (directory.substr(0, 2) == "./") {
        directory.remove_prefix(2);
    }
    return directory.substr(0, directory.find('/'));
}

}  // namespace

void lintJaeger(const spec::Stack& stack, const spec::Reporter& report) {
    if (!stack.jaeger) {
        return;
    }
    const auto& jaeger = *stack.jaeger;
    const bool firstImage = spec::isFirstJaeger(jaeger.image);
    const auto version = spec::imageVersion(jaeger.image);
    if (jaeger.version == "v2" && firstImage) {
        report.error("VG0514", kJaeger / "version",
                     "the image `" + jaeger.image + "` is Jaeger 1, which takes no configuration of Jaeger 2",
                     "write `version: v1`, or the image `jaegertracing/jaeger:2.9.0`");
    } else if (jaeger.version == "v1" && !firstImage && version && version->major >= 2) {
        report.error("VG0514", kJaeger / "version",
                     "the image `" + jaeger.image + "` is Jaeger 2, which takes no configuration of Jaeger 1",
                     "write `version: v2`, or leave it to the image");
    } else if (jaeger.version == "v1") {
        report.info("VG0513", kJaeger / "version",
                    "Jaeger 1 ended on 2025-12-31: no flaw of it is mended any more",
                    "plan the way to `jaegertracing/jaeger`");
    } else if (jaeger.first()) {
        report.warning("VG0513", kJaeger / "image",
                       "the image `" + jaeger.image + "` is Jaeger 1, which ended on 2025-12-31",
                       "write `jaegertracing/jaeger:2.9.0`, or `version: v1` where it must be so");
    }
    if (jaeger.storage && jaeger.storage->memory && jaeger.storage->badger) {
        report.error("VG0515", kJaeger / "storage", "traces are kept in memory or in files, not in both",
                     "remove `memory` or `badger`");
    }
}

void lintDirectories(const spec::Stack& stack, const spec::Reporter& report) {
    struct Data {
        FieldPath at;
        const std::string* project;
        const std::string* directory;
    };
    std::vector<Data> all;
    if (stack.jaeger && stack.jaeger->storage && stack.jaeger->storage->badger) {
        all.push_back({kJaeger / "storage" / "badger" / "directory", &stack.jaeger->project,
                       &stack.jaeger->storage->badger->directory});
    }
    if (stack.grafana) {
        all.push_back(
            {{"spec", "grafana", "dataDirectory"}, &stack.grafana->project, &stack.grafana->dataDirectory});
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto first = firstOf(*all[i].directory);
        bool taken = first == "prometheus" || first == "alertmanager" || first == "alertmanager-data" ||
                     first == "jaeger" || first == "grafana" || exporterUses(stack, *all[i].project, first);
        taken = taken || (stack.prometheus && stack.prometheus->project == *all[i].project &&
                          firstOf(stack.prometheus->dataDirectory) == first);
        for (std::size_t j = 0; j < i; ++j) {
            taken = taken || (*all[j].project == *all[i].project && firstOf(*all[j].directory) == first);
        }
        if (taken) {
            report.error("VG0419", all[i].at,
                         "the directory `" + std::string(first) + "` of the project is in use already",
                         "give each its own, such as `./jaeger-data` and `./grafana-data`");
        }
    }
}

}  // namespace vigie::lint
