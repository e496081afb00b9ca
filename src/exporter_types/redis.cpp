// The exporter type `redis`: redis_exporter, and the Redis that it observes.

#include "render/exporters.hpp"
#include "spec/exporter_types.hpp"

#include <array>

namespace vigie {
namespace {

using spec::Exporter;

constexpr std::array kVersions = {spec::ImageVersion{1, 74}, spec::ImageVersion{1, 86}};
constexpr std::array<std::string_view, 4> kVariables = {"REDIS_ADDR", "REDIS_USER", "REDIS_PASSWORD",
                                                        "REDIS_PASSWORD_FILE"};
constexpr const char* kPasswords = "passwords.json";

/// The address of Redis, without a user.
std::string addressOf(const spec::RedisTarget& redis) {
    return (redis.tls ? "rediss://" : "redis://") + redis.service + ":" + std::to_string(redis.port);
}

/// As Go writes the user of a URL (net/url, `encodeUserPassword`): redis_exporter compares the text.
std::string userOfUrl(std::string_view user) {
    std::string out;
    for (const char c : user) {
        out += std::string_view("$&+,;=").find(c) == std::string_view::npos
                   ? render::escaped(std::string_view(&c, 1), render::Encoding::percent)
                   : std::string(1, c);
    }
    return out;
}

/// redis_exporter's map of addresses to passwords, in JSON. An address names the user, as the program looks
/// it up.
render::Text passwords(const spec::RedisTarget& redis, const render::SecretValue& password) {
    std::vector<std::string> addresses{addressOf(redis)};
    if (!redis.user.empty()) {  // versions until early 2025 look it up without the user
        addresses.push_back(addresses.front());
        addresses.back().insert(addresses.back().find("://") + 3, userOfUrl(redis.user) + "@");
    }
    render::Text out;
    for (const auto& address : addresses) {
        out.append(&address == &addresses.front() ? "{\"" : ", \"").append(address).append("\": \"");
        out.append(password, render::Encoding::json).append("\"");
    }
    return out.append("}\n");
}

std::vector<render::MountedFile> files(const render::Builder& builder, const Exporter& exporter,
                                       const Owner& user) {
    if (!exporter.redis->passwordFrom) {
        return {};
    }
    const auto password = builder.secret(exporter.redis->passwordFrom->secret);
    return {{kPasswords, passwords(*exporter.redis, password), user, "the password of " + exporter.name}};
}

/// Source: redis_exporter's README, "Command line flags".
void container(render::Service& out, const render::Builder& /*builder*/, const Exporter& exporter) {
    const auto& redis = *exporter.redis;
    out.environment["REDIS_ADDR"] = addressOf(redis);
    if (!redis.user.empty()) {
        out.environment["REDIS_USER"] = redis.user;
    }
    if (redis.passwordFrom) {
        out.environment["REDIS_PASSWORD_FILE"] = std::string(render::kExporterMount) + "/" + kPasswords;
    }
}

spec::Observed observed(const Exporter& exporter) {
    return exporter.redis ? spec::Observed{exporter.redis->service, exporter.redis->port} : spec::Observed{};
}

std::vector<spec::SecretUse> secrets(const Exporter& exporter, const spec::FieldPath& at) {
    if (!exporter.redis || !exporter.redis->passwordFrom) {
        return {};
    }
    return {{exporter.redis->passwordFrom->secret, at / "passwordFrom" / "secret"}};
}

std::string ownFile(const Exporter& exporter) {
    return exporter.redis && exporter.redis->passwordFrom ? kPasswords : "";
}

constexpr render::ExporterRendering kRendering{.files = files, .container = container};

}  // namespace

const spec::ExporterTypeRow spec::kRedisType{
    .program = {"redis", "redis_exporter", "oliver006/redis_exporter:v1.74.0", kVersions, kTestedNewest},
    .port = 9121,
    .observes = "redis",
    .upMetric = "redis_up",
    .user =
        [](const Exporter&) {
            return Owner{65524, 65524};
        },
    .observed = observed,
    .secrets = secrets,
    .ownVariables = kVariables,
    .ownFile = ownFile,
    .rendering = &kRendering,
};

}  // namespace vigie
