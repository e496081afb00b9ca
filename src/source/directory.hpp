// Reads a document and the files that it names out of a directory.
#pragma once

#include "facts/model.hpp"
#include "spec/diagnostics.hpp"
#include "spec/load.hpp"
#include "system/files.hpp"

#include <map>
#include <optional>
#include <string>

namespace vigie::source {

/// A document and the files that it names, read from a directory.
struct Loaded {
    spec::Diagnostics diagnostics;
    std::optional<spec::Document> document;
    /// Some file says that it is a MonitoringStack, whether or not it can be read as one.
    bool found = false;
    std::map<std::string, std::string> files;       ///< the files that the document names, by path
    std::map<std::string, facts::HostFacts> facts;  ///< by host
    std::map<std::string, std::string> sources;  ///< the text of each file that a diagnostic may point into

    /// Whether it may be rendered.
    [[nodiscard]] bool usable() const { return document && !diagnostics.hasErrors(); }
};

/// Reads the one MonitoringStack among the `*.yaml` and `*.yml` files of `directory` (or the file itself, if
/// it is one), checks it, and reads what it names. Symbolic links are not followed: a repository must not
/// make vigie read other files of the host. Throws Error when the directory cannot be read.
Loaded loadDirectory(const std::string& directory);

/// The same for a directory that is the root of `files`. Messages call it `directory`. `name` is the document
/// among its files; empty: it is looked for.
Loaded loadDirectory(const system::Files& files, const std::string& directory, std::string name = {});

}  // namespace vigie::source
