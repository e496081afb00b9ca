// A file that a program of the user's own reads: where it lies is seen on the host.
#pragma once

#include "kinds/model.hpp"
#include "kinds/views.hpp"
#include "render/text.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::render {

/// A file of an attached program's configuration.
struct AttachedFile {
    enum class Role : std::uint8_t {
        main,   ///< the configuration itself, whatever the program's command line calls it
        proof,  ///< what proves a reload, and goes when the program is released
        other
    };

    AttachedProgram program;
    ConfiguredProgram::Program kind = ConfiguredProgram::Program::prometheus;
    std::string path;  ///< below the directory of the configuration
    Text content;
    Role role = Role::other;
    std::string assumed;  ///< the directory that `content` believes to be that one; empty: none

    /// Only the program may read it, once vigie has written it.
    [[nodiscard]] bool secret() const { return content.hasSecrets(); }
};

}  // namespace vigie::render

namespace vigie::kinds {

/// How vigie's own entry of the configuration is called.
inline constexpr std::string_view kAttachedProof = "vigie-render-info.yml";

/// The id of a file of an attached program; `name` is that of the program.
std::string attachedId(const std::string& name, const std::string& path);

struct AttachedModel {
    using Desired = render::AttachedFile;
    static constexpr Kind kind = Kind::attached;
    static constexpr Traits traits{.from = plan::Activation::reload, .removalTurn = RemovalTurn::programs};

    static void hash(const Desired& file, Sha256& hash);
    static std::string describe(const Desired& file) { return file.content.masked(); }
    static constexpr auto sameState = sameDigest;
    static constexpr auto saysMore = neverSaysMore;
    static void difference(const plan::Context& context, const render::Resource& resource,
                           const Desired& file, plan::Change& out);
    static void changed(const Comparison& comparison, const Desired& file, plan::Change& out);
    static std::string record(const Desired& file);
    static Removal removal(std::string_view record);
    static constexpr auto component = isNoComponent;
    static constexpr auto paths = hasNoPaths;
    static constexpr auto watched = watchesNothing;
    static void notes(const std::vector<render::Resource>& desired, const plan::Observed& observed,
                      std::vector<std::string>& lines);
    static constexpr auto usersFile = leavesNothingToTheUser;
    static constexpr auto exact = isNotExact;
    static const render::Text* content(const Desired& file) { return &file.content; }
    static constexpr auto tunnel = isNoTunnel;
    static constexpr auto container = isNoContainer;
    static constexpr auto program = isNoProgram;
    static constexpr auto followUps = followsUpNothing;
};

/// Whether two texts of a file mean the same to the program that reads it: YAML and JSON by their data.
bool sameForProgram(std::string_view path, std::string_view a, std::string_view b);

/// The configuration of a Prometheus without vigie's own entry among its rule files; nothing when it has
/// none, or cannot be read.
std::string withoutProof(std::string_view configuration);

}  // namespace vigie::kinds
