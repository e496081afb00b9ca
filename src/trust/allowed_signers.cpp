// Reads OpenSSH's allowed_signers files.

#include "trust/allowed_signers.hpp"

#include "base/text.hpp"
#include "trust/untrusted.hpp"
#include "trust/wire.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace vigie::trust {
namespace {

constexpr std::string_view kSpace = " \t\r";
constexpr std::size_t kShown = 80;  // bytes of a line that are shown

/// One mistake in a line.
struct Mistake {
    std::string text;
};

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    return out;
}

void skipSpace(std::string_view& rest) {
    rest.remove_prefix(std::min(rest.find_first_not_of(kSpace), rest.size()));
}

/// The next word; white space between double quotes belongs to it.
std::string_view nextWord(std::string_view& rest) {
    bool quoted = false;
    std::size_t end = 0;
    for (; end < rest.size(); ++end) {
        if (rest[end] == '"') {
            quoted = !quoted;
        } else if (!quoted && kSpace.find(rest[end]) != std::string_view::npos) {
            break;
        }
    }
    if (quoted) {
        throw Mistake{"a quotation mark is not closed"};
    }
    const auto out = rest.substr(0, end);
    rest.remove_prefix(end);
    skipSpace(rest);
    return out;
}

std::string_view unquoted(std::string_view text, std::string_view what) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
        text = text.substr(1, text.size() - 2);
        if (text.find('"') == std::string_view::npos) {
            return text;
        }
    }
    throw Mistake{"the value of " + std::string(what) + " must be between double quotes"};
}

int numberIn(std::string_view digits) {
    int out = 0;
    for (const char c : digits) {
        out = out * 10 + (c - '0');
    }
    return out;
}

/// Days since 1970-01-01 in the Gregorian calendar, counted in eras of 400 years that begin in March.
std::int64_t daysOf(const CivilTime& time) {
    const std::int64_t year = time.year - (time.month <= 2 ? 1 : 0);
    const std::int64_t era = year / 400;
    const std::int64_t yearOfEra = year - era * 400;
    const std::int64_t dayOfYear = (153 * (time.month + (time.month > 2 ? -3 : 9)) + 2) / 5 + time.day - 1;
    return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
}

std::int64_t utcOf(const CivilTime& time) {
    return daysOf(time) * 86400 + time.hour * 3600 + time.minute * 60 + time.second;
}

bool isDate(const CivilTime& time) {
    constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (time.year < 1970 || time.month < 1 || time.month > 12 || time.day < 1) {
        return false;
    }
    const bool leap = time.year % 4 == 0 && (time.year % 100 != 0 || time.year % 400 == 0);
    const int days = kDays.at(static_cast<std::size_t>(time.month - 1)) + (leap && time.month == 2 ? 1 : 0);
    return time.day <= days && time.hour < 24 && time.minute < 60 && time.second < 60;
}

/// `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`, with a `Z` for UTC.
std::int64_t timeFrom(std::string_view text, const LocalTime& local) {
    std::string_view digits = text;
    const bool utc = digits.ends_with('Z') || digits.ends_with('z');
    digits.remove_suffix(utc ? 1 : 0);
    const auto n = digits.size();
    if ((n != 8 && n != 12 && n != 14) || !std::all_of(digits.begin(), digits.end(), isDigit)) {
        throw Mistake{"'" + printable(text) + "' is not a time: write 20270131Z or 20270131235959Z"};
    }
    const auto part = [&](std::size_t at) { return at < n ? numberIn(digits.substr(at, 2)) : 0; };
    const CivilTime time{numberIn(digits.substr(0, 4)), part(4), part(6), part(8), part(10), part(12)};
    if (!isDate(time)) {
        throw Mistake{"this time does not exist: '" + printable(text) + "'"};
    }
    return utc ? utcOf(time) : local(time);
}

/// The options are separated by commas outside of quotation marks.
std::vector<std::string_view> optionsIn(std::string_view text) {
    std::vector<std::string_view> out;
    bool quoted = false;
    std::size_t begin = 0;
    for (std::size_t at = 0; at <= text.size(); ++at) {
        if (at < text.size() && text[at] == '"') {
            quoted = !quoted;
        }
        if (at == text.size() || (text[at] == ',' && !quoted)) {
            out.push_back(text.substr(begin, at - begin));
            begin = at + 1;
        }
    }
    return out;
}

template <class T>
void setOnce(std::optional<T>& option, T value, std::string_view name) {
    if (option) {
        throw Mistake{std::string(name) + " is given twice"};
    }
    option = std::move(value);
}

void readOption(AllowedSigner& signer, std::string_view option, const LocalTime& local) {
    const auto equals = std::min(option.find('='), option.size());
    const std::string name = lower(option.substr(0, equals));
    const auto value = [&] { return unquoted(option.substr(std::min(equals + 1, option.size())), name); };
    if (name == "cert-authority" && equals == option.size()) {
        signer.unsupported = "certificate authorities are not supported";
    } else if (name == "namespaces") {
        setOnce(signer.namespaces, std::string(value()), name);
    } else if (name == "valid-after") {
        setOnce(signer.validAfter, timeFrom(value(), local), name);
    } else if (name == "valid-before") {
        setOnce(signer.validBefore, timeFrom(value(), local), name);
    } else {
        throw Mistake{
            "'" + printable(option) +
            "' is not an option: the options are cert-authority, namespaces, valid-after and valid-before"};
    }
}

bool isKeyKind(std::string_view word) {
    return word.starts_with("ssh-") || word.starts_with("ecdsa-") || word.starts_with("sk-");
}

void readKey(AllowedSigner& signer, std::string_view kind, std::string_view base64) {
    const auto blob = decodeBase64(base64);
    if (!blob || keyKindIn(*blob) != kind) {
        throw Mistake{"the public key is incomplete: copy the line of the .pub file"};
    }
    signer.blob = *blob;
    if (kind != "ssh-ed25519") {
        if (signer.unsupported.empty()) {
            signer.unsupported =
                "keys of the type " + printable(kind) + " are not supported, only ssh-ed25519";
        }
        return;
    }
    const auto key = ed25519KeyIn(*blob);
    if (!key) {
        throw Mistake{"the public key is incomplete: copy the line of the .pub file"};
    }
    signer.key = *key;
}

void refuseControlCharacters(std::string_view text) {
    if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
        throw Mistake{"'" + printable(text) + "' contains a control character"};
    }
}

/// Whether git believes anybody by these patterns. It asks ssh-keygen of each of them, as the name of a
/// person, up to the first that is empty.
bool nameSomebody(std::string_view principals) {
    constexpr std::size_t kTooLong = 1023;  // match_pattern_list of OpenSSH's match.c
    for (const auto each : split(principals, ',')) {
        if (each.empty()) {
            return false;
        }
        if (each.size() < kTooLong && matchesPatterns(each, principals)) {
            return true;
        }
    }
    return false;
}

AllowedSigner readLine(std::string_view rest, const LocalTime& local) {
    AllowedSigner out;
    const auto principals = nextWord(rest);
    out.principals = principals.front() == '"' ? unquoted(principals, "the principals") : principals;
    if (out.principals.empty()) {
        throw Mistake{"there are no principals"};
    }
    refuseControlCharacters(principals);
    if (!nameSomebody(out.principals)) {
        throw Mistake{"the principals '" + printable(utf8Prefix(out.principals, kShown)) +
                      "' match no one: to withdraw a key, remove its line or begin the line with #"};
    }
    auto word = nextWord(rest);
    if (!isKeyKind(word)) {
        refuseControlCharacters(word);
        for (const auto option : optionsIn(word)) {
            readOption(out, option, local);
        }
        word = nextWord(rest);
    }
    if (!isKeyKind(word) || rest.empty()) {
        throw Mistake{"there is no public key: a line is `PRINCIPALS [OPTIONS] ssh-ed25519 AAAA…`"};
    }
    readKey(out, word, nextWord(rest));
    if (out.validAfter && out.validBefore && *out.validAfter >= *out.validBefore) {
        throw Mistake{"valid-after is not before valid-before"};
    }
    return out;
}

/// `*` and `?` only. Iterative, so that a hostile pattern costs no more than its length times the text's.
bool matches(std::string_view text, std::string_view pattern) {
    std::size_t t = 0;
    std::size_t p = 0;
    std::size_t star = std::string_view::npos;
    std::size_t mark = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') {
        ++p;
    }
    return p == pattern.size();
}

}  // namespace

AllowedSigners parseAllowedSigners(std::string_view text, const LocalTime& local) {
    AllowedSigners out;
    std::vector<std::string> mistakes;
    std::size_t number = 0;
    for (auto line : splitLines(text)) {
        ++number;
        skipSpace(line);
        if (line.empty() || line.front() == '#') {
            continue;
        }
        try {
            out.push_back(readLine(line, local));
            out.back().line = number;
        } catch (const Mistake& mistake) {
            mistakes.push_back("line " + std::to_string(number) + ": " + mistake.text);
        }
    }
    if (!mistakes.empty()) {
        throw Untrusted(Reason::signersUnusable,
                        "the file of allowed signers has errors: " + join(mistakes, "; "),
                        "write lines like `alice@example.org ssh-ed25519 AAAA…`");
    }
    if (std::all_of(out.begin(), out.end(), [](const auto& each) { return !each.unsupported.empty(); })) {
        throw Untrusted(Reason::signersUnusable,
                        out.empty() ? "there are no allowed signers"
                                    : "no allowed signer has a supported key: " + out.front().unsupported,
                        "add a line: alice@example.org ssh-ed25519 AAAA…");
    }
    return out;
}

bool matchesPatterns(std::string_view text, std::string_view patterns) {
    bool found = false;
    for (auto pattern : split(patterns, ',')) {
        const bool excludes = pattern.starts_with('!');
        pattern.remove_prefix(excludes ? 1 : 0);
        if (matches(text, pattern)) {
            if (excludes) {
                return false;
            }
            found = true;
        }
    }
    return found;
}

}  // namespace vigie::trust
