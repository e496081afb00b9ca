// Collects findings and writes them with their source lines.

#include "spec/diagnostics.hpp"

#include "base/invisible.hpp"
#include "base/redact.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace vigie::spec {
namespace {

constexpr std::size_t kWidestExcerpt = 160;  // bytes of a source line that are worth showing

/// The column as a person counts: characters, not bytes.
std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(
        utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// A source line for a terminal: tabs are one column wide, and what is no text shows as `?`.
std::string excerpt(std::string_view line) {
    std::string out(line);
    std::replace(out.begin(), out.end(), '\t', ' ');
    for (auto at = findNonText(out); at != std::string::npos; at = findNonText(out)) {
        out[at] = '?';
    }
    return out;
}

/// The colour of a severity's name in a terminal.
std::string_view markOf(Severity severity) {
    switch (severity) {
        case Severity::error:
            return "\x1b[1;31m";
        case Severity::warning:
            return "\x1b[1;33m";
        case Severity::info:
            break;
    }
    return "\x1b[1;36m";
}

}  // namespace

/// What a message quotes may have characters in it that look like another word, or like nothing.
void Diagnostics::add(Diagnostic diagnostic) {
    if (const auto cure = cureForInvisible(diagnostic.message); !cure.empty()) {
        diagnostic.message = withNames(diagnostic.message);
        diagnostic.hint = cure + (diagnostic.hint.empty() ? "" : "; " + withNames(diagnostic.hint));
    }
    all_.push_back(std::move(diagnostic));
}

std::string_view toText(Severity severity) {
    switch (severity) {
        case Severity::error:
            return "error";
        case Severity::warning:
            return "warning";
        case Severity::info:
            break;
    }
    return "info";
}

std::size_t Diagnostics::count(Severity severity) const {
    return static_cast<std::size_t>(
        std::count_if(all_.begin(), all_.end(), [&](const Diagnostic& d) { return d.severity == severity; }));
}

void Diagnostics::removeIf(const std::function<bool(const Diagnostic&)>& unwanted) {
    all_.erase(std::remove_if(all_.begin(), all_.end(), unwanted), all_.end());
}

bool Diagnostics::hasErrors() const {
    return errors() != 0;
}

void Diagnostics::sort() {
    std::stable_sort(all_.begin(), all_.end(), [](const Diagnostic& a, const Diagnostic& b) {
        return std::tie(a.file, a.at.line, a.at.column) < std::tie(b.file, b.at.line, b.at.column);
    });
}

std::vector<const Diagnostic*> Diagnostics::told() const {
    std::vector<const Diagnostic*> out;
    std::array<std::size_t, 3> left{};  // by severity
    std::size_t room = kMostTold;
    for (const auto severity : {Severity::error, Severity::warning, Severity::info}) {
        auto& share = left.at(static_cast<std::size_t>(severity));
        share = std::min(room, count(severity));
        room -= share;
    }
    for (const auto& each : all_) {
        auto& share = left.at(static_cast<std::size_t>(each.severity));
        if (share != 0) {
            --share;
            out.push_back(&each);
        }
    }
    return out;
}

void Reporter::error(Code code, Position at, std::string message, std::string hint) const {
    to_->add({Severity::error, code.name, file_, at, std::move(message), std::move(hint), false});
}

void Reporter::secretError(Code code, Position at, std::string message, std::string hint) const {
    to_->add({Severity::error, code.name, file_, at, std::move(message), std::move(hint), true});
}

void Reporter::addAt(Severity severity, Code code, const FieldPath& path, std::string message,
                     std::string hint, bool secret) const {
    if (!refused(path)) {
        to_->add({severity, code.name, file_, positionOf(path), std::move(message), std::move(hint), secret});
    }
}

void Reporter::error(Code code, const FieldPath& path, std::string message, std::string hint) const {
    addAt(Severity::error, code, path, std::move(message), std::move(hint), false);
}

bool Reporter::refused(const FieldPath& path) const {
    return root_ != nullptr && passedOver(*root_, path, *children_);
}

Position Reporter::positionOf(const FieldPath& path) const {
    return root_ == nullptr ? Position{} : resolve(*root_, path, *children_);
}

const Node* Reporter::find(const FieldPath& path) const {
    const Node* node = root_;
    for (const auto& step : path.steps()) {
        if (node == nullptr) {
            return nullptr;
        }
        if (step.key.empty()) {
            node = step.index < node->items.size() ? &node->items[step.index] : nullptr;
        } else {
            node = children_->find(*node, step.key);
        }
    }
    return node;
}

bool Reporter::written(const FieldPath& path) const {
    return find(path) != nullptr;
}

bool Reporter::answeredFor(const FieldPath& path) const {
    return root_ != nullptr && (!written(path) || refused(path));
}

void Reporter::warning(Code code, const FieldPath& path, std::string message, std::string hint) const {
    // The code for a secret in plain text: the name of its field, such as `value`, does not show it.
    const bool secret = code == code::VG0490;
    addAt(Severity::warning, code, path, std::move(message), std::move(hint), secret);
}

void Reporter::info(Code code, const FieldPath& path, std::string message, std::string hint) const {
    addAt(Severity::info, code, path, std::move(message), std::move(hint), false);
}

SourceText::SourceText(std::string_view text) : text_(text), begins_{0} {
    for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', end + 1)) {
        begins_.push_back(end + 1);
    }
}

std::string_view SourceText::line(std::uint32_t number) const {
    if (number == 0 || number > begins_.size()) {
        return {};
    }
    auto text = text_.substr(begins_[number - 1]);
    text = text.substr(0, number == begins_.size() ? text.size() : begins_[number] - begins_[number - 1] - 1);
    if (!text.empty() && text.back() == '\r') {
        text.remove_suffix(1);
    }
    return text;
}

const SourceText& Sources::of(const std::string& file) {
    const auto known = ready_.find(file);
    if (known != ready_.end()) {
        return known->second;
    }
    const auto text = texts_.find(file);
    return ready_.emplace(file, text == texts_.end() ? SourceText{} : SourceText(text->second)).first->second;
}

std::size_t columnOf(const Diagnostic& diagnostic, const SourceText& source) {
    if (diagnostic.at.line == 0) {
        return 0;
    }
    const auto line = source.line(diagnostic.at.line);
    return characters(excerpt(line.substr(0, diagnostic.at.column == 0 ? 0 : diagnostic.at.column - 1))) + 1;
}

std::string format(const Diagnostic& diagnostic, const SourceText& source, bool colour) {
    const std::string_view strong = colour ? "\x1b[1m" : "";
    const std::string_view mark = colour ? markOf(diagnostic.severity) : "";
    const std::string_view off = colour ? "\x1b[0m" : "";

    const std::string_view line = source.line(diagnostic.at.line);
    const auto before = line.substr(0, diagnostic.at.column == 0 ? 0 : diagnostic.at.column - 1);
    std::string out{strong};
    out += printable(diagnostic.file);
    if (diagnostic.at.line != 0) {
        out += ":" + std::to_string(diagnostic.at.line) + ":" + std::to_string(columnOf(diagnostic, source));
    }
    out.append(": ").append(off).append(mark).append(toText(diagnostic.severity));
    out += "[" + diagnostic.code + "]";
    out.append(off).append(": ").append(printable(diagnostic.message)).append("\n");

    if (!diagnostic.secret && !trim(line).empty() && before.size() <= kWidestExcerpt) {
        const std::string number = std::to_string(diagnostic.at.line);
        out += " " + number + " | " + redactLine(excerpt(utf8Prefix(line, kWidestExcerpt))) + "\n";
        out += std::string(number.size() + 2, ' ') + "| " + std::string(characters(excerpt(before)), ' ');
        out.append(mark).append("^").append(off).append("\n");
    }
    if (!diagnostic.hint.empty()) {
        out.append("   hint: ").append(printable(diagnostic.hint)).append("\n");
    }
    return out;
}

std::string formatTold(const Diagnostics& diagnostics, const std::map<std::string, std::string>& sources,
                       bool colour, const std::function<std::string(const std::string&)>& shown) {
    Sources texts(sources);
    const auto told = diagnostics.told();
    std::string out;
    for (const auto* each : told) {
        auto named = *each;
        if (shown) {
            named.file = shown(each->file);
        }
        out += format(named, texts.of(each->file), colour);
    }
    if (const auto more = diagnostics.all().size() - told.size(); more != 0) {
        out += std::to_string(more) + " more findings are not shown: correct these first\n";
    }
    return out;
}

}  // namespace vigie::spec
