// The rules by their groups; each file of this directory has one.
#pragma once

#include "spec/diagnostics.hpp"
#include "spec/stack.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::lint {

// One function for each area; `lint` calls them all.
void lintJoining(const spec::Stack& stack, const spec::Reporter& report);
void lintTunnel(const spec::Stack& stack, const spec::Reporter& report);
/// Parts of the tunnel: peers without vigie.
void lintGuests(const spec::Stack& stack, const spec::Reporter& report);
void lintNetworks(const spec::Stack& stack, const spec::Reporter& report);
void lintAddresses(const spec::Stack& stack, const spec::Reporter& report);
void lintExposure(const spec::Stack& stack, const spec::Reporter& report);
void lintFirewall(const spec::Stack& stack, const spec::Reporter& report);
void lintSecrets(const spec::Stack& stack, const spec::Reporter& report);
void lintServices(const spec::Stack& stack, const spec::Reporter& report);
void lintExporters(const spec::Stack& stack, const spec::Reporter& report);
void lintApplications(const spec::Stack& stack, const spec::Reporter& report);
void lintProbes(const spec::Stack& stack, const spec::Reporter& report);
void lintScraping(const spec::Stack& stack, const spec::Reporter& report);
void lintTargetFileNames(const spec::Stack& stack, const spec::Reporter& report);
void lintSettings(const spec::Stack& stack, const spec::Reporter& report);
void lintClients(const spec::Stack& stack, const spec::Reporter& report);
void lintReceivers(const spec::Stack& stack, const spec::Reporter& report);
void lintFlags(const spec::Stack& stack, const spec::Reporter& report);
void lintResourceIds(const spec::Stack& stack, const spec::Reporter& report);
void lintVersions(const spec::Stack& stack, const spec::Reporter& report);
/// Versions of images beside those that vigie is tested with.
void lintSupported(const spec::Stack& stack, const spec::Reporter& report);
void lintRuleGroups(const spec::Stack& stack, const spec::Reporter& report);
void lintNames(const spec::Stack& stack, const spec::Reporter& report);
/// Parts of `lintAlerting`, for an Alertmanager whose configuration vigie writes.
void lintNotifications(const spec::Alertmanager& alertmanager, const spec::Reporter& report);
void lintTimeIntervals(const spec::Alertmanager& alertmanager, const spec::Reporter& report);
void lintAlerting(const spec::Stack& stack, const spec::Reporter& report);
void lintReplicas(const spec::Stack& stack, const spec::Reporter& report);
void lintSelfMonitoring(const spec::Stack& stack, const spec::Reporter& report);
void lintGrafana(const spec::Stack& stack, const spec::Reporter& report);
void lintJaeger(const spec::Stack& stack, const spec::Reporter& report);
/// Where servers run: `networks`, `data`, `compose`.
/// What is attached, and what of it does not happen.
void lintAttached(const spec::Stack& stack, const spec::Reporter& report);
void lintPlacement(const spec::Stack& stack, const spec::Reporter& report);
void lintProjectFiles(const spec::Stack& stack, const spec::Reporter& report);
void lintDirectories(const spec::Stack& stack, const spec::Reporter& report);
/// Custom exporters that read files of other programs.
void lintUsers(const spec::Stack& stack, const spec::Reporter& report);
/// What vigie sets in a container and writes for it, beside what the document says.
struct OwnVariables {
    std::set<std::string> names;
    std::string file = {};  ///< in the directory in which files of variables are, called like these
};
/// The variables of a container. Part of the rules of exporters and of applications.
void lintVariables(const std::vector<spec::EnvVar>& env, const OwnVariables& own, const spec::FieldPath& at,
                   const spec::Reporter& report);
/// Reports that two applications of `service` set `variable` differently.
void reportSetTwice(const spec::FieldPath& at, const std::string& service, const std::string& variable,
                    const spec::Reporter& report);
/// Whether the files of an exporter lie in `directory` of the project, and so it belongs to the exporter.
bool exporterUses(const spec::Stack& stack, const std::string& project, std::string_view directory);

}  // namespace vigie::lint
