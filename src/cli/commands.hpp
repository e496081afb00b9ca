// The commands and their options.
#pragma once

#include <string>
#include <vector>

/// The commands, each with its options as a plain struct. A command returns the process's exit code: 0
/// nothing to do or converged, 1 a difference or findings, 2 an error. It throws Error instead of returning 2
/// where there is one reason.
namespace vigie::cli {

constexpr int kOk = 0;
constexpr int kDifference = 1;
constexpr int kError = 2;

struct RootOptions {
    std::string root = "/";
    std::string state = "/var/lib/vigie";
};

struct ValidateOptions {
    std::string directory = ".";
    std::string output = "text";
    std::string tools = "auto";  ///< whether promtool and amtool are asked: auto, require or off
};
int validate(const ValidateOptions& options);

struct RenderOptions {
    RootOptions root;
    std::string directory = ".";
    std::string host;
    std::string out;
    bool revealSecrets = false;
};
int render(const RenderOptions& options);

struct PlanOptions {
    RootOptions root;
    std::string directory = ".";
    std::string host;
    bool allHosts = false;
    std::string base;
    std::string output = "text";
    std::string activate;
    std::vector<std::string> adopt;
    std::vector<std::string> allowRemoval;
    bool detailedExitCode = false;
    bool all = false;  ///< lists also what stays as it is
    bool pending = false;
};
int plan(const PlanOptions& options);
/// The controller's plan of the tip.
int pendingPlan(const PlanOptions& options);

struct ApplyOptions {
    RootOptions root;
    std::string directory = ".";
    std::string host;
    bool yes = false;
    bool noActivate = false;
    std::string activate;
    std::vector<std::string> adopt;
    std::vector<std::string> allowRemoval;
    std::string confirmWithin;
    bool changeHost = false;
};
int apply(const ApplyOptions& options);

struct RollbackOptions {
    RootOptions root;
    std::string to;
    std::string host;
    std::string activate;
    bool list = false;
    bool yes = false;
};
int rollback(const RollbackOptions& options);

struct UninstallOptions {
    RootOptions root;
    std::string activate;
    bool keep = false;
    bool purge = false;
    bool yes = false;
};
int uninstall(const UninstallOptions& options);

int confirm(const RootOptions& options);

struct RecoverOptions {
    RootOptions root;
    bool forgetState = false;  ///< the database is moved aside
    bool yes = false;          ///< only with `forgetState`: do not ask
};
int recover(const RecoverOptions& options);
/// What `recover` does with `forgetState`.
int forgetState(const RecoverOptions& options);

struct SuspendOptions {
    RootOptions root;
    std::string reason;
    std::string time;  ///< how long, such as `2h`; empty: until `vigie resume`
};
int suspend(const SuspendOptions& options);
int resume(const RootOptions& options);

struct KeysOptions {
    RootOptions root;
    std::string interface = "wg0";
    bool finish = false;
    std::string recoveryFile = {};
    std::string recoveryName = "recovery";
};
int keysInit(const KeysOptions& options);
int keysShow(const KeysOptions& options);
int keysRotate(const KeysOptions& options);
int keysRecovery(const KeysOptions& options);

struct SealOptions {
    std::string secret;
    std::string directory = ".";
    std::vector<std::string> hosts;
    bool update = false;  ///< write into the document instead of printing
    bool rotate = false;
    // Only with `rotate`:
    RootOptions root;
    std::string recoveryIdentity;         ///< a file; empty: this host's own identity
    std::vector<std::string> recipients;  ///< hosts and recovery keys; none: all that the document names
    std::vector<std::string> only;        ///< secrets; none: all
    bool dryRun = false;
};
int seal(const SealOptions& options);

/// What is sealed in the document, sealed again.
int sealRotate(const SealOptions& options);

struct GuestOptions {
    std::string name;
    std::string directory = ".";
    std::string address = {};               ///< empty: the next free one
    std::vector<std::string> reaches = {};  ///< services; each may be several, with commas
    std::string host = {};                  ///< whose peer it is; empty: the only one that it can be of
    bool presharedKey = false;
    std::string out = {};  ///< a file for the guest's configuration; empty: the terminal
};
int guestAdd(const GuestOptions& options);
int guestRemove(const GuestOptions& options);

struct StatusOptions {
    RootOptions root;
    std::string output = "text";
    int limit = 20;
    bool plans = false;  ///< with what each attempt was to change
    bool allHosts = false;
    bool watch = false;
};
int status(const StatusOptions& options);
/// Asks the controllers of all hosts over the tunnel, at `http.listen`.
int statusOfAllHosts(const StatusOptions& options);
int history(const StatusOptions& options);
int events(const StatusOptions& options);

struct ReconcileOptions {
    RootOptions root;
    std::string output = "text";
    bool wait = false;
    std::string allowRewind;  ///< a commit, or its beginning
};
int reconcile(const ReconcileOptions& options);

struct ApproveOptions {
    RootOptions root;
    std::string digest;
    bool wait = false;
};
int approve(const ApproveOptions& options);

struct VerifyOptions {
    std::string directory = ".";
    std::string revision = "HEAD";
    std::string allowedSigners = "/etc/vigie/allowed_signers";
};
int verify(const VerifyOptions& options);

struct RunOptions {
    std::string config = "/etc/vigie/vigie.yaml";
};
int run(const RunOptions& options);
/// What `run` would say of the configuration.
int configCheck(const RunOptions& options);

struct ImportOptions {
    RootOptions root;
    std::string host;
    std::vector<std::string> from;  ///< HOST=ROOT, for several hosts at once
    std::string out;
    std::string name;
    std::string interface = "wg0";
    std::vector<std::string> projects;
    std::vector<std::string> sealingKeys;  ///< HOST=KEY, for hosts whose identity lies elsewhere
    std::vector<std::string> adopt;
    bool force = false;
};
int importHosts(const ImportOptions& options);

struct InitOptions {
    RootOptions root;
    std::string host;
    std::string url;
    std::string branch = "main";
    std::string path = ".";
    std::string interface = "wg0";
    std::string knownHosts;
    std::vector<std::string> fingerprints;
    std::string wait = "5m";
    bool force = false;
    bool yes = false;
};
int init(const InitOptions& options);

struct FactsOptions {
    RootOptions root;
    std::string interface = "wg0";
    std::vector<std::string> without;  ///< names of compose files
    std::string output = "json";
};
int facts(const FactsOptions& options);

/// The page of a code (`VG0101`, `0101`), or what the schema says of a field (`spec.hosts[].vpn`).
int explain(const std::string& codeOrField);

struct NewOptions {
    std::string directory;
    std::string name;                ///< of the stack; empty: the directory's
    std::vector<std::string> hosts;  ///< NAME[@ENDPOINT][=ADDRESS]; none: the terminal is asked
    std::string network = "10.66.66.0/24";
    std::string over;  ///< an interface or a subnet that joins the hosts already; empty: a tunnel does
    std::string prometheus;
    std::string mail;
    std::string smarthost;
    std::vector<std::string> exporters = {"node"};
    bool grafana = false;
};
/// Writes a first document.
int newDocument(const NewOptions& options);

/// The names of the document's hosts, one in a line, for completion; a document with mistakes has them too.
int hosts(const ValidateOptions& options);

}  // namespace vigie::cli
