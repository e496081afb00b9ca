// Finds the files that native configuration names.

#include "spec/native_paths.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <optional>

namespace vigie::spec {
namespace {

/// `path` without `.`, `..` and doubled slashes; nothing when it leaves the directory that it begins in.
std::optional<std::string> plainPath(std::string_view path) {
    std::vector<std::string_view> parts;
    for (const auto part : split(path, '/')) {
        if (part == "..") {
            if (parts.empty()) {
                return std::nullopt;
            }
            parts.pop_back();
        } else if (!part.empty() && part != ".") {
            parts.push_back(part);
        }
    }
    std::string out;
    for (const auto part : parts) {
        out.append(out.empty() ? "" : "/").append(part);
    }
    return out;
}

/// True if relabelling may turn any text of a target into an address.
bool relabelsAddress(const Node& job) {
    const auto* steps = job.find("relabel_configs");
    return steps != nullptr && std::any_of(steps->items.begin(), steps->items.end(), [](const Node& each) {
               const auto* target = each.find("target_label");
               const auto* action = each.find("action");
               return (target != nullptr && target->scalar == "__address__") ||
                      (action != nullptr && action->scalar == "labelmap");
           });
}

class Patterns {
public:
    Patterns(const NativeSource& source, const std::string& base) : source_(source), base_(base) {}

    void list(const Node* list, NativeKind kind, bool anyText = true) {
        for (const auto& item : list == nullptr ? std::vector<Node>{} : list->items) {
            add(item, kind, anyText);
        }
    }

    /// Files of targets, wherever the configuration discovers any.
    void discoveries(const Node& node, bool anyText) {
        for (const auto& entry : node.entries) {
            if (entry.key == "file_sd_configs") {
                for (const auto& each : entry.value.items) {
                    list(each.find("files"), NativeKind::targets, anyText);
                }
            } else if (entry.key == "scrape_configs") {
                for (const auto& job : entry.value.items) {
                    discoveries(job, relabelsAddress(job));
                }
            } else {
                discoveries(entry.value, anyText);
            }
        }
        for (const auto& item : node.items) {
            discoveries(item, anyText);
        }
    }

    std::vector<NativePattern> take() { return std::move(out_); }

private:
    void add(const Node& item, NativeKind kind, bool anyText) {
        const auto& text = item.scalar;
        if (text.empty()) {
            return;
        }
        NativePattern out{kind, text, item.at, {}, {}, {}, anyText};
        const auto& listed = source_.from->hostFiles;
        out.listed = std::find(listed.begin(), listed.end(), text) != listed.end();
        const std::string below = source_.mount + "/";
        if (!out.listed && (text.front() != '/' || text.starts_with(below))) {
            const auto plain = plainPath(text.front() == '/' ? text.substr(below.size())
                                         : base_.empty()     ? text
                                                             : base_ + "/" + text);
            out.climbs = !plain;
            out.pattern = plain.value_or("");
        }
        out_.push_back(std::move(out));
    }

    const NativeSource& source_;
    const std::string& base_;
    std::vector<NativePattern> out_;
};

/// The end of a class `[…]` that begins at `from`, and whether `c` is in it; npos when it is malformed.
std::size_t matchClass(std::string_view pattern, std::size_t from, char c, bool& in) {
    std::size_t i = from + 1;
    const bool negated = i < pattern.size() && pattern[i] == '^';
    i += negated ? 1 : 0;
    const auto one = [&]() -> std::optional<char> {
        if (i < pattern.size() && (pattern[i] == '-' || pattern[i] == ']')) {
            return std::nullopt;  // only behind a backslash
        }
        if (i < pattern.size() && pattern[i] == '\\') {
            ++i;
        }
        return i < pattern.size() ? std::optional(pattern[i++]) : std::nullopt;
    };
    bool found = false;
    bool any = false;
    while (i < pattern.size() && (pattern[i] != ']' || !any)) {
        any = true;
        const auto low = one();
        auto high = low;
        if (i < pattern.size() && pattern[i] == '-') {
            ++i;
            high = one();
        }
        if (!low || !high) {
            return std::string_view::npos;
        }
        found = found || (*low <= c && c <= *high);
    }
    in = found != negated;
    return i < pattern.size() ? i + 1 : std::string_view::npos;
}

}  // namespace

bool matchesPattern(std::string_view pattern, std::string_view path) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;  // behind the last `*`
    std::size_t retry = 0;
    const auto step = [&] {  // one character of the path against what the pattern has for it
        if (p >= pattern.size() || t >= path.size()) {
            return false;
        }
        const char c = path[t];
        if (pattern[p] == '?') {
            ++p;
            return c != '/';
        }
        if (pattern[p] == '[') {
            bool in = false;
            const auto end = matchClass(pattern, p, c, in);
            if (end == std::string_view::npos || !in || c == '/') {
                return false;
            }
            p = end;
            return true;
        }
        const std::size_t at = pattern[p] == '\\' && p + 1 < pattern.size() ? p + 1 : p;
        p = at + 1;
        return pattern[at] == c;
    };
    while (t < path.size() || p < pattern.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = ++p;
            retry = t;
            continue;
        }
        if (step()) {
            ++t;
            continue;
        }
        if (star == std::string_view::npos || retry >= path.size() || path[retry] == '/') {
            return false;
        }
        p = star;
        t = ++retry;
    }
    return true;
}

std::vector<NativePattern> patternsOf(const NativeSource& source, const Node& root, const std::string& base) {
    Patterns out(source, base);
    if (source.program == Program::prometheus) {
        if (base.empty()) {
            out.list(root.find("rule_files"), NativeKind::rules);
            out.list(root.find("scrape_config_files"), NativeKind::scrapeConfigs);
        }
        out.discoveries(root, true);
    } else {
        out.list(root.find("templates"), NativeKind::templates);
    }
    return out.take();
}

std::string repositoryPath(const NativeSource& source, const std::string& place) {
    return source.folder.empty() ? place : source.folder + "/" + place;
}

namespace {

/// What every path that matches begins with.
std::string_view literalOf(std::string_view pattern) {
    return pattern.substr(0, pattern.find_first_of("*?[\\"));
}

class Finder {
public:
    Finder(const NativeSource& source, const std::map<std::string, std::string>& files)
        : source_(source), files_(files) {}

    void find(const std::vector<NativePattern>& patterns) {
        const std::string below = source_.folder.empty() ? "" : source_.folder + "/";
        for (const auto& pattern : patterns) {
            if (pattern.pattern.empty()) {
                continue;
            }
            const auto begin = below + std::string(literalOf(pattern.pattern));
            for (auto file = files_.lower_bound(begin);
                 file != files_.end() && file->first.starts_with(begin); ++file) {
                const std::string place = file->first.substr(below.size());
                if (file->first != source_.from->file && matchesPattern(pattern.pattern, place)) {
                    add({file->first, place, pattern.kind, pattern.anyText}, file->second);
                }
            }
        }
    }

    std::vector<NativeFile> take() {
        std::vector<NativeFile> out;
        for (auto& [place, file] : found_) {
            out.push_back(std::move(file));
        }
        return out;
    }

private:
    void add(NativeFile file, const std::string& text) {
        const auto [it, fresh] = found_.emplace(file.place, file);
        it->second.anyText = it->second.anyText && file.anyText;
        if (!fresh || file.kind != NativeKind::scrapeConfigs) {
            return;
        }
        Diagnostics unread;
        const auto slash = file.place.rfind('/');
        if (const auto root = readNative(text, file.path, unread)) {
            find(patternsOf(source_, *root, slash == std::string::npos ? "." : file.place.substr(0, slash)));
        }
    }

    const NativeSource& source_;
    const std::map<std::string, std::string>& files_;
    std::map<std::string, NativeFile> found_;
};

}  // namespace

std::vector<NativeFile> nativeFiles(const NativeSource& source, const Node& root,
                                    const std::map<std::string, std::string>& files) {
    Finder finder(source, files);
    finder.find(patternsOf(source, root));
    return finder.take();
}

std::vector<const NativeFile*> matching(const std::vector<NativeFile>& files, const NativePattern& pattern) {
    std::vector<const NativeFile*> out;
    const auto begin = literalOf(pattern.pattern);
    auto file =
        std::lower_bound(files.begin(), files.end(), begin,
                         [](const NativeFile& each, std::string_view place) { return each.place < place; });
    for (; !pattern.pattern.empty() && file != files.end() && file->place.starts_with(begin); ++file) {
        if (file->kind == pattern.kind && matchesPattern(pattern.pattern, file->place)) {
            out.push_back(&*file);
        }
    }
    return out;
}

bool namedAlready(const NativeSource& source, const Node& root, NativeKind kind, const std::string& place) {
    const auto patterns = patternsOf(source, root);
    return std::any_of(patterns.begin(), patterns.end(), [&](const NativePattern& each) {
        return each.kind == kind && !each.pattern.empty() && matchesPattern(each.pattern, place);
    });
}

}  // namespace vigie::spec
