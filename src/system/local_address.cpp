// Finds out whether an address belongs to this host.

#include "system/local_address.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>

namespace vigie::system {

std::string hostOf(const std::string& url) {
    const auto scheme = url.find("://");
    const auto begin = scheme == std::string::npos ? 0 : scheme + 3;
    const auto end = url.find('/', begin);
    const std::string authority = url.substr(begin, end == std::string::npos ? end : end - begin);
    if (!authority.empty() && authority.front() == '[') {
        return authority.substr(1, authority.find(']') - 1);
    }
    return authority.substr(0, authority.find(':'));
}

namespace {

bool isLoopback(const addrinfo& address) {
    constexpr unsigned kByte = 24;
    constexpr unsigned kLoopback = 127;
    if (address.ai_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6*>(address.ai_addr)->sin6_addr;
        return IN6_IS_ADDR_LOOPBACK(&v6);
    }
    const auto& v4 = reinterpret_cast<const sockaddr_in*>(address.ai_addr)->sin_addr;
    return ntohl(v4.s_addr) >> kByte == kLoopback;
}

/// A datagram socket can be connected to a port only; nothing is sent to it.
void setPort(addrinfo& address) {
    constexpr std::uint16_t kDiscard = 9;
    if (address.ai_family == AF_INET6) {
        reinterpret_cast<sockaddr_in6*>(address.ai_addr)->sin6_port = htons(kDiscard);
    } else {
        reinterpret_cast<sockaddr_in*>(address.ai_addr)->sin_port = htons(kDiscard);
    }
}

/// Whether the kernel would send from that very address: it does for an address of this host, and of this
/// host only.
bool speaksAs(int fd, const addrinfo& address) {
    sockaddr_storage own{};
    socklen_t size = sizeof(own);
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0) {
        return false;
    }
    if (address.ai_family == AF_INET6) {
        const auto& is = reinterpret_cast<const sockaddr_in6&>(own).sin6_addr;
        return IN6_ARE_ADDR_EQUAL(&is, &reinterpret_cast<const sockaddr_in6*>(address.ai_addr)->sin6_addr);
    }
    return reinterpret_cast<const sockaddr_in&>(own).sin_addr.s_addr ==
           reinterpret_cast<const sockaddr_in*>(address.ai_addr)->sin_addr.s_addr;
}

}  // namespace

bool isElsewhere(const std::string& address) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST;
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* list = nullptr;
    if (getaddrinfo(address.c_str(), nullptr, &hints, &list) != 0) {
        return false;
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> found(list, &freeaddrinfo);
    if (isLoopback(*found)) {
        return false;
    }
    const int fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return false;
    }
    setPort(*found);
    const bool elsewhere = connect(fd, found->ai_addr, found->ai_addrlen) == 0
                               ? !speaksAs(fd, *found)
                               : errno == ENETUNREACH || errno == EHOSTUNREACH || errno == EADDRNOTAVAIL;
    close(fd);
    return elsewhere;
}

}  // namespace vigie::system
