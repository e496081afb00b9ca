// Writes YAML in block style, with every text quoted.

#include "render/yaml_writer.hpp"

#include "base/encoding.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace vigie::render {
namespace {

bool simpleCharacter(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.' || c == '/';
}

/// A key that every YAML reader takes for this very text.
bool safeKey(std::string_view key) {
    static constexpr std::array<std::string_view, 8> kWords = {"y",  "n",   "yes",  "no",
                                                               "on", "off", "true", "false"};
    std::string lower(key);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return !key.empty() && std::isalpha(static_cast<unsigned char>(key.front())) != 0 && lower != "null" &&
           std::all_of(key.begin(), key.end(), simpleCharacter) &&
           std::find(kWords.begin(), kWords.end(), lower) == kWords.end();
}

/// The escape of a character that YAML 1.1 takes for a line break, a byte order mark or a control character,
/// and its length in bytes; 0 when there is none.
std::pair<std::string, std::size_t> lineBreakAt(std::string_view text) {
    if (text.size() >= 2 && text[0] == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0) {
        return {"\\x" + hexEncode(text.substr(1, 1)), 2};
    }
    constexpr std::size_t kThree = 3;
    const auto three = text.substr(0, kThree);
    if (three == "\xE2\x80\xA8" || three == "\xE2\x80\xA9") {
        return {three[2] == '\xA8' ? "\\u2028" : "\\u2029", kThree};
    }
    return three == "\xEF\xBB\xBF" ? std::pair{std::string("\\uFEFF"), kThree}
                                   : std::pair{std::string(), std::size_t{0}};
}

/// `-` alone or `---` is syntax, `-1` is a number.
bool startsLikeSyntax(std::string_view scalar) {
    return scalar.front() == '-' &&
           (scalar.size() == 1 || std::isdigit(static_cast<unsigned char>(scalar[1])) == 0);
}

}  // namespace

std::string yamlQuoted(std::string_view value) {
    std::string out = "\"";
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        const auto byte = static_cast<unsigned char>(c);
        if (const auto [escape, length] = lineBreakAt(value.substr(i)); length != 0) {
            out += escape;
            i += length - 1;
            continue;
        }
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20 || byte == 0x7f) {
            out += "\\x" + hexEncode({&c, 1});
        } else {
            out += c;
        }
    }
    return out + '"';
}

namespace {

std::string keyText(std::string_view name) {
    return (safeKey(name) ? std::string(name) : yamlQuoted(name)) + ":";
}

}  // namespace

/// Writes the keys that were opened for what comes now.
void YamlWriter::writeOpened() {
    const int depth = std::exchange(depth_, depth_ - static_cast<int>(opened_.size()));
    for (const auto& key : std::exchange(opened_, {})) {
        beginLine();
        out_.append(key).append("\n");
        ++depth_;
    }
    depth_ = depth;
}

void YamlWriter::startLine() {
    writeOpened();
    beginLine();
}

void YamlWriter::beginLine() {
    out_.append(std::string(static_cast<std::size_t>(depth_ - (dash_ ? 1 : 0)) * 2, ' '));
    if (dash_) {
        out_.append("- ");
        dash_ = false;
    }
}

void YamlWriter::comment(std::string_view text) {
    startLine();
    out_.append("# ").append(text).append("\n");
}

void YamlWriter::key(std::string_view name) {
    startLine();
    out_.append(keyText(name));
}

void YamlWriter::open(std::string_view name) {
    opened_.push_back(keyText(name));
    ++depth_;
}

void YamlWriter::openItem() {
    writeOpened();  // an item is something, also an empty one
    ++depth_;
    dash_ = true;
}

void YamlWriter::closeItem() {
    if (dash_) {
        startLine();
        out_.append("{}\n");
    }
    --depth_;
}

void YamlWriter::close() {
    if (!opened_.empty()) {
        opened_.pop_back();
    }
    --depth_;
}

void YamlWriter::scalar(std::string_view value) {
    std::string text = yamlQuoted(value);
    if (escapeDollars_) {
        std::string escaped;
        for (const char c : text) {
            escaped += c == '$' ? "$$" : std::string(1, c);
        }
        text = std::move(escaped);
    }
    out_.append(text).append("\n");
}

void YamlWriter::text(std::string_view name, std::string_view value) {
    key(name);
    out_.append(" ");
    scalar(value);
}

void YamlWriter::secret(std::string_view name, const SecretValue& value) {
    key(name);
    out_.append(" \"").append(value, escapeDollars_ ? Encoding::compose : Encoding::yaml).append("\"\n");
}

void YamlWriter::number(std::string_view name, std::int64_t value) {
    key(name);
    out_.append(" ").append(std::to_string(value)).append("\n");
}

void YamlWriter::boolean(std::string_view name, bool value) {
    key(name);
    out_.append(value ? " true\n" : " false\n");
}

void YamlWriter::item(std::string_view value) {
    startLine();
    out_.append("- ");
    scalar(value);
}

void YamlWriter::numberItem(std::int64_t value) {
    startLine();
    out_.append("- ").append(std::to_string(value)).append("\n");
}

void YamlWriter::secretItem(const Text& value) {
    startLine();
    out_.append("- \"").appendText(value).append("\"\n");
}

void YamlWriter::node(std::string_view name, const spec::Node& value) {
    key(name);
    nodeValue(value);
}

void YamlWriter::nodeValue(const spec::Node& value) {
    using Kind = spec::Node::Kind;
    if (value.kind == Kind::null) {
        out_.append(" null\n");
    } else if (value.kind == Kind::scalar) {
        out_.append(" ");
        const bool asItWas = value.plain && !value.scalar.empty() && !startsLikeSyntax(value.scalar) &&
                             std::all_of(value.scalar.begin(), value.scalar.end(),
                                         [](char c) { return simpleCharacter(c) || c == '+'; });
        if (asItWas) {
            out_.append(value.scalar).append("\n");
        } else {
            scalar(value.scalar);
        }
    } else if (value.items.empty() && value.entries.empty()) {
        out_.append(value.kind == Kind::sequence ? " []\n" : " {}\n");
    } else {
        out_.append("\n");
        ++depth_;
        for (const auto& entry : value.entries) {
            node(entry.key, entry.value);
        }
        for (const auto& child : value.items) {
            const bool block = !child.entries.empty();
            if (block) {
                itemMap([&] {
                    for (const auto& entry : child.entries) {
                        node(entry.key, entry.value);
                    }
                });
            } else {
                startLine();
                out_.append("-");
                nodeValue(child);
            }
        }
        --depth_;
    }
}

}  // namespace vigie::render
