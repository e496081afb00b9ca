// `vigie render`: writes what a host would get into a directory.

#include "apply/target.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/host_system.hpp"
#include "cli/terminal.hpp"

#include <filesystem>
#include <fstream>

namespace vigie::cli {
namespace {

/// What can be rendered again at any time need not survive a power cut: nothing is synced, which costs more
/// than all of the rendering.
void writeMasked(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories(path.parent_path());
    std::filesystem::remove(path);
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    if (!file) {
        throw Error("cannot write " + path.string());
    }
}

void writeAll(const std::string& out, const apply::Target& target, bool reveal) {
    std::filesystem::create_directories(out);
    system::RealFiles files(std::filesystem::absolute(out).string(), system::Links::asTyped);
    std::size_t written = 0;
    for (const auto& resource : target.desired) {
        if (const auto* directory = std::get_if<vigie::render::Directory>(&resource.what)) {
            system::makeParents(files, directory->path + "/");
        } else if (const auto* file = std::get_if<vigie::render::File>(&resource.what)) {
            if (reveal) {
                system::makeParents(files, file->path);
                files.write(file->path, view(file->content.reveal()), 0600, std::nullopt);
            } else {
                writeMasked(files.real(file->path), file->content.masked());
            }
            ++written;
        }
    }
    say("host " + target.host + ": " + count(written, "file") + " written below " + out +
        (reveal ? ", secrets revealed" : ", secrets masked"));
}

void writeBelow(const std::string& out, const apply::Target& target, bool reveal) {
    try {
        writeAll(out, target, reveal);
    } catch (const std::filesystem::filesystem_error& error) {
        const auto place = error.path1().empty() ? out : error.path1().string();
        throw Error("cannot write " + place + ": " + error.code().message(),
                    "name a new or empty directory: existing files may be in the way");
    }
}

}  // namespace

int render(const RenderOptions& options) {
    const auto loaded = loadUsable(options.directory);
    const std::string host = chooseHost(loaded, options.host);
    apply::Target target;
    if (options.revealSecrets) {
        HostSystem here(options.root);
        target = apply::makeTarget(loaded, {host, "", options.root.state, false, {}}, here.inventory(),
                                   here.system());
    } else {
        target = apply::makeSealedTarget(loaded, host);
    }
    if (!options.out.empty()) {
        writeBelow(options.out, target, options.revealSecrets);
        return kOk;
    }
    for (const auto& resource : target.desired) {
        if (const auto* file = std::get_if<vigie::render::File>(&resource.what)) {
            print("==> " + file->path + " <==\n");
            if (options.revealSecrets) {
                print(view(file->content.reveal()));
            } else {
                print(file->content.masked());
            }
            print("\n");
        }
    }
    return kOk;
}

}  // namespace vigie::cli
