// Reads native configuration and the files that it names.

#include "source/native.hpp"

#include "base/text.hpp"
#include "spec/format.hpp"
#include "spec/yaml_mistakes.hpp"

#include <set>

namespace vigie::source {
namespace {

constexpr std::uint64_t kLargestFile = 64U << 20U;
/// As many as somebody may write by hand, and many more.
constexpr std::size_t kMostFiles = 10'000;

bool isPattern(std::string_view part) {
    return part.find_first_of("*?[\\") != std::string_view::npos;
}

class NativeReader {
public:
    NativeReader(const system::Files& files, const std::string& base, Loaded& out)
        : files_(files), base_(base), out_(out) {}

    std::optional<spec::NativeRead> read(const spec::NativeSource& source) {
        const auto text = out_.files.find(source.from->file);
        if (text == out_.files.end()) {
            return std::nullopt;  // reported as missing
        }
        spec::NativeRead native{source, shownAs(source.from->file), {}};
        out_.sources[native.shown] = text->second;
        auto root = spec::readNative(text->second, native.shown, out_.diagnostics);
        if (!root) {
            return std::nullopt;
        }
        native.root = std::move(*root);
        find(source, spec::patternsOf(source, native.root), native.shown);
        native.files = spec::nativeFiles(source, native.root, out_.files);
        for (const auto& file : native.files) {
            spec::Diagnostics unread;
            if (file.kind == spec::NativeKind::scrapeConfigs) {
                if (auto further = spec::readNative(out_.files.at(file.path), file.path, unread)) {
                    native.scrapeFiles.push_back(std::move(*further));
                }
            }
        }
        return native;
    }

private:
    [[nodiscard]] std::string shownAs(const std::string& path) const {
        return base_ == "." ? path : base_ + "/" + path;
    }

    void find(const spec::NativeSource& source, const std::vector<spec::NativePattern>& patterns,
              const std::string& shown) {
        const spec::Reporter report(out_.diagnostics, shown);
        for (const auto& pattern : patterns) {
            if (pattern.pattern.empty()) {
                continue;
            }
            std::vector<std::string> found;
            walk("", split(spec::repositoryPath(source, pattern.pattern), '/'), 0, found);
            for (const auto& path : found) {
                take(source, pattern, path, report);
            }
        }
    }

    /// The paths that match, without looking into directories that cannot have any.
    void walk(const std::string& folder, const std::vector<std::string_view>& parts, std::size_t next,
              std::vector<std::string>& found) {
        const auto part = parts[next];
        const bool last = next + 1 == parts.size();
        const auto step = [&](const std::string& name) {
            const std::string path = folder.empty() ? name : folder + "/" + name;
            const auto type = files_.inspect("/" + path).type;
            if (type == FileInfo::Type::missing || found.size() >= kMostFiles) {
                return;
            }
            if (last) {
                found.push_back(path);
            } else if (type == FileInfo::Type::directory) {
                walk(path, parts, next + 1, found);
            } else if (type == FileInfo::Type::symlink) {
                found.push_back(path);  // not followed: that is said of it
            }
        };
        if (!isPattern(part)) {
            step(std::string(part));
            return;
        }
        for (const auto& name : files_.list(folder.empty() ? "" : "/" + folder)) {
            if (spec::matchesPattern(part, name)) {
                step(name);
            }
        }
    }

    void take(const spec::NativeSource& source, const spec::NativePattern& pattern, const std::string& path,
              const spec::Reporter& report) {
        if (path == source.from->file || out_.files.count(path) != 0) {
            further(source, pattern, path);
            return;
        }
        const std::string shown = "`" + printable(path) + "`";
        if (spec::checkFormat("relative-path", path)) {
            report.error(code::VG0203, pattern.at, shown + " has a name that vigie does not deliver",
                         "rename it: letters, digits, `.`, `_`, `-`");
            return;
        }
        const auto type = files_.inspect("/" + path).type;
        if (type == FileInfo::Type::symlink) {
            report.error(code::VG0204, pattern.at,
                         shown + " is a symbolic link or is in a submodule; vigie follows neither",
                         "replace it with the file itself");
        } else if (type == FileInfo::Type::regular) {
            auto text = std::string(view(files_.read("/" + path, kLargestFile)));
            if (spec::isLfsPointer(text)) {
                report.error(code::VG0203, pattern.at, shown + " is a Git LFS pointer, not the file itself",
                             spec::kLfsCure);
                return;
            }
            out_.files[path] = std::move(text);
            further(source, pattern, path);
        }
    }

    /// Files of scrape configurations name files themselves.
    void further(const spec::NativeSource& source, const spec::NativePattern& pattern,
                 const std::string& path) {
        if (pattern.kind != spec::NativeKind::scrapeConfigs || !seen_.insert(path).second) {
            return;
        }
        const auto shown = shownAs(path);
        spec::Diagnostics unread;  // lint says what is wrong with it
        if (const auto root = spec::readNative(out_.files.at(path), shown, unread)) {
            const auto place = path.substr(source.folder.empty() ? 0 : source.folder.size() + 1);
            const auto slash = place.rfind('/');
            out_.sources[shown] = out_.files.at(path);
            find(source,
                 spec::patternsOf(source, *root, slash == std::string::npos ? "." : place.substr(0, slash)),
                 shown);
        }
    }

    const system::Files& files_;
    const std::string& base_;
    Loaded& out_;
    std::set<std::string> seen_;
};

}  // namespace

std::vector<spec::NativeRead> readNatives(const system::Files& files, const std::string& base, Loaded& out) {
    std::vector<spec::NativeRead> natives;
    auto& stack = out.document->stack;
    for (const auto& source : spec::nativeSources(stack)) {
        if (auto native = NativeReader(files, base, out).read(source)) {
            auto& from = source.program == spec::Program::prometheus ? stack.prometheus->configFrom
                                                                     : stack.alertmanager->configFrom;
            for (const auto& [name, at] : spec::nativeSecrets(native->root)) {
                if (stack.secret(name) != nullptr) {
                    from->secrets.push_back(name);
                }
            }
            natives.push_back(std::move(*native));
        }
    }
    return natives;
}

}  // namespace vigie::source
