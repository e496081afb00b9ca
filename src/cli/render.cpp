// `vigie render`: writes what a host would get into a directory.
#include "apply/inputs/desired_state.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/host_system.hpp"
#include "cli/terminal.hpp"
#include "kinds/models.hpp"

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

/// Where a file of an attached program lies is seen on the host only: it has a place of its own here.
std::string placeOf(const render::Resource& resource) {
    return kinds::kindOf(resource) == kinds::Kind::attached ? "/attached/" + kinds::nameOf(resource.id)
                                                            : kinds::pathOf(resource);
}

void writeAll(const std::string& out, const apply::DesiredState& target, bool reveal) {
    std::filesystem::create_directories(out);
    system::RealFiles files(std::filesystem::absolute(out).string(), system::Links::asTyped);
    std::size_t written = 0;
    for (const auto& resource : target.desired) {
        const auto path = placeOf(resource);
        if (const auto* content = kinds::contentOf(resource)) {
            if (reveal) {
                system::makeParents(files, path);
                files.write(path, view(content->reveal()), 0600, std::nullopt);
            } else {
                writeMasked(files.real(path), content->masked());
            }
            ++written;
        } else if (!path.empty()) {
            system::makeParents(files, path + "/");
        }
    }
    say("host " + target.host + ": " + count(written, "file") + " written below " + out +
        (reveal ? ", secrets revealed" : ", secrets masked"));
}

void writeBelow(const std::string& out, const apply::DesiredState& target, bool reveal) {
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
    apply::DesiredState target;
    if (options.revealSecrets) {
        HostSystem here(options.root);
        target = apply::makeDesiredState(loaded, {host, "", options.root.state, false, {}}, here.inventory(),
                                         here.system());
    } else {
        target = apply::makeSealedDesiredState(loaded, host);
    }
    if (!options.out.empty()) {
        writeBelow(options.out, target, options.revealSecrets);
        return kOk;
    }
    for (const auto& resource : target.desired) {
        if (const auto* content = kinds::contentOf(resource)) {
            print("==> " + placeOf(resource) + " <==\n");
            if (options.revealSecrets) {
                print(view(content->reveal()));
            } else {
                print(content->masked());
            }
            print("\n");
        }
    }
    return kOk;
}

}  // namespace vigie::cli
