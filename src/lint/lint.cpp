// Calls all rules.

#include "lint/lint.hpp"

#include "lint/rules.hpp"

namespace vigie::lint {

void lint(const spec::Stack& stack, const spec::Reporter& report) {
    lintJoining(stack, report);
    lintTunnel(stack, report);
    lintGuests(stack, report);
    lintNetworks(stack, report);
    lintAddresses(stack, report);
    lintExposure(stack, report);
    lintFirewall(stack, report);
    lintSecrets(stack, report);
    lintServices(stack, report);
    lintExporters(stack, report);
    lintApplications(stack, report);
    lintProbes(stack, report);
    lintScraping(stack, report);
    lintNames(stack, report);
    lintTargetFileNames(stack, report);
    lintSettings(stack, report);
    lintClients(stack, report);
    lintFlags(stack, report);
    lintVersions(stack, report);
    lintSupported(stack, report);
    lintRuleGroups(stack, report);
    lintAlerting(stack, report);
    lintReceivers(stack, report);
    lintReplicas(stack, report);
    lintSelfMonitoring(stack, report);
    lintGrafana(stack, report);
    lintJaeger(stack, report);
    lintAttached(stack, report);
    lintPlacement(stack, report);
    lintProjectFiles(stack, report);
    lintDirectories(stack, report);
    lintResourceIds(stack, report);
    lintUsers(stack, report);
}

}  // namespace vigie::lint
