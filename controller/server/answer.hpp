// Writes a response to a connection.
#pragma once

#include "controller/http.hpp"

#include <cstdint>
#include <string>

namespace vigie::controller {

/// An answer up to its body, with the headers that keep browsers from doing more with it than show it. A
/// header that the handler sets itself replaces ours. `now` in Unix seconds. Throws std::logic_error for a
/// header with a line end in it.
std::string answerHead(const HttpResponse& response, bool keepAlive, std::int64_t now);

/// Whether an answer of that status to that method has a body on the wire.
bool hasAnswerBody(int status, const std::string& method);

}  // namespace vigie::controller
