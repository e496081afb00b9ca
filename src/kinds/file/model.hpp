// A file with all of its bytes.
#pragma once

#include "base/owner.hpp"
#include "kinds/model.hpp"
#include "render/text.hpp"

#include <string>

namespace vigie::render {

struct File {
    std::string path;
    Text content;
    unsigned mode = 0644;
    Owner owner;
};

}  // namespace vigie::render

namespace vigie::kinds {

struct FileModel {
    using Desired = render::File;
    static constexpr Kind kind = Kind::file;
    static constexpr Traits traits{
        .from = plan::Activation::none, .place = Place::file, .removalTurn = RemovalTurn::files};

    static void hash(const Desired& file, Sha256& hash);
    static std::string describe(const Desired& file);
    static constexpr auto sameState = sameDigest;
    static constexpr auto saysMore = neverSaysMore;
    static void difference(const plan::Context& context, const render::Resource& resource,
                           const Desired& file, plan::Change& out);
    static void changed(const Comparison& comparison, const Desired& file, plan::Change& out);
    static constexpr auto record = needsNoRecord;
    static constexpr auto removal = goes;
    static std::string component(std::string_view path, std::string_view record);
    static std::vector<std::string> paths(const Desired& file) { return {file.path}; }
    static std::vector<std::string> watched(const Desired& file, plan::Activation /*activation*/) {
        return {file.path};
    }
    static constexpr auto notes = notesNothing;
    static constexpr auto usersFile = leavesNothingToTheUser;
    static bool exact(const Desired& /*file*/) { return true; }
    static const render::Text* content(const Desired& file) { return &file.content; }
    static constexpr auto tunnel = isNoTunnel;
    static constexpr auto container = isNoContainer;
    static constexpr auto program = isNoProgram;

    static void restartSingleFileMounts(const plan::Context& context,
                                        const std::vector<render::Resource>& desired, plan::Plan& plan);
    static constexpr std::array followUps{
        FollowUp{FollowUpTurn::restartSingleFileMounts, false, restartSingleFileMounts}};
};

}  // namespace vigie::kinds
