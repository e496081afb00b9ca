// `Error`: a failure that the caller could not prevent, with what to do next.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace vigie {

/// A failure that the caller could not prevent: a file, a tool, a peer. Mistakes in a user's document are not
/// errors but `spec::Diagnostic`s. `what()` says what happened to which thing, `hint()` what to do next;
/// neither ever contains a secret.
class Error : public std::runtime_error {
public:
    explicit Error(const std::string& message, std::string hint = {})
        : std::runtime_error(message), hint_(std::move(hint)) {}

    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

private:
    std::string hint_;
};

/// Thrown when the operator asked us to stop. Deliberately no `std::exception`: a handler for errors must not
/// swallow a Ctrl-C.
struct Interrupted {};

}  // namespace vigie
