// TLS contexts, and their renewal when the certificate changes.
#pragma once

#include "controller/log.hpp"

#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace vigie::controller {

/// The server's certificate and key. Files that are replaced are read again, so that a renewed certificate
/// needs no restart.
class Tls {
public:
    /// Throws Error when the files cannot be used: the key must be 0600 or stricter and belong to the
    /// certificate.
    Tls(std::string certFile, std::string keyFile);

    /// For the next connection. Looks at the files at most once in ten seconds; what cannot be used is
    /// logged, and the old pair stays.
    std::shared_ptr<boost::asio::ssl::context> current(Log& log);

    /// Whether the certificate of such a context is for this host name, as a client judges that.
    static bool proves(const boost::asio::ssl::context& context, const std::string& name);

private:
    [[nodiscard]] std::string identity() const;

    std::string certFile_;
    std::string keyFile_;
    std::string identity_;
    std::shared_ptr<boost::asio::ssl::context> context_;
    std::chrono::steady_clock::time_point lookedAt_;
};

}  // namespace vigie::controller
