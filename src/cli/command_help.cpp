// Exit codes and an example for each command, and other words for commands.
#include "cli/command_help.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <map>

namespace vigie::cli {
namespace {

struct Below {
    std::string_view exitCodes;
    std::string_view example;
};

constexpr std::string_view kDone = "0 done; 2 an error";
constexpr std::string_view kShown = "0 shown; 2 an error";
constexpr std::string_view kApplied =
    "0 applied, or nothing to do; 1 declined, or rolled back for want of a confirmation; 2 an error, and the "
    "host is as before";

const std::map<std::string_view, Below>& table() {
    static const std::map<std::string_view, Below> kTable = {
        {"new",
         {"0 written; 2 an error, and nothing was written",
          "vigie new monitoring --host vps@203.0.113.10 --host vm --mail ops@example.org --smarthost "
          "smtp.example.org:587"}},
        {"validate",
         {"0 valid; 1 errors or warnings; 2 the document could not be validated",
          "vigie validate --tools require monitoring"}},
        {"render", {"0 rendered; 2 an error", "vigie render --host vm -o /tmp/vm monitoring"}},
        {"plan",
         {"0 no difference; 1 a difference; 2 an error. With --detailed-exitcode: 0 no difference; 1 an "
          "error; "
          "2 a difference",
          "vigie plan --all-hosts --base origin/main monitoring"}},
        {"seal", {"0 sealed; 2 an error", "printf %s 'the password' | vigie seal smtp monitoring"}},
        {"guest add",
         {"0 added; 2 an error, and the document is as it was",
          "vigie guest add phone --reaches grafana monitoring"}},
        {"guest remove",
         {"0 removed; 2 an error, and the document is as it was", "vigie guest remove phone monitoring"}},
        {"verify",
         {"0 signed by an allowed signer; 1 not; 2 an error",
          "vigie verify monitoring HEAD --allowed-signers allowed_signers"}},
        {"explain", {"0 found; 2 there is no such code or field", "vigie explain VG0201"}},
        {"apply", {kApplied, "sudo vigie apply --host vm --confirm-within 2m monitoring"}},
        {"rollback", {kApplied, "sudo vigie rollback 3"}},
        {"uninstall",
         {"0 done; 1 declined, or rolled back for want of a confirmation; 2 an error",
          "sudo vigie uninstall --keep"}},
        {"import",
         {"0 the document is usable; 1 it was written, and has errors to correct; 2 an error",
          "sudo vigie import --host vm --project /opt/monitoring -o monitoring"}},
        {"init",
         {"0 Ready; 1 not Ready yet, or the repository or the document has a problem; 2 an error",
          "sudo vigie init --host vm --url git@git.example.org:ops/monitoring.git"}},
        {"facts", {kShown, "sudo vigie facts > monitoring/facts/vm.json"}},
        {"confirm", {"0 kept; 2 nothing to confirm, or an error", "sudo vigie confirm"}},
        {"recover",
         {"0 done, or no transaction was open; 1 it still waits for confirmation; 2 an error",
          "sudo vigie recover"}},
        {"suspend", {kDone, "sudo vigie suspend"}},
        {"resume", {kDone, "sudo vigie resume"}},
        {"config check",
         {"0 valid; 1 it has mistakes; 2 it could not be read", "vigie config check /etc/vigie/vigie.yaml"}},
        {"keys init", {kDone, "sudo vigie keys init"}},
        {"keys show", {kShown, "sudo vigie keys show"}},
        {"keys rotate", {kDone, "sudo vigie keys rotate"}},
        {"keys recovery", {kDone, "vigie keys recovery /media/usb/vigie-recovery.key"}},
        {"run", {"0 ended on request; 2 an error", "sudo vigie run --config /etc/vigie/vigie.yaml"}},
        {"status",
         {"0 the host is Ready; 1 it is not, or no controller runs; 2 an error. With --all-hosts: 0 all are "
          "Ready",
          "vigie status --all-hosts"}},
        {"history", {kShown, "vigie history -n 5 --plans"}},
        {"events", {kShown, "vigie events -o json"}},
        {"reconcile",
         {"0 requested, and with --wait the host is Ready; 1 with --wait, it is not; 2 an error",
          "sudo vigie reconcile --wait"}},
        {"approve",
         {"0 approved, and with --wait the host is Ready; 1 with --wait, it is not; 2 an error",
          "sudo vigie approve 3f1c09ab77de --wait"}},
        {"completion", {kShown, "vigie completion bash > ~/.local/share/bash-completion/completions/vigie"}},
        {"help", {kShown, "vigie help keys rotate"}},
        {"version", {"0", "vigie version"}},
        {"hosts", {kShown, "vigie hosts monitoring"}},
        {"commands", {"0", "vigie commands"}},
    };
    return kTable;
}

/// Other programs' words. A command that is not there is passed over.
const std::map<std::string_view, std::vector<std::string_view>>& otherWords() {
    static const std::map<std::string_view, std::vector<std::string_view>> kWords = {
        {"lint", {"validate"}},
        {"check", {"validate"}},
        {"test", {"validate"}},
        {"vet", {"validate"}},
        {"diff", {"plan"}},
        {"preview", {"plan"}},
        {"show", {"render", "plan"}},
        {"template", {"render"}},
        {"build", {"render"}},
        {"deploy", {"apply"}},
        {"up", {"apply"}},
        {"install", {"init"}},
        {"sync", {"reconcile", "apply"}},
        {"pull", {"reconcile"}},
        {"fetch", {"reconcile"}},
        {"refresh", {"reconcile"}},
        {"create", {"new"}},
        {"scaffold", {"new"}},
        {"quickstart", {"new"}},
        {"setup", {"init", "new"}},
        {"bootstrap", {"init"}},
        {"encrypt", {"seal"}},
        {"secret", {"seal"}},
        {"secrets", {"seal"}},
        {"key", {"keys"}},
        {"guests", {"guest"}},
        {"phone", {"guest"}},
        {"client", {"guest"}},
        {"keygen", {"keys"}},
        {"undo", {"rollback"}},
        {"revert", {"rollback"}},
        {"down", {"uninstall"}},
        {"destroy", {"uninstall"}},
        {"remove", {"uninstall"}},
        {"delete", {"uninstall"}},
        {"pause", {"suspend"}},
        {"stop", {"suspend"}},
        {"continue", {"resume"}},
        {"unsuspend", {"resume"}},
        {"start", {"run"}},
        {"daemon", {"run"}},
        {"agent", {"run"}},
        {"controller", {"run"}},
        {"log", {"history", "events"}},
        {"logs", {"history", "events"}},
        {"ps", {"status"}},
        {"info", {"status", "facts"}},
        {"health", {"status"}},
        {"doc", {"explain"}},
        {"docs", {"explain"}},
        {"describe", {"explain"}},
        {"man", {"help"}},
        {"usage", {"help"}},
    };
    return kWords;
}

}  // namespace

std::string helpBelow(std::string_view command) {
    const auto& below = table().at(command);
    return "Exit codes: " + std::string(below.exitCodes) + ".\nExample:    " + std::string(below.example);
}

std::vector<std::string> nearCommands(std::string_view word, const std::vector<std::string>& commands) {
    if (auto slip = slipOf(word, commands); !slip.empty()) {
        return {std::move(slip)};
    }
    if (const auto other = otherWords().find(word); other != otherWords().end()) {
        std::vector<std::string> out;
        for (const auto each : other->second) {
            if (std::find(commands.begin(), commands.end(), each) != commands.end()) {
                out.emplace_back(each);
            }
        }
        if (!out.empty()) {
            return out;
        }
    }
    return likely(word, commands);
}

}  // namespace vigie::cli
