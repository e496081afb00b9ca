// Directories on the host: observe, capture, make, undo, remove.

#include "kinds/directory/host.hpp"

#include "kinds/directory/data_tree.hpp"
#include "kinds/file/host.hpp"
#include "kinds/hosts.hpp"

namespace vigie::kinds {

void DirectoryHost::observe(const Looking& looking, plan::Observed& out) {
    const auto& files = looking.system.files;
    each<Model>(looking.desired, [&](const render::Resource& resource, const render::Directory& directory) {
        auto& observed = out.files[resource.id];
        observed.info = files.inspect(directory.path);
        if (directory.tree && out.canChown && observed.info.type == FileInfo::Type::directory &&
            observed.info.owner != directory.owner) {
            observed.tree = apply::observeTree(directory.path, files);
        }
    });
    observeOwnedPaths(Model::kind, looking, out);
}

void DirectoryHost::capture(const Capturing& capturing, const render::Directory* directory,
                            BeforeImages& images) {
    if (capturing.change.action == plan::Action::release) {
        return;  // nothing of it is touched
    }
    const std::string path = nameOf(capturing.change.id);
    capturePath(path, images);
    if (directory == nullptr || !directory->tree) {
        return;
    }
    const auto is = images.system().files.inspect(path);
    if (is.exists() && is.owner != directory->owner && images.first("tree", path)) {
        images.add("tree", path, apply::packTree(is.owner, directory->owner));
    }
}

void DirectoryHost::make(Transaction& transaction, const plan::Change& change,
                         const render::Resource& /*resource*/, const render::Directory& directory) {
    auto& files = transaction.system.files;
    const auto owner = transaction.ownerOf(directory.owner);
    if (change.action == plan::Action::create) {
        system::makeParents(files, directory.path);
        files.makeDirectory(directory.path, directory.mode, owner);
        return;
    }
    const auto is = files.inspect(directory.path);
    if (directory.tree && files.canChown() && is.owner != directory.owner) {
        kinds::letGo(transaction, directory.path, Touch::owner);
        apply::reownTree(directory.path, is.owner, directory.owner, files);
    }
    files.setAttributes(directory.path, directory.mode, owner);
}

void DirectoryHost::remove(Transaction& transaction, const plan::Change& change, const state::Owned& owned) {
    removePath(transaction, change, owned);
}

void DirectoryHost::giveBackTree(Undoing& undoing, const std::string& path, std::string_view data) {
    apply::giveBackTree(path, data, undoing.system.files);
}

}  // namespace vigie::kinds
