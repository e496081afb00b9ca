// The description of the configuration: which field of config.schema.yaml is which member.
#pragma once

#include "controller/config.hpp"
#include "spec/describable.hpp"

#include <string_view>

namespace vigie::controller {

/// A duration as the configuration writes it: `30s`.
struct WrittenDuration {
    std::chrono::milliseconds& value;
};
void fromText(std::string_view text, WrittenDuration& duration);

/// A size as the configuration writes it: `64MiB`.
struct WrittenSize {
    std::uint64_t& value;
};
void fromText(std::string_view text, WrittenSize& size);

template <class Io>
void durationField(Io& io, const char* key, std::chrono::milliseconds& value) {
    WrittenDuration written{value};
    io.field(key, written);
}

VIGIE_DESCRIBE(Config::Source) {
    WrittenSize size{value.maxBytes};
    io.field("url", value.url);
    io.field("branch", value.branch);
    io.field("tag", value.tag);
    io.field("commit", value.commit);
    io.field("path", value.path);
    durationField(io, "interval", value.interval);
    durationField(io, "timeout", value.timeout);
    durationField(io, "retryInterval", value.retryInterval);
    io.field("proxy", value.proxy);
    io.field("allowRewind", value.allowRewind);
    io.field("maxRepositorySize", size);
}

VIGIE_DESCRIBE(Config::Verify) {
    std::string mode;
    io.field("mode", mode);
    io.field("allowedSigners", value.allowedSigners);
    if (mode != "ssh") {
        value.allowedSigners.clear();
    }
}

VIGIE_DESCRIBE(Config::Auth) {
    io.field("sshKey", value.sshKey);
    io.field("knownHosts", value.knownHosts);
    io.field("tokenFile", value.tokenFile);
    io.field("username", value.username);
    io.field("caFile", value.caFile);
}

VIGIE_DESCRIBE(Config::Apply) {
    io.field("mode", value.mode);
    io.field("activate", value.activate);
    durationField(io, "timeout", value.timeout);
}

VIGIE_DESCRIBE(Config::Http) {
    std::string reads;
    io.field("listen", value.listen);
    io.field("names", value.names);
    io.field("tokenFile", value.tokenFile);
    io.group("tls", [&](auto& tls) {
        tls.field("cert", value.certFile);
        tls.field("key", value.keyFile);
    });
    io.field("reads", reads);
    value.openReads = reads == "open";
}

VIGIE_DESCRIBE(Config) {
    io.field("host", value.host);
    io.field("root", value.root);
    io.field("source", value.source);
    io.field("verify", value.verify);
    io.field("auth", value.auth);
    io.field("apply", value.apply);
    io.field("http", value.http);
    io.group("hooks", [&](auto& hooks) { hooks.field("secretFile", value.hooks.secretFile); });
    io.group("log", [&](auto& log) { log.field("format", value.log.format); });
    io.field("state", value.state);
}

}  // namespace vigie::controller
