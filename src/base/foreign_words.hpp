// What a program says of files that are not ours, without what those files say.

#pragma once

#include <set>
#include <string>
#include <string_view>

namespace vigie {

/// Tells names from contents in what a program complains about. A file's settings are names (`KEY=…`, `key:
/// …`), and so is what Compose's settings that hold names say (`image: …`); everything else in it is content,
/// which may be a secret.
class ForeignWords {
public:
    /// Takes the words of a file of others: a compose file, an environment file or a configuration of
    /// WireGuard.
    void read(std::string_view file);
    /// A file could not be read: nothing of what is said about it can be told from its contents.
    void readFailed() { unread_ = true; }
    /// Words that may be shown wherever they stand, such as a service's name or a path.
    void know(std::string_view words);

    /// One line as everybody may read it: contents are masked, and so is quoted text that is not made of
    /// names alone.
    [[nodiscard]] std::string showable(std::string_view line) const;

private:
    [[nodiscard]] std::string withoutContents(std::string_view text) const;
    [[nodiscard]] bool isOfNames(std::string_view quoted) const;

    std::set<std::string, std::less<>> names_;
    std::set<std::string, std::less<>> contents_;
    bool unread_ = false;
};

}  // namespace vigie
