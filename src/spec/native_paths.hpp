// The files that native configuration names by patterns, and which of the repository they are.
#pragma once

#include "spec/native.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::spec {

/// What the files of a pattern are to the program.
enum class NativeKind : std::uint8_t { rules, scrapeConfigs, targets, templates };

/// A pattern of files in native configuration.
struct NativePattern {
    NativeKind kind = NativeKind::rules;
    std::string text;  ///< as it is written
    Position at;
    std::string pattern;   ///< of paths below the folder of the configuration; empty: it names none of them
    bool listed = false;   ///< in `hostFiles`
    bool climbs = false;   ///< it leaves that folder
    bool anyText = false;  ///< of targets: the job relabels their addresses
};

/// All patterns below `root`: the configuration, or a file of scrape configurations in the folder `base`
/// below that of the configuration (relative paths in it are its own).
std::vector<NativePattern> patternsOf(const NativeSource& source, const Node& root,
                                      const std::string& base = {});

/// Whether a path matches a pattern as the programs see it: `*`, `?`, `[…]` and `\`, none of them across a
/// `/`. Source: Go's path/filepath.Match, which both programs use.
bool matchesPattern(std::string_view pattern, std::string_view path);

/// A file of the repository that the program gets, and where.
struct NativeFile {
    std::string path;   ///< in the repository
    std::string place;  ///< below the directory of the configuration
    NativeKind kind = NativeKind::rules;
    bool anyText = true;  ///< of targets
};

/// Of `files`, those that a pattern of the configuration matches, in the order of their places. The
/// configuration itself is none of them.
std::vector<NativeFile> nativeFiles(const NativeSource& source, const Node& root,
                                    const std::map<std::string, std::string>& files);

/// Of such files, in the order of their places, those of a pattern of the configuration.
std::vector<const NativeFile*> matching(const std::vector<NativeFile>& files, const NativePattern& pattern);

/// The path in the repository of what lies at `place`.
std::string repositoryPath(const NativeSource& source, const std::string& place);

/// Whether a file at `place` is matched by a pattern of the configuration itself.
bool namedAlready(const NativeSource& source, const Node& root, NativeKind kind, const std::string& place);

}  // namespace vigie::spec
