// Collects the before-images of a transaction, encrypted.

#include "kinds/before_images.hpp"

#include "secrets/storage.hpp"

namespace vigie::kinds {

bool BeforeImages::first(std::string_view image, const std::string& what) {
    return seen_.insert(std::string(image) + ":" + what).second;
}

void BeforeImages::add(std::string_view image, const std::string& id, const SecureBytes& data) {
    images_.push_back({std::string(image), id, secrets::encrypt(view(data), key_)});
}

void BeforeImages::addAt(std::pair<bool, std::size_t> place, std::string_view image, const std::string& id,
                         const SecureBytes& data) {
    placed_.emplace(place, state::BeforeImage{std::string(image), id, secrets::encrypt(view(data), key_)});
}

std::vector<state::BeforeImage> BeforeImages::take() {
    std::vector<state::BeforeImage> out;
    for (auto& [place, image] : placed_) {
        out.push_back(std::move(image));
    }
    for (auto& image : images_) {
        out.push_back(std::move(image));
    }
    return out;
}

}  // namespace vigie::kinds
