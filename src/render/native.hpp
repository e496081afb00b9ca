// Native configuration as it is written: the repository's file, with what the document adds.
#pragma once

#include "render/builder.hpp"
#include "render/settings.hpp"
#include "render/yaml_writer.hpp"
#include "spec/native_jobs.hpp"
#include "spec/native_merge.hpp"
#include "spec/native_paths.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace vigie::render {

/// A program's configuration, and the secrets that it reads from files.
struct Configuration {
    Text text;
    std::map<std::string, SecretValue> secretFiles = {};
};

/// What is known of a component's native configuration when it is rendered.
struct NativeInputs {
    NativeInputs(spec::NativeSource of, const Inputs& with);

    spec::NativeSource source;
    spec::Node root;
    std::vector<spec::NativeFile> files;
    std::set<std::string> paths;    ///< of `files`, in the repository
    std::vector<spec::Node> roots;  ///< `root` and the files of scrape configurations that it names
    Inputs standIns;                ///< in which each secret is the text that stands for it

    /// Whether a pattern of the configuration brings this file of the repository already.
    [[nodiscard]] bool delivers(const std::string& path) const { return paths.count(path) != 0; }
    [[nodiscard]] bool names(spec::NativeKind kind, const std::string& place) const {
        return spec::namedAlready(source, root, kind, place);
    }
};

/// What was written with `standIns`, as a tree.
spec::Node nodeOf(const YamlWriter& written);

/// The merged configuration; a text that stands for a secret becomes that secret.
Text nativeText(const spec::Node& merged, const Inputs& inputs);

/// The values of secrets that were written with `standIns`.
std::map<std::string, SecretValue> ownValues(const std::map<std::string, SecretValue>& files,
                                             const Inputs& inputs);

/// The files that the configuration names, each at its place below `directory`.
void deliver(Builder& builder, const std::string& directory, const std::vector<spec::NativeFile>& files);

/// Prometheus' and Alertmanager's configurations, merged. What cannot be united is added to `conflicts`.
spec::Node nativePrometheus(const spec::Stack& stack, const spec::Replica& server, const NativeInputs& native,
                            SettingsWriter& settings, std::vector<spec::NativeConflict>& conflicts);
spec::Node nativeAlertmanager(const spec::Alertmanager& alertmanager, const NativeInputs& native,
                              SettingsWriter& settings, std::vector<spec::NativeConflict>& conflicts);

/// Reports what the document and the native configuration say differently (VG0526) or both (VG0527), at the
/// place in the file; messages call it `shown`. `report` knows the document.
void checkNative(const spec::Stack& stack, const spec::NativeSource& source, const std::string& shown,
                 const std::string& document, const std::map<std::string, std::string>& files,
                 const spec::Reporter& report, spec::Diagnostics& diagnostics);

}  // namespace vigie::render
