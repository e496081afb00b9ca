// Copies of configuration files that checkers read before they are written.

#include "apply/transaction/staging.hpp"

#include "kinds/models.hpp"
#include "render/yaml_writer.hpp"

namespace vigie::apply {
namespace {

/// Whether a double-quoted scalar is open at `at`.
bool quotedAt(const std::string& text, std::size_t lineStart, std::size_t at) {
    bool open = false;
    for (std::size_t i = lineStart; i < at; ++i) {
        if (text[i] == '\\' && open) {
            ++i;
        } else if (text[i] == '"') {
            open = !open;
        }
    }
    return open;
}

/// What stands between the quotes of a YAML text.
std::string inQuotes(const std::string& text) {
    const std::string quoted = render::yamlQuoted(text);
    return quoted.substr(1, quoted.size() - 2);
}

bool precededBy(const std::string& text, std::size_t at, std::string_view what) {
    return at >= what.size() && text.compare(at - what.size(), what.size(), what) == 0;
}

}  // namespace

std::string movedPaths(const std::string& yaml, const Moved& moved) {
    const std::string prefix = moved.from + "/";
    std::string out;
    std::size_t copied = 0;
    for (auto at = yaml.find(prefix); at != std::string::npos; at = yaml.find(prefix, at + prefix.size())) {
        const auto newline = at == 0 ? std::string::npos : yaml.rfind('\n', at - 1);
        const auto lineStart = newline == std::string::npos ? 0 : newline + 1;
        const bool quoted = at > lineStart && yaml[at - 1] == '"' && !quotedAt(yaml, lineStart, at - 1);
        const bool plain =
            !quotedAt(yaml, lineStart, at) && (precededBy(yaml, at, ": ") || precededBy(yaml, at, "- "));
        if (quoted) {
            out += yaml.substr(copied, at - copied) + inQuotes(moved.to + "/");
            copied = at + prefix.size();
        } else if (plain) {
            const auto end = std::min(yaml.find('\n', at), yaml.size());
            out += yaml.substr(copied, at - copied) +
                   render::yamlQuoted(moved.to + "/" +
                                      yaml.substr(at + prefix.size(), end - at - prefix.size()));
            copied = end;
        }
    }
    return out + yaml.substr(copied);
}

void stage(const std::vector<render::Resource>& desired, const render::ConfiguredProgram& reload,
           const std::string& staging, unsigned mode, const std::optional<Moved>& moved,
           system::Files& files) {
    // A secret may stand where an address is wanted.
    constexpr const char* kMasked = "https://masked.invalid/";
    const std::string directory = reload.directory();
    system::makeParents(files, staging + "/");
    for (const auto& resource : desired) {
        const auto* content = kinds::contentOf(resource);
        const auto path = kinds::loadedPathOf(resource);
        if (content == nullptr || !path.starts_with(directory + "/")) {
            continue;
        }
        const std::string to = staging + path.substr(directory.size());
        std::string text = content->masked(kMasked);
        if (moved && path == reload.configPath) {
            text = movedPaths(text, *moved);
        }
        system::makeParents(files, to);
        files.write(to, text, mode, std::nullopt);
    }
}

}  // namespace vigie::apply
