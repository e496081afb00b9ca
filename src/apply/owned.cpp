#include "apply/owned.hpp"

#include "base/fields.hpp"
#include "base/text.hpp"

namespace vigie::apply {

std::string nameOf(const std::string& id) {
    return id.substr(id.find(':') + 1);
}

std::string kindOf(const std::string& id) {
    return id.substr(0, id.find(':'));
}

std::pair<std::string, std::string> serviceOf(const std::string& id) {
    const std::string name = nameOf(id);
    const auto slash = name.find('/');
    return {name.substr(0, slash), name.substr(slash + 1)};
}

std::string detailOf(const render::Resource& resource) {
    if (const auto* rule = std::get_if<render::FirewallRule>(&resource.what)) {
        return rule->rule;
    }
    if (const auto* wireguard = std::get_if<render::WireguardInterface>(&resource.what)) {
        return wireguard->configPath;
    }
    if (const auto* compose = std::get_if<render::ComposeService>(&resource.what)) {
        SecureBytes out;
        packField(out, compose->service.whole() ? "whole" : "part");
        packField(out, compose->project.directory);
        packField(out, join(compose->project.files, "\n"));
        packField(out, join(compose->project.envFiles, "\n"));
        packField(out, compose->service.component);
        return std::string(view(out));
    }
    if (const auto* silence = std::get_if<render::Silence>(&resource.what)) {
        SecureBytes out;
        packField(out, silence->baseUrl);
        packField(out, render::silenceMark(silence->stack, silence->name));
        return std::string(view(out));
    }
    return {};
}

std::pair<std::string, std::string> silenceOf(const std::string& detail) {
    FieldReader fields(detail);
    const std::string baseUrl(fields.next());
    return {baseUrl, std::string(fields.next())};
}

OwnedContainer ownedContainer(const std::string& id, const state::Owned& owned) {
    OwnedContainer out;
    FieldReader fields(owned.detail);
    out.whole = fields.next() == "whole";
    const auto [project, service] = serviceOf(id);
    out.project.name = project;
    out.service = service;
    out.project.directory = fields.next();
    for (auto* list : {&out.project.files, &out.project.envFiles}) {
        const std::string text(fields.next());
        for (const auto line : splitLines(text)) {
            list->emplace_back(line);
        }
    }
    return out;
}

}  // namespace vigie::apply
