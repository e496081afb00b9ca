#include "spec/stack.hpp"

#include <algorithm>

namespace vigie::spec {
namespace {

template <class T>
const T* byName(const std::vector<T>& list, std::string_view name) {
    const auto it = std::find_if(list.begin(), list.end(), [&](const T& item) { return item.name == name; });
    return it == list.end() ? nullptr : &*it;
}

}  // namespace

std::string Exporter::serviceName() const {
    if (!service.empty()) {
        return service;
    }
    std::string out = name;
    std::replace(out.begin(), out.end(), '_', '-');
    return out;
}

const Host* Stack::host(std::string_view wanted) const {
    return byName(hosts, wanted);
}
const Project* Stack::project(std::string_view wanted) const {
    return byName(projects, wanted);
}
const Secret* Stack::secret(std::string_view wanted) const {
    return byName(secrets, wanted);
}

const Host* Stack::hostOf(std::string_view wanted) const {
    const Project* found = project(wanted);
    return found == nullptr ? nullptr : host(found->host);
}

}  // namespace vigie::spec
