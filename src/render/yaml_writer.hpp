// Writes YAML in block style, with the same bytes for the same calls.
#pragma once

#include "render/text.hpp"
#include "spec/node.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vigie::render {

/// An append-only writer of block-style YAML with the same bytes for the same calls. Every string is
/// double-quoted: `yes`, `0123`, `1e3` and `22:22` then mean the same to every reader.
class YamlWriter {
public:
    void comment(std::string_view text);

    void text(std::string_view key, std::string_view value);
    /// A value that is a secret.
    void secret(std::string_view key, const SecretValue& value);
    /// Nothing when `value` is empty.
    void optionalText(std::string_view key, std::string_view value) {
        if (!value.empty()) {
            text(key, value);
        }
    }
    void number(std::string_view key, std::int64_t value);
    void boolean(std::string_view key, bool value);
    /// A value of the user's own, with its quoting as it was: plain scalars stay plain.
    void node(std::string_view key, const spec::Node& value);

    /// `body` writes the entries. A key of nothing is not written: a program takes it for null.
    template <class Body>
    void map(std::string_view key, Body body) {
        open(key);
        body();
        close();
    }
    /// `body` writes the items; the same holds.
    template <class Body>
    void list(std::string_view key, Body body) {
        open(key);
        body();
        close();
    }

    void item(std::string_view value);
    void numberItem(std::int64_t value);
    /// An item that may hold secrets; it must need no escapes inside double quotes.
    void secretItem(const Text& value);
    /// An item that is a map; `{}` when `body` writes nothing.
    template <class Body>
    void itemMap(Body body) {
        openItem();
        body();
        closeItem();
    }

    /// The document so far.
    [[nodiscard]] const Text& result() const { return out_; }

    /// Compose files substitute `$name` in any value: write `$$` for each `$` from now on.
    void escapeDollars() { escapeDollars_ = true; }

private:
    void open(std::string_view key);
    void openItem();
    void closeItem();
    void close();
    void writeOpened();
    void startLine();
    void beginLine();
    void key(std::string_view key);
    void scalar(std::string_view value);
    void nodeValue(const spec::Node& value);

    Text out_;
    std::vector<std::string> opened_;  ///< keys that nothing was written below yet, as they are written
    int depth_ = 0;
    bool dash_ = false;  ///< the next line begins an item
    bool escapeDollars_ = false;
};

/// `value` as a double-quoted YAML scalar.
std::string yamlQuoted(std::string_view value);

}  // namespace vigie::render
