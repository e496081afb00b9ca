// What a server's certificate is worth: a second look at what libgit2 did not accept.
#pragma once

#include <string>
#include <string_view>

namespace vigie::source {

struct CertificateJudgement {
    /// It is for this IP address, and the authority vouches for it. Never true of a host with a name.
    bool goodForAddress = false;
    std::string problem;  ///< what is wrong with it, as the rest of "the certificate of HOST …"
    std::string hint;
};

/// Judges a server's own certificate, in DER. The libraries below libgit2 1.5 do not look at IP addresses in
/// a certificate (subjectAltName `IP:`): they refuse every one. So the whole of it is judged here: issued, at
/// this time and for a server, by an authority of `caFile` (empty: of this machine), and naming the address.
/// A certificate in between, which only the server sends, is not known here: such a one is refused.
CertificateJudgement judgeCertificate(std::string_view der, const std::string& host,
                                      const std::string& caFile);

}  // namespace vigie::source
