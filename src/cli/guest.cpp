// `vigie guest add` and `remove`: phones and laptops in the document, and what they need to connect.

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/document_text.hpp"
#include "cli/guest_configuration.hpp"
#include "cli/sealed_document.hpp"
#include "cli/terminal.hpp"
#include "secrets/identity.hpp"
#include "secrets/sealing.hpp"
#include "spec/edit_list.hpp"
#include "spec/format.hpp"
#include "spec/guests.hpp"
#include "spec/secret_uses.hpp"
#include "spec/topology.hpp"
#include "system/real_files.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <set>

namespace vigie::cli {
namespace {

using spec::FieldPath;

const FieldPath kWireguard{"spec", "wireguard"};

/// Of hosts and guests, in their canonical form.
std::set<std::string> takenAddresses(const spec::Stack& stack) {
    std::set<std::string> out;
    const auto add = [&](const std::string& text) {
        if (const auto address = spec::parseIp(text)) {
            out.insert(spec::toText(*address));
        }
    };
    for (const auto& host : stack.hosts) {
        add(host.vpnAddress);
        add(host.vpnAddress6);
    }
    for (const auto& guest : stack.wireguard.guests) {
        add(guest.address);
        add(guest.address6);
    }
    return out;
}

/// The lowest one that nobody has; never the first and the last of the network.
std::string freeAddress(const std::string& text, const std::set<std::string>& taken) {
    const auto network = spec::parseNetwork(text);
    if (!network) {
        throw Error("the tunnel's network `" + text + "` is not valid", "run `vigie validate`");
    }
    // Among one more than are taken, one is free.
    auto address = following(network->address);
    for (std::size_t i = 0; i <= taken.size(); ++i, address = following(address)) {
        if (!network->contains(address) || !network->contains(following(address))) {
            break;
        }
        if (taken.count(spec::toText(address)) == 0) {
            return spec::toText(address);
        }
    }
    throw Error("every address of " + text + " is taken", "write a wider network, in the document");
}

/// The address that was asked for.
std::string askedAddress(const std::string& text, const spec::Stack& stack,
                         const std::set<std::string>& taken) {
    const auto address = spec::parseIp(text);
    const auto network = spec::parseNetwork(stack.wireguard.network);
    if (!address || !network || !network->contains(*address)) {
        throw Error("`" + text + "` is no address in the tunnel's network " + stack.wireguard.network,
                    "omit --address to take the next free one");
    }
    if (taken.count(spec::toText(*address)) != 0) {
        throw Error("the address `" + text + "` is taken", "omit --address to take the next free one");
    }
    return spec::toText(*address);
}

std::vector<spec::Reached> reachedBy(const std::vector<std::string>& words, const spec::Stack& stack) {
    std::vector<spec::Reached> out;
    for (const auto& list : words) {
        for (const auto part : split(list, ',')) {
            const std::string word(trim(part));
            const auto known = valueIn(spec::wordsOf(spec::Reached{}), word);
            if (!known) {
                throw Error("a guest cannot reach `" + word + "`",
                            "write prometheus, alertmanager, grafana or jaeger");
            }
            if (spec::exposureField(stack, *known) == nullptr) {
                throw Error("the document has no `" + word + "`",
                            "omit it from --reaches, or add `spec." + word + "`");
            }
            if (std::find(out.begin(), out.end(), *known) == out.end()) {
                out.push_back(*known);
            }
        }
    }
    return out;
}

spec::Guest newGuest(const GuestOptions& options, const spec::Stack& stack) {
    if (spec::checkFormat("name", options.name)) {
        throw Error("`" + options.name + "` is not a valid name for a guest",
                    "use letters, digits, `-`, `_` and `.`");
    }
    if (!stack.wireguard.exists()) {
        throw Error("the document has no `spec.wireguard`: guests are peers of that tunnel",
                    "add it, also where there is one host only");
    }
    const auto& guests = stack.wireguard.guests;
    const bool known = std::any_of(guests.begin(), guests.end(),
                                   [&](const spec::Guest& each) { return each.name == options.name; });
    if (known || stack.host(options.name) != nullptr) {
        throw Error(std::string("the document has a ") + (known ? "guest" : "host") + " `" + options.name +
                        "` already",
                    known ? "run `vigie guest remove " + options.name + "` first, or choose another name"
                          : "choose another name");
    }
    const auto taken = takenAddresses(stack);
    spec::Guest out{.name = options.name, .address = {}, .publicKey = {}};
    out.address = options.address.empty() ? freeAddress(stack.wireguard.network, taken)
                                          : askedAddress(options.address, stack, taken);
    out.address6 = stack.wireguard.network6.empty() ? "" : freeAddress(stack.wireguard.network6, taken);
    out.reaches = reachedBy(options.reaches, stack);
    out.host = options.host;
    const auto* gateway = spec::gatewayOf(stack, out);
    if (gateway == nullptr || !spec::reachable(*gateway)) {
        throw Error(gateway == nullptr ? "no host is the one that every guest dials"
                                       : "host `" + gateway->name + "` has no `endpoint`",
                    "name a host that has an `endpoint` with --host");
    }
    if (!out.host.empty() && gateway->name != out.host) {
        throw Error("guests of this document are peers of `" + gateway->name + "`", "omit --host");
    }
    return out;
}

/// A key as `wg genpsk` makes one, and the secret that holds it.
struct PresharedKey {
    SecureBytes value;
    spec::Secret secret;
};

PresharedKey newPresharedKey(const spec::Stack& stack, spec::Guest& guest) {
    PresharedKey out;
    out.secret.name = "guest-" + guest.name + "-psk";
    if (spec::checkFormat("name", out.secret.name)) {
        throw Error("`" + guest.name + "` is too long a name for a guest with a preshared key");
    }
    if (stack.secret(out.secret.name) != nullptr) {
        throw Error("the document has a secret `" + out.secret.name + "` already",
                    "remove it, or choose another name for the guest");
    }
    guest.presharedKeyFrom = spec::SecretReference{out.secret.name};
    auto with = stack;
    with.wireguard.guests.push_back(guest);
    const auto key = secrets::generateWireguardPresharedKey();
    for (const auto& each : spec::recipientsOf(with, out.secret.name)) {
        if (each.sealingKey.empty()) {
            throw Error("host `" + each.name + "` has no `sealingKey` in the document",
                        "run `vigie keys show` on it and add the line");
        }
        out.secret.sealed[each.name] =
            secrets::seal(view(key), {stack.name, out.secret.name, each.name}, each.sealingKey);
    }
    out.value = key;
    return out;
}

std::string reachesText(const spec::Guest& guest) {
    std::string out;
    for (const auto service : guest.reaches) {
        out += (out.empty() ? "" : ", ") + std::string(textIn(spec::wordsOf(service), service));
    }
    return out;
}

spec::NewItem itemOf(const spec::Guest& guest) {
    const bool v6 = guest.address.find(':') != std::string::npos;
    std::string out =
        "{ name: " + scalar(guest.name) + ", address: " + (v6 ? "\"" + guest.address + "\"" : guest.address);
    out += guest.address6.empty() ? "" : ", address6: \"" + guest.address6 + "\"";
    out += ", publicKey: \"" + guest.publicKey + "\"";
    if (guest.presharedKeyFrom) {
        out += ", presharedKeyFrom: { secret: " + guest.presharedKeyFrom->secret + " }";
    }
    out += guest.reaches.empty() ? "" : ", reaches: [" + reachesText(guest) + "]";
    out += guest.host.empty() ? " }" : ", host: " + scalar(guest.host) + " }";
    return {out, {"- " + out}};
}

spec::NewItem itemOf(const spec::Secret& secret) {
    spec::NewItem out{.flow = "{ name: " + secret.name + ", sealed: {",
                      .block = {"- name: " + secret.name, "  sealed:"}};
    std::string comma;
    for (const auto& [name, ciphertext] : secret.sealed) {
        const auto line = scalar(name) + ": \"" + ciphertext + "\"";
        out.flow += comma + " " + line;
        out.block.push_back("    " + line);
        comma = ",";
    }
    out.flow += " } }";
    return out;
}

std::string absolutePath(const std::string& path) {
    return std::filesystem::absolute(path).lexically_normal().string();
}

void writeNewFile(const std::string& path, std::string_view bytes) {
    system::RealFiles files("", system::Links::asTyped);
    if (files.inspect(absolutePath(path)).exists()) {
        throw Error(path + " is there already", "name a file that does not exist yet");
    }
    files.write(absolutePath(path), bytes, 0600, std::nullopt);
}

/// Past every buffer that nobody wipes.
void writeToTerminal(std::string_view text) {
    while (!text.empty()) {
        const auto n = ::write(STDOUT_FILENO, text.data(), text.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            throw Error("cannot write to the terminal",
                        "run `vigie guest remove` and add the guest again: its key is lost");
        }
        text.remove_prefix(static_cast<std::size_t>(n));
    }
}

std::string addedTo(const source::Loaded& loaded, const spec::Guest& guest,
                    const std::optional<PresharedKey>& presharedKey) {
    auto text = spec::withItem(loaded.sources.at(loaded.document->file), kWireguard, "guests", itemOf(guest));
    return presharedKey ? spec::withItem(text, {"spec"}, "secrets", itemOf(presharedKey->secret)) : text;
}

}  // namespace

int guestAdd(const GuestOptions& options) {
    const auto loaded = loadForSealing(options.directory);
    const auto& stack = loaded.document->stack;
    const bool toFile = !options.out.empty();
    if (!toFile && isatty(STDOUT_FILENO) != 1) {
        throw Error("the guest's private key is printed on a terminal only",
                    "run the command at a terminal, or write the configuration to a file with -o FILE");
    }
    auto guest = newGuest(options, stack);
    const auto key = secrets::generateWireguardKey();
    guest.publicKey = key.publicKey;
    std::optional<PresharedKey> presharedKey;
    if (options.presharedKey) {
        presharedKey = newPresharedKey(stack, guest);
    }
    auto expected = stack;
    expected.wireguard.guests.push_back(guest);
    if (presharedKey) {
        expected.secrets.push_back(presharedKey->secret);
        expected.indexNames();
    }
    const auto configuration = guestConfiguration(
        expected, guest, view(key.privateKey), presharedKey ? view(presharedKey->value) : std::string_view());
    const auto picture = toFile ? SecureBytes() : qrCode(view(configuration));
    const auto edited = addedTo(loaded, guest, presharedKey);
    requireSameMeaning(loaded, edited, expected);
    if (toFile) {
        writeNewFile(options.out, view(configuration));
    }
    try {
        writeDocument(loaded, edited);
    } catch (...) {
        if (toFile) {
            system::RealFiles("", system::Links::asTyped).remove(absolutePath(options.out));
        }
        throw;
    }
    if (toFile) {
        say("wrote " + options.out + ", with the guest's private key: give it to the guest, and erase it");
    } else {
        writeToTerminal(view(configuration));
        writeToTerminal("\n");
        writeToTerminal(view(picture));
    }
    say("wrote " + loaded.document->file + ": guest " + guest.name + " has " + guest.address +
        (guest.address6.empty() ? "" : " and " + guest.address6) + ", and reaches " +
        (guest.reaches.empty() ? "nothing yet (add `reaches`)" : reachesText(guest)) +
        ". It can connect once host " + spec::gatewayOf(expected, guest)->name + " has applied this");
    return kOk;
}

int guestRemove(const GuestOptions& options) {
    const auto loaded = loadForSealing(options.directory);
    const auto& stack = loaded.document->stack;
    const auto& guests = stack.wireguard.guests;
    const auto it = std::find_if(guests.begin(), guests.end(),
                                 [&](const spec::Guest& each) { return each.name == options.name; });
    if (it == guests.end()) {
        throw Error("the document has no guest `" + options.name + "`",
                    guests.empty() ? "" : "known: " + join(spec::namesIn(guests), ", "));
    }
    const auto index = static_cast<std::size_t>(it - guests.begin());
    auto expected = stack;
    expected.wireguard.guests.erase(expected.wireguard.guests.begin() + static_cast<std::ptrdiff_t>(index));
    auto text = spec::withoutItem(loaded.sources.at(loaded.document->file), kWireguard, "guests", index);
    const auto secret = it->presharedKeyFrom ? it->presharedKeyFrom->secret : std::string();
    const auto uses = spec::secretUses(expected);
    const auto& secrets = stack.secrets;
    const auto at = std::find_if(secrets.begin(), secrets.end(),
                                 [&](const spec::Secret& each) { return each.name == secret; });
    const bool last = at != secrets.end() && std::none_of(uses.begin(), uses.end(), [&](const auto& use) {
                          return use.secret == secret;
                      });
    if (last) {
        text = spec::withoutItem(text, {"spec"}, "secrets", static_cast<std::size_t>(at - secrets.begin()));
        expected.secrets.erase(expected.secrets.begin() + (at - secrets.begin()));
        expected.indexNames();
    }
    requireSameMeaning(loaded, text, expected);
    writeDocument(loaded, text);
    say("wrote " + loaded.document->file + ": guest " + options.name +
        " is cut off once the hosts have applied this" +
        (last ? "; its secret " + secret + " is removed as well" : ""));
    return kOk;
}

}  // namespace vigie::cli
