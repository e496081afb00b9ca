// Reads the files that hold a host's private keys.

#include "kinds/wireguard/key_files.hpp"

#include "base/error.hpp"
#include "base/wg_lines.hpp"
#include "kinds/wireguard/compare.hpp"
#include "system/own_file.hpp"

namespace vigie::apply {
namespace {

constexpr std::uint64_t kLargestKey = 4096;

}  // namespace

SecureBytes readPrivate(const system::Files& files, const std::string& path) {
    constexpr unsigned kOthers = 077;
    if ((files.inspect(path).mode & kOthers) != 0) {
        throw Error(files.real(path) + " can be read by others", "chmod 600 " + files.real(path));
    }
    system::requireOwn("the key", files, path);
    return files.read(path, kLargestKey);
}

std::optional<secrets::WireguardKey> keyInFile(const std::string& path, const system::Files& files) {
    const auto text = readPrivate(files, path);
    try {
        return secrets::wireguardKeyFrom(view(text));
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::map<std::string, std::string> observeKeyFiles(const std::string& interface, const system::Files& files) {
    const auto paths = kinds::keyFiles(interface);
    std::map<std::string, std::string> out;
    for (const auto& path : paths) {
        const bool there = files.inspect(path).exists();
        if (!there && path == paths.back()) {
            continue;
        }
        try {
            const auto key = there ? keyInFile(path, files) : std::nullopt;
            out[path] = key ? key->publicKey : "";
        } catch (const Error&) {  // others may read it: the next one who needs it says so
            out[path].clear();
        }
    }
    return out;
}

std::optional<secrets::WireguardKey> keyInConfig(const std::string& path, const system::Files& files) {
    if (files.inspect(path).type != FileInfo::Type::regular) {
        return std::nullopt;
    }
    const auto text = files.read(path, system::kLargestFile);
    std::optional<secrets::WireguardKey> out;
    for (const auto& line : wgLines(view(text))) {
        if (line.isSetting("interface", "privatekey")) {
            try {
                out = secrets::wireguardKeyFrom(line.value);
            } catch (const Error&) {
                out.reset();  // masked, or edited by hand
            }
        }
    }
    return out;
}

}  // namespace vigie::apply
