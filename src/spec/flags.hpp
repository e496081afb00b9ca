// The options of the command lines of Prometheus and Alertmanager.
#pragma once

#include "spec/image_version.hpp"
#include "spec/settings.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vigie::spec {

struct Flag {
    enum class Kind : std::uint8_t {
        boolean,  ///< takes no value; `no-NAME` switches it off
        text,
        number,
        duration,  ///< of Prometheus' common library
        goDuration,
        size,
        choice,  ///< one of `choices`
        ends,    ///< the program says something and ends
        agent    ///< Prometheus takes it in agent mode only, which vigie does not run
    };

    std::string_view name;
    Kind kind = Kind::text;
    std::string_view choices = {};  ///< with commas
    bool late = false;              ///< the older of the two versions that were looked at does not know it
};

/// What is known of a program's options: those of the oldest and the newest version that vigie supports.
/// Source: `--help`, and the hidden options in cmd/prometheus/main.go and cmd/alertmanager/main.go.
struct KnownFlags {
    ImageVersion oldest;
    ImageVersion newest;
    std::span<const Flag> flags;
};

KnownFlags knownFlags(Program program);

/// Null for what neither version knows. `no-NAME` is found as NAME when that is a boolean.
const Flag* flagNamed(Program program, std::string_view name);

/// Why the program would not start with `--NAME=value`, as the end of a sentence that begins with the option;
/// an empty value stands for the option alone. `version` is that of the image, where it is known.
std::optional<std::string> flagProblem(const KnownFlags& known, const Flag& flag, std::string_view value,
                                       const std::optional<ImageVersion>& version);

}  // namespace vigie::spec
