// Settings of Prometheus or Alertmanager as the document writes them.
#pragma once

#include "spec/settings.hpp"

#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

namespace vigie::imports {

/// Settings of Prometheus or Alertmanager as the document writes them.
struct Settings {
    spec::Node settings;  ///< a map
    spec::Node raw;       ///< a map, in the program's own spelling: what the document has no field for
    std::vector<spec::Entry> lost;  ///< what it has a field for that cannot hold this
};

/// What the document can say of `theirs`, a map in the program's own spelling that lies at `path` of the
/// document (lists stand for their items). Entries named in `known` are left to the caller. Secrets are never
/// in it: nobody but `vigie seal` puts them into a document.
Settings settingsFrom(const spec::Node& theirs, spec::Program program,
                      std::initializer_list<std::string_view> path, std::string_view where,
                      const std::optional<spec::ImageVersion>& version,
                      std::initializer_list<std::string_view> known = {});

}  // namespace vigie::imports
