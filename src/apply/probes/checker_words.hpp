// What promtool and amtool say when they refuse a configuration, taken apart. Pure.

#pragma once

#include "render/resource.hpp"
#include "spec/image_version.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::apply {

/// One thing that a checker complains of.
struct Complaint {
    std::string file;  ///< below the directory that was checked; empty: the checker named none
    std::uint32_t line = 0;
    std::uint32_t column = 0;  ///< 0: not said
    std::string reason;        ///< in the checker's words, without its progress and the paths of copies

    bool operator==(const Complaint&) const = default;
};

/// The complaints in what a checker wrote to its two streams. `directory` is where it found the configuration
/// `file`. Each is told once, in the order in which it was said. Source of the forms: promtool's
/// cmd/promtool/main.go, amtool's cli/check_config.go, yaml.v2 and text/template.
std::vector<Complaint> complaintsIn(std::string_view out, std::string_view err, const std::string& directory,
                                    const std::string& file);

/// `rules/a.yml:5:15: reason`, as much of it as is known.
std::string toText(const Complaint& complaint);

/// Whether a checker that is of another version than the program may say so of something that the program
/// knows: a setting, a function, a form of names. A plain mistake is none in every version.
bool mayBeVersion(std::string_view reason, const spec::ImageVersion& checker,
                  const spec::ImageVersion& program);

/// What to do about what was said; empty when there is nothing better than to correct it.
std::string hintFor(std::string_view reason);

}  // namespace vigie::apply
