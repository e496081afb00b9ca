// Go's text/template, parsed.

#include "lint/go_template.hpp"

#include "lint/template_lexer.hpp"
#include "spec/characters.hpp"

#include <algorithm>
#include <array>

namespace vigie::lint {
namespace {

using Kind = TemplateToken::Kind;

/// Thrown and caught in here: Go's parser ends at the first mistake as well.
struct Refused {
    TemplateProblem problem;
};

bool builtIn(std::string_view name) {
    static constexpr std::array<std::string_view, 19> kNames = {
        "and",    "call",    "html",     "index", "slice", "js", "len", "not", "or", "print",
        "printf", "println", "urlquery", "eq",    "ge",    "gt", "le",  "lt",  "ne"};
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

/// True if all escapes of a quoted string are valid in Go.
bool escapesFit(std::string_view text) {
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        if (text[i] != '\\') {
            continue;
        }
        const char c = text[++i];
        const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
        const bool octal = c >= '0' && c <= '7';
        if (digits == 0 && !octal && c != text.front() &&
            std::string_view("abfnrtv\\").find(c) == std::string_view::npos) {
            return false;
        }
        const std::size_t more = octal ? 2 : digits;
        for (std::size_t j = 1; j <= more; ++j) {
            const char each = i + j + 1 < text.size() ? text[i + j] : '\0';
            if (octal ? each < '0' || each > '7' : !spec::hexadecimal(each)) {
                return false;
            }
        }
        i += more;
    }
    return true;
}

/// One character between the quotes, or one escape.
bool characterFits(std::string_view text) {
    const auto inner = text.substr(1, text.size() - 2);
    const auto characters = std::count_if(
        inner.begin(), inner.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    return inner.starts_with("\\") ? escapesFit(text) : characters == 1;
}

class Parser {
public:
    Parser(std::string_view text, const std::function<bool(std::string_view)>& knows)
        : lexer_(text), knows_(knows) {}

    Template read() {
        try {
            while (list({.top = true}) != Ends::atEnd) {
            }
        } catch (Refused& refused) {
            out_.problem = std::move(refused.problem);
        }
        return std::move(out_);
    }

private:
    enum class Ends { atEnd, end, otherwise };
    /// Where a list stands.
    struct Place {
        bool top = false;    ///< inside of nothing
        bool loop = false;   ///< inside of `range`
        bool whole = true;   ///< `.` is the data as a whole
        bool named = false;  ///< inside of `define` or `block`, where `$` is whatever was passed
    };

    [[noreturn]] static void refuse(const TemplateToken& token, std::string what) {
        throw Refused{{token.at, std::move(what)}};
    }
    [[noreturn]] static void unexpected(const TemplateToken& token, const std::string& context) {
        if (token.kind == Kind::end) {
            refuse(token, "ends without an `{{ end }}`");
        }
        refuse(token, "has an unexpected `" + token.text + "` in " + context);
    }

    TemplateToken next() {
        TemplateToken out;
        if (!pending_.empty()) {
            out = std::move(pending_.back());
            pending_.pop_back();
        } else {
            do {
                out = lexer_.next();
            } while (out.kind == Kind::comment);
        }
        if (out.kind == Kind::error) {
            refuse(out, out.text);
        }
        return out;
    }
    TemplateToken nextWord() {
        auto out = next();
        while (out.kind == Kind::space) {
            out = next();
        }
        return out;
    }
    void putBack(TemplateToken token) { pending_.push_back(std::move(token)); }

    /// Texts and actions up to what ends them.
    Ends list(const Place& place) {
        for (;;) {
            const auto token = next();
            if (token.kind == Kind::end) {
                if (!place.top) {
                    unexpected(token, "a list");
                }
                return Ends::atEnd;
            }
            if (token.kind == Kind::open) {
                const auto ends = action(place);
                if (ends && place.top) {
                    refuse(token, std::string("has an `{{ ") + (*ends == Ends::end ? "end" : "else") +
                                      " }}` without a block");
                }
                if (ends) {
                    return *ends;
                }
            }
        }
    }

    std::optional<Ends> action(const Place& place) {
        auto token = nextWord();
        const auto& word = token.text;
        if (token.kind != Kind::word) {
            putBack(std::move(token));
        } else if (word == "end") {
            closes("end");
            return Ends::end;
        } else if (word == "else") {
            return Ends::otherwise;  // what follows it is the business of what it belongs to
        } else if (word == "if" || word == "with" || word == "range") {
            control(word, place);
            return {};
        } else if (word == "define" && place.top) {
            define();
            return {};
        } else if (word == "block") {
            block(place);
            return {};
        } else if (word == "template") {
            call(place);
            return {};
        } else if (word == "break" || word == "continue") {
            if (!place.loop) {
                refuse(token, "has `" + word + "` outside of a `range`");
            }
            closes(word);
            return {};
        } else {
            putBack(std::move(token));
        }
        pipeline("an action", Kind::close, place, 1);
        return {};
    }

    void closes(const std::string& context) {
        const auto token = nextWord();
        if (token.kind != Kind::close) {
            unexpected(token, "`" + context + "`");
        }
    }

    void control(const std::string& word, const Place& place) {
        const auto before = variables_.size();
        pipeline("`" + word + "`", Kind::close, place, word == "range" ? 2 : 1);
        Place body = place;
        body.top = false;
        body.loop = place.loop || word == "range";
        body.whole = place.whole && word == "if";
        Place other = place;
        other.top = false;
        if (list(body) == Ends::otherwise) {
            const auto token = nextWord();
            const bool chained = token.kind == Kind::word && token.text == word && word != "range";
            if (chained) {  // `else if`, `else with`: its end is ours
                control(word, other);
            } else if (token.kind != Kind::close) {
                unexpected(token, "`else`");
            } else if (list(other) == Ends::otherwise) {
                refuse(token, "has a second `{{ else }}`");
            }
        }
        variables_.resize(before);
    }

    TemplateName name(const std::string& context) {
        const auto token = nextWord();
        if (token.kind != Kind::quoted) {
            refuse(token, "has no quoted name after `" + context + "`");
        }
        return {token.text.substr(1, token.text.size() - 2), token.at};
    }

    void body() {
        auto outer = std::move(variables_);
        variables_ = {"$"};
        if (list({.top = false, .loop = false, .whole = false, .named = true}) != Ends::end) {
            throw Refused{{0, "has an `{{ else }}` without a block"}};
        }
        variables_ = std::move(outer);
    }

    void define() {
        out_.defined.insert(name("define").name);
        closes("define");
        body();
    }

    void block(const Place& place) {
        out_.defined.insert(name("block").name);
        pipeline("`block`", Kind::close, place, 1);
        body();
    }

    void call(const Place& place) {
        out_.called.push_back(name("template"));
        auto token = nextWord();
        if (token.kind != Kind::close) {
            putBack(std::move(token));
            pipeline("`template`", Kind::close, place, 1);
        }
    }

    /// `$x :=`, and in `range` two of them. Returns the token that is first behind them.
    TemplateToken declarations(const std::string& context, std::size_t most) {
        auto token = nextWord();
        std::vector<TemplateToken> declared;
        while (token.kind == Kind::variable) {
            auto following = next();
            const bool blank = following.kind == Kind::space;
            if (blank) {
                following = nextWord();
            }
            if (following.kind == Kind::declare || following.kind == Kind::assign) {
                declared.push_back(token);
                if (declared.size() > most) {
                    refuse(token, "declares too many variables in " + context);
                }
                for (const auto& each : declared) {
                    variable(each, following.kind == Kind::declare);
                }
                return nextWord();
            }
            if (following.kind != Kind::comma || most < 2) {
                const auto at = following.at;
                putBack(std::move(following));
                if (blank) {
                    putBack({Kind::space, " ", at});
                }
                return token;
            }
            declared.push_back(token);
            if (declared.size() >= most) {
                refuse(token, "declares too many variables in " + context);
            }
            token = nextWord();
        }
        return token;
    }

    void variable(const TemplateToken& token, bool declares) {
        if (declares) {
            variables_.push_back(token.text);
        } else {
            known(token);
        }
    }
    void known(const TemplateToken& token) const {
        if (std::find(variables_.begin(), variables_.end(), token.text) == variables_.end()) {
            refuse(token, "uses the undeclared variable `" + token.text + "`");
        }
    }

    void pipeline(const std::string& context, Kind end, const Place& place, std::size_t most) {
        auto token = declarations(context, most);
        std::size_t commands = 0;
        for (;; token = nextWord()) {
            if (token.kind == end) {
                if (commands == 0) {
                    refuse(token, "has no value in " + context);
                }
                return;
            }
            const auto first = token;
            const bool started = command(std::move(token), place);
            const bool executable = first.kind != Kind::quoted && first.kind != Kind::number &&
                                    first.kind != Kind::character && first.kind != Kind::dot &&
                                    first.text != "true" && first.text != "false" && first.text != "nil";
            if (started && commands != 0 && !executable) {
                refuse(first, "has `" + first.text + "` after a `|`, where only a function is allowed");
            }
            ++commands;
        }
    }

    /// Operands with blanks between them, up to a `|` or an end.
    bool command(TemplateToken token, const Place& place) {
        bool any = false;
        for (;;) {
            if (!operand(token, place)) {
                unexpected(token, any ? "an operand" : "a command");
            }
            any = true;
            auto following = next();
            if (following.kind == Kind::pipe) {
                return any;
            }
            if (following.kind == Kind::close || following.kind == Kind::closeParen) {
                putBack(std::move(following));
                return any;
            }
            if (following.kind != Kind::space) {
                unexpected(following, "an operand");
            }
            token = nextWord();
            if (token.kind == Kind::pipe) {
                return any;
            }
            if (token.kind == Kind::close || token.kind == Kind::closeParen) {
                putBack(std::move(token));
                return any;
            }
        }
    }

    bool operand(const TemplateToken& token, const Place& place) {
        const bool literal = token.kind == Kind::quoted || token.kind == Kind::number ||
                             token.kind == Kind::character || token.kind == Kind::dot ||
                             token.text == "true" || token.text == "false" || token.text == "nil";
        if (!term(token, place)) {
            return false;
        }
        auto following = next();
        bool first = true;
        while (following.kind == Kind::field) {
            if (literal) {
                refuse(following, "reads a field of `" + token.text + "`, which has no fields");
            }
            if (first && token.kind == Kind::variable && token.text == "$" && !place.named) {
                out_.fields.push_back({following.text.substr(1), following.at});
            }
            first = false;
            following = next();
        }
        putBack(std::move(following));
        return true;
    }

    bool term(const TemplateToken& token, const Place& place) {
        switch (token.kind) {
            case Kind::word:
                if (token.text != "true" && token.text != "false" && token.text != "nil" &&
                    !builtIn(token.text) && !knows_(token.text)) {
                    static constexpr std::array<std::string_view, 9> kKeywords = {
                        "if", "else", "end", "range", "with", "define", "block", "template", "break"};
                    const bool keyword =
                        std::find(kKeywords.begin(), kKeywords.end(), token.text) != kKeywords.end();
                    refuse(token, keyword ? "has an unexpected `" + token.text + "`"
                                          : "calls `" + token.text + "`, which is not a function");
                }
                return true;
            case Kind::variable:
                known(token);
                return true;
            case Kind::field:
                if (place.whole) {
                    out_.fields.push_back({token.text.substr(1), token.at});
                }
                return true;
            case Kind::dot:
            case Kind::number:
                return true;
            case Kind::quoted:
                if (token.text.front() == '"' && !escapesFit(token.text)) {
                    refuse(token, "has an invalid escape in " + token.text);
                }
                return true;
            case Kind::character:
                if (!characterFits(token.text)) {
                    refuse(token, "has " + token.text + ", but single quotes hold exactly one character");
                }
                return true;
            case Kind::openParen:
                pipeline("parentheses", Kind::closeParen, place, 1);
                return true;
            default:
                return false;
        }
    }

    TemplateLexer lexer_;
    const std::function<bool(std::string_view)>& knows_;
    Template out_;
    std::vector<TemplateToken> pending_;  ///< read and put back, the next one last
    std::vector<std::string> variables_ = {"$"};
};

}  // namespace

Template readTemplate(std::string_view text, const std::function<bool(std::string_view)>& knows) {
    if (text.find("{{") == std::string_view::npos) {
        return {};
    }
    return Parser(text, knows).read();
}

}  // namespace vigie::lint
