#include "apply/target.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/host_system.hpp"
#include "cli/terminal.hpp"

#include <filesystem>

namespace vigie::cli {
namespace {

void writeBelow(const std::string& out, const apply::Target& target, bool reveal) {
    std::filesystem::create_directories(out);
    system::RealFiles files(std::filesystem::absolute(out).string());
    std::size_t written = 0;
    for (const auto& resource : target.desired) {
        if (const auto* directory = std::get_if<vigie::render::Directory>(&resource.what)) {
            system::makeParents(files, directory->path + "/");
        } else if (const auto* file = std::get_if<vigie::render::File>(&resource.what)) {
            system::makeParents(files, file->path);
            if (reveal) {
                files.write(file->path, view(file->content.reveal()), 0600, std::nullopt);
            } else {
                files.write(file->path, file->content.masked(), 0644, std::nullopt);
            }
            ++written;
        }
    }
    say("host " + target.host + ": " + count(written, "file") + " written below " + out +
        (reveal ? ", secrets revealed" : ", secrets masked"));
}

}  // namespace

int render(const RenderOptions& options) {
    const auto loaded = loadUsable(options.directory);
    const std::string host = chooseHost(loaded, options.host);
    apply::Target target;
    if (options.revealSecrets) {
        const HostSystem here(options.root);
        target = apply::makeTarget(loaded, {host, "", options.root.state, false, {}}, here.files);
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
