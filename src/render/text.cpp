// Text with secrets in it: encoded, masked or revealed.

#include "render/text.hpp"

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/redact.hpp"

#include <algorithm>
#include <stdexcept>

namespace vigie::render {
namespace {

/// Byte by byte: everything but printable ASCII as an escape, except for UTF-8, which stays as it is.
void appendEscaped(SecureBytes& to, std::string_view value, std::string_view control, bool doubleDollars) {
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            to.push_back('\\');
            to.push_back(c);
        } else if (c == '$' && doubleDollars) {
            append(to, "$$");
        } else if (byte < 0x20 || byte == 0x7f) {
            constexpr std::string_view kDigits = "0123456789abcdef";
            append(to, control);
            to.push_back(kDigits[byte >> 4U]);
            to.push_back(kDigits[byte & 0xfU]);
        } else {
            to.push_back(c);
        }
    }
}

void appendEncoded(SecureBytes& to, std::string_view value, Encoding encoding) {
    switch (encoding) {
        case Encoding::raw:
            append(to, value);
            break;
        case Encoding::percent:
            appendPercentEncoded(to, value);
            break;
        case Encoding::base64:
            appendBase64(to, value);
            break;
        case Encoding::pgpass:
            for (const char c : value) {
                if (c == ':' || c == '\\') {
                    to.push_back('\\');
                }
                to.push_back(c);
            }
            break;
        case Encoding::yaml:
            appendEscaped(to, value, "\\x", false);
            break;
        case Encoding::compose:
            appendEscaped(to, value, "\\x", true);
            break;
        case Encoding::json:
            appendEscaped(to, value, "\\u00", false);
            break;
    }
}

}  // namespace

Text& Text::append(std::string_view literal) {
    if (segments_.empty() || segments_.back().secret != nullptr) {
        segments_.emplace_back();
    }
    segments_.back().literal += literal;
    return *this;
}

Text& Text::append(const SecretValue& secret, Encoding encoding) {
    segments_.push_back({{}, std::make_shared<const SecretValue>(secret), encoding});
    return *this;
}

Text& Text::appendText(const Text& other) {
    for (const auto& segment : other.segments_) {
        if (segment.secret != nullptr) {
            segments_.push_back(segment);
        } else {
            append(segment.literal);
        }
    }
    return *this;
}

bool Text::hasSecrets() const {
    return std::any_of(segments_.begin(), segments_.end(),
                       [](const Segment& s) { return s.secret != nullptr; });
}

bool Text::available() const {
    return std::all_of(segments_.begin(), segments_.end(),
                       [](const Segment& s) { return s.secret == nullptr || s.secret->available(); });
}

std::string Text::masked() const {
    return masked(kSecretMask);
}

std::string Text::masked(std::string_view mask) const {
    std::string out;
    for (const auto& segment : segments_) {
        out += segment.secret == nullptr ? std::string_view(segment.literal) : mask;
    }
    return out;
}

SecureBytes Text::reveal() const {
    SecureBytes out;
    for (const auto& segment : segments_) {
        if (segment.secret == nullptr) {
            vigie::append(out, segment.literal);
        } else if (segment.secret->available()) {
            appendEncoded(out, view(*segment.secret->value), segment.encoding);
        } else {
            throw std::logic_error("a secret is revealed that is sealed elsewhere");
        }
    }
    return out;
}

std::string Text::digest() const {
    Sha256 hash;
    for (const auto& segment : segments_) {
        if (segment.secret == nullptr) {
            hash.field("literal").field(segment.literal);
        } else {
            hash.field("secret")
                .field(segment.secret->id)
                .field(std::to_string(static_cast<int>(segment.encoding)));
        }
    }
    return hash.hex();
}

}  // namespace vigie::render
