// Builds nodes from yaml-cpp's events, within limits.

#include "spec/read_yaml.hpp"

#include "base/invisible.hpp"
#include "base/text.hpp"
#include "spec/surrogates.hpp"
#include "spec/yaml_mistakes.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <streambuf>
#include <unordered_map>
#include <unordered_set>

namespace vigie::spec {
namespace {

constexpr char kSecretMark = '\x01';

/// Reading ends at once: the document is too large, too deep, or uses aliases to grow.
struct TooMuch {
    Position at;
    std::string message;
    std::string hint;
};

Position plainPosition(const YAML::Mark& mark) {
    return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

std::size_t weigh(const Node& node) {
    std::size_t sum = 1;
    for (const auto& item : node.items) {
        sum += weigh(item);
    }
    for (const auto& entry : node.entries) {
        sum += weigh(entry.value);
    }
    return sum;
}

/// yaml-cpp 0.7 makes the bytes 85 and A0 of `\N` and `\_`, which stand for U+0085 and U+00A0.
std::string mended(const std::string& value) {
    std::string out;
    out.reserve(value.size());
    std::size_t following = 0;  // bytes of a character that has begun
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        const bool continues = (byte & 0xC0U) == 0x80U;
        if (continues && following == 0) {
            out += '\xC2';
        }
        following = continues       ? (following == 0 ? 0 : following - 1)
                    : byte >= 0xF0U ? 3
                    : byte >= 0xE0U ? 2
                    : byte >= 0xC0U ? 1
                                    : 0;
        out += c;
    }
    return out;
}

/// Builds our tree from yaml-cpp's events: its own tree accepts duplicate keys and forgets where keys stand.
class TreeBuilder : public YAML::EventHandler {
public:
    TreeBuilder(const Reporter& report, const YamlLimits& limits, const SurrogatePairs& pairs)
        : report_(report), limits_(limits), pairs_(pairs) {}

    Node take() { return std::move(root_); }
    /// A key has a character in it that one does not see: where it belongs is anybody's guess.
    [[nodiscard]] bool misread() const { return misread_; }

    void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        Node node;
        node.at = positionOf(mark);
        place(std::move(node), anchor);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        const bool secret = limits_.secretTag && tag == "!secret" && !expectsKey();
        if (!secret) {
            refuseTag(mark, tag);
        }
        Node node;
        node.kind = Node::Kind::scalar;
        node.plain = tag == "?";
        node.at = positionOf(mark);
        node.scalar = mended(value);
        if (limits_.secretTag && node.scalar.find(kSecretMark) != std::string::npos) {
            report_.error(code::VG0001, node.at, "the text has the control character U+0001 in it",
                          "remove it");
            node.scalar.clear();
        }
        if (secret) {
            node.scalar = secretScalar(node.scalar);
        }
        if (node.plain && (value == "~" || value == "null" || value == "Null" || value == "NULL") &&
            !expectsKey()) {
            node = Node{};
            node.at = positionOf(mark);
        }
        place(std::move(node), anchor);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto it = anchors_.find(anchor);
        if (it == anchors_.end()) {
            throw TooMuch{positionOf(mark), "an alias refers to a value that contains the alias",
                          "write out the value"};
        }
        Node copy = it->second;
        countCopies(copy, positionOf(mark));
        copy.at = positionOf(mark);
        place(std::move(copy), 0);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        refuseTag(mark, tag);
        open(Node::Kind::sequence, mark, anchor);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        refuseTag(mark, tag);
        open(Node::Kind::map, mark, anchor);
    }
    void OnMapEnd() override { close(); }

private:
    struct Level {
        Node node;
        YAML::anchor_t anchor = 0;
        bool haveKey = false;
        bool dropValue = false;  ///< the key was refused; its value is read and forgotten
        std::string key;
        Position keyAt;
        std::unordered_set<std::string> seen;
    };

    [[nodiscard]] Position positionOf(const YAML::Mark& mark) const {
        return pairs_.original(plainPosition(mark));
    }

    /// yaml-cpp reports `?` for plain and `!` for quoted scalars without a tag, and nothing or `?` for
    /// collections.
    void refuseTag(const YAML::Mark& mark, const std::string& tag) const {
        if (!tag.empty() && tag != "?" && tag != "!") {
            report_.error(code::VG0007, positionOf(mark), "the tag `" + tag + "` has no meaning here",
                          "write the plain value, in quotes if it is text");
        }
    }

    [[nodiscard]] bool expectsKey() const {
        return !levels_.empty() && levels_.back().node.kind == Node::Kind::map && !levels_.back().haveKey;
    }

    void countNode(Position at) {
        if (++nodes_ > limits_.nodes) {
            throw TooMuch{at, "the document has more than " + std::to_string(limits_.nodes) + " values",
                          "split it: large lists of targets belong into target files"};
        }
    }

    void countCopies(const Node& node, Position at) {
        copied_ += weigh(node);
        if (copied_ > limits_.aliasNodes) {
            throw TooMuch{at,
                          "the aliases of this document expand to more than " +
                              std::to_string(limits_.aliasNodes) + " values",
                          "write out the values, or use fewer aliases"};
        }
    }

    void open(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
        countNode(positionOf(mark));
        if (levels_.size() >= limits_.depth) {
            throw TooMuch{positionOf(mark),
                          "the document is nested deeper than " + std::to_string(limits_.depth) + " levels",
                          "no field needs this depth: check the indentation and the brackets"};
        }
        Level level;
        level.node.kind = kind;
        level.node.at = positionOf(mark);
        level.anchor = anchor;
        levels_.push_back(std::move(level));
    }

    void close() {
        Level level = std::move(levels_.back());
        levels_.pop_back();
        attach(std::move(level.node), level.anchor);
    }

    void place(Node node, YAML::anchor_t anchor) {
        countNode(node.at);
        attach(std::move(node), anchor);
    }

    void attach(Node node, YAML::anchor_t anchor) {
        if (anchor != 0) {
            countCopies(node, node.at);  // remembering is copying too
            anchors_[anchor] = node;
        }
        if (levels_.empty()) {
            root_ = std::move(node);
            return;
        }
        Level& parent = levels_.back();
        if (parent.node.kind == Node::Kind::sequence) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.haveKey) {
            takeKey(parent, node);
        } else {
            parent.haveKey = false;
            if (!parent.dropValue) {
                parent.node.entries.push_back({std::move(parent.key), parent.keyAt, std::move(node)});
            }
        }
    }

    void takeKey(Level& parent, const Node& node) {
        parent.haveKey = true;
        parent.dropValue = false;
        parent.keyAt = node.at;
        parent.key = node.scalar;
        if (node.kind != Node::Kind::scalar) {
            report_.error(code::VG0002, node.at, "a key must be text",
                          "write the key as a word, or quote it");
            parent.dropValue = true;
        } else if (findInvisible(node.scalar)) {
            report_.error(code::VG0008, node.at,
                          "the key `" + node.scalar + "` contains an invisible character");
            parent.dropValue = true;
            misread_ = true;
        } else if (!parent.seen.insert(node.scalar).second) {
            report_.error(code::VG0003, node.at,
                          "the key `" + node.scalar + "` is given twice in this mapping",
                          "remove one of the two; only one of them could have an effect");
            parent.dropValue = true;
        }
    }

    const Reporter& report_;
    const YamlLimits& limits_;
    const SurrogatePairs& pairs_;
    bool misread_ = false;
    std::vector<Level> levels_;
    std::unordered_map<YAML::anchor_t, Node> anchors_;
    Node root_;
    std::size_t nodes_ = 0;
    std::size_t copied_ = 0;
};

/// Swallows a second document, only to know that it exists.
class Ignore : public YAML::EventHandler {
public:
    void OnDocumentStart(const YAML::Mark& mark) override { at = plainPosition(mark); }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
    void OnAlias(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
    void OnScalar(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  const std::string& /*value*/) override {
        content = true;
    }
    void OnSequenceStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                         YAML::EmitterStyle::value /*style*/) override {
        content = true;
    }
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                    YAML::EmitterStyle::value /*style*/) override {
        content = true;
    }
    void OnMapEnd() override {}

    Position at;
    bool content = false;
};

/// A stream over bytes that are already in memory.
class ViewBuffer : public std::streambuf {
public:
    explicit ViewBuffer(std::string_view text) {
        // std::streambuf wants mutable pointers, but a get area is only read.
        auto* begin = const_cast<char*>(text.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
        setg(begin, begin, begin + text.size());
    }
};

/// yaml-cpp takes half of a pair for a character of its own, and refuses it.
bool isSurrogate(const YAML::Exception& error) {
    const std::string_view words = YAML::ErrorMsg::INVALID_UNICODE;
    return !error.mark.is_null() && error.msg.starts_with(words);
}

std::string sentence(const YAML::Exception& error) {
    std::string text = error.msg;
    if (!text.empty() && text.back() == '.') {
        text.pop_back();
    }
    return "this is not YAML: " + text;
}

/// The offset of a mark in `text`.
std::size_t offsetOf(std::string_view text, const YAML::Mark& mark) {
    std::size_t start = 0;
    for (int line = 0; line < mark.line; ++line) {
        start = text.find('\n', start) + 1;
    }
    return start + static_cast<std::size_t>(mark.column);
}

void reportSyntax(std::string_view text, const YAML::Exception& error, const SurrogatePairs& pairs,
                  const Reporter& report) {
    const auto at = error.mark.is_null() ? Position{} : pairs.original(plainPosition(error.mark));
    if (const auto named = nameMistake(text, at)) {
        report.error(code::VG0001, named->at, named->message, named->hint);
    } else if (isSurrogate(error)) {
        report.error(code::VG0001, at,
                     "this is not YAML: an escape like `\\ud83d` is only one half of a character",
                     "write the character itself, or the whole character like `\\U0001F600`");
    } else {
        report.error(code::VG0001, at, sentence(error),
                     "check the indentation, the quotes and the brackets around this place");
    }
}

/// One attempt. Nothing when a pair of surrogates was replaced, and the text must be read again.
struct Attempt {
    std::optional<Node> root;
    bool again = false;
};

Attempt readOnce(std::string_view text, SurrogatePairs& pairs, const Reporter& report,
                 const YamlLimits& limits, bool mayRepair) {
    ViewBuffer buffer(pairs.text());
    std::istream in(&buffer);
    try {
        YAML::Parser parser(in);
        TreeBuilder builder(report, limits, pairs);
        if (!parser.HandleNextDocument(builder)) {
            report.error(code::VG0001, Position{1, 1}, "the file is empty",
                         "begin with `apiVersion: vigie.dev/v1alpha1`");
            return {};
        }
        Ignore second;
        if (parser.HandleNextDocument(second) && second.content) {
            report.error(code::VG0005, pairs.original(second.at), "the file contains a second document",
                         "put each document into a file of its own");
        }
        return {builder.misread() ? std::nullopt : std::optional(builder.take())};
    } catch (const TooMuch& e) {
        report.error(code::VG0004, e.at, e.message, e.hint);
    } catch (const YAML::Exception& e) {
        if (mayRepair && isSurrogate(e) && pairs.replaceAt(offsetOf(pairs.text(), e.mark))) {
            return {std::nullopt, true};
        }
        reportSyntax(text, e, pairs, report);
    }
    return {};
}

}  // namespace

std::string secretScalar(std::string_view name) {
    return kSecretMark + std::string(name) + kSecretMark;
}

std::vector<std::string> secretsIn(std::string_view scalar) {
    std::vector<std::string> out;
    for (auto at = scalar.find(kSecretMark); at != std::string_view::npos;
         at = scalar.find(kSecretMark, at + 1)) {
        const auto end = scalar.find(kSecretMark, at + 1);
        if (end == std::string_view::npos) {
            break;
        }
        out.emplace_back(scalar.substr(at + 1, end - at - 1));
        at = end;
    }
    return out;
}

std::optional<Node> readYaml(std::string_view text, const std::string& file, Diagnostics& diagnostics,
                             const YamlLimits& limits) {
    const Reporter report(diagnostics, file);
    if (text.size() > limits.bytes) {
        report.error(code::VG0004, Position{1, 1},
                     "the file is larger than " + std::to_string(limits.bytes) + " bytes",
                     "large lists of targets belong into target files");
        return std::nullopt;
    }
    if (const auto at = findNonText(text); at != std::string_view::npos) {
        report.error(code::VG0001, positionAt(text, at), "this is not YAML: the file is not valid UTF-8",
                     "save the file as UTF-8, without control characters");
        return std::nullopt;
    }
    if (isLfsPointer(text)) {
        report.error(code::VG0001, Position{1, 1}, "this is a Git LFS pointer, not the file itself",
                     kLfsCure);
        return std::nullopt;
    }
    // Each attempt reads all of it again: a large text with many such characters is read to the first.
    constexpr std::size_t kEnough = 16U << 20U;
    SurrogatePairs pairs{std::string(text)};
    for (std::size_t read = text.size();; read += text.size() + 1) {
        Diagnostics found;
        auto attempt = readOnce(text, pairs, Reporter(found, file), limits, read < kEnough);
        if (attempt.again) {
            continue;
        }
        for (const auto& each : found.all()) {
            diagnostics.add(each);
        }
        return std::move(attempt.root);
    }
}

}  // namespace vigie::spec
