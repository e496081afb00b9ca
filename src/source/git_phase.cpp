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
            return {Kind::network, "the name " + to.host + " was not resolved" + within,
                    "this host's resolver does not answer: look at /etc/resolv.conf, and try `getent hosts " +
                        to.host + "`"};
        case GitPhase::connect:
            return {
                Kind::network, "no connection to " + where + " came about" + within,
                "what is sent there is dropped: by a firewall of this host, by one on the way, or because "
                "nothing has that address"};
        case GitPhase::greeting:
            return {Kind::network,
                    where + " takes connections, but " +
                        (to.proxy ? "neither it nor the server behind it" : "does not") + " speak" +
                        (to.proxy ? "s " : " ") + protocol + within,
                    std::string("it hangs, or what listens there is no ") + protocol + " server"};
        case GitPhase::answer:
            return {Kind::network,
                    to.host + " proved who it is, but did not answer what it was asked" + within,
                    "it is overloaded, or what stands behind it hangs"};
        case GitPhase::login:
            return {
                Kind::network,
                to.host + " was told who asks, but did not tell the branches of " + to.repository + within,
                "the login hangs there, or git does: a lock, or a disk that does not answer"};
        case GitPhase::receiving:
            break;
    }
    return {Kind::network, "the commits of " + to.repository + " did not come" + within,
            "for a large repository or a slow line, raise `source.timeout`"};
}

}  // namespace vigie::source
