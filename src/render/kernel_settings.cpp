// Settings of the kernel that a host needs, in their file and live.

#include "render/kernel_settings.hpp"

namespace vigie::render {

std::vector<std::string> kernelSettings(Builder& builder, const std::vector<std::string>& keys,
                                        const std::string& purpose) {
    if (keys.empty()) {
        return {};
    }
    std::string text = "# " + std::string(kManaged) + "\n";
    for (const auto& key : keys) {
        text += key + " = 1\n";
    }
    const auto file = builder.file({"/etc/sysctl.d/60-vigie.conf", text, 0644, {}}, purpose, {});
    std::vector<std::string> out{file};
    for (const auto& key : keys) {
        out.push_back(builder.add({"sysctl:" + key, Sysctl{key, "1"}, {file}, purpose}));
    }
    return out;
}

}  // namespace vigie::render
