// Custom exporters that can read the secret files of other programs.

#include "spec/users.hpp"

#include "lint/rules.hpp"
#include "spec/places.hpp"

#include <algorithm>

namespace vigie::lint {
namespace {

using spec::ProgramUser;

/// As what a program may run on some host: of its own, or as in 0.1.
bool mayRunAs(const ProgramUser& program, unsigned uid) {
    return program.user.uid == uid || (program.keeps && spec::kPrometheusUser.uid == uid);
}

std::string who(unsigned uid) {
    if (uid == spec::kRoot.uid) {
        return "root can read";
    }
    return "user " + std::to_string(uid) + " owns";
}

/// The first program whose files a container of `uid` reads through `source`; null: none.
const ProgramUser* readThrough(const std::string& source, unsigned uid, const ProgramUser& own,
                               const std::vector<ProgramUser>& programs) {
    const auto it = std::find_if(programs.begin(), programs.end(), [&](const ProgramUser& other) {
        return other.name != own.name && other.ownsFiles &&
               (uid == spec::kRoot.uid || mayRunAs(other, uid)) &&
               (spec::liesIn(other.directory, source) || spec::liesIn(source, other.directory));
    });
    return it == programs.end() ? nullptr : &*it;
}

void lintVolumes(const spec::CustomExporter& custom, const ProgramUser& own,
                 const std::vector<ProgramUser>& programs, const spec::Reporter& report) {
    for (std::size_t i = 0; i < custom.volumes.size(); ++i) {
        const auto& source = custom.volumes[i].source;
        const auto* other = source.empty() ? nullptr : readThrough(source, own.user.uid, own, programs);
        if (other != nullptr) {
            report.warning(code::VG0477, (own.field / "custom" / "volumes")[i] / "source",
                           "the volume `" + source + "` lets the container read the secrets of `" +
                               other->name + "`: " + who(own.user.uid) + " the files in " + other->directory,
                           custom.user.empty()
                               ? "mount less, or set a user id that nothing else uses in `user`"
                               : "mount less, or remove `user`: the container then runs as a user that owns "
                                 "none of these files");
        }
    }
}

}  // namespace

void lintUsers(const spec::Stack& stack, const spec::Reporter& report) {
    for (const auto& host : stack.hosts) {
        const auto programs = spec::programsOn(stack, host);
        for (const auto& exporter : stack.exporters) {
            const auto own = std::find_if(programs.begin(), programs.end(), [&](const ProgramUser& program) {
                return program.name == exporter.project + "/" + exporter.serviceName();
            });
            if (exporter.custom && own != programs.end()) {
                lintVolumes(*exporter.custom, *own, programs, report);
            }
        }
    }
}

}  // namespace vigie::lint
