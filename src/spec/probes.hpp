// What a blackbox exporter asks: probes in vigie's fields, and modules in the program's own words.
#pragma once

#include "spec/describable.hpp"
#include "spec/node.hpp"
#include "spec/secret_reference.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace vigie::spec {

struct ProbeBasicAuth {
    std::string username;
    SecretReference passwordFrom;
    bool operator==(const ProbeBasicAuth&) const = default;
};

VIGIE_DESCRIBE(ProbeBasicAuth) {
    io.field("username", value.username);
    io.field("passwordFrom", value.passwordFrom);
}

struct ProbeHeader {
    std::string name;
    std::string value;
    bool operator==(const ProbeHeader&) const = default;
};

VIGIE_DESCRIBE(ProbeHeader) {
    io.field("name", value.name);
    io.field("value", value.value);
}

struct HttpProbe {
    std::string method = {};
    std::vector<int> validStatusCodes = {};
    std::vector<std::string> validHttpVersions = {};
    std::optional<bool> followRedirects = {};
    bool failIfSsl = false;
    bool failIfNotSsl = false;
    bool insecureSkipVerify = false;
    std::vector<std::string> failIfBodyMatches = {};
    std::vector<std::string> failIfBodyNotMatches = {};
    std::vector<ProbeHeader> headers = {};
    std::string body = {};
    std::optional<ProbeBasicAuth> basicAuth = {};
    std::optional<SecretReference> bearerTokenFrom = {};
    bool operator==(const HttpProbe&) const = default;
};

VIGIE_DESCRIBE(HttpProbe) {
    io.field("method", value.method);
    io.field("validStatusCodes", value.validStatusCodes);
    io.field("validHTTPVersions", value.validHttpVersions);
    io.field("followRedirects", value.followRedirects);
    io.field("failIfSSL", value.failIfSsl);
    io.field("failIfNotSSL", value.failIfNotSsl);
    io.field("insecureSkipVerify", value.insecureSkipVerify);
    io.field("failIfBodyMatches", value.failIfBodyMatches);
    io.field("failIfBodyNotMatches", value.failIfBodyNotMatches);
    io.field("headers", value.headers);
    io.field("body", value.body);
    io.field("basicAuth", value.basicAuth);
    io.field("bearerTokenFrom", value.bearerTokenFrom);
}

struct DnsProbe {
    std::string queryName;
    std::string queryType = {};
    std::string transport = {};
    std::vector<std::string> validRcodes = {};
    std::vector<std::string> failIfAnswerMatches = {};
    std::vector<std::string> failIfAnswerNotMatches = {};
    bool operator==(const DnsProbe&) const = default;
};

VIGIE_DESCRIBE(DnsProbe) {
    io.field("queryName", value.queryName);
    io.field("queryType", value.queryType);
    io.field("transport", value.transport);
    io.field("validRcodes", value.validRcodes);
    io.field("failIfAnswerMatches", value.failIfAnswerMatches);
    io.field("failIfAnswerNotMatches", value.failIfAnswerNotMatches);
}

struct TcpProbe {
    bool tls = false;
    bool insecureSkipVerify = false;
    std::string expect = {};
    std::string send = {};
    bool operator==(const TcpProbe&) const = default;
};

VIGIE_DESCRIBE(TcpProbe) {
    io.field("tls", value.tls);
    io.field("insecureSkipVerify", value.insecureSkipVerify);
    io.field("expect", value.expect);
    io.field("send", value.send);
}

struct IcmpProbe {
    bool dontFragment = false;
    std::optional<int> payloadSize = {};
    bool operator==(const IcmpProbe&) const = default;
};

VIGIE_DESCRIBE(IcmpProbe) {
    io.field("dontFragment", value.dontFragment);
    io.field("payloadSize", value.payloadSize);
}

/// What is asked of `targets`, and how. Becomes a module of the blackbox exporter and a scrape job.
struct Probe {
    std::string name;
    std::string prober = {};
    std::string module = {};  ///< one of `modules` instead of a `prober`
    std::vector<std::string> targets = {};
    std::string interval = {};
    std::string timeout = {};
    std::string ipProtocol = {};
    std::map<std::string, std::string> labels = {};
    std::optional<HttpProbe> http = {};
    std::optional<DnsProbe> dns = {};
    std::optional<TcpProbe> tcp = {};
    std::optional<IcmpProbe> icmp = {};
    bool operator==(const Probe&) const = default;
};

VIGIE_DESCRIBE(Probe) {
    io.field("name", value.name);
    io.field("prober", value.prober);
    io.field("module", value.module);
    io.field("targets", value.targets);
    io.field("interval", value.interval);
    io.field("timeout", value.timeout);
    io.field("ipProtocol", value.ipProtocol);
    io.field("labels", value.labels);
    io.field("http", value.http);
    io.field("dns", value.dns);
    io.field("tcp", value.tcp);
    io.field("icmp", value.icmp);
}

/// A module in the exporter's own words.
struct ProbeModule {
    std::string name;
    Node raw;

    /// What it says as `prober`; empty when that is no text.
    [[nodiscard]] std::string prober() const;
    bool operator==(const ProbeModule&) const = default;
};

VIGIE_DESCRIBE(ProbeModule) {
    io.field("name", value.name);
    io.field("raw", value.raw);
}

struct Blackbox {
    std::vector<Probe> probes = {};
    std::vector<ProbeModule> modules = {};

    /// Whether a probe or a module sends ICMP, for which the program needs CAP_NET_RAW.
    [[nodiscard]] bool pings() const;
    bool operator==(const Blackbox&) const = default;
};

VIGIE_DESCRIBE(Blackbox) {
    io.field("probes", value.probes);
    io.field("modules", value.modules);
}

}  // namespace vigie::spec
