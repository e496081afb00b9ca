#include "base/hash.hpp"
#include "base/password.hpp"
#include "render/exporters.hpp"

namespace vigie::render {
namespace {

/// PostgreSQL's own (SCRAM_DEFAULT_ITERATIONS).
constexpr std::uint32_t kIterations = 4096;

/// A quote inside of a quoted text is doubled (PgBouncer's documentation of its `auth_file`).
SecureBytes quotesDoubled(std::string_view text) {
    SecureBytes out;
    for (const char c : text) {
        if (c == '"') {
            out.push_back(c);
        }
        out.push_back(c);
    }
    return out;
}

/// Always the same for one ciphertext, so that the file has the same bytes in every render, and another one
/// when the secret is sealed again.
std::string saltOf(const SecretValue& password, const std::string& user) {
    constexpr std::size_t kLength = 32;
    return Sha256().field("vigie scram salt").field(password.id).field(user).hex().substr(0, kLength);
}

SecureBytes formOf(const SecretValue& password, const std::string& user, const std::string& authType) {
    if (authType == "md5") {
        return postgresMd5(user, view(*password.value));
    }
    if (authType == "scram-sha-256") {
        return scramSha256(view(*password.value), saltOf(password, user), kIterations);
    }
    return quotesDoubled(view(*password.value));
}

}  // namespace

SecretValue userlistPassword(const SecretValue& password, const std::string& user,
                             const std::string& authType) {
    SecretValue out{"userlist:" + authType + ":" + user + ":" + password.id, nullptr};
    if (password.available()) {
        out.value = std::make_shared<const SecureBytes>(formOf(password, user, authType));
    }
    return out;
}

Text userlistFile(const Builder& builder, const spec::Pgbouncer& pgbouncer) {
    Text out;
    const auto line = [&](const std::string& user, const spec::SecretReference& from) {
        out.append("\"").append(view(quotesDoubled(user))).append("\" \"");
        out.append(userlistPassword(builder.secret(from.secret), user, pgbouncer.userlist->authType),
                   Encoding::raw);
        out.append("\"\n");
    };
    line(pgbouncer.user, pgbouncer.passwordFrom);
    for (const auto& user : pgbouncer.userlist->users) {
        line(user.name, user.passwordFrom);
    }
    return out;
}

}  // namespace vigie::render
