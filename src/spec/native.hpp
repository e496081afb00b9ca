// Native configuration: a program's own file in the repository, as the base of what is written for it.
#pragma once

#include "spec/diagnostics.hpp"
#include "spec/settings.hpp"
#include "spec/stack.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::spec {

/// A component's `configFrom`.
struct NativeSource {
    Program program = Program::prometheus;
    const ConfigFrom* from = nullptr;
    FieldPath at;        ///< of `configFrom`
    std::string folder;  ///< the file's, in the repository; empty: the document's own
    std::string mount;   ///< the directory of the configuration as the program sees it
};

/// Of a rendered Prometheus or Alertmanager, each in its own place.
std::optional<NativeSource> nativeSource(const Stack& stack, Program program);
std::vector<NativeSource> nativeSources(const Stack& stack);

/// Whether the field `name` of the component holds what the schema says, and so gives way.
bool isDefault(const ConfigFrom& from, std::string_view name);

/// Reads the program's file: a mapping, in which `!secret NAME` stands for a secret (`secretScalar`) and the
/// merge keys `<<` are written out. Whatever is wrong is reported.
std::optional<Node> readNative(std::string_view text, const std::string& file, Diagnostics& diagnostics);

/// The same for who knows that it is right already: an empty mapping when the file is not among `files`.
Node nativeRoot(const NativeSource& source, const std::map<std::string, std::string>& files);

/// Each secret that is named below `root`, and where first.
std::map<std::string, Position> nativeSecrets(const Node& root);

/// Equal for the program: the order of keys does not count, and neither does quoting.
bool sameData(const Node& a, const Node& b);

/// Nothing at all, as the program reads it: null, an empty list, an empty mapping.
bool saysNothing(const Node& value);

}  // namespace vigie::spec
