// Which names of labels and metrics a program of a version takes.

#pragma once

#include "spec/settings.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace vigie::spec {

/// Tried with promtool 2.42 and 3.5.3, amtool 0.25 and 0.33.1.
enum class Names : std::uint8_t {
    legacy,  ///< letters, digits and `_`, no digit first; names of metrics may have `:`
    any,     ///< whatever is not empty (UTF-8)
};

/// What a program takes: from Prometheus 3.0 and Alertmanager 0.27 on any name. Of an image whose version
/// cannot be told the newest is assumed.
Names namesOf(Program program, std::string_view image);
/// The same for labels that Prometheus is told to write, by `relabelings` and `externalLabels`: from 3.7 on
/// `nameValidationScheme: legacy` holds for these too. `settings` is a job or `global`; its word comes first,
/// then that of `global`. Both may be null. Source: Prometheus' config.go and relabel.go.
Names namesOfTargets(std::string_view image, const Node* settings, const Node* global);

/// A name of a label that Prometheus or Alertmanager may be told.
bool isLabelName(std::string_view name, Names names);
/// The name of a recording rule.
bool isMetricName(std::string_view name, Names names);
/// A relabelling's `targetLabel` with references such as `$1` or `${name}`, or a `replacement` of `labelmap`.
bool isLabelTemplate(std::string_view text, Names names);

/// What a name has to be, for a hint.
std::string nameHint(Program program, Names names);

}  // namespace vigie::spec
