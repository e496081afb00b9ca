// `spec.reconcile`, health checks and what is ignored, as plain structs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vigie::spec {

/// What must be healthy before an apply counts as done: a container, or the answer of a URL.
struct HealthCheck {
    std::string project;
    std::string service;
    std::string url;
    std::string host;  ///< that asks for `url`; empty: every host
    int expectStatus = 200;
    bool operator==(const HealthCheck&) const = default;
};

/// What is not compared of a resource; without fields, the resource as a whole is left alone.
struct IgnoreRule {
    std::string resource;
    std::vector<std::string> fields;
    bool operator==(const IgnoreRule&) const = default;
};

/// The fields that are compared one by one of resources of a kind (`compose`, `file`, …), by the names of
/// `spec.ignore`; empty for kinds that are compared as a whole.
const std::vector<std::string>& comparedFields(std::string_view kind);

}  // namespace vigie::spec
