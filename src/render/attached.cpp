// Renders what is attached.

#include "render/attached.hpp"

#include "spec/read_yaml.hpp"

#include <algorithm>
#include <vector>

namespace vigie::render {
namespace {

using spec::Node;

constexpr std::string_view kRuleFiles = "rule_files";

std::optional<Node> tree(std::string_view text) {
    spec::Diagnostics unread;
    auto out = spec::readNative(text, "", unread);
    return unread.errors() == 0 ? std::move(out) : std::nullopt;
}

/// Where line `line`, counted from 1, ends: behind its newline.
std::size_t endOfLine(std::string_view text, std::uint32_t line) {
    std::size_t at = 0;
    for (std::uint32_t i = 0; i < line && at < text.size(); ++i) {
        at = std::min(text.find('\n', at), text.size() - 1) + 1;
    }
    return at;
}

/// `text` with `files` behind its last rule file, in whichever way that is written.
std::string withRuleFiles(const std::string& text, const Node* list, const std::vector<std::string>& files) {
    std::string added;
    if (list == nullptr) {
        added = "\nrule_files:\n";
        for (const auto& file : files) {
            added += "  - " + file + "\n";
        }
        return text.ends_with('\n') || text.empty() ? text + added.substr(1) : text + added;
    }
    if (list->items.empty()) {
        return {};
    }
    const auto last = list->items.back().at;
    const auto end = endOfLine(text, last.line);
    const auto begin = endOfLine(text, last.line - 1);
    const auto line = std::string_view(text).substr(begin, end - begin);
    const auto dash = line.find_first_not_of(' ');
    if (dash != std::string_view::npos && line[dash] == '-') {
        for (const auto& file : files) {
            added += std::string(dash, ' ') + "- " + file + "\n";
        }
        return text.substr(0, end) + (end > 0 && text[end - 1] == '\n' ? "" : "\n") + added +
               text.substr(end);
    }
    const auto bracket = line.rfind(']');
    if (bracket == std::string_view::npos) {
        return {};
    }
    for (const auto& file : files) {
        added += ", " + file;
    }
    return text.substr(0, begin + bracket) + added + text.substr(begin + bracket);
}

}  // namespace

std::string Builder::attachedFile(std::string path, Text content, const std::string& purpose) {
    const auto role = path == attached_->main         ? AttachedFile::Role::main
                      : path == kinds::kAttachedProof ? AttachedFile::Role::proof
                                                      : AttachedFile::Role::other;
    auto id = kinds::attachedId(attached_->program.name(), path);
    return add({std::move(id),
                AttachedFile{.program = attached_->program,
                             .kind = attached_->kind,
                             .path = std::move(path),
                             .content = std::move(content),
                             .role = role,
                             .assumed = attached_->assumed},
                {},
                purpose});
}

AttachedProgram attachedProgram(const Builder& builder, const spec::Attach& attach,
                                const std::string& project) {
    AttachedProgram out;
    out.program = attach.program;
    out.project = project;
    out.service = attach.service;
    out.directory = builder.stack.projectNamed(project).directory;
    if (attach.web) {
        out.username = attach.web->username;
        if (attach.web->passwordFrom) {
            out.password = builder.secret(attach.web->passwordFrom->secret);
        }
    }
    return out;
}

std::optional<std::string> keptText(const std::string& text, const Node& merged) {
    const auto root = tree(text);
    if (!root || text.find("!secret") != std::string::npos) {
        return std::nullopt;
    }
    if (spec::sameData(*root, merged)) {
        return text;
    }
    const auto* before = root->find(kRuleFiles);
    const auto* after = merged.find(kRuleFiles);
    const std::size_t known = before == nullptr ? 0 : before->items.size();
    if (after == nullptr || after->items.size() <= known) {
        return std::nullopt;
    }
    std::vector<std::string> files;
    for (std::size_t i = known; i < after->items.size(); ++i) {
        files.push_back(after->items[i].scalar);
    }
    auto out = withRuleFiles(text, before, files);
    const auto got = tree(out);  // whatever was not foreseen shows here
    return got && spec::sameData(*got, merged) ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace vigie::render
