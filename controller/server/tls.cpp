// TLS contexts, and their renewal when the certificate changes.

#include "controller/server/tls.hpp"

#include "base/error.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace vigie::controller {
namespace {

namespace ssl = boost::asio::ssl;

/// What changes when a file is replaced or written.
std::string identityOf(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) {
        return std::string("missing: ") + std::strerror(errno);
    }
    return std::to_string(found.st_ino) + " " + std::to_string(found.st_size) + " " +
           std::to_string(found.st_mtim.tv_sec) + "." + std::to_string(found.st_mtim.tv_nsec);
}

void checkKeyFile(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) {
        throw Error("the key of http.tls " + path + " cannot be read: " + std::strerror(errno));
    }
    if ((found.st_mode & 077U) != 0) {
        throw Error("the key of http.tls " + path + " can be read by others", "chmod 600 " + path);
    }
}

std::shared_ptr<ssl::context> load(const std::string& certFile, const std::string& keyFile) {
    checkKeyFile(keyFile);
    auto out = std::make_shared<ssl::context>(ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(out->native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_options(out->native_handle(),
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    // Of TLS 1.2 only what keeps old conversations secret when the key is lost, and proves each byte (AEAD);
    // all of TLS 1.3 does.
    SSL_CTX_set_cipher_list(out->native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_mode(out->native_handle(), SSL_MODE_RELEASE_BUFFERS);  // idle connections hold 34 KB less
    boost::system::error_code error;
    out->use_certificate_chain_file(certFile, error);
    if (error) {
        throw Error("the certificate of http.tls " + certFile + " cannot be used: " + error.message(),
                    "it wants to be in PEM form, with its chain behind it");
    }
    out->use_private_key_file(keyFile, ssl::context::pem, error);
    if (error) {
        throw Error("the key of http.tls " + keyFile + " cannot be used: " + error.message(),
                    "it wants to be in PEM form, without a passphrase, and to belong to " + certFile);
    }
    return out;
}

}  // namespace

Tls::Tls(std::string certFile, std::string keyFile)
    : certFile_(std::move(certFile)),
      keyFile_(std::move(keyFile)),
      identity_(identity()),
      context_(load(certFile_, keyFile_)),
      lookedAt_(std::chrono::steady_clock::now()) {}

bool Tls::proves(const ssl::context& context, const std::string& name) {
    // asio has no way to it from what is const.
    X509* certificate = SSL_CTX_get0_certificate(const_cast<ssl::context&>(context).native_handle());
    return certificate != nullptr && !name.empty() &&
           X509_check_host(certificate, name.data(), name.size(), 0, nullptr) == 1;
}

std::string Tls::identity() const {
    return identityOf(certFile_) + ", " + identityOf(keyFile_);
}

std::shared_ptr<ssl::context> Tls::current(Log& log) {
    constexpr std::chrono::seconds kBetweenLooks{10};
    const auto now = std::chrono::steady_clock::now();
    if (now - lookedAt_ < kBetweenLooks) {
        return context_;
    }
    lookedAt_ = now;
    const auto found = identity();
    if (found != identity_) {
        identity_ = found;
        try {
            context_ = load(certFile_, keyFile_);
            log.info("the certificate for https was read again");
        } catch (const Error& error) {
            log.warning(std::string(error.what()) + "; the old one stays");
        }
    }
    return context_;
}

}  // namespace vigie::controller
