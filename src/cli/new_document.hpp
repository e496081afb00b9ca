// The text of a new document.
#pragma once

#include <string>
#include <vector>

namespace vigie::cli {

/// A host of a new document.
struct NewHost {
    std::string name;
    std::string endpoint;  ///< the public address or name; empty: behind NAT
    std::string address;   ///< in the tunnel, or in the network that is there already
};

/// What somebody wants to begin with.
struct NewStack {
    std::string name;
    std::vector<NewHost> hosts;
    std::string network;     ///< the tunnel's; unused with a single host
    std::string over;        ///< an interface or a subnet that joins the hosts already; no tunnel then
    std::string prometheus;  ///< the host that watches
    std::string mail;        ///< who is told; empty: nobody is
    std::string smarthost;   ///< the mail server
    std::vector<std::string> exporters;  ///< `node`, `cadvisor`: on every host
    bool grafana = false;
};

/// `NAME[@ENDPOINT][=ADDRESS]`.
NewHost parseNewHost(const std::string& text);

/// Gives addresses to hosts without one, and the choice of Prometheus' host: a host behind NAT, else the
/// last. Throws Error for what no document can say, with the option to write.
NewStack complete(NewStack stack);

/// The document's text, with a comment wherever a person has to go on. A key that nobody knows yet is a key
/// in form, and reads as what to do.
std::string newDocument(const NewStack& stack);

}  // namespace vigie::cli
