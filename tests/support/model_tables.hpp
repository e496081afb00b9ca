// A model of the packet filter's mangle tables.
#pragma once

#include "system/processes.hpp"
#include "tests/support/fuse.hpp"

#include <map>
#include <string>
#include <vector>

namespace vigie::tests {

/// One packet, as the rules of guests look at it.
struct ModelPacket {
    std::string interface;
    std::string from;
    std::string to;
    int port = 0;        ///< of TCP; 0: an answer to what a host began
    bool error = false;  ///< of ICMP, about a packet that was sent
};

/// iptables-save and iptables-restore 1.8 of both families, as far as vigie's own chain goes.
class ModelTables {
public:
    explicit ModelTables(Fuse& fuse) : fuse_(fuse) {}

    static bool knows(const std::string& program);
    system::ProcessResult run(const system::Command& command);

    /// Whether a packet gets past the chains. Of every rule only what vigie writes is known.
    [[nodiscard]] bool passes(const ModelPacket& packet) const;

    using Table = std::map<std::string, std::vector<std::string>>;  ///< rules by their chain
    std::map<bool, Table> tables = {{false, {{"PREROUTING", {}}}},
                                    {true, {{"PREROUTING", {}}}}};  ///< by IPv6

private:
    [[nodiscard]] static std::string save(const Table& table);
    static void restore(const std::string& input, Table& table);
    [[nodiscard]] static bool matches(const std::vector<std::string>& words, const ModelPacket& packet);

    Fuse& fuse_;
};

}  // namespace vigie::tests
