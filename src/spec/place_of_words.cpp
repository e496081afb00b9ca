// Finds the field that another program's complaint is about.

#include "spec/place_of_words.hpp"

#include "base/redact.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace vigie::spec {
namespace {

// How much one thing that was said speaks for a place.
constexpr int kQuotedValue = 4;       ///< the very value, or the name of the item it lies in
constexpr int kSetting = 3;           ///< a name of several words, which means nothing else
constexpr int kWord = 2;              ///< one word, which may mean something else
constexpr std::size_t kShortest = 3;  ///< shorter words mean anything

bool isName(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// The letters and digits, in lower case: `groupInterval`, `group_interval` and "group interval" are one.
std::string squeezed(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    return out;
}

std::string singular(std::string text) {
    if (text.size() > kShortest && text.back() == 's') {
        text.pop_back();
    }
    return text;
}

/// What was said, taken apart once.
class Words {
public:
    explicit Words(std::string_view said) : squeezed_(squeezed(said)) {
        for (std::size_t i = 0; i < said.size();) {
            const char c = said[i];
            if (c == '"' || c == '\'' || c == '`') {
                i = quoted(said, i);
            } else if (isName(c)) {
                const auto begin = i;
                while (i < said.size() && isName(said[i])) {
                    ++i;
                }
                words_.insert(singular(lowerCase(said.substr(begin, i - begin))));
            } else {
                ++i;
            }
        }
        for (const char* each : {"multiple", "duplicate", "duplicated", "repeated", "twice"}) {
            twice_ = twice_ || words_.count(singular(each)) != 0;
        }
    }

    /// How much a field of that name is meant.
    [[nodiscard]] int speaksOf(std::string_view field) const {
        constexpr std::string_view kFrom = "From";
        if (field.size() > kFrom.size() && field.substr(field.size() - kFrom.size()) == kFrom) {
            field.remove_suffix(kFrom.size());
        }
        const bool several = std::any_of(field.begin() + (field.empty() ? 0 : 1), field.end(), [](char c) {
            return std::isupper(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
        });
        if (several) {
            return squeezed_.find(singular(squeezed(field))) != std::string::npos ? kSetting : 0;
        }
        return field.size() >= kShortest && words_.count(singular(lowerCase(field))) != 0 ? kWord : 0;
    }

    /// How much a scalar of that value is meant.
    [[nodiscard]] int quotes(const std::string& value) const {
        if (value.empty()) {
            return 0;
        }
        if (quoted_.count(value) != 0) {
            return kQuotedValue;
        }
        const bool zero = value.find_first_not_of('0') == std::string::npos ||
                          (value.front() == '0' && value.find_first_of("123456789.") == std::string::npos);
        const bool word = value.size() >= kShortest && std::all_of(value.begin(), value.end(), isName) &&
                          words_.count(singular(lowerCase(value))) != 0;
        return word || (zero && words_.count("zero") != 0) ? kWord : 0;
    }

    [[nodiscard]] bool twice() const { return twice_; }

private:
    /// Reads a text in quotes; an apostrophe that closes nothing is none.
    std::size_t quoted(std::string_view said, std::size_t at) {
        const char quote = said[at];
        std::string text;
        for (std::size_t i = at + 1; i < said.size(); ++i) {
            if (said[i] == '\\' && quote == '"' && i + 1 < said.size()) {
                text += said[++i];
            } else if (said[i] == quote) {
                quoted_.insert(text);
                std::size_t begin = 0;  // a quoted name is a word, too
                while (begin < text.size() && isName(text[begin])) {
                    ++begin;
                }
                if (begin == text.size() && !text.empty()) {
                    words_.insert(singular(lowerCase(text)));
                }
                return i + 1;
            } else {
                text += said[i];
            }
        }
        return at + 1;
    }

    std::string squeezed_;
    std::set<std::string> quoted_;
    std::set<std::string> words_;
    bool twice_ = false;
};

/// The best places so far.
class Best {
public:
    explicit Best(bool last) : last_(last) {}

    /// Nearly all places have nothing that speaks for them, and cost nothing.
    void add(const std::vector<PathStep>& way, int score) {
        if (score <= 0 || score < score_) {
            return;
        }
        FieldPath path;
        for (const auto& step : way) {
            path = step.key.empty() ? path[step.index] : path / step.key;
        }
        if (score == score_) {
            path = last_ && !isAbove(*path_, path) ? path : common(*path_, path);
        }
        score_ = score;
        path_ = std::move(path);
    }
    [[nodiscard]] const std::optional<FieldPath>& path() const { return path_; }

private:
    static bool same(const PathStep& a, const PathStep& b) { return a.key == b.key && a.index == b.index; }
    static bool isAbove(const FieldPath& a, const FieldPath& b) {
        return a.steps().size() < b.steps().size() &&
               std::equal(a.steps().begin(), a.steps().end(), b.steps().begin(), same);
    }
    static FieldPath common(const FieldPath& a, const FieldPath& b) {
        FieldPath out;
        for (std::size_t i = 0; i < std::min(a.steps().size(), b.steps().size()); ++i) {
            if (!same(a.steps()[i], b.steps()[i])) {
                break;
            }
            out = a.steps()[i].key.empty() ? out[a.steps()[i].index] : out / a.steps()[i].key;
        }
        return out;
    }

    bool last_;
    int score_ = 0;
    std::optional<FieldPath> path_;
};

/// What an item of a list is called by.
constexpr std::array kNames = {"name", "jobName", "job_name", "receiver", "alert", "record"};

int nameOfItem(const Node& item, const Words& words) {
    for (const char* name : kNames) {
        const auto* value = item.find(name);
        if (value != nullptr && words.quotes(value->scalar) == kQuotedValue) {
            return kQuotedValue;
        }
    }
    return 0;
}

void visit(const Node& node, std::vector<PathStep>& way, int score, const Words& words, Best& best) {
    best.add(way, score + (node.kind == Node::Kind::scalar ? words.quotes(node.scalar) : 0));
    for (const auto& entry : node.entries) {
        way.push_back({entry.key, 0});
        visit(entry.value, way, score + words.speaksOf(entry.key), words, best);
        way.pop_back();
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        way.push_back({{}, i});
        visit(node.items[i], way, score + nameOfItem(node.items[i], words), words, best);
        way.pop_back();
    }
}

const Node* nodeAt(const Node& root, const FieldPath& path) {
    const Node* node = &root;
    for (const auto& step : path.steps()) {
        if (node == nullptr) {
            break;
        }
        node = !step.key.empty()                 ? node->find(step.key)
               : step.index < node->items.size() ? &node->items[step.index]
                                                 : nullptr;
    }
    return node;
}

/// The text in the quotes that begin behind `word`, or nothing; `said` then begins behind them.
std::optional<std::string> quotedBehind(std::string_view word, std::string_view& said) {
    const auto at = said.find(word);
    const auto end = at == std::string_view::npos ? at : said.find('"', at + word.size());
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    std::string out(said.substr(at + word.size(), end - at - word.size()));
    said.remove_prefix(end + 1);
    return out;
}

/// `group "a", rule 2, …`: that rule, where a list of groups lies below `within`. Source: promtool.
std::optional<FieldPath> ruleOf(const Node& root, const FieldPath& within, std::string_view& said) {
    auto rest = said;
    const auto group = quotedBehind("group \"", rest);
    constexpr std::string_view kRule = ", rule ";
    if (!group || !rest.starts_with(kRule)) {
        return std::nullopt;
    }
    rest.remove_prefix(kRule.size());
    std::size_t number = 0;
    const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (parsed.ec != std::errc{} || number == 0) {
        return std::nullopt;
    }
    rest.remove_prefix(static_cast<std::size_t>(parsed.ptr - rest.data()));
    if (rest.starts_with(", \"")) {
        quotedBehind(", \"", rest);  // its name says nothing more
    }
    for (const char* list : {"groups", "ruleGroups"}) {
        const auto path = within / list;
        const auto* groups = nodeAt(root, path);
        for (std::size_t i = 0; groups != nullptr && i < groups->items.size(); ++i) {
            const auto* name = groups->items[i].find("name");
            const auto* rules = groups->items[i].find("rules");
            if (name != nullptr && name->scalar == *group && rules != nullptr &&
                number <= rules->items.size()) {
                said = rest;
                return (path[i] / "rules")[number - 1];
            }
        }
    }
    return std::nullopt;
}

}  // namespace

FieldPath placeOfWords(const Node& root, const FieldPath& within, std::string_view said) {
    FieldPath from = within;
    if (const auto rule = ruleOf(root, within, said)) {
        from = *rule;
        if (said.find("could not parse expression") != std::string_view::npos) {
            return from / "expr";
        }
    }
    const auto* node = nodeAt(root, from);
    if (node == nullptr) {
        return within;
    }
    const Words words(said);
    Best best(words.twice());
    auto way = from.steps();
    visit(*node, way, 0, words, best);
    return best.path().value_or(from);
}

}  // namespace vigie::spec
