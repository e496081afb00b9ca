// Documents with many of the settings of every program, for tests that render.

#pragma once

#include "render/host.hpp"

#include <string>

namespace vigie::tests {

/// A document of one host with Prometheus and Alertmanager of these versions (`2.42`), drawn by RapidCheck:
/// call it inside of a property. It validates, but for `VG0430` now and then.
std::string generatedDocument(const std::string& prometheusVersion, const std::string& alertmanagerVersion);

/// The files and secrets that it names.
render::Inputs generatedInputs();

}  // namespace vigie::tests
