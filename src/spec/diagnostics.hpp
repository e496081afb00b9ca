#pragma once

#include "spec/node.hpp"

#include <cstdint>
#include <functional>
#include <string>
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

private:
    std::vector<Diagnostic> all_;
};

/// Reports mistakes of one file.
class Reporter {
public:
    Reporter(Diagnostics& to, std::string file, const Node* root = nullptr)
        : to_(&to), file_(std::move(file)), root_(root) {}

    void error(const char* code, Position at, std::string message, std::string hint = {}) const;
    void error(const char* code, const FieldPath& path, std::string message, std::string hint = {}) const;
    /// For a place where a secret may stand in plain: the source line is not shown.
    void secretError(const char* code, Position at, std::string message, std::string hint) const;
    void warning(const char* code, const FieldPath& path, std::string message, std::string hint = {}) const;
    void info(const char* code, const FieldPath& path, std::string message, std::string hint = {}) const;
    /// Whether the document has something at `path`, however wrong; whoever reports that it is missing asks.
    [[nodiscard]] bool written(const FieldPath& path) const;
    /// Whether the schema has refused what stands at `path`: no other rule needs to judge it.
    [[nodiscard]] bool refused(const FieldPath& path) const;
    /// Whether nothing stands at `path`, or the schema has refused what does: whoever meets a field without a
    /// value asks, so that no mistake is reported twice.
    [[nodiscard]] bool answeredFor(const FieldPath& path) const;

private:
    [[nodiscard]] const Node* find(const FieldPath& path) const;

    Diagnostics* to_;
    std::string file_;
    const Node* root_;
};

/// `file:line:column: error[VG0101]: message`, then the source line with a caret and the hint, where there
/// are such. `source` is the file's text.
std::string format(const Diagnostic& diagnostic, std::string_view source, bool colour);

/// The column of a diagnostic as a person counts it: characters, from 1. 0 without a position.
std::size_t columnOf(const Diagnostic& diagnostic, std::string_view source);

}  // namespace vigie::spec
