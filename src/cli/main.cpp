// The command line. CLI11 is seen here and in command_tree.cpp only.

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/command_help.hpp"
#include "cli/command_tree.hpp"
#include "cli/commands.hpp"
#include "cli/terminal.hpp"
#include "plan/guard.hpp"
#include "system/self_limits.hpp"
#include "version.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <functional>
#include <iostream>
#include <memory>
#include <utility>

namespace {

using namespace vigie;  // NOLINT(google-build-using-namespace)

void addRoot(CLI::App& command, cli::RootOptions& options) {
    command.add_option("--root", options.root, "the root of the host: every path lies below this directory")
        ->capture_default_str();
    command.add_option("--state", options.state, "the directory of vigie's state, below the root")
        ->capture_default_str();
}

CLI::Option* addActivation(CLI::App& command, std::string& activate) {
    return command
        .add_option("--activate", activate,
                    "what to change besides files: none, reload (also reload programs) or all (also the "
                    "tunnel, the firewall and containers); default: all at /, none below another root")
        ->check(CLI::IsMember({"none", "reload", "all"}));
}

void addAllowRemoval(CLI::App& command, std::vector<std::string>& names) {
    const auto all = plan::everyGuardedComponent();
    command
        .add_option("--allow-removal", names,
                    "a server, or `wireguard`, that may be removed from this host; may be repeated")
        ->allow_extra_args(false)
        ->check(CLI::IsMember(std::vector<std::string>(all.begin(), all.end())));
}

void addDirectory(CLI::App& command, std::string& directory) {
    command.add_option("DIR", directory, "the directory that holds the document")->capture_default_str();
}

/// `vigie guest add` and `remove`. The options live as long as the callbacks.
void addGuest(CLI::App& app, std::function<int()>& chosen) {
    const auto options = std::make_shared<cli::GuestOptions>();
    auto* guest = app.add_subcommand("guest", "let phones and laptops into the tunnel");
    guest->footer("Each subcommand has its own help, such as: vigie help guest add");
    guest->require_subcommand(1);
    auto* adding = guest->add_subcommand(
        "add", "add a guest to the document, and print its WireGuard configuration as text and QR code");
    adding->callback([&chosen, options] { chosen = [options] { return cli::guestAdd(*options); }; });
    auto* removing = guest->add_subcommand("remove", "remove a guest from the document");
    removing->callback([&chosen, options] { chosen = [options] { return cli::guestRemove(*options); }; });
    for (auto* command : {adding, removing}) {
        command->add_option("NAME", options->name, "the guest's name")->required();
        addDirectory(*command, options->directory);
        command->footer(cli::helpBelow("guest " + command->get_name()));
    }
    adding
        ->add_option("--reaches", options->reaches,
                     "what it may connect to: prometheus, alertmanager, grafana, jaeger; separated by commas")
        ->allow_extra_args(false);
    adding->add_option("--address", options->address,
                       "its address in the tunnel (default: the next free one)");
    adding->add_option("--host", options->host,
                       "the host whose peer it is, where there is no hub and several have an endpoint");
    adding->add_flag("--psk", options->presharedKey, "with a preshared key as well");
    adding->add_option("-o,--out", options->out,
                       "write the configuration to this new file (mode 0600) instead of the terminal");
}

/// Builds the command line and remembers which command was chosen.
class CommandLine {
public:
    CommandLine()
        : app_("Keeps a monitoring stack on a few Docker hosts converged to one document in git.", "vigie") {
        app_.set_version_flag("-V,--version", "vigie " + std::string(kVersion));
        app_.require_subcommand(1);
        app_.footer(
            "Exit code 2 is an error; the help of each command lists its exit codes.\n"
            "Begin with: vigie new DIR, then vigie validate DIR and vigie plan --all-hosts DIR.");
        addDocumentCommands();
        addHostCommands();
        addControllerCommands();
    }

    int run(int argc, char** argv) {
        const auto words = cli::asHelpOption({argv + std::min(argc, 1), argv + argc});
        try {
            app_.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // takes them from the back
        } catch (const CLI::ParseError& error) {
            cli::requireCommands(app_, words);
            const int code = app_.exit(error, std::cout, std::cerr);
            return code == 0 ? cli::kOk : cli::kError;
        }
        return chosen_();
    }

private:
    template <class Function>
    CLI::App* add(const char* name, const char* description, Function function) {
        auto* command = app_.add_subcommand(name, description);
        command->callback([this, function] { chosen_ = function; });
        command->footer(cli::helpBelow(name));
        return command;
    }

    void addDocumentCommands() {
        addNew();
        auto* validate =
            add("validate",
                "validate a document: schema, references, lint, promtool and amtool; offline, needs no keys",
                [this] { return cli::validate(validate_); });
        addDirectory(*validate, validate_.directory);
        validate->add_option("-o,--output", validate_.output, "text or json")
            ->check(CLI::IsMember({"text", "json"}));
        validate
            ->add_option("--tools", validate_.tools,
                         "promtool and amtool of this machine: auto runs those that are installed, require "
                         "fails if one is missing, off runs neither")
            ->check(CLI::IsMember({"auto", "require", "off"}))
            ->capture_default_str();

        auto* render = add("render", "print the files of a host, with secrets masked",
                           [this] { return cli::render(render_); });
        addDirectory(*render, render_.directory);
        render->add_option("--host", render_.host, "the host");
        render->add_option("-o,--out", render_.out,
                           "write the files below this directory instead of printing them");
        render->add_flag("--reveal-secrets", render_.revealSecrets,
                         "decrypt the secrets; works only on the host itself");
        addRoot(*render, render_.root);

        auto* plan = add("plan", "show what would change, and why", [this] { return cli::plan(plan_); });
        addDirectory(*plan, plan_.directory);
        auto* host = plan->add_option("--host", plan_.host, "compare this host with the document");
        auto* all =
            plan->add_flag("--all-hosts", plan_.allHosts,
                           "offline: compare what is rendered for every host with what --base renders")
                ->excludes(host);
        plan->add_option(
                "--base", plan_.base,
                "with --all-hosts: the git revision to compare with (default: none, everything is new)")
            ->needs(all);
        plan->add_flag("--all", plan_.all, "also list what does not change");
        plan->add_option("-o,--output", plan_.output, "text, json or markdown")
            ->check(CLI::IsMember({"text", "json", "markdown"}));
        addActivation(*plan, plan_.activate);
        plan->add_option("--adopt", plan_.adopt,
                         "id of an existing resource that vigie may take over; may be repeated")
            ->allow_extra_args(false);
        addAllowRemoval(*plan, plan_.allowRemoval);
        plan->add_flag("--pending", plan_.pending,
                       "show what the controller of this host would change at the tip of the repository")
            ->excludes(all)
            ->excludes(host);
        plan->add_flag("--detailed-exitcode", plan_.detailedExitCode,
                       "exit with 0 for no difference, 1 for an error, 2 for a difference");
        addRoot(*plan, plan_.root);

        addSeal();
        addGuest(app_, chosen_);

        auto* verify =
            add("verify", "show who signed a commit or tag, by the rules of a controller with `verify`",
                [this] { return cli::verify(verify_); });
        addDirectory(*verify, verify_.directory);
        verify->add_option("REV", verify_.revision, "the git revision")->capture_default_str();
        verify
            ->add_option("--allowed-signers", verify_.allowedSigners,
                         "the allowed_signers file, which lists who may sign")
            ->capture_default_str();

        auto* explain = add("explain", "explain a code and how to fix it, or a field of the document",
                            [this] { return cli::explain(code_); });
        explain->add_option("CODE", code_, "a code such as VG0101, or a field such as spec.prometheus.web")
            ->required();
    }

    void addNew() {
        auto* command = add("new", "write a first document, from options or, on a terminal, from questions",
                            [this] { return cli::newDocument(new_); });
        command->add_option("DIR", new_.directory, "the directory to create for the document")->required();
        command->add_option("--name", new_.name, "the stack's name (default: the directory's)");
        command
            ->add_option(
                "--host", new_.hosts,
                "NAME, NAME@ENDPOINT (a public address) or NAME=ADDRESS (an address in the tunnel, or in "
                "the network of --over); may be repeated")
            ->allow_extra_args(false);
        command->add_option("--network", new_.network, "the network of the tunnel, for several hosts")
            ->capture_default_str();
        command->add_option("--over", new_.over,
                            "an interface (tailscale0) or LAN (192.168.1.0/24) that joins the hosts already, "
                            "instead of a tunnel");
        command->add_option("--prometheus", new_.prometheus,
                            "the host on which Prometheus runs (default: one without an endpoint)");
        command->add_option("--mail", new_.mail, "the mail address for alerts (default: none)");
        command->add_option("--smarthost", new_.smarthost, "HOST:PORT of the server that sends the mail");
        command->add_option("--exporter", new_.exporters, "an exporter for every host; may be repeated")
            ->allow_extra_args(false)
            ->check(CLI::IsMember({"node", "cadvisor", "none"}))
            ->capture_default_str();
        command->add_flag("--grafana", new_.grafana, "add Grafana to the project of Prometheus");
    }

    void addSeal() {
        auto* seal = add("seal", "encrypt a value from standard input for the hosts that need it", [this] {
            if (seal_.rotate && !seal_.secret.empty()) {  // without NAME the first word is the directory
                seal_.directory = std::exchange(seal_.secret, {});
            } else if (!seal_.rotate && seal_.secret.empty()) {
                throw Error("no secret is named", "write `vigie seal NAME`, or `vigie seal --rotate`");
            }
            return cli::seal(seal_);
        });
        seal->add_option("NAME", seal_.secret, "the secret's name; not with --rotate");
        addDirectory(*seal, seal_.directory);
        auto* host = seal->add_option("--host", seal_.hosts, "only for this host; may be repeated")
                         ->allow_extra_args(false);
        auto* update = seal->add_flag("--update", seal_.update,
                                      "write the sealed value into the document instead of printing it");
        auto* rotate = seal->add_flag("--rotate", seal_.rotate,
                                      "seal the secrets of the document in DIR again, for every host and "
                                      "recovery key that needs them")
                           ->excludes(host)
                           ->excludes(update);
        seal->add_option("--for", seal_.recipients,
                         "with --rotate: only for this host or recovery key; may be repeated")
            ->allow_extra_args(false)
            ->needs(rotate);
        seal->add_option("--only", seal_.only, "with --rotate: only this secret; may be repeated")
            ->allow_extra_args(false)
            ->needs(rotate);
        seal->add_option("--recovery-identity", seal_.recoveryIdentity,
                         "with --rotate: decrypt with this file of `vigie keys recovery` instead of this "
                         "host's identity")
            ->needs(rotate);
        seal->add_flag("--dry-run", seal_.dryRun, "with --rotate: print what would change, and write nothing")
            ->needs(rotate);
        addRoot(*seal, seal_.root);
    }

    void addHostCommands() {
        auto* apply =
            add("apply", "change this host to what the document says", [this] { return cli::apply(apply_); });
        addDirectory(*apply, apply_.directory);
        apply->add_option("--host", apply_.host, "the name of this host in the document");
        apply->add_flag("-y,--yes", apply_.yes, "do not ask");
        auto* no = apply->add_flag("--no-activate", apply_.noActivate, "write files only");
        addActivation(*apply, apply_.activate)->excludes(no);
        apply->add_flag("--change-host", apply_.changeHost,
                        "allow this root to become another host of the document than the one applied before");
        apply->add_option("--confirm-within", apply_.confirmWithin,
                          "roll the change back unless `vigie confirm` is run within this time, such as 2m");
        apply
            ->add_option("--adopt", apply_.adopt,
                         "id of an existing resource that vigie may take over; may be repeated")
            ->allow_extra_args(false);
        addAllowRemoval(*apply, apply_.allowRemoval);
        addRoot(*apply, apply_.root);

        auto* rollback = add("rollback", "apply an earlier document again, and suspend the controller",
                             [this] { return cli::rollback(rollback_); });
        rollback->add_option(
            "TO", rollback_.to,
            "the number of a generation, or a revision (default: the generation before the current one)");
        rollback->add_option("--host", rollback_.host, "the name of this host in the document");
        rollback->add_flag("--list", rollback_.list, "list the generations that can be applied again");
        rollback->add_flag("-y,--yes", rollback_.yes, "do not ask");
        addActivation(*rollback, rollback_.activate);
        addRoot(*rollback, rollback_.root);

        auto* uninstall =
            add("uninstall", "remove vigie from this host", [this] { return cli::uninstall(uninstall_); });
        auto* keep = uninstall->add_flag("--keep", uninstall_.keep,
                                         "leave everything as it is; vigie no longer manages it");
        uninstall
            ->add_flag("--purge", uninstall_.purge,
                       "remove what vigie created, and restore what it took over")
            ->excludes(keep);
        uninstall->add_flag("-y,--yes", uninstall_.yes, "do not ask");
        addActivation(*uninstall, uninstall_.activate);
        addRoot(*uninstall, uninstall_.root);

        addBeginnings();

        addRootCommand("confirm", "keep a change that waits for confirmation", cli::confirm);
        auto* recover = add("recover", "finish what an interrupted apply left",
                            [this] { return cli::recover(recover_); });
        auto* forget = recover->add_flag("--forget-state", recover_.forgetState,
                                         "move a damaged state database aside, so that a new one is created");
        recover->add_flag("-y,--yes", recover_.yes, "with --forget-state: do not ask")->needs(forget);
        addRoot(*recover, recover_.root);
        auto* suspend = add("suspend", "stop the controller from changing this host until `vigie resume`",
                            [this] { return cli::suspend(suspend_); });
        suspend->add_option("--reason", suspend_.reason, "the reason, shown in the status");
        suspend->add_option("--for", suspend_.time, "end the suspension after this time, such as 2h");
        addRoot(*suspend, suspend_.root);
        addRootCommand("resume", "allow the controller to change this host again", cli::resume);

        auto* keys = app_.add_subcommand("keys", "manage the keys of this host");
        keys->footer("Each subcommand has its own help, such as: vigie help keys init");
        keys->require_subcommand(1);
        auto* init =
            keys->add_subcommand("init", "create the keys that are missing, and print the public keys");
        init->callback([this] { chosen_ = [this] { return cli::keysInit(keys_); }; });
        auto* show = keys->add_subcommand("show", "print the public keys");
        show->callback([this] { chosen_ = [this] { return cli::keysShow(keys_); }; });
        auto* rotate = keys->add_subcommand("rotate", "create the next WireGuard key, to rotate to");
        rotate->callback([this] { chosen_ = [this] { return cli::keysRotate(keys_); }; });
        rotate->add_flag("--finish", keys_.finish,
                         "replace the key with the next key, and erase the old one");
        auto* recovery = keys->add_subcommand(
            "recovery",
            "create a recovery key to keep offline; secrets are sealed to it as well as to the hosts");
        recovery->callback([this] { chosen_ = [this] { return cli::keysRecovery(keys_); }; });
        recovery->add_option("FILE", keys_.recoveryFile, "the file to write its private key to")->required();
        recovery->add_option("--name", keys_.recoveryName, "its name in the document")->capture_default_str();
        for (auto* command : {init, show, rotate}) {
            command->add_option("--interface", keys_.interface, "the tunnel's interface")
                ->capture_default_str();
            addRoot(*command, keys_.root);
        }
        for (auto* command : {init, show, rotate, recovery}) {
            command->footer(cli::helpBelow("keys " + command->get_name()));
        }
    }

    void addBeginnings() {
        auto* import = add("import", "write a document for hosts that were set up by hand",
                           [this] { return cli::importHosts(import_); });
        auto* host = import->add_option("--host", import_.host, "the host's name (default: this machine's)");
        import->add_option("--from", import_.from, "HOST=ROOT, for several hosts at once; may be repeated")
            ->allow_extra_args(false)
            ->excludes(host);
        import
            ->add_option("-o,--out", import_.out,
                         "the directory of the document; an earlier import there is extended by the host")
            ->required();
        import->add_option("--name", import_.name, "the stack's name (default: the directory's)");
        import->add_option("--interface", import_.interface, "the tunnel's interface")->capture_default_str();
        import->add_option("--project", import_.projects, "a compose project's directory; may be repeated")
            ->allow_extra_args(false);
        import
            ->add_option("--sealing-key", import_.sealingKeys,
                         "HOST=KEY, the sealing key of a host whose identity is not below its root")
            ->allow_extra_args(false);
        import->add_option("--adopt", import_.adopt, "an id to write to `spec.adopt`; may be repeated")
            ->allow_extra_args(false);
        import->add_flag("--force", import_.force,
                         "overwrite a document that was changed since the last import");
        addRoot(*import, import_.root);

        auto* init = add("init", "bootstrap a new host and wait until it is Ready",
                         [this] { return cli::init(init_); });
        init->add_option("--host", init_.host, "the name of this host in the document")->required();
        init->add_option("--url", init_.url, "the repository: ssh, https, a file URL or an absolute path")
            ->required();
        init->add_option("--branch", init_.branch, "the branch to follow")->capture_default_str();
        init->add_option("--path", init_.path, "the document's directory in the repository")
            ->capture_default_str();
        init->add_option("--interface", init_.interface, "the tunnel's interface")->capture_default_str();
        auto* pins =
            init->add_option("--known-hosts", init_.knownHosts, "a file with the git server's host key");
        init->add_option("--fingerprint", init_.fingerprints,
                         "SHA256:… of the git server's host key; may be repeated")
            ->allow_extra_args(false)
            ->excludes(pins);
        init->add_option("--wait", init_.wait, "how long to wait until the host is Ready; 0 does not wait")
            ->capture_default_str();
        init->add_flag("--force", init_.force,
                       "overwrite an existing configuration and existing pinned host keys");
        init->add_flag("-y,--yes", init_.yes, "trust the host keys that the server presents");
        addRoot(*init, init_.root);

        auto* facts = add("facts", "print the facts of this host as JSON, to commit beside the document",
                          [this] { return cli::facts(facts_); });
        facts->add_option("-o,--output", facts_.output, "json")->check(CLI::IsMember({"json"}));
        facts
            ->add_option("--without", facts_.without,
                         "leave out a compose file that vigie will replace; those that vigie writes are "
                         "always left out")
            ->allow_extra_args(false);
        facts->add_option("--interface", facts_.interface, "the tunnel's interface")->capture_default_str();
        addRoot(*facts, facts_.root);
    }

    void addControllerCommands() {
        auto* run = add("run", "the controller: follow the repository and keep this host converged",
                        [this] { return cli::run(run_); });
        run->add_option("--config", run_.config, "the controller's configuration")->capture_default_str();

        auto* config = app_.add_subcommand("config", "the controller's configuration");
        config->require_subcommand(1);
        auto* check = config->add_subcommand(
            "check", "validate the controller's configuration and the files that it names");
        config->footer("The subcommand has its own help: vigie help config check");
        check->footer(cli::helpBelow("config check"));
        check->callback([this] { chosen_ = [this] { return cli::configCheck(run_); }; });
        check->add_option("FILE", run_.config, "the configuration file")->capture_default_str();

        auto* status =
            add("status", "show the status of this host that its controller last reported",
                [this] { return status_.allHosts ? cli::statusOfAllHosts(status_) : cli::status(status_); });
        status->add_flag("--all-hosts", status_.allHosts,
                         "ask the controllers of all hosts, over the tunnel");
        status->add_flag("-w,--watch", status_.watch,
                         "keep running, and print the status again when it changes");
        auto* history = add("history", "show the latest attempts to apply on this host",
                            [this] { return cli::history(status_); });
        history->add_option("-n", status_.limit, "the number of attempts")->capture_default_str();
        history->add_flag("--plans", status_.plans, "with the plan of each attempt");
        auto* events = add("events", "show the events that the controller of this host recorded",
                           [this] { return cli::events(status_); });
        for (auto* command : {status, history, events}) {
            command->add_option("-o,--output", status_.output, "text or json")
                ->check(CLI::IsMember({"text", "json"}));
            addRoot(*command, status_.root);
        }

        auto* completion = add("completion", "print a completion script for a shell", [this] {
            std::cout << cli::completionScript(cli::describeCommands(app_), shell_);
            return cli::kOk;
        });
        completion->add_option("SHELL", shell_, "bash, zsh or fish")
            ->required()
            ->check(CLI::IsMember({"bash", "zsh", "fish"}));

        // For completion and for tools/man_pages.cpp.
        auto* hosts =
            add("hosts", "print the names of the document's hosts", [this] { return cli::hosts(validate_); });
        addDirectory(*hosts, validate_.directory);
        hosts->group("");
        add("commands", "print this command line as JSON", [this] {
            std::cout << cli::toJson(cli::describeCommands(app_));
            return cli::kOk;
        })->group("");

        auto* reconcile =
            add("reconcile", "let the controller fetch the repository and reconcile this host now",
                [this] { return cli::reconcile(reconcile_); });
        reconcile->add_flag("--wait", reconcile_.wait,
                            "wait until the pass has ended; exit with 0 if the host is Ready, else 1");
        reconcile->add_option("--allow-rewind", reconcile_.allowRewind,
                              "accept this tip although it does not descend from the applied commit; at "
                              "least the first 12 digits of its commit");
        reconcile->add_option("-o,--output", reconcile_.output, "text or json")
            ->check(CLI::IsMember({"text", "json"}));
        addRoot(*reconcile, reconcile_.root);

        auto* approve = add("approve", "let the controller apply the pending plan (apply.mode: manual)",
                            [this] { return cli::approve(approve_); });
        approve
            ->add_option(
                "DIGEST", approve_.digest,
                "the digest of the plan, printed by `vigie plan --pending`; at least its first 12 characters")
            ->required();
        approve->add_flag("--wait", approve_.wait,
                          "wait until it is applied; exit with 0 if the host is Ready, else 1");
        addRoot(*approve, approve_.root);

        add("help", "show how to use a command", [] {
            return cli::kOk;
        })->add_option("COMMAND", helpFor_, "such as keys init (default: all commands)");
        add("version", "print the version of this program", [] {
            std::cout << "vigie " << kVersion << "\n";
            return cli::kOk;
        });
    }

    void addRootCommand(const char* name, const char* description, int (*function)(const cli::RootOptions&)) {
        addRoot(*add(name, description, [this, function] { return function(root_); }), root_);
    }

    CLI::App app_;
    std::function<int()> chosen_;
    cli::ValidateOptions validate_;
    cli::RenderOptions render_;
    cli::PlanOptions plan_;
    cli::ApplyOptions apply_;
    cli::RollbackOptions rollback_;
    cli::UninstallOptions uninstall_;
    cli::RootOptions root_;
    cli::RecoverOptions recover_;
    cli::SuspendOptions suspend_;
    cli::KeysOptions keys_;
    cli::SealOptions seal_;
    cli::StatusOptions status_;
    cli::VerifyOptions verify_;
    cli::ReconcileOptions reconcile_;
    cli::ApproveOptions approve_;
    cli::RunOptions run_;
    cli::ImportOptions import_;
    cli::InitOptions init_;
    cli::FactsOptions facts_;
    std::string code_;
    cli::NewOptions new_;
    std::vector<std::string> helpFor_;
    std::string shell_;
};

}  // namespace

int main(int argc, char** argv) {
    system::closeMemory();
    try {
        return CommandLine().run(argc, argv);
    } catch (const Interrupted&) {
        std::cerr << "vigie: interrupted\n";
        return 130;  // 128 + SIGINT, as shells have it
    } catch (const Error& error) {
        cli::sayError(error.what(), error.hint());
    } catch (const std::exception& error) {
        cli::sayError(error.what(), {});
    }
    return cli::kError;
}
