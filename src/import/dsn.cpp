// Takes a PostgreSQL connection string apart.

#include "import/dsn.hpp"

#include <charconv>

namespace vigie::imports {
namespace {

/// `%40` → `@`; what is no escape stays as it is, as lib/pq has it.
SecureBytes percentDecoded(std::string_view text) {
    SecureBytes out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned byte = 0;
        constexpr int kHex = 16;
        if (text[i] == '%' && i + 2 < text.size()) {
            const char* const last = text.data() + i + 3;
            const auto [end, error] = std::from_chars(text.data() + i + 1, last, byte, kHex);
            if (error == std::errc{} && end == last) {
                out.push_back(static_cast<char>(byte));
                i += 2;
                continue;
            }
        }
        out.push_back(text[i]);
    }
    return out;
}

}  // namespace

std::optional<Dsn> parseDsn(std::string_view text) {
    const auto scheme = text.find("://");
    if (scheme == std::string_view::npos ||
        (text.substr(0, scheme) != "postgres" && text.substr(0, scheme) != "postgresql")) {
        return std::nullopt;
    }
    auto rest = text.substr(scheme + 3);
    Dsn out;
    if (const auto at = rest.rfind('@');
        at != std::string_view::npos) {  // a password that was not encoded may have one
        const auto user = rest.substr(0, at);
        const auto colon = user.find(':');
        out.user = view(percentDecoded(user.substr(0, colon)));
        if (colon != std::string_view::npos) {
            out.password = percentDecoded(user.substr(colon + 1));
        }
        rest = rest.substr(at + 1);
    }
    const auto slash = rest.find_first_of("/?");
    const auto authority = rest.substr(0, slash);
    const auto colon = authority.rfind(':');
    out.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) {
        std::from_chars(authority.data() + colon + 1, authority.data() + authority.size(), out.port);
    }
    if (slash != std::string_view::npos && rest[slash] == '/') {
        const auto database = rest.substr(slash + 1);
        out.database = database.substr(0, database.find('?'));
    }
    return out.host.empty() ? std::nullopt : std::optional(std::move(out));
}

}  // namespace vigie::imports
