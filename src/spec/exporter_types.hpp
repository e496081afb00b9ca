// What is known of a type of exporters: one row, written in a file of src/exporter_types/.
#pragma once

#include "base/owner.hpp"
#include "spec/exporters.hpp"
#include "spec/settings.hpp"
#include "spec/supported.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::render {
struct ExporterRendering;  // render/exporters.hpp
}

namespace vigie::spec {

/// The service of the same project that an exporter observes.
struct Observed {
    std::string service = {};  ///< empty: it observes none
    int port = 0;
};

// What a row says that has nothing to say.
Observed observesNothing(const Exporter& exporter);
std::vector<SecretUse> usesNoSecrets(const Exporter& exporter, const FieldPath& at);
std::string hasNoFile(const Exporter& exporter);

/// Sections are optional: whoever reads one looks whether it is there, for documents with mistakes are looked
/// at too.
struct ExporterTypeRow {
    /// Its `id` is the type's name and that of its section; its image is empty where the document must name
    /// one.
    SupportedProgram program;
    /// The program's, inside of its container; 0: the document says it. Source:
    /// https://github.com/prometheus/prometheus/wiki/Default-port-allocations, and of cAdvisor its
    /// documentation.
    int port = 0;
    bool needsSection = true;  ///< what its section says has no defaults
    bool hostNetwork = false;  ///< the container has no network of its own
    bool showsHost = false;  ///< its metrics are the whole host's: a second one on it counts everything twice
    bool movesAtOnce = false;        ///< never keeps the user of 0.1: it sees files and processes of others
    std::string_view observes = {};  ///< what the observed program is called in messages
    std::string_view upMetric = {};  ///< says 0 while what it observes does not answer; empty: there is none
    /// As which user a new installation runs it (spec/users.hpp has the rules for the numbers).
    Owner (*user)(const Exporter&);
    Observed (*observed)(const Exporter&) = observesNothing;
    /// The secrets of its section, which is `at`, without the hosts.
    std::vector<SecretUse> (*secrets)(const Exporter&, const FieldPath& at) = usesNoSecrets;
    /// What vigie sets itself in the container, and what would win over it.
    std::span<const std::string_view> ownVariables = {};
    /// The file of its directory that vigie writes for the exporter itself, after which no variable's file
    /// may be called; empty: there is none.
    std::string (*ownFile)(const Exporter&) = hasNoFile;
    /// Its files and its container; only the render stage looks into it.
    const render::ExporterRendering* rendering = nullptr;
};

}  // namespace vigie::spec
