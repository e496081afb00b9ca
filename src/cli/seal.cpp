// `vigie seal`: seals a value for the hosts that need it.

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/sealed_document.hpp"
#include "cli/terminal.hpp"
#include "secrets/sealing.hpp"
#include "spec/format.hpp"
#include "spec/secret_uses.hpp"

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
            throw Error("the value is larger than 1 MiB");
        }
    }
    if (!out.empty() && out.back() == '\n') {
        out.pop_back();
        if (!out.empty() && out.back() == '\r') {  // one line end, as Windows writes it
            out.pop_back();
        }
    }
    if (out.empty()) {
        throw Error("the value is empty",
                    "write the value to standard input: printf %s 'value' | vigie seal " + name);
    }
    return out;
}

/// Refuses a value that a field which uses the secret cannot hold: the program that reads it would fail
/// later.
void requireFit(const spec::Stack& stack, const std::string& secret, const SecureBytes& value) {
    for (const auto& use : spec::secretUses(stack)) {
        const auto problem = use.secret == secret ? spec::unfit(use.form, view(value)) : std::nullopt;
        if (problem) {
            throw Error("the value " + *problem + ", which " + use.at.text() + " cannot hold",
                        "write the value without it: printf %s 'value' | vigie seal " + secret);
        }
    }
}

/// The hosts of the command line, or those that need the secret; and the recovery keys.
std::vector<spec::Recipient> recipientsFor(const spec::Stack& stack, const SealOptions& options) {
    auto out = spec::recipientsOf(stack, options.secret);
    if (!options.hosts.empty()) {
        out.erase(std::remove_if(out.begin(), out.end(), [](const auto& each) { return !each.recovery; }),
                  out.end());
        for (auto it = options.hosts.rbegin(); it != options.hosts.rend(); ++it) {
            const auto* host = stack.host(*it);
            if (host == nullptr) {
                throw Error("the document has no host `" + *it + "`");
            }
            out.insert(out.begin(), {host->name, host->sealingKey, false});
        }
    }
    if (std::all_of(out.begin(), out.end(), [](const auto& each) { return each.recovery; })) {
        throw Error("no host uses the secret `" + options.secret + "`",
                    "reference it in the document first, as in `passwordFrom`, or add --host");
    }
    for (const auto& each : out) {
        if (each.sealingKey.empty()) {
            throw Error("host `" + each.name + "` has no `sealingKey` in the document",
                        "run `vigie keys show` on it and add the line");
        }
    }
    return out;
}

/// The secret's place in the document; it must be there to be updated.
std::size_t indexOf(const spec::Stack& stack, const std::string& secret) {
    for (std::size_t i = 0; i < stack.secrets.size(); ++i) {
        if (stack.secrets[i].name == secret) {
            return i;
        }
    }
    throw Error("the document has no secret `" + secret + "` to update",
                "omit --update to print the lines, and paste them below `spec.secrets`");
}

}  // namespace

int seal(const SealOptions& options) {
    if (options.rotate) {
        return sealRotate(options);
    }
    const auto loaded = loadForSealing(options.directory);
    const auto& stack = loaded.document->stack;
    if (spec::checkFormat("name", options.secret)) {
        throw Error("`" + options.secret + "` is not a valid name for a secret",
                    "use letters, digits, `-`, `_` and `.`; the name cannot be changed after sealing");
    }
    const auto recipients = recipientsFor(stack, options);
    const std::size_t index = options.update ? indexOf(stack, options.secret) : 0;
    const SecureBytes value = readValue(options.secret);
    requireFit(stack, options.secret, value);
    spec::SealedEdits edits;
    std::string out = "# for `spec.secrets`\n- name: " + options.secret + "\n  sealed:\n";
    for (const auto& each : recipients) {
        auto ciphertext =
            secrets::seal(view(value), {stack.name, options.secret, each.name}, each.sealingKey);
        out += "    " + each.name + ": \"" + ciphertext + "\"\n";
        edits[index][each.name] = std::move(ciphertext);
    }
    if (options.update) {
        writeSealed(loaded, edits);
        say("wrote " + loaded.document->file);
    } else {
        print(out);
    }
    return kOk;
}

}  // namespace vigie::cli
