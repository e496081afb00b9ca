// Finds out whether an address belongs to this host.

#include "system/local_address.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
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

bool isElsewhere(const std::string& address) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST;
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* list = nullptr;
    if (getaddrinfo(address.c_str(), nullptr, &hints, &list) != 0) {
        return false;
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> found(list, &freeaddrinfo);
    const int fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return false;
    }
    const bool elsewhere = bind(fd, found->ai_addr, found->ai_addrlen) != 0 && errno == EADDRNOTAVAIL;
    close(fd);
    return elsewhere;
}

}  // namespace vigie::system
