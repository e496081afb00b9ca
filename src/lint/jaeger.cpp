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
                     "`version` is v2, but the image `" + jaeger.image + "` is Jaeger 1",
                     "write `version: v1`, or the image `jaegertracing/jaeger:2.9.0`");
    } else if (jaeger.version == "v1" && !firstImage && version && version->major >= 2) {
        report.error(code::VG0514, kJaeger / "version",
                     "`version` is v1, but the image `" + jaeger.image + "` is Jaeger 2",
                     "write `version: v2`, or remove the field: the image's name decides");
    } else if (jaeger.version == "v1") {
        report.info(code::VG0513, kJaeger / "version",
                    "Jaeger 1 reached its end of life on 2025-12-31 and gets no more fixes",
                    "plan the move to Jaeger 2, `jaegertracing/jaeger`");
    } else if (jaeger.first()) {
        report.warning(
            code::VG0513, kJaeger / "image",
            "the image `" + jaeger.image + "` is Jaeger 1, which reached its end of life on 2025-12-31",
            "write `jaegertracing/jaeger:2.9.0`, or `version: v1` to keep Jaeger 1");
    }
    if (jaeger.storage && jaeger.storage->memory && jaeger.storage->badger) {
        report.error(code::VG0515, kJaeger / "storage", "`memory` and `badger` exclude each other",
                     "keep one of them");
    }
}

}  // namespace vigie::lint
