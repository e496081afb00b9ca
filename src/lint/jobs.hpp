// The `job` labels that the series of a document can have.
#pragma once

#include "spec/stack.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::lint {

/// The `job` labels that the stack's series may have. The document has a Prometheus.
class Jobs {
public:
    explicit Jobs(const spec::Stack& stack);

    /// Whether any job at all may be there: targets, relabelling or other servers may say another one.
    [[nodiscard]] bool open() const { return open_; }
    [[nodiscard]] bool provided(const std::string& job) const { return open_ || names_.count(job) != 0; }
    [[nodiscard]] std::vector<std::string> names() const { return {names_.begin(), names_.end()}; }

private:
    std::set<std::string> names_;
    bool open_ = false;
};

/// The jobs that an expression selects by `job="…"`, or by alternatives of plain words.
std::vector<std::string> jobsOf(std::string_view expression);

/// The same of a whole YAML text, without reading it as YAML: never fewer names, but some may stand in a
/// comment or belong to another label.
std::vector<std::string> jobsMentioned(std::string_view text);

}  // namespace vigie::lint
