// Renders all components of a host in order.

#include "render/host.hpp"

#include "base/error.hpp"
#include "kinds/models.hpp"
#include "render/builder.hpp"
#include "render/settings.hpp"
#include "spec/secret_uses.hpp"

#include <algorithm>
#include <set>

namespace vigie::render {

std::string Builder::add(Resource resource) {
    resource.from = from_;
    const auto [first, inserted] = ids_.emplace(resource.id, resources_.size());
    if (!inserted) {
        auto& other = resources_[first->second];
        if (!kinds::sameState(other, resource)) {
            clashes_.push_back({resource.id, other.from, resource.from});
        } else if (kinds::saysMore(resource)) {
            other.what = std::move(resource.what);
            other.purpose = std::move(resource.purpose);
        }
        return other.id;
    }
    resources_.push_back(std::move(resource));
    return resources_.back().id;
}

bool isManaged(std::string_view text) {
    static const std::string kBegin = "# " + std::string(kManaged);
    return text.starts_with(kBegin);
}

std::string Builder::directory(const std::string& path, const std::string& purpose, unsigned mode) {
    if (attached_) {
        return {};
    }
    return add({"directory:" + path, Directory{.path = path, .mode = mode, .owner = {}}, {}, purpose});
}

std::string Builder::exactDirectory(const std::string& path, unsigned mode, Owner owner,
                                    const std::string& purpose) {
    if (attached_) {
        return {};
    }
    return add({"directory:" + path, Directory{path, mode, owner, true}, {}, purpose});
}

std::string Builder::dataDirectory(const std::string& path, Owner owner, const std::string& purpose) {
    return add({"directory:" + path, Directory{path, 0755, owner, true, true}, {}, purpose});
}

void Builder::copy(const std::string& directory, const std::string& path, const std::string& purpose) {
    std::string folder = "directory:" + directory;
    for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
        folder = this->directory(directory + "/" + path.substr(0, slash), purpose);
    }
    const auto it = inputs.files.find(path);
    file({directory + "/" + path, Text(it == inputs.files.end() ? "" : it->second), 0644, {}}, purpose,
         {folder});
}

void Builder::secretFiles(const std::string& directory, const std::map<std::string, SecretValue>& secrets,
                          const std::string& program, Owner owner) {
    if (secrets.empty()) {
        return;
    }
    const auto folder =
        exactDirectory(directory + "/" + kSecretsDirectory, 0700, owner, "the secrets of " + program);
    for (const auto& [name, value] : secrets) {
        Text content;
        content.append(value, Encoding::raw);
        file({directory + "/" + kSecretsDirectory + "/" + name, content, 0400, owner},
             "the secret " + name + ", which only " + program + " reads", {folder});
    }
}

std::string pathIn(const spec::Project& project, std::string_view relative) {
    return project.directory + "/" + std::string(relative.starts_with("./") ? relative.substr(2) : relative);
}

Owner Builder::user(const std::string& project, const std::string& service, Owner own) const {
    return inputs.keepUser.count(project + "/" + service) != 0 ? spec::kPrometheusUser : own;
}

SecretValue Builder::secret(const std::string& name) const {
    const auto it = inputs.secrets.find(name);
    return it == inputs.secrets.end() ? SecretValue{"missing:" + name, nullptr} : it->second;
}

void renderAll(Builder& builder) {
    renderFirewall(builder);
    renderRegistries(builder);
    renderWireguard(builder);
    renderPrometheus(builder);
    renderAlertmanager(builder);
    renderExporters(builder);
    renderJaeger(builder);
    renderGrafana(builder);
    renderProjectFiles(builder);
    renderCompose(builder);
    renderReloads(builder);
}

std::vector<Resource> renderHost(const spec::Stack& stack, const spec::Host& host, const Inputs& inputs) {
    Builder builder(stack, host, inputs);
    renderAll(builder);
    if (const auto clashes = clashesOf(builder); !clashes.empty()) {
        const auto& clash = clashes.front();
        throw Error("host `" + host.name + "` would have two things at " + clash.place + ": by " +
                        clash.first.text() + " and by " + clash.second.text(),
                    "`vigie validate` shows both places");
    }
    return builder.take();
}

std::vector<std::string> secretsUsedBy(const spec::Stack& stack, const spec::Host& host) {
    std::vector<std::string> out;
    for (auto& use : spec::secretUses(stack)) {
        if (std::find(use.hosts.begin(), use.hosts.end(), &host) != use.hosts.end()) {
            out.push_back(std::move(use.secret));
        }
    }
    return out;
}

std::vector<std::string> secretsNeededBy(const spec::Stack& stack, const spec::Host& host) {
    const auto used = secretsUsedBy(stack, host);
    const std::set<std::string_view> names(used.begin(), used.end());
    std::vector<std::string> out;
    for (const auto& secret : stack.secrets) {
        if (names.count(secret.name) != 0) {
            out.push_back(secret.name);
        }
    }
    return out;
}

}  // namespace vigie::render
