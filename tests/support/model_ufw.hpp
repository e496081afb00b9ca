// A model of ufw and its files.
#pragma once

#include "kinds/firewall/ufw_rules.hpp"
#include "system/processes.hpp"
#include "tests/support/fuse.hpp"
#include "tests/support/model_files.hpp"

#include <string>
#include <vector>

namespace vigie::tests {

/// ufw 0.36.2 as far as rules go: user.rules and user6.rules, each written by itself, one after the other.
class ModelUfw {
public:
    ModelUfw(Fuse& fuse, ModelFiles& files) : fuse_(fuse), files_(files) {}

    /// An enabled firewall that lets ssh in and nothing else.
    void install();

    system::ProcessResult run(const std::vector<std::string>& argv);

    /// Somebody else gives a command.
    void byHand(const std::string& rule, const std::string& comment = {});
    void removeByHand(const std::string& rule);

private:
    [[nodiscard]] std::vector<plan::UfwRule> rules(bool v6) const;
    void write(const std::vector<plan::UfwRule>& rules, bool v6);
    /// Whether it changes one family's list; makes the change in `list`.
    static bool change(std::vector<plan::UfwRule>& list, plan::UfwRule rule, bool remove,
                       std::size_t position);

    Fuse& fuse_;
    ModelFiles& files_;
};

}  // namespace vigie::tests
