// Reads a request's body, plain or in chunks, within a limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::controller {

/// A request's body, plain or in chunks (RFC 9112, section 7.1), from bytes that arrive piece by piece. Our
/// own, since Beast's parser (1.74 to 1.83) fails an assertion on some chunked bodies and can forget its
/// limit.
class BodyReader {
public:
    enum class State { more, done, malformed, tooLarge };

    static BodyReader plain(std::uint64_t length, std::size_t limit);
    static BodyReader chunked(std::size_t limit);

    /// Takes what belongs to the body off the front of `bytes`. Once it is not `more`, it stays what it is.
    State take(std::string_view& bytes);
    std::string body;  ///< once done

private:
    enum class Part { plain, size, data, dataEnd, trailer };

    BodyReader(Part part, std::uint64_t length, std::size_t limit)
        : part_(part), left_(length), limit_(limit) {}
    void takeData(std::string_view& bytes);
    void takeLine(std::string_view& bytes);
    void endOfLine();
    void chunkSize();

    Part part_;
    std::uint64_t left_;  ///< of the body, or of this chunk
    std::size_t limit_;
    std::size_t framing_ = 0;  ///< bytes that were no data
    std::string line_;         ///< of the framing, as far as it has come
    State state_ = State::more;
};

}  // namespace vigie::controller
