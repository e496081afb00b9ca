// Go's text/template as tokens.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::lint {

/// One token. Source: Go's text/template/parse/lex.go.
struct TemplateToken {
    enum class Kind : std::uint8_t {
        end,      ///< of the text
        error,    ///< `text` says why
        text,     ///< outside of actions
        open,     ///< `{{`
        close,    ///< `}}`
        space,    ///< blanks inside of an action
        comment,  ///< an action that is nothing else
        word,     ///< a function, a keyword, `true`, `false` or `nil`
        field,    ///< `.name`
        dot,
        variable,  ///< `$name` or `$`
        quoted,    ///< a text, with its quotes
        character,
        number,
        pipe,
        openParen,
        closeParen,
        comma,
        declare,  ///< `:=`
        assign,   ///< `=`
        sign,     ///< any other character that can be printed
    };
    Kind kind = Kind::end;
    std::string text;
    std::size_t at = 0;  ///< the offset of its first byte
};

class TemplateLexer {
public:
    explicit TemplateLexer(std::string_view input) : input_(input) {}

    /// After `end` or `error` always the same again.
    TemplateToken next();

private:
    TemplateToken outside();
    TemplateToken opening();
    TemplateToken comment(std::size_t begin);
    TemplateToken inside();
    TemplateToken word(TemplateToken::Kind kind, std::size_t begin);
    TemplateToken quoted(char quote, TemplateToken::Kind kind, const char* unterminated);
    TemplateToken number();
    TemplateToken closing(std::size_t length);
    TemplateToken token(TemplateToken::Kind kind, std::size_t begin);
    TemplateToken fail(std::string why, std::size_t at);
    /// The length of what ends the action here; 0: nothing does.
    [[nodiscard]] std::size_t closingLength() const;
    [[nodiscard]] bool wordEnds() const;
    void skipWord();

    std::string_view input_;
    std::size_t at_ = 0;
    bool inside_ = false;
    int parens_ = 0;
    TemplateToken stop_;  ///< once it has ended
    bool stopped_ = false;
};

}  // namespace vigie::lint
