// What an exporter says of itself by the row of its type, and the names of types.

#include "spec/exporter_types.hpp"

#include <algorithm>

namespace vigie::spec {

const ExporterTypeRow kUnknownType{.program = {}, .user = [](const Exporter&) { return Owner{}; }};

Observed observesNothing(const Exporter& /*exporter*/) {
    return {};
}

std::vector<SecretUse> usesNoSecrets(const Exporter& /*exporter*/, const FieldPath& /*at*/) {
    return {};
}

std::string hasNoFile(const Exporter& /*exporter*/) {
    return {};
}

std::string_view toText(ExporterType type) {
    return type == ExporterType::unknown ? "" : kExporterTypes[static_cast<std::size_t>(type)]->program.id;
}

void fromText(std::string_view text, ExporterType& type) {
    const auto it = std::find_if(kExporterTypes.begin(), kExporterTypes.end(),
                                 [&](const ExporterTypeRow* row) { return row->program.id == text; });
    type = static_cast<ExporterType>(it - kExporterTypes.begin());
}

const ExporterTypeRow& Exporter::row() const {
    return type == ExporterType::unknown ? kUnknownType : *kExporterTypes[static_cast<std::size_t>(type)];
}

std::string Exporter::serviceName() const {
    if (!service.empty()) {
        return service;
    }
    std::string out = name;
    std::replace(out.begin(), out.end(), '_', '-');
    return out;
}

std::string Exporter::observedService() const {
    return row().observed(*this).service;
}

std::string Exporter::metricsPath() const {
    return custom && custom->path != "/metrics" ? custom->path : "";
}

bool Exporter::inHostNetwork() const {
    return row().hostNetwork;
}

int Exporter::usualPort() const {
    return custom ? custom->port : row().port;
}

void Exporter::fillIn() {
    if (image.empty()) {
        image = row().program.image;
    }
    if (port == 0) {
        port = usualPort();
    }
}

std::string ProbeModule::prober() const {
    const auto* prober = raw.find("prober");
    return prober == nullptr ? "" : prober->scalar;
}

bool Blackbox::pings() const {
    return std::any_of(probes.begin(), probes.end(),
                       [](const Probe& each) { return each.prober == "icmp"; }) ||
           std::any_of(modules.begin(), modules.end(),
                       [](const ProbeModule& each) { return each.prober() == "icmp"; });
}

}  // namespace vigie::spec
