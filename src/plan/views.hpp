// A difference in two views: what everybody may read, and what is for the terminal of whoever runs vigie.

#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace vigie::plan {

/// Who reads a plan.
enum class Audience : std::uint8_t {
    everybody,  ///< the API, the page, the log, the history, and whatever is a file or a pipe
    terminal,  ///< the person at the terminal that vigie was started on, who may read the host's files anyway
};

/// What differs of one resource, as text. Whoever does not say for whom he asks gets what everybody may see.
class Diff {
public:
    Diff() = default;

    /// One for everybody: of what the document says, and of facts that hold nobody's text, such as addresses,
    /// ports and public keys.
    static Diff ofFacts(std::string text) { return {std::move(text), {}}; }
    /// `published` has nothing of what was found on the host and is not ours; `forTerminal` may.
    static Diff ofFound(std::string published, std::string forTerminal) {
        if (published == forTerminal) {
            forTerminal.clear();
        }
        return {std::move(published), std::move(forTerminal)};
    }

    [[nodiscard]] const std::string& text(Audience audience = Audience::everybody) const {
        return audience == Audience::terminal && !forTerminal_.empty() ? forTerminal_ : published_;
    }
    [[nodiscard]] bool empty() const { return published_.empty() && forTerminal_.empty(); }
    void clear() { *this = Diff(); }

private:
    Diff(std::string published, std::string forTerminal)
        : published_(std::move(published)), forTerminal_(std::move(forTerminal)) {}

    std::string published_;
    std::string forTerminal_;  ///< empty: the same
};

}  // namespace vigie::plan
