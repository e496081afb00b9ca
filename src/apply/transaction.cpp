#include "apply/transaction.hpp"

#include "base/error.hpp"

namespace vigie::apply {

Transaction::~Transaction() {
    if (open_) {
        rollBack();
    }
}

void Transaction::remember(const std::string& path) {
    Image image{path, files_.inspect(path), {}};
    if (image.info.type == FileInfo::Type::regular) {
        image.bytes = files_.read(path, system::kLargestFile);
    }
    if (journal_ != nullptr) {
        journal_->before(image.path, image.info, image.bytes);
    }
    images_.push_back(std::move(image));
}

void Transaction::makeParents(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == 0 || files_.inspect(path.substr(0, slash)).exists()) {
        return;
    }
    const std::string parent = path.substr(0, slash);
    makeDirectory(parent, 0755, std::nullopt);
}

void Transaction::write(const std::string& path, std::string_view bytes, unsigned mode,
                        std::optional<Owner> owner) {
    makeParents(path);
    remember(path);
    files_.write(path, bytes, mode, owner);
}

void Transaction::makeDirectory(const std::string& path, unsigned mode, std::optional<Owner> owner) {
    makeParents(path);
    remember(path);
    files_.makeDirectory(path, mode, owner);
}

void Transaction::setAttributes(const std::string& path, unsigned mode, std::optional<Owner> owner) {
    remember(path);
    files_.setAttributes(path, mode, owner);
}

void Transaction::remove(const std::string& path) {
    remember(path);
    files_.remove(path);
}

void Transaction::restore(const Image& image) {
    const auto owner = files_.canChown() ? std::optional(image.info.owner) : std::nullopt;
    switch (image.info.type) {
        case FileInfo::Type::missing:
            files_.remove(image.path);
            break;
        case FileInfo::Type::regular:
            files_.write(image.path, view(image.bytes), image.info.mode, owner);
            break;
        case FileInfo::Type::directory:
            if (!files_.inspect(image.path).exists()) {
                files_.makeDirectory(image.path, image.info.mode, owner);
            } else {
                files_.setAttributes(image.path, image.info.mode, owner);
            }
            break;
        case FileInfo::Type::symlink:
        case FileInfo::Type::other:
            break;  // never changed: a plan refuses them
    }
}

std::vector<std::string> Transaction::rollBack() {
    std::vector<std::string> problems;
    for (auto image = images_.rbegin(); image != images_.rend(); ++image) {
        try {
            restore(*image);
        } catch (const Error& error) {
            problems.emplace_back(error.what());
        }
    }
    images_.clear();
    open_ = false;
    if (journal_ != nullptr && problems.empty()) {
        journal_->close();
    }
    return problems;
}

void Transaction::commit() {
    open_ = false;
    if (journal_ != nullptr) {
        journal_->close();
    }
}

}  // namespace vigie::apply
