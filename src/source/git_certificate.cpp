// Judges a server's certificate that libgit2 did not accept.

#include "source/git_certificate.hpp"

#include "base/text.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>
#include <memory>
#include <vector>

namespace vigie::source {
namespace {

template <class T, void (*Free)(T*)>
struct Freed {
    void operator()(T* thing) const { Free(thing); }
};
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;
using Authorities = std::unique_ptr<X509_STORE, Freed<X509_STORE, X509_STORE_free>>;
using Verification = std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX, X509_STORE_CTX_free>>;

Certificate certificateFrom(std::string_view der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    return Certificate(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
}

bool isAddress(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> buffer{};
    return ::inet_pton(AF_INET, host.c_str(), buffer.data()) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), buffer.data()) == 1;
}

Authorities authoritiesOf(const std::string& caFile) {
    Authorities out(X509_STORE_new());
    if (out == nullptr) {
        return out;
    }
    const int loaded = caFile.empty() ? X509_STORE_set_default_paths(out.get())
                                      : X509_STORE_load_locations(out.get(), caFile.c_str(), nullptr);
    return loaded == 1 ? std::move(out) : nullptr;
}

/// Whether an authority of `caFile` issued it for a server, and all of that is valid now and strong enough:
/// as strong as TLS demands it, with 112 bits.
bool vouchedFor(X509& certificate, const std::string& caFile) {
    constexpr int kLevel = 2;
    const auto authorities = authoritiesOf(caFile);
    const Verification verification(X509_STORE_CTX_new());
    if (authorities == nullptr || verification == nullptr ||
        X509_STORE_CTX_init(verification.get(), authorities.get(), &certificate, nullptr) != 1 ||
        X509_STORE_CTX_set_default(verification.get(), "ssl_server") != 1) {
        return false;
    }
    X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(verification.get()), kLevel);
    return X509_verify_cert(verification.get()) == 1;
}

std::string addressText(const ASN1_OCTET_STRING& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int size = ASN1_STRING_length(&address);
    const int family = size == sizeof(in_addr) ? AF_INET : AF_INET6;
    const bool fits = size == sizeof(in_addr) || size == sizeof(in6_addr);
    return fits && ::inet_ntop(family, ASN1_STRING_get0_data(&address), text.data(), text.size()) != nullptr
               ? text.data()
               : "?";
}

/// The names and addresses in it, for a message.
std::string namesIn(X509& certificate) {
    constexpr std::size_t kMost = 5;
    std::vector<std::string> out;
    auto* const names =
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && out.size() < kMost; ++i) {
        const auto* name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DNS) {
            const auto* text = name->d.dNSName;
            out.push_back(printable({reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                                     static_cast<std::size_t>(ASN1_STRING_length(text))}));
        } else if (name->type == GEN_IPADD) {
            out.push_back(addressText(*name->d.iPAddress));
        }
    }
    GENERAL_NAMES_free(names);
    return join(out, ", ");
}

std::string dayOf(const ASN1_TIME& time) {
    std::tm parts{};
    std::array<char, 16> text{};
    return ASN1_TIME_to_tm(&time, &parts) == 1 &&
                   std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts) != 0
               ? text.data()
               : "?";
}

}  // namespace

CertificateJudgement judgeCertificate(std::string_view der, const std::string& host,
                                      const std::string& caFile) {
    CertificateJudgement out;
    const auto certificate = certificateFrom(der);
    const bool address = isAddress(host);
    const std::string cure =
        caFile.empty() ? "if you run your own certificate authority, set auth.caFile to its PEM file"
                       : "check that " + caFile + " has the certificate authority that issued it";
    if (certificate == nullptr) {
        out.problem = "cannot be read";
        out.hint = "inspect it with: openssl s_client -connect " + host + ":PORT -showcerts";
    } else if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0) {
        out.problem = "expired on " + dayOf(*X509_get0_notAfter(certificate.get()));
        out.hint = "renew it on the server, or correct the clock of this host";
    } else if (X509_cmp_current_time(X509_get0_notBefore(certificate.get())) > 0) {
        out.problem = "is not valid before " + dayOf(*X509_get0_notBefore(certificate.get()));
        out.hint = "check the clock of this host";
    } else if (const auto names = namesIn(*certificate);
               (address ? X509_check_ip_asc(certificate.get(), host.c_str(), 0)
                        : X509_check_host(certificate.get(), host.c_str(), host.size(), 0, nullptr)) != 1) {
        out.problem = "is not for " + host + (names.empty() ? "" : ", but for " + names);
        out.hint = address
                       ? "issue it with `subjectAltName=IP:" + host + "`, or use a name in the certificate"
                       : "use a name in the certificate, or issue a certificate for this name";
    } else {
        out.goodForAddress = address && vouchedFor(*certificate, caFile);
        out.problem = "is not trusted";
        out.hint =
            cure + (address ? " itself: for an IP address, intermediate certificates are not supported" : "");
    }
    ERR_clear_error();
    return out;
}

}  // namespace vigie::source
