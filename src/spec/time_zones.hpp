// The names of IANA's time zones.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::spec {

enum class TimeZone : std::uint8_t {
    known,    ///< in IANA's list, `UTC` or `Local`
    none,     ///< no name of that form is ever in the list: an abbreviation, another case, a path
    unknown,  ///< not in our list; a younger one may have it
};

/// How Go's time.LoadLocation, with which Alertmanager reads a `location`, takes a name. It looks for it in
/// the machine's or image's own zone data, which may lack some: that cannot be told from a name.
TimeZone knownTimeZone(std::string_view name);

/// All names that we know.
const std::vector<std::string_view>& timeZones();

}  // namespace vigie::spec
