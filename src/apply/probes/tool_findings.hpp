// What promtool and amtool of this machine say of a whole document, as findings in it.

#pragma once

#include "source/directory.hpp"
#include "system/system.hpp"

#include <string>
#include <vector>

namespace vigie::apply {

/// Whether they are asked: where they are; they have to be there; not at all.
enum class Tools : std::uint8_t { automatic, require, off };

/// What became of one checker.
struct AskedTool {
    std::string program;
    bool asked = false;
    std::string version;    ///< that it says it is, such as `2.42`; empty: none
    std::string image;      ///< the image that will run the configuration
    bool another = false;   ///< and whose version is another one
    std::string why;        ///< it was not asked, or not to its end
    std::string unchecked;  ///< what is therefore not known
};

/// Renders each host of a usable document without any key, secrets masked, and asks the checkers of this
/// machine about Prometheus' and Alertmanager's configuration. What they refuse is added to the diagnostics
/// of `loaded`, with the place in the document or in the file that it names, and so are the texts of those
/// files to its sources. Copies lie in `stagingDirectory` of `system` meanwhile. Throws Error with
/// `Tools::require` when a checker is missing or does not finish.
std::vector<AskedTool> findWithTools(source::Loaded& loaded, Tools tools, const std::string& stagingDirectory,
                                     const system::System& system);

}  // namespace vigie::apply
