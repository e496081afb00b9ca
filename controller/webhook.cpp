// Verifies webhooks of the forges and wakes the controller.

#include "controller/webhook.hpp"

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "controller/shared_secret.hpp"

#include <sodium.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <utility>

namespace vigie::controller {
namespace {

constexpr std::int64_t kFiveMinutes = 300;
constexpr std::size_t kRemembered = 4096;
constexpr std::string_view kSigningToken =
    "whsec_";  // GitLab's, and that of the Standard Webhooks specification

std::optional<std::string_view> fieldOf(const HttpHeaders& headers, const char* name) {
    const auto found = headers.find(name);
    return found == headers.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

std::optional<std::string_view> firstOf(const HttpHeaders& headers,
                                        std::initializer_list<const char*> names) {
    for (const char* name : names) {
        if (const auto value = fieldOf(headers, name)) {
            return value;
        }
    }
    return std::nullopt;
}

bool equalBytes(std::string_view a, std::string_view b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

/// Hexadecimal in either case, with or without the name of the algorithm in front. GitHub's old `sha1=` is
/// too short, and never fits.
bool fitsHex(std::string_view given, std::string_view mac) {
    constexpr std::string_view kAlgorithm = "sha256=";
    if (given.substr(0, kAlgorithm.size()) == kAlgorithm) {
        given.remove_prefix(kAlgorithm.size());
    }
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> bytes{};
    std::size_t size = 0;
    const char* end = nullptr;
    return given.size() == 2 * bytes.size() &&
           sodium_hex2bin(bytes.data(), bytes.size(), given.data(), given.size(), nullptr, &size, &end) ==
               0 &&
           end == given.data() + given.size() && size == bytes.size() &&
           equalBytes({reinterpret_cast<const char*>(bytes.data()), size}, mac);
}

HookVerdict fresh(std::optional<std::string_view> time, std::int64_t now) {
    std::int64_t seconds = 0;
    const std::string_view text = time.value_or("");
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    const bool isTime =
        !text.empty() && error == std::errc{} && end == text.data() + text.size() && seconds >= 0;
    // Both are small enough for a difference now.
    return isTime && seconds < now + kFiveMinutes + 1 && seconds > now - kFiveMinutes - 1
               ? HookVerdict::good
               : HookVerdict::stale;
}

HookVerdict hexVerdict(std::optional<std::string_view> signature, std::string_view secret,
                       std::string_view message) {
    if (!signature) {
        return HookVerdict::unsigned_;
    }
    return fitsHex(*signature, hmacSha256(secret, message)) ? HookVerdict::good : HookVerdict::forged;
}

std::string signedByGitlab(const HttpHeaders& headers, std::string_view body) {
    return std::string(fieldOf(headers, "webhook-id").value_or("")) + "." +
           std::string(fieldOf(headers, "webhook-timestamp").value_or("")) + "." + std::string(body);
}

std::string signedGenerically(const HttpHeaders& headers, std::string_view body) {
    return std::string(fieldOf(headers, "x-timestamp").value_or("")) + "." + std::string(body);
}

/// `webhook-signature: v1,BASE64 v1,BASE64`: several while a token is being replaced.
HookVerdict verifyGitlab(const HttpHeaders& headers, std::string_view body, std::string_view secret,
                         std::int64_t now) {
    if (secret.substr(0, kSigningToken.size()) != kSigningToken) {
        const auto token = fieldOf(headers, "x-gitlab-token");
        if (!token) {
            return HookVerdict::unsigned_;
        }
        return equalSecrets(*token, secret) ? HookVerdict::good : HookVerdict::forged;
    }
    const auto signatures = fieldOf(headers, "webhook-signature");
    if (!signatures) {
        return HookVerdict::unsigned_;
    }
    const auto key = base64Decode(secret.substr(kSigningToken.size()));
    if (!key) {
        return HookVerdict::forged;
    }
    const std::string mac = hmacSha256(view(*key), signedByGitlab(headers, body));
    for (const auto one : split(*signatures, ' ')) {
        constexpr std::string_view kVersion = "v1,";
        const auto bytes = one.substr(0, kVersion.size()) == kVersion
                               ? base64Decode(one.substr(kVersion.size()))
                               : std::nullopt;
        if (bytes && equalBytes(view(*bytes), mac)) {
            return fresh(fieldOf(headers, "webhook-timestamp"), now);
        }
    }
    return HookVerdict::forged;
}

HookVerdict verifyGeneric(const HttpHeaders& headers, std::string_view body, std::string_view secret,
                          std::int64_t now) {
    const auto verdict =
        hexVerdict(fieldOf(headers, "x-signature"), secret, signedGenerically(headers, body));
    return verdict == HookVerdict::good ? fresh(fieldOf(headers, "x-timestamp"), now) : verdict;
}

/// GitHub, Gitea and Forgejo try a new webhook out.
bool isPing(const HttpHeaders& headers) {
    return firstOf(headers, {"x-forgejo-event", "x-gitea-event", "x-github-event"}) == "ping" ||
           fieldOf(headers, "x-event-key") == "diagnostics:ping";  // Bitbucket's, of one's own
}

HttpResponse accepted(int status, const char* result) {
    HttpResponse out;
    out.status = status;
    out.body = std::string(R"({"result":")") + result + "\"}\n";
    return out;
}

HttpResponse refused(HookVerdict verdict) {
    switch (verdict) {
        case HookVerdict::unsigned_:
            return errorResponse(403, "the webhook is not signed",
                                 "give the git server the secret of hooks.secretFile");
        case HookVerdict::stale:
            return errorResponse(403, "the webhook's time is more than five minutes away from ours",
                                 "set the clocks of both");
        case HookVerdict::forged:
        case HookVerdict::good:
            break;
    }
    return errorResponse(403, "the webhook's signature does not fit our secret",
                         "give the git server the secret of hooks.secretFile");
}

/// Runs on the server's thread only.
class Hook {
public:
    explicit Hook(Hooks hooks)
        : hooks_(std::move(hooks)),
          secret_(readSharedSecret(hooks_.secretFile, "the webhook secret")),
          seen_(kRemembered) {}

    HttpResponse answer(HookProvider provider, const HttpRequest& request) {
        const auto verdict = verifyHook(provider, request.headers, request.body, view(secret_), hooks_.now());
        if (verdict != HookVerdict::good) {
            tell(provider, "refused");
            return refused(verdict);
        }
        if (!seen_.remember(deliveryMark(provider, request.headers, request.body))) {
            tell(provider, "replayed");
            // No failure: a server that is answered so switches its webhook off, and a person who tries the
            // webhook twice sees an error.
            return accepted(200, "already processed");
        }
        if (isPing(request.headers)) {
            tell(provider, "ignored");
            return accepted(200, "pong");
        }
        tell(provider, "accepted");
        hooks_.wake("webhook of " + std::string(hookName(provider)));
        return accepted(202, "accepted");
    }

private:
    void tell(HookProvider provider, const char* result) const {
        if (hooks_.observe) {
            hooks_.observe(hookName(provider), result);
        }
    }

    Hooks hooks_;
    SecureBytes secret_;
    SeenDeliveries seen_;
};

}  // namespace

std::string_view hookName(HookProvider provider) {
    switch (provider) {
        case HookProvider::github:
            return "github";
        case HookProvider::gitea:
            return "gitea";
        case HookProvider::forgejo:
            return "forgejo";
        case HookProvider::gogs:
            return "gogs";
        case HookProvider::gitlab:
            return "gitlab";
        case HookProvider::bitbucket:
            return "bitbucket";
        case HookProvider::generic:
            break;
    }
    return "generic";
}

std::string hmacSha256(std::string_view key, std::string_view message) {
    const auto bytes = [](std::string_view text) {
        return reinterpret_cast<const unsigned char*>(text.data());
    };
    crypto_auth_hmacsha256_state state;
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> out{};
    crypto_auth_hmacsha256_init(&state, bytes(key), key.size());
    crypto_auth_hmacsha256_update(&state, bytes(message), message.size());
    crypto_auth_hmacsha256_final(&state, out.data());
    wipe(&state, sizeof(state));
    return {out.begin(), out.end()};
}

HookVerdict verifyHook(HookProvider provider, const HttpHeaders& headers, std::string_view body,
                       std::string_view secret, std::int64_t now) {
    switch (provider) {
        case HookProvider::github:
            return hexVerdict(fieldOf(headers, "x-hub-signature-256"), secret, body);
        case HookProvider::gitea:
            return hexVerdict(firstOf(headers, {"x-gitea-signature", "x-hub-signature-256"}), secret, body);
        case HookProvider::forgejo:
            return hexVerdict(
                firstOf(headers, {"x-forgejo-signature", "x-gitea-signature", "x-hub-signature-256"}), secret,
                body);
        case HookProvider::gogs:
            return hexVerdict(fieldOf(headers, "x-gogs-signature"), secret, body);
        case HookProvider::bitbucket:
            return hexVerdict(fieldOf(headers, "x-hub-signature"), secret, body);
        case HookProvider::gitlab:
            return verifyGitlab(headers, body, secret, now);
        case HookProvider::generic:
            break;
    }
    return verifyGeneric(headers, body, secret, now);
}

std::string deliveryMark(HookProvider provider, const HttpHeaders& headers, std::string_view body) {
    std::string content(body);
    if (provider == HookProvider::generic) {
        content = signedGenerically(headers, body);
    } else if (provider == HookProvider::gitlab && fieldOf(headers, "webhook-signature")) {
        content = signedByGitlab(headers, body);
    }
    return Sha256().field(content).hex();
}

bool SeenDeliveries::remember(const std::string& mark) {
    if (!known_.insert(mark).second) {
        return false;
    }
    order_.push_back(mark);
    if (order_.size() > most_) {
        known_.erase(order_.front());
        order_.pop_front();
    }
    return true;
}

void addHooks(Router& router, Hooks hooks) {
    const auto hook = std::make_shared<Hook>(std::move(hooks));
    for (const auto provider :
         {HookProvider::github, HookProvider::gitea, HookProvider::forgejo, HookProvider::gogs,
          HookProvider::gitlab, HookProvider::bitbucket, HookProvider::generic}) {
        for (const char* end : {"", "/"}) {
            router.add("POST", "/hooks/" + std::string(hookName(provider)) + end,
                       [hook, provider](const HttpRequest& request, const HttpReply& reply) {
                           reply(hook->answer(provider, request));
                       });
        }
    }
}

}  // namespace vigie::controller
