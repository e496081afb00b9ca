// libgit2's transport with a limit to how much a server may say.

#include "source/git_transport.hpp"

#include <git2/sys/transport.h>

#include <memory>
#include <new>

namespace vigie::source {
namespace {

// NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast, cppcoreguidelines-owning-memory): C's way of
// inheriting: libgit2 gets a pointer to a struct's first member, and frees it by a function in there.

struct Server;

/// What one request is answered; of ssh all of them have the same.
struct Stream {
    git_smart_subtransport_stream base{};
    git_smart_subtransport_stream* inner = nullptr;
    Server* server = nullptr;
};

struct Server {
    git_smart_subtransport base{};
    git_smart_subtransport* inner = nullptr;
    GitHearing* hearing = nullptr;
    Stream* open = nullptr;
    bool lists = true;        ///< else it sends what was asked for
    std::uint64_t heard = 0;  ///< bytes since that began
};

bool isTooMuch(Server& server) {
    auto& hearing = *server.hearing;
    hearing.listTooLong = server.lists && server.heard > GitHearing::kMostOfList;
    hearing.packTooLarge = !server.lists && hearing.mostOfPack != 0 && server.heard > hearing.mostOfPack;
    return hearing.listTooLong || hearing.packTooLarge;
}

int read(git_smart_subtransport_stream* base, char* to, std::size_t size, std::size_t* done) {
    auto& stream = *reinterpret_cast<Stream*>(base);
    const int code = stream.inner->read(stream.inner, to, size, done);
    if (code < 0) {
        return code;
    }
    stream.server->heard += *done;
    if (isTooMuch(*stream.server)) {
        git_error_set_str(GIT_ERROR_NET, "the server sends too much data");
        return -1;
    }
    return code;
}

int write(git_smart_subtransport_stream* base, const char* from, std::size_t size) {
    auto& stream = *reinterpret_cast<Stream*>(base);
    return stream.inner->write(stream.inner, from, size);
}

void freeStream(git_smart_subtransport_stream* base) {
    const std::unique_ptr<Stream> stream(reinterpret_cast<Stream*>(base));
    if (stream->server->open == stream.get()) {
        stream->server->open = nullptr;
    }
    stream->inner->free(stream->inner);
}

int act(git_smart_subtransport_stream** out, git_smart_subtransport* base, const char* url,
        git_smart_service_t service) {
    auto& server = *reinterpret_cast<Server*>(base);
    git_smart_subtransport_stream* inner = nullptr;
    if (const int code = server.inner->action(&inner, server.inner, url, service); code < 0) {
        return code;
    }
    if (const bool lists = service == GIT_SERVICE_UPLOADPACK_LS; lists != server.lists) {
        server.lists = lists;
        server.heard = 0;
    }
    if (server.open == nullptr || server.open->inner != inner) {
        auto* stream = new (std::nothrow) Stream;
        if (stream == nullptr) {
            git_error_set_oom();
            inner->free(inner);
            return -1;
        }
        stream->base = {base, &read, &write, &freeStream};
        stream->inner = inner;
        stream->server = &server;
        server.open = stream;
    }
    *out = &server.open->base;
    return 0;
}

int close(git_smart_subtransport* base) {
    auto& server = *reinterpret_cast<Server*>(base);
    return server.inner->close(server.inner);
}

void freeServer(git_smart_subtransport* base) {
    const std::unique_ptr<Server> server(reinterpret_cast<Server*>(base));
    server->inner->free(server->inner);
}

int makeServer(git_smart_subtransport** out, git_transport* owner, git_smart_subtransport_cb make,
               void* hearing) {
    std::unique_ptr<Server> server(new (std::nothrow) Server);
    if (server == nullptr) {
        git_error_set_oom();
        return -1;
    }
    if (const int code = make(&server->inner, owner, nullptr); code < 0) {
        return code;
    }
    server->base = {&act, &close, &freeServer};
    server->hearing = static_cast<GitHearing*>(hearing);
    *out = &server.release()->base;
    return 0;
}

int makeWeb(git_smart_subtransport** out, git_transport* owner, void* hearing) {
    return makeServer(out, owner, &git_smart_subtransport_http, hearing);
}

int makeSsh(git_smart_subtransport** out, git_transport* owner, void* hearing) {
    return makeServer(out, owner, &git_smart_subtransport_ssh, hearing);
}

// NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast, cppcoreguidelines-owning-memory)

}  // namespace

int makeTransport(git_transport** out, git_remote* owner, bool https, GitHearing& hearing) {
    // HTTP has a request of its own for each step, ssh one conversation. libgit2 copies none of it that it
    // keeps.
    git_smart_subtransport_definition definition{https ? &makeWeb : &makeSsh, https ? 1U : 0U, &hearing};
    return git_transport_smart(out, owner, &definition);
}

}  // namespace vigie::source
