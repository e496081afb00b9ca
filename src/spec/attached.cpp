// Whether anything is written of an attached program.

#include "spec/attached.hpp"

namespace vigie::spec {

bool writesConfiguration(const Prometheus& prometheus) {
    return prometheus.configFrom || prometheus.alerting || prometheus.global ||
           !prometheus.scrapeConfigs.empty() || !prometheus.ruleFiles.empty() ||
           !prometheus.ruleGroups.empty() || !prometheus.remoteWrite.empty() ||
           !prometheus.remoteRead.empty() || !prometheus.externalLabels.empty();
}

bool writesConfiguration(const Alertmanager& alertmanager) {
    return alertmanager.configFile.empty() &&
           (alertmanager.configFrom || !alertmanager.receivers.empty() || alertmanager.route != Route{});
}

}  // namespace vigie::spec
