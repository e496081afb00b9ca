// Replaces ciphertexts in the text of a document.

#include "spec/edit_sealed.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <vector>

namespace vigie::spec {
namespace {

/// A piece of the text that becomes another.
struct Replacement {
    std::size_t at;
    std::size_t length;
    std::string by;
};

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

    void edit(const Node& sealed, const std::map<std::string, std::string>& ciphertexts) {
        std::string added;
        std::size_t behind = 0;
        bool flow = false;
        const bool adds = std::any_of(ciphertexts.begin(), ciphertexts.end(),
                                      [&](const auto& each) { return sealed.find(each.first) == nullptr; });
        if (adds) {
            flow = character(offset(sealed.at)) == '{';
            behind = sealed.entries.empty() ? placeInEmpty(sealed, flow)
                     : flow                 ? endOf(sealed.entries.back().value)
                                            : endOfLine(endOf(sealed.entries.back().value));
        }
        for (const auto& [name, ciphertext] : ciphertexts) {
            if (const auto* value = sealed.find(name)) {
                replace(*value, ciphertext);
            } else if (flow) {
                const bool first = sealed.entries.empty() && added.empty();
                added += (first ? " " : ", ") + name + ": \"" + ciphertext + "\"";
            } else {
                added += newline_ + indentation(sealed.entries.front()) + name + ": \"" + ciphertext + "\"";
            }
        }
        if (adds) {
            replacements_.push_back({behind, 0, added + (sealed.entries.empty() ? " " : "")});
        }
    }

    std::string finish() {
        std::stable_sort(replacements_.begin(), replacements_.end(),
                         [](const auto& a, const auto& b) { return a.at < b.at; });
        std::string out;
        std::size_t done = 0;
        for (const auto& each : replacements_) {
            out += text_.substr(done, each.at - done);
            out += each.by;
            done = each.at + each.length;
        }
        return out += text_.substr(done);
    }

private:
    [[noreturn]] static void refuse(const Position& at) {
        throw Error("the `sealed` at line " + std::to_string(at.line) + " cannot be edited in place",
                    "write each ciphertext as one value in double quotes, without an alias or a block");
    }

    [[nodiscard]] char character(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }

    /// A position's column counts bytes.
    [[nodiscard]] std::size_t offset(const Position& at) const {
        if (at.line == 0 || at.line > lines_.size()) {
            refuse(at);
        }
        const auto out = lines_[at.line - 1] + at.column - 1;
        if (out >= text_.size()) {
            refuse(at);
        }
        return out;
    }

    [[nodiscard]] static bool quote(char c) { return c == '"' || c == '\''; }

    /// Where the bytes of a scalar begin, which must stand there as they are.
    [[nodiscard]] std::size_t begin(const Node& value) const {
        auto at = offset(value.at);
        if (quote(character(at))) {
            ++at;
        }
        if (value.kind != Node::Kind::scalar || text_.substr(at, value.scalar.size()) != value.scalar) {
            refuse(value.at);
        }
        const auto end = at + value.scalar.size();
        const char after = end < text_.size() ? text_[end] : '\n';
        const char before = character(at - 1);
        if (quote(before) ? after != before
                          : std::string_view(" \t\r\n,}#").find(after) == std::string_view::npos) {
            refuse(value.at);
        }
        return at;
    }

    [[nodiscard]] std::size_t endOf(const Node& value) const {
        const auto at = begin(value);
        return at + value.scalar.size() + (quote(character(at - 1)) ? 1 : 0);
    }

    /// Before its line break.
    [[nodiscard]] std::size_t endOfLine(std::size_t at) const {
        auto out = std::min(text_.find('\n', at), text_.size());
        return out > at && text_[out - 1] == '\r' ? out - 1 : out;
    }

    [[nodiscard]] std::size_t placeInEmpty(const Node& sealed, bool flow) const {
        if (sealed.kind != Node::Kind::map || !flow) {
            refuse(sealed.at);
        }
        return offset(sealed.at) + 1;
    }

    [[nodiscard]] std::string indentation(const Entry& first) const {
        const auto at = offset(first.keyAt);
        const auto line = lines_[first.keyAt.line - 1];
        const auto before = text_.substr(line, at - line);
        if (before.find_first_not_of(' ') != std::string_view::npos) {
            refuse(first.keyAt);
        }
        return std::string(before);
    }

    void replace(const Node& value, const std::string& ciphertext) {
        const auto at = begin(value);
        replacements_.push_back({at, value.scalar.size(), ciphertext});
    }

    std::string_view text_;
    std::string newline_;
    std::vector<std::size_t> lines_;  ///< where each begins
    std::vector<Replacement> replacements_;
};

}  // namespace

std::string withSealed(std::string_view text, const Node& root, const SealedEdits& edits) {
    Editor editor(text);
    const auto* spec = root.find("spec");
    const auto* secrets = spec == nullptr ? nullptr : spec->find("secrets");
    for (const auto& [index, ciphertexts] : edits) {
        const auto* sealed = secrets == nullptr || index >= secrets->items.size()
                                 ? nullptr
                                 : secrets->items[index].find("sealed");
        if (sealed == nullptr) {
            throw Error("a secret of the document has no `sealed`", "add `sealed: {}` to it");
        }
        editor.edit(*sealed, ciphertexts);
    }
    return editor.finish();
}

}  // namespace vigie::spec
