// Which registry an image comes from.

#include "spec/registry.hpp"

#include <algorithm>

namespace vigie::spec {

std::string registryOf(std::string_view image) {
    const auto slash = image.find('/');
    const auto first = image.substr(0, slash);
    const bool named = slash != std::string_view::npos &&
                       (first.find_first_of(".:") != std::string_view::npos || first == "localhost");
    // Both are names of Docker Hub.
    return named && first != "index.docker.io" ? std::string(first) : "docker.io";
}

std::vector<std::string> imagesOn(const Stack& stack, const Host& host) {
    std::vector<std::string> out;
    for (const auto& exporter : stack.exporters) {
        if (stack.hostOf(exporter.project) == &host) {
            out.push_back(exporter.image);
        }
    }
    if (stack.prometheusOn(host)) {
        out.push_back(stack.prometheus->image);
    }
    if (!stack.alertmanagerOn(host).empty()) {
        out.push_back(stack.alertmanager->image);
    }
    if (stack.jaeger && stack.hostOf(stack.jaeger->project) == &host) {
        out.push_back(stack.jaeger->image);
    }
    if (stack.grafana && stack.hostOf(stack.grafana->project) == &host) {
        out.push_back(stack.grafana->image);
    }
    return out;
}

std::vector<const Registry*> registriesOf(const Stack& stack, const Host& host) {
    const auto images = imagesOn(stack, host);
    std::vector<const Registry*> out;
    for (const auto& registry : stack.registries) {
        if (std::any_of(images.begin(), images.end(),
                        [&](const auto& image) { return registryOf(image) == registry.server; })) {
            out.push_back(&registry);
        }
    }
    return out;
}

}  // namespace vigie::spec
