// Finds and parses the head of a request.
#pragma once

#include "controller/http.hpp"
#include "controller/server/limits.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

/// The first part of a request, up to the empty line. Stricter than RFC 9112 wherever two programs could read
/// the same bytes differently: what is behind a proxy must not see another request than the proxy did.
namespace vigie::controller {

/// Finds the empty line in bytes that arrive piece by piece. Refuses at once what no later byte can mend, so
/// that nobody waits for a deadline with it.
class HeadScanner {
public:
    enum class State { more, complete, malformed };

    /// `bytes`: everything since the request's first byte, longer than at the last call.
    State scan(std::string_view bytes);
    /// Once complete: the size up to and with the empty line.
    [[nodiscard]] std::size_t size() const { return at_; }

private:
    std::size_t at_ = 0;         ///< looked at so far
    std::size_t lineStart_ = 0;  ///< of the line at `at_`
};

struct Head {
    HttpRequest request;  ///< without its body
    bool keepAlive = false;
    bool expectsContinue = false;
    bool chunked = false;
    std::uint64_t length = 0;  ///< of the body, unless chunked

    [[nodiscard]] bool hasBody() const { return chunked || length > 0; }
};

/// `bytes`: what HeadScanner found. The request, or how it is refused; after that the connection has no
/// meaning.
std::variant<Head, HttpResponse> parseHead(std::string_view bytes, const Limits& limits);

}  // namespace vigie::controller
