// A silence of Alertmanager that vigie made. Its comment says whose it is.
#pragma once

#include "kinds/model.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace vigie::render {

struct SilenceMatcher {
    std::string name;
    std::string value;
    bool isRegex = false;
    bool isEqual = true;
    bool operator==(const SilenceMatcher&) const = default;
};

struct Silence {
    std::string baseUrl;
    std::string stack;
    std::string name;
    std::vector<SilenceMatcher> matchers;
    std::int64_t startsAt = 0;  ///< Unix milliseconds; 0: when it is made
    std::int64_t endsAt = 0;
    std::string comment;

    /// The comment with the mark of ownership, as Alertmanager keeps it.
    [[nodiscard]] std::string markedComment() const;
};

/// The mark by which a silence of a stack is known again.
std::string silenceMark(const std::string& stack, const std::string& name);

}  // namespace vigie::render

namespace vigie::kinds {

/// A silence as the inventory remembers it.
struct OwnedSilence {
    std::string baseUrl;
    std::string mark;

    /// Throws Error when it is damaged.
    static OwnedSilence read(std::string_view record);
};

struct SilenceModel {
    using Desired = render::Silence;
    static constexpr Kind kind = Kind::silence;
    static constexpr Traits traits{.from = plan::Activation::reload, .removalTurn = RemovalTurn::silences};

    static void hash(const Desired& silence, Sha256& hash);
    static std::string describe(const Desired& silence);
    static constexpr auto sameState = sameDigest;
    static constexpr auto saysMore = neverSaysMore;
    static void difference(const plan::Context& context, const render::Resource& resource,
                           const Desired& silence, plan::Change& out);
    static constexpr auto changed = changesAsDescribed;
    static std::string record(const Desired& silence);
    static constexpr auto removal = goes;
    static constexpr auto component = isNoComponent;
    static constexpr auto paths = hasNoPaths;
    static constexpr auto watched = watchesNothing;
    static constexpr auto notes = notesNothing;
    static constexpr auto usersFile = leavesNothingToTheUser;
    static constexpr auto exact = isNotExact;
    static constexpr auto content = hasNoContent;
    static constexpr auto tunnel = isNoTunnel;
    static constexpr auto container = isNoContainer;
    static constexpr auto program = isNoProgram;

    static void silenceOnceItRuns(const plan::Context& context, const std::vector<render::Resource>& desired,
                                  plan::Plan& plan);
    static constexpr std::array followUps{
        FollowUp{FollowUpTurn::silenceOnceItRuns, false, silenceOnceItRuns}};
};

}  // namespace vigie::kinds
