// Jaeger: its version, its storage and its traces.

#include "lint/rules.hpp"
#include "spec/image_version.hpp"

namespace vigie::lint {
namespace {

using spec::FieldPath;

const FieldPath kJaeger{"spec", "jaeger"};

}  // namespace

void lintJaeger(const spec::Stack& stack, const spec::Reporter& report) {
    if (!stack.jaeger) {
        return;
    }
    const auto& jaeger = *stack.jaeger;
    const bool firstImage = spec::isFirstJaeger(jaeger.image);
    const auto version = spec::imageVersion(jaeger.image);
    if (jaeger.version == "v2" && firstImage) {
        report.error(code::VG0514, kJaeger / "version",
                     "the image `" + jaeger.image + "` is Jaeger 1, which takes no configuration of Jaeger 2",
                     "write `version: v1`, or the image `jaegertracing/jaeger:2.9.0`");
    } else if (jaeger.version == "v1" && !firstImage && version && version->major >= 2) {
        report.error(code::VG0514, kJaeger / "version",
                     "the image `" + jaeger.image + "` is Jaeger 2, which takes no configuration of Jaeger 1",
                     "write `version: v2`, or leave it to the image");
    } else if (jaeger.version == "v1") {
        report.info(code::VG0513, kJaeger / "version",
                    "Jaeger 1 ended on 2025-12-31: no flaw of it is mended any more",
                    "plan the way to `jaegertracing/jaeger`");
    } else if (jaeger.first()) {
        report.warning(code::VG0513, kJaeger / "image",
                       "the image `" + jaeger.image + "` is Jaeger 1, which ended on 2025-12-31",
                       "write `jaegertracing/jaeger:2.9.0`, or `version: v1` where it must be so");
    }
    if (jaeger.storage && jaeger.storage->memory && jaeger.storage->badger) {
        report.error(code::VG0515, kJaeger / "storage", "traces are kept in memory or in files, not in both",
                     "remove `memory` or `badger`");
    }
}

}  // namespace vigie::lint
