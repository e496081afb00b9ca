// The conversation with a git server, with a limit to how much it may say.
#pragma once

#include <git2.h>

#include <cstdint>

namespace vigie::source {

/// How much of a conversation was heard, and may be.
struct GitHearing {
    /// The list of branches and tags, which libgit2 keeps in memory as a whole before it asks for anything:
    /// some 200 000 names. The server may say it before either side has proven who it is.
    static constexpr std::uint64_t kMostOfList = 16U << 20U;

    std::uint64_t mostOfPack =
        0;                      ///< bytes of what is fetched, with what the server says about it; 0: no limit
    bool listTooLong = false;   ///< why the conversation was ended
    bool packTooLarge = false;  ///< the same
};

/// libgit2's own transport for https (else ssh), which ends with an error when `hearing`'s limits are passed.
/// `hearing` must outlive it. Returns libgit2's code.
int makeTransport(git_transport** out, git_remote* owner, bool https, GitHearing& hearing);

}  // namespace vigie::source
