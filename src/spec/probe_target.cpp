// Takes the target of a probe apart.

#include "spec/probe_target.hpp"

#include <algorithm>

namespace vigie::spec {

ProbeTarget probeTarget(std::string_view text) {
    ProbeTarget out;
    if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
        out.scheme = text.substr(0, scheme);
        text.remove_prefix(scheme + 3);
    }
    text = text.substr(0, text.find_first_of("/?#"));
    std::string_view behind;
    if (text.starts_with("[")) {
        const auto end = std::min(text.find(']'), text.size());
        out.host = text.substr(1, end - 1);
        behind = text.substr(std::min(end + 1, text.size()));
    } else if (std::count(text.begin(), text.end(), ':') == 1) {
        const auto colon = text.find(':');
        out.host = text.substr(0, colon);
        behind = text.substr(colon);
    } else {
        out.host = text;  // an address of IPv6 is one as a whole
    }
    if (!behind.empty() && behind.front() == ':') {
        out.port = behind.substr(1);
    }
    return out;
}

}  // namespace vigie::spec
