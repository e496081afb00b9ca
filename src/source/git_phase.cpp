// How far a conversation with a git server has come, by the sockets of this process.

#include "source/git_phase.hpp"

#include "base/text.hpp"

#include <charconv>

namespace vigie::source {
namespace {

template <class Int>
Int numberIn(std::string_view text, int base) {
    Int out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out, base);
    return out;
}

std::vector<std::string_view> wordsOf(std::string_view line) {
    std::vector<std::string_view> out;
    for (const auto word : split(line, ' ')) {
        if (!word.empty()) {
            out.push_back(word);
        }
    }
    return out;
}

}  // namespace

std::vector<TcpSocket> readTcpSockets(std::string_view text) {
    enum Column { remote = 2, state = 3, inode = 9, columns = 10 };
    constexpr int kHexadecimal = 16;
    std::vector<TcpSocket> out;
    for (const auto line : splitLines(text)) {
        const auto words = wordsOf(line);
        const auto colon = words.size() < columns ? std::string_view::npos : words[remote].find(':');
        if (colon == std::string_view::npos) {
            continue;
        }
        TcpSocket socket;
        socket.remotePort = numberIn<std::uint16_t>(words[remote].substr(colon + 1), kHexadecimal);
        socket.established = words[state] == "01";
        socket.connecting = words[state] == "02" || words[state] == "03";
        socket.inode = numberIn<std::uint64_t>(words[inode], 10);
        if (socket.remotePort != 0) {
            out.push_back(socket);
        }
    }
    return out;
}

GitPhase phaseOf(const std::vector<TcpSocket>& own, std::uint16_t port) {
    auto out = GitPhase::lookup;
    for (const auto& socket : own) {
        if (socket.remotePort == port && socket.established) {
            return GitPhase::greeting;
        }
        if (socket.remotePort == port && socket.connecting) {
            out = GitPhase::connect;
        }
    }
    return out;
}

GitError failAfter(GitPhase phase, const GitDestination& to, std::int64_t seconds) {
    using Kind = GitError::Kind;
    const std::string within = " within " + std::to_string(seconds) + " s";
    const std::string who = (to.proxy ? "the proxy " : "") + to.host;
    const std::string where = who + ", port " + to.port;
    const char* const protocol = to.ssh ? "ssh" : "TLS";
    switch (phase) {
        case GitPhase::lookup:
            return {
                Kind::network, "the name " + to.host + " was not resolved" + within,
                "the resolver of this host does not answer: check /etc/resolv.conf, and try `getent hosts " +
                    to.host + "`"};
        case GitPhase::connect:
            return {Kind::network, "cannot connect to " + where + within,
                    "packets are dropped: by a firewall on this host or on the way, or because no machine "
                    "has that address"};
        case GitPhase::greeting:
            return {Kind::network,
                    where + " accepts connections, but " +
                        (to.proxy ? "neither it nor the server behind it" : "does not") + " speak" +
                        (to.proxy ? "s " : " ") + protocol + within,
                    std::string("it hangs, or the program on that port is not a ") + protocol + " server"};
        case GitPhase::answer:
            return {Kind::network, to.host + " authenticated itself, but did not answer the request" + within,
                    "the server is overloaded, or a program behind it hangs"};
        case GitPhase::login:
            return {
                Kind::network,
                to.host + " received the login, but did not list the branches of " + to.repository + within,
                "the login or git hangs on the server, such as on a lock or on a disk that does not respond"};
        case GitPhase::receiving:
            break;
    }
    return {Kind::network, "the commits of " + to.repository + " did not arrive" + within,
            "for a large repository or a slow line, raise `source.timeout`"};
}

}  // namespace vigie::source
