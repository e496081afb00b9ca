// Findings, who reports them, and how they are shown.
#pragma once

#include "spec/codes.hpp"
#include "spec/node.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::spec {

/// An info is no finding: nothing has to be done about it.
enum class Severity : std::uint8_t { error, warning, info };

/// `error`, `warning` or `info`.
std::string_view toText(Severity severity);

/// One mistake in a document. `code` is stable (docs/codes/).
struct Diagnostic {
    Severity severity = Severity::error;
    std::string code;
    std::string file;
    Position at;
    std::string message;
    std::string hint;     ///< what to write instead; may be empty
    bool secret = false;  ///< the source line may hold one, and is not shown
};

/// How many findings are told of one run. Who has more corrects these first; all are counted.
constexpr std::size_t kMostTold = 200;

/// Collects every mistake of a run, so that all of them are reported at once.
class Diagnostics {
public:
    void add(Diagnostic diagnostic);

    [[nodiscard]] const std::vector<Diagnostic>& all() const { return all_; }
    [[nodiscard]] bool empty() const { return all_.empty(); }
    [[nodiscard]] bool hasErrors() const;
    [[nodiscard]] std::size_t errors() const { return count(Severity::error); }
    [[nodiscard]] std::size_t count(Severity severity) const;
    void removeIf(const std::function<bool(const Diagnostic&)>& unwanted);

    /// In reading order: by file, line, column; mistakes without a position first.
    void sort();
    /// Those that are told, in their order: all, or of more than `kMostTold` the first errors, then warnings,
    /// then infos.
    [[nodiscard]] std::vector<const Diagnostic*> told() const;

private:
    std::vector<Diagnostic> all_;
};

/// Reports mistakes of one file.
class Reporter {
public:
    /// What lies below `root` stays as it is as long as paths are asked for.
    Reporter(Diagnostics& to, std::string file, const Node* root = nullptr)
        : to_(&to), file_(std::move(file)), root_(root), children_(std::make_shared<ChildIndex>()) {}

    void error(Code code, Position at, std::string message, std::string hint = {}) const;
    void error(Code code, const FieldPath& path, std::string message, std::string hint = {}) const;
    /// For a place where a secret may stand in plain: the source line is not shown.
    void secretError(Code code, Position at, std::string message, std::string hint) const;
    void warning(Code code, const FieldPath& path, std::string message, std::string hint = {}) const;
    void info(Code code, const FieldPath& path, std::string message, std::string hint = {}) const;
    /// Whether the document has something at `path`, however wrong; whoever reports that it is missing asks.
    [[nodiscard]] bool written(const FieldPath& path) const;
    /// Where `path` is written, or as much of it as exists, for a message that names a second place.
    [[nodiscard]] Position positionOf(const FieldPath& path) const;
    /// Whether the schema refused what is there; nothing more is reported of it by its path. Who compares it
    /// with something else asks.
    [[nodiscard]] bool refused(const FieldPath& path) const;
    /// Whether nothing stands at `path`, or the schema has refused what does: whoever meets a field without a
    /// value asks, so that no mistake is reported twice.
    [[nodiscard]] bool answeredFor(const FieldPath& path) const;

private:
    [[nodiscard]] const Node* find(const FieldPath& path) const;
    void addAt(Severity severity, Code code, const FieldPath& path, std::string message, std::string hint,
               bool secret) const;

    Diagnostics* to_;
    std::string file_;
    const Node* root_;
    std::shared_ptr<ChildIndex> children_;
};

/// A text whose lines are found without reading it from its beginning each time. A view: the text outlives
/// it.
class SourceText {
public:
    SourceText() = default;
    // Whoever formats a single finding hands over the text.
    SourceText(std::string_view text);  // NOLINT(google-explicit-constructor)
    SourceText(const char* text)
        : SourceText(std::string_view(text)) {}  // NOLINT(google-explicit-constructor)
    SourceText(const std::string& text)          // NOLINT(google-explicit-constructor)
        : SourceText(std::string_view(text)) {}

    /// Line `number`, counted from 1, without its end; empty when there is none.
    [[nodiscard]] std::string_view line(std::uint32_t number) const;

private:
    std::string_view text_;
    std::vector<std::size_t> begins_;
};

/// `file:line:column: error[VG0101]: message`, then the source line with a caret and the hint, where there
/// are such. `source` is the file's text.
std::string format(const Diagnostic& diagnostic, const SourceText& source, bool colour);

/// All that is told of a run, and how many findings are not. `sources` has the files' texts by name; a name
/// is shown as `shown` says.
std::string formatTold(const Diagnostics& diagnostics, const std::map<std::string, std::string>& sources,
                       bool colour, const std::function<std::string(const std::string&)>& shown = {});

/// The column of a diagnostic as a person counts it: characters, from 1. 0 without a position.
std::size_t columnOf(const Diagnostic& diagnostic, const SourceText& source);

/// The texts of files by name, each made ready when it is asked for.
class Sources {
public:
    explicit Sources(const std::map<std::string, std::string>& texts) : texts_(texts) {}
    /// That of `file`; an empty one when there is none.
    const SourceText& of(const std::string& file);

private:
    const std::map<std::string, std::string>& texts_;
    std::map<std::string, SourceText> ready_;
};

}  // namespace vigie::spec
