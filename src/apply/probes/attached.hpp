// Finds a program of the user's own that vigie configures, and shows that its files are those of the host.
#pragma once

#include "attach/attachment.hpp"
#include "attach/find.hpp"
#include "base/error.hpp"
#include "system/attach.hpp"
#include "system/system.hpp"

#include <string>
#include <utility>
#include <variant>

namespace vigie::apply {

/// The program that `wanted` names, its configuration's place seen by it and by the host; or why not. Changes
/// nothing. Throws Error (also AttachError) when the engine or vigie-attach does not answer.
attach::OrRefusal<attach::Attachment> findAttached(const attach::Wanted& wanted,
                                                   const system::System& system);

/// Where another path of the same program is on the host; `path` absolute in the container. With `isNew` it
/// need not be there: its directory is looked at, which must be. As `findAttached`; also refused where the
/// program's user cannot read what is there.
attach::OrRefusal<attach::Place> placeAttached(const attach::Attachment& attachment, const std::string& path,
                                               bool isNew, system::Attach& attach);

/// The process of a service that signals are for.
struct MainProcess {
    std::string container;  ///< empty: it does not run
    attach::ProcessId process;
};

/// Process 1 of the service's container, or the only one below it where that is a shell or an init, which
/// would swallow a signal.
attach::OrRefusal<MainProcess> mainProcess(const attach::Subject& subject, const system::System& system);

/// What was found. Throws Error with the words of a refusal.
template <class T>
T orThrow(attach::OrRefusal<T> found) {
    if (const auto* refusal = std::get_if<attach::Refusal>(&found)) {
        throw Error(refusal->what, refusal->hint);
    }
    return std::get<T>(std::move(found));
}

}  // namespace vigie::apply
