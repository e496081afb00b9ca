#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/terminal.hpp"
#include "render/host.hpp"
#include "secrets/sealing.hpp"
#include "spec/format.hpp"

#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace vigie::cli {
namespace {

/// Turns the terminal's echo off as long as it lives.
class NoEcho {
public:
    NoEcho() {
        if (tcgetattr(STDIN_FILENO, &before_) == 0) {
            termios quiet = before_;
            quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
            off_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
        }
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;
    NoEcho(NoEcho&&) = delete;
    NoEcho& operator=(NoEcho&&) = delete;
    ~NoEcho() {
        if (off_) {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        }
    }

private:
    termios before_{};
    bool off_ = false;
};

/// The value from standard input, without the last line end. From a terminal: one line, not echoed.
SecureBytes readValue(const std::string& name) {
    constexpr std::size_t kLargest = 1U << 20U;
    const bool terminal = isatty(STDIN_FILENO) == 1;
    if (terminal) {
        say("Value of " + name + " (not shown, one line):");
    }
    const NoEcho quiet;
    SecureBytes out;
    char c = 0;
    while (true) {
        const ssize_t n = ::read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0 || (terminal && c == '\n')) {
            break;
        }
        out.push_back(c);
        if (out.size() > kLargest) {
            throw Error("the value is larger than a megabyte");
        }
    }
    if (!out.empty() && out.back() == '\n') {
        out.pop_back();
    }
    if (out.empty()) {
        throw Error("the value is empty",
                    "write it to standard input: printf %s 'value' | vigie seal " + name);
    }
    return out;
}

/// The hosts of the command line, or those that need the secret.
std::vector<const spec::Host*> hostsFor(const spec::Stack& stack, const SealOptions& options) {
    std::vector<const spec::Host*> out;
    for (const auto& name : options.hosts) {
        if (stack.host(name) == nullptr) {
            throw Error("the document has no host `" + name + "`");
        }
        out.push_back(stack.host(name));
    }
    if (options.hosts.empty()) {
        for (const auto& host : stack.hosts) {
            const auto needed = render::secretsUsedBy(stack, host);
            if (std::find(needed.begin(), needed.end(), options.secret) != needed.end()) {
                out.push_back(&host);
            }
        }
    }
    if (out.empty()) {
        throw Error("no host needs the secret `" + options.secret + "`",
                    "name it in a `passwordFrom` first, or say --host");
    }
    return out;
}

}  // namespace

int seal(const SealOptions& options) {
    const auto loaded = source::loadDirectory(options.directory);
    if (!loaded.document) {
        throw Error(options.directory + " holds no document that can be read", "`vigie validate` says why");
    }
    const auto& stack = loaded.document->stack;
    if (spec::checkFormat("name", stack.name) || spec::checkFormat("name", options.secret)) {
        throw Error("the stack's name or the secret's is none",
                    "secrets are sealed to both names: correct them first");
    }
    const auto hosts = hostsFor(stack, options);
    for (const auto* host : hosts) {
        if (host->sealingKey.empty()) {
            throw Error("host `" + host->name + "` has no `sealingKey` in the document",
                        "run `vigie keys show` on it and add the line");
        }
    }
    const SecureBytes value = readValue(options.secret);
    std::string out = "# for `spec.secrets`\n- name: " + options.secret + "\n  sealed:\n";
    for (const auto* host : hosts) {
        out += "    " + host->name + ": \"" +
               secrets::seal(view(value), {stack.name, options.secret, host->name}, host->sealingKey) +
               "\"\n";
    }
    print(out);
    return kOk;
}

}  // namespace vigie::cli
