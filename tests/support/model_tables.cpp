// A model of the packet filter's mangle tables.

#include "tests/support/model_tables.hpp"

#include "base/text.hpp"
#include "spec/address.hpp"
#include "tests/support/model_tunnel.hpp"

#include <algorithm>
#include <stdexcept>

namespace vigie::tests {
namespace {

std::vector<std::string> wordsIn(std::string_view text) {
    std::vector<std::string> out;
    for (const auto word : split(text, ' ')) {
        if (!word.empty()) {
            out.emplace_back(word);
        }
    }
    return out;
}

/// What stands behind the first `count` words.
std::string behind(const std::vector<std::string>& words, std::size_t count) {
    return join({words.begin() + static_cast<std::ptrdiff_t>(count), words.end()}, " ");
}

std::vector<std::string>& chainIn(ModelTables::Table& table, const std::string& name) {
    const auto it = table.find(name);
    if (it == table.end()) {
        throw ToolFailed{"iptables-restore: no chain of the name " + name};
    }
    return it->second;
}

bool contains(const std::string& network, const std::string& address) {
    const auto parsed = spec::parseNetwork(network);
    const auto ip = spec::parseIp(address);
    return parsed && ip && parsed->contains(*ip);
}

}  // namespace

bool ModelTables::knows(const std::string& program) {
    return program == "iptables-save" || program == "ip6tables-save" || program == "iptables-restore" ||
           program == "ip6tables-restore";
}

system::ProcessResult ModelTables::run(const system::Command& command) {
    const auto& program = command.argv.at(0);
    auto& table = tables.at(program.starts_with("ip6"));
    if (program.ends_with("-save")) {
        if (command.argv != std::vector<std::string>{program, "-t", "mangle"}) {
            throw std::logic_error("the model does not know this iptables-save");
        }
        return {0, false, save(table), {}};
    }
    if (command.argv.at(1) != "--noflush") {
        throw std::logic_error("everybody's rules would go");
    }
    auto next = table;
    restore(command.input, next);  // as a whole, or not at all
    if (next != table) {
        fuse_.mutate(join(command.argv, " "));
        table = std::move(next);
    }
    return {0, false, {}, {}};
}

std::string ModelTables::save(const Table& table) {
    std::string out = "*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n";
    for (const auto& [chain, rules] : table) {
        out += chain == "PREROUTING" ? "" : ":" + chain + " - [0:0]\n";
    }
    for (const auto& [chain, rules] : table) {
        for (const auto& rule : rules) {
            out.append("-A ").append(chain).append(" ").append(rule).append("\n");
        }
    }
    return out + "COMMIT\n";
}

void ModelTables::restore(const std::string& input, Table& table) {
    for (const auto line : split(input, '\n')) {
        if (line.empty() || line.starts_with("#") || line == "*mangle" || line == "COMMIT") {
            continue;
        }
        const auto words = wordsIn(line);
        if (line.starts_with(":")) {
            table[words.at(0).substr(1)].clear();  // one that is declared is emptied
        } else if (words.at(0) == "-A") {
            chainIn(table, words.at(1)).push_back(behind(words, 2));
        } else if (words.at(0) == "-I" && words.at(2) == "1") {
            auto& chain = chainIn(table, words.at(1));
            chain.insert(chain.begin(), behind(words, 3));
        } else if (words.at(0) == "-D") {
            auto& chain = chainIn(table, words.at(1));
            const auto it = std::find(chain.begin(), chain.end(), behind(words, 2));
            if (it == chain.end()) {
                throw ToolFailed{"iptables-restore: no such rule"};
            }
            chain.erase(it);
        } else if (words.at(0) == "-X") {
            const auto& chain = chainIn(table, words.at(1));
            const auto used = [&](const std::string& rule) { return rule.ends_with("-j " + words.at(1)); };
            const bool jumped = std::any_of(table.begin(), table.end(), [&](const auto& each) {
                return std::any_of(each.second.begin(), each.second.end(), used);
            });
            if (!chain.empty() || jumped) {
                throw ToolFailed{"iptables-restore: the chain is in use"};
            }
            table.erase(words.at(1));
        } else {
            throw std::logic_error("the model does not know the line " + std::string(line));
        }
    }
}

bool ModelTables::matches(const std::vector<std::string>& words, const ModelPacket& packet) {
    for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
        const auto& option = words[i];
        const auto& value = words[i + 1];
        const bool tcp = packet.port != 0;
        const bool good = option == "-s"        ? contains(value, packet.from)
                          : option == "-d"      ? contains(value, packet.to)
                          : option == "-i"      ? value == packet.interface
                          : option == "--dport" ? std::to_string(packet.port) == value
                          : option == "-p"      ? (value == "tcp" ? tcp : packet.error)
                          : option == "--ctstate"
                              ? (value == "RELATED" ? packet.error : !tcp && !packet.error)
                              : option == "-m" || option == "--ctdir" || option == "-j";
        if (!good) {
            return false;
        }
    }
    return true;
}

bool ModelTables::passes(const ModelPacket& packet) const {
    const auto& table = tables.at(packet.from.find(':') != std::string::npos);
    for (const auto& jump : table.at("PREROUTING")) {
        const auto words = wordsIn(jump);
        if (!matches(words, packet)) {
            continue;
        }
        for (const auto& rule : table.at(words.back())) {
            if (const auto of = wordsIn(rule); matches(of, packet)) {
                if (of.back() == "DROP") {
                    return false;
                }
                break;  // RETURN
            }
        }
    }
    return true;
}

}  // namespace vigie::tests
