// The programs of the user's own that a document attaches to, as they are found in one look.
#pragma once

#include "apply/probes/attached.hpp"
#include "kinds/views.hpp"

#include <map>
#include <string>

namespace vigie::apply {

/// A file of an attached program on the host.
struct AttachedPath {
    attach::Place place;
    bool exists = false;  ///< else only a directory above it does
};

/// How a program that the document names is looked for.
attach::Wanted wantedOf(const render::AttachedProgram& program, render::ConfiguredProgram::Program kind);

/// Finds each program once. One that changed while it was looked at is looked at a second time. Changes
/// nothing. Throws Error when the engine or vigie-attach does not answer.
class AttachedPrograms {
public:
    explicit AttachedPrograms(const system::System& system) : system_(system) {}

    const attach::OrRefusal<attach::Attachment>& find(const render::AttachedProgram& program,
                                                      render::ConfiguredProgram::Program kind);
    /// `path`, below the directory of the configuration; empty: the configuration itself.
    attach::OrRefusal<AttachedPath> place(const attach::Attachment& attachment, const std::string& path);

private:
    const system::System& system_;
    std::map<std::string, attach::OrRefusal<attach::Attachment>> found_;
};

/// The directory that a program reads its configuration in, as it sees it.
std::string configDirectory(const attach::Attachment& attachment);

/// The same, and an Error with the refusal's sentence where it is refused.
attach::Attachment mustFind(AttachedPrograms& programs, const render::AttachedProgram& program,
                            render::ConfiguredProgram::Program kind);
AttachedPath mustPlace(AttachedPrograms& programs, const attach::Attachment& attachment,
                       const std::string& path);

}  // namespace vigie::apply
