// The logins of registries, as the docker command reads them.

#include "base/hash.hpp"
#include "render/builder.hpp"
#include "spec/registry.hpp"

namespace vigie::render {
namespace {

/// `user:password`, one secret: the id says whose it is, the bytes are there where the password is.
SecretValue login(const spec::Registry& registry, const SecretValue& password) {
    Sha256 hash;
    SecretValue out{hash.field(registry.username).field(password.id).hex(), nullptr};
    if (password.available()) {
        auto bytes = secureBytes(registry.username + ":");
        append(bytes, view(*password.value));
        out.value = std::make_shared<const SecureBytes>(std::move(bytes));
    }
    return out;
}

/// Docker Hub has another name here than in images. Source: the docker command's `registry.IndexServer`.
std::string keyOf(const std::string& server) {
    return server == "docker.io" ? "https://index.docker.io/v1/" : server;
}

}  // namespace

void renderRegistries(Builder& builder) {
    const auto registries = spec::registriesOf(builder.stack, builder.host);
    if (registries.empty()) {
        return;
    }
    builder.from({"spec", "registries"});
    Text out("{\n  \"auths\": {");
    const char* separator = "\n";
    for (const auto* registry : registries) {
        out.append(separator).append("    \"").append(keyOf(registry->server)).append("\": { \"auth\": \"");
        out.append(login(*registry, builder.secret(registry->passwordFrom.secret)), Encoding::base64);
        out.append("\" }");
        separator = ",\n";
    }
    out.append("\n  }\n}\n");
    // The state may lie elsewhere; nobody else looks into this one either.
    const std::string state = "/var/lib/vigie";
    const auto parent = builder.directory(state, "vigie's own directory", 0700);
    const auto directory =
        builder.exactDirectory(state + "/docker", 0700, {}, "how images are pulled, for `docker --config`");
    builder.file({kRegistryLogins, out, 0600, {}}, "the logins at registries", {parent, directory});
}

}  // namespace vigie::render
