// Places of a host that no document may name: who writes there, or shows what is there to a container, owns
// the host.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vigie::spec {

/// Whether `path` is `place` or lies below it.
bool liesIn(std::string_view path, std::string_view place);

/// The place at or below which nothing of a document may be written and in which `path` lies; nothing: it
/// may. Paths in their shortest form, as the schema wants them.
std::optional<std::string_view> neverWritten(std::string_view path);
/// The first such place below `path`, which may therefore be no file, and no directory of somebody else's.
std::optional<std::string_view> neverWrittenBelow(std::string_view path);
/// The place with keys or passwords at or below which `path` lies: no container may see it, not even
/// read-only.
std::optional<std::string_view> neverShown(std::string_view path);

}  // namespace vigie::spec
