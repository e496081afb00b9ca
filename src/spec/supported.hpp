// The programs that vigie renders for, and the versions that it is tested with.
#pragma once

#include "spec/image_version.hpp"

#include <span>
#include <string>
#include <string_view>

/// Lint, the default images, the goldens of each version and docs/tested.md come of it.
namespace vigie::spec {

// How a program was tested, in words: `SupportedProgram::tested`.
constexpr std::string_view kTestedReal = "the real program, the oldest and the newest version";
constexpr std::string_view kTestedNewest = "the real program, the newest version";
constexpr std::string_view kTestedRendered = "rendered files only: no distribution has the program";
constexpr std::string_view kTestedStandIn =
    "a stand-in that speaks its protocol: no distribution has the program";

struct SupportedProgram {
    std::string_view
        id;  ///< as fields of the document and types of exporters are called: `prometheus`, `pgbouncer`
    std::string_view name;   ///< what people call it
    std::string_view image;  ///< what runs where the document names none; empty: the document must
    /// Versions for which what is rendered is held by goldens, ascending: the first is the oldest supported
    /// one, the last the newest that was tested. Empty: rendered alike for all.
    std::span<const ImageVersion> versions = {};
    std::string_view tested = {};  ///< how, in words: the real program, or what stands in for it
};

/// All of them; those of exporters are in the rows of their types.
std::span<const SupportedProgram> supportedPrograms();

/// Throws std::logic_error when there is no such program.
const SupportedProgram& supportedProgram(std::string_view id);

/// `3.5`
std::string textOf(const ImageVersion& version);

}  // namespace vigie::spec
