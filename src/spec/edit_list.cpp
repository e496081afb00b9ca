// Puts items into lists of a document's text, and takes them away.

#include "spec/edit_list.hpp"

#include "base/error.hpp"
#include "spec/read_yaml.hpp"

#include <algorithm>
#include <optional>

namespace vigie::spec {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

class Editor {
public:
    explicit Editor(std::string_view text) : text_(text), newline_("\n") {
        lines_.push_back(0);
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\n') {
                lines_.push_back(i + 1);
            }
        }
        if (lines_.size() > 1 && lines_[1] > 1 && text[lines_[1] - 2] == '\r') {
            newline_ = "\r\n";
        }
    }

    [[nodiscard]] std::string added(const Node& parent, std::string_view key, const NewItem& item) const {
        const auto* list = parent.find(key);
        if (list == nullptr) {
            return withList(parent, key, item);
        }
        if (isFlow(*list, '[')) {
            const auto open = offset(list->at);
            const auto close = closing(open);
            const auto last = lastWithin(open, close);
            const char before = text_[last];
            return inserted(last + 1, (before == '[' ? "" : before == ',' ? " " : ", ") + item.flow);
        }
        if (list->kind == Node::Kind::null) {
            const auto& entry = entryOf(parent, key);
            return inserted(endOfLine(entry.keyAt.line),
                            lines(item, std::string(indentation(entry.keyAt) + 2, ' ')));
        }
        if (list->kind != Node::Kind::sequence) {
            refuse(list->at);
        }
        const std::string indent(indentation(list->at), ' ');
        return inserted(endOfLine(lastLine(list->at, true)), lines(item, indent));
    }

    [[nodiscard]] std::string removed(const Node& parent, std::string_view key, std::size_t index) const {
        const auto* list = parent.find(key);
        if (list == nullptr || index >= list->items.size()) {
            throw Error("the document has no such item to remove");
        }
        if (list->items.size() == 1) {
            return withoutKey(parent, key, *list);
        }
        if (isFlow(*list, '[')) {
            return withoutFlowItem(*list, index);
        }
        const auto first = dashLine(*list, index);
        const auto end =
            index + 1 < list->items.size() ? dashLine(*list, index + 1) : lastLine(list->at, true) + 1;
        auto last = end - 1;
        while (last > first && !hasContent(last)) {  // comments of the next one stay
            --last;
        }
        return withoutLines(first, last);
    }

private:
    [[noreturn]] static void refuse(const Position& at) {
        throw Error("the list at line " + std::to_string(at.line) + " cannot be edited in place",
                    "write it as a plain list, without an alias or an anchor");
    }

    [[nodiscard]] std::size_t offset(const Position& at) const {
        if (at.line == 0 || at.line > lines_.size() || lines_[at.line - 1] + at.column - 1 >= text_.size()) {
            refuse(at);
        }
        return lines_[at.line - 1] + at.column - 1;
    }

    [[nodiscard]] bool isFlow(const Node& node, char open) const {
        return node.at.line != 0 && node.kind != Node::Kind::null && text_[offset(node.at)] == open;
    }

    static const Entry& entryOf(const Node& parent, std::string_view key) {
        return *std::find_if(parent.entries.begin(), parent.entries.end(),
                             [&](const Entry& each) { return each.key == key; });
    }

    /// The text of line `number`, counted from 1, without its end.
    [[nodiscard]] std::string_view line(std::size_t number) const {
        const auto begin = lines_[number - 1];
        return text_.substr(begin, endOfLine(number) - begin);
    }

    /// Before its line break.
    [[nodiscard]] std::size_t endOfLine(std::size_t number) const {
        const auto out = std::min(text_.find('\n', lines_[number - 1]), text_.size());
        return out > lines_[number - 1] && text_[out - 1] == '\r' ? out - 1 : out;
    }

    [[nodiscard]] bool hasContent(std::size_t number) const {
        const auto at = line(number).find_first_not_of(kBlanks);
        return at != std::string_view::npos && line(number)[at] != '#';
    }

    /// How far what begins there is indented; nothing but spaces may stand before it.
    [[nodiscard]] std::size_t indentation(const Position& at) const {
        if (line(at.line).find_first_not_of(' ') != at.column - 1) {
            refuse(at);
        }
        return at.column - 1;
    }

    /// The last line with content of a block that begins at `at`. At the indentation of a list only its own
    /// dashes belong to it.
    [[nodiscard]] std::size_t lastLine(const Position& at, bool list) const {
        const auto indent = indentation(at);
        std::size_t out = at.line;
        for (auto number = out + 1; number <= lines_.size(); ++number) {
            if (!hasContent(number)) {
                continue;
            }
            const auto content = line(number);
            const auto column = content.find_first_not_of(' ');
            const bool dash =
                content[column] == '-' && (column + 1 == content.size() || content[column + 1] == ' ');
            if (column < indent || (column == indent && list && !dash) || content.starts_with("---") ||
                content.starts_with("...")) {
                break;
            }
            out = number;
        }
        return out;
    }

    /// Where the bracket at `open` ends.
    [[nodiscard]] std::size_t closing(std::size_t open) const {
        std::size_t depth = 0;
        for (auto at = open; at < text_.size(); at = next(at)) {
            const char c = text_[at];
            if (c == '[' || c == '{') {
                ++depth;
            } else if ((c == ']' || c == '}') && --depth == 0) {
                return at;
            }
        }
        throw Error("a bracket of the document is not closed");
    }

    /// The last byte between two brackets, the first one among it, that is neither blank nor in a comment.
    [[nodiscard]] std::size_t lastWithin(std::size_t open, std::size_t close) const {
        auto out = open;
        for (auto at = open; at < close;) {
            const auto behind = next(at);
            const bool comment = text_[at] == '#' && behind > at + 1;
            if (!comment && kBlanks.find(text_[at]) == std::string_view::npos) {
                out = behind - 1;
            }
            at = behind;
        }
        return out;
    }

    /// The next byte that may be a bracket or a comma: behind what is quoted, and behind a comment.
    [[nodiscard]] std::size_t next(std::size_t at) const {
        const char c = text_[at];
        const char before = at == 0 ? '\n' : text_[at - 1];
        const bool begins = std::string_view(" \t\r\n[{,:").find(before) != std::string_view::npos;
        if ((c == '"' || c == '\'') && begins) {
            auto end = at + 1;
            while (end < text_.size() && text_[end] != c) {
                end += c == '"' && text_[end] == '\\' ? 2U : 1U;
            }
            return end + 1;  // of a doubled quote the second one begins again
        }
        if (c == '#' && std::string_view(" \t\r\n").find(before) != std::string_view::npos) {
            return std::min(text_.find('\n', at), text_.size());
        }
        return at + 1;
    }

    [[nodiscard]] std::string lines(const NewItem& item, const std::string& indent) const {
        std::string out;
        for (const auto& each : item.block) {
            out.append(newline_).append(indent).append(each);
        }
        return out;
    }

    [[nodiscard]] std::string inserted(std::size_t at, const std::string& what) const {
        std::string out(text_);
        return out.insert(at, what);
    }

    [[nodiscard]] std::string without(std::size_t from, std::size_t to) const {
        std::string out(text_);
        return out.erase(from, to - from);
    }

    [[nodiscard]] std::string withoutLines(std::size_t first, std::size_t last) const {
        return without(lines_[first - 1], last < lines_.size() ? lines_[last] : text_.size());
    }

    [[nodiscard]] std::string withList(const Node& parent, std::string_view key, const NewItem& item) const {
        if (parent.kind != Node::Kind::map || parent.entries.empty()) {
            refuse(parent.at);
        }
        const std::string name(key);
        if (isFlow(parent, '{')) {
            const auto open = offset(parent.at);
            const auto close = closing(open);
            const auto last = lastWithin(open, close);
            return inserted(last + 1, (text_[last] == ',' ? " " : ", ") + name + ": [" + item.flow + "]");
        }
        const auto& first = parent.entries.front().keyAt;
        const std::string indent(indentation(first), ' ');
        return inserted(endOfLine(lastLine(first, false)),
                        newline_ + indent + name + ":" + lines(item, indent + "  "));
    }

    [[nodiscard]] std::string withoutKey(const Node& parent, std::string_view key, const Node& list) const {
        const auto& entry = entryOf(parent, key);
        if (!isFlow(parent, '{')) {
            static_cast<void>(indentation(entry.keyAt));  // it has its lines for itself
            const auto end = isFlow(list, '[') ? lineOf(closing(offset(list.at))) : lastLine(list.at, true);
            return withoutLines(entry.keyAt.line, end);
        }
        const auto from = offset(entry.keyAt);
        return withoutFlow(from, closing(offset(list.at)) + 1);
    }

    [[nodiscard]] std::size_t lineOf(std::size_t at) const {
        return static_cast<std::size_t>(std::upper_bound(lines_.begin(), lines_.end(), at) - lines_.begin());
    }

    [[nodiscard]] std::string withoutFlowItem(const Node& list, std::size_t index) const {
        const auto from = offset(list.items[index].at);
        std::size_t depth = 0;
        auto to = from;
        for (; to < text_.size(); to = next(to)) {
            const char c = text_[to];
            if (depth == 0 && (c == ',' || c == ']')) {
                break;
            }
            depth += c == '[' || c == '{' ? 1U : 0U;
            depth -= c == ']' || c == '}' ? 1U : 0U;
        }
        return withoutFlow(from, to);
    }

    /// Without what lies between, and one of the commas beside it.
    [[nodiscard]] std::string withoutFlow(std::size_t from, std::size_t to) const {
        const auto behind = text_.find_first_not_of(kBlanks, to);
        if (behind != std::string_view::npos && text_[behind] == ',') {
            const auto next = text_.find_first_not_of(' ', behind + 1);
            return without(from, next);
        }
        const auto before = text_.find_last_not_of(kBlanks, from - 1);
        return without(text_[before] == ',' ? before : from, to);
    }

    /// The line with the dash of an item.
    [[nodiscard]] std::size_t dashLine(const Node& list, std::size_t index) const {
        const auto indent = indentation(list.at);
        for (std::size_t number = list.items[index].at.line; number >= list.at.line && number > 0; --number) {
            const auto content = line(number);
            if (content.find_first_not_of(' ') == indent && content[indent] == '-') {
                return number;
            }
        }
        refuse(list.items[index].at);
    }

    std::string_view text_;
    std::string newline_;
    std::vector<std::size_t> lines_;  ///< where each begins
};

/// As it is written, without defaults and in its own order.
Node treeOf(std::string_view text) {
    Diagnostics diagnostics;
    auto root = readYaml(text, "", diagnostics);
    if (!root) {
        throw Error("the document cannot be read", "run `vigie validate` to see why");
    }
    return std::move(*root);
}

const Node& at(const Node& root, const FieldPath& path) {
    const auto* node = &root;
    for (const auto& step : path.steps()) {
        node = node->find(step.key);
        if (node == nullptr) {
            throw Error("the document has no `" + path.text() + "`");
        }
    }
    return *node;
}

}  // namespace

std::string withItem(std::string_view text, const FieldPath& parent, std::string_view key,
                     const NewItem& item) {
    const auto root = treeOf(text);
    return Editor(text).added(at(root, parent), key, item);
}

std::string withoutItem(std::string_view text, const FieldPath& parent, std::string_view key,
                        std::size_t index) {
    const auto root = treeOf(text);
    return Editor(text).removed(at(root, parent), key, index);
}

}  // namespace vigie::spec
