// What a commit says of itself: subject, author and time.

#include "source/git_describe.hpp"

#include "base/one_line.hpp"
#include "base/text.hpp"
#include "source/git_error.hpp"
#include "source/git_handles.hpp"
#include "source/git_library.hpp"
#include "source/git_store.hpp"

namespace vigie::source {

Description describeCommit(const std::string& repository, const std::string& commit) {
    constexpr std::size_t kSubject = 200;
    constexpr std::size_t kAuthor = 100;
    const GitLibrary library;
    GitRepository opened;
    git_oid oid;
    GitCommit found;
    if (gitMake(git_repository_open_bare, opened, repository.c_str()) < 0 || commit.size() != 40 ||
        git_oid_fromstr(&oid, commit.c_str()) < 0 || !hasCommit(*opened, oid) ||
        gitMake(git_commit_lookup, found, opened.get(), &oid) < 0) {
        throw GitError(GitError::Kind::repository,
                       "the repository " + repository + " has no commit '" + printable(commit) + "'",
                       "fetch first");
    }
    const char* subject = git_commit_summary(found.get());
    const git_signature* author = git_commit_author(found.get());
    return {oneLine(subject == nullptr ? "" : subject, kSubject),
            oneLine(author == nullptr || author->name == nullptr ? "" : author->name, kAuthor),
            git_commit_time(found.get())};
}

}  // namespace vigie::source
