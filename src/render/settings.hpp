// Writes settings of the document in a program's own spelling.
#pragma once

#include "render/host.hpp"
#include "render/yaml_writer.hpp"
#include "spec/settings.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace vigie::render {

/// Writes settings of the document in the words of the program that reads them.
class SettingsWriter {
public:
    /// `mount` is the directory that the program's container sees its configuration in.
    SettingsWriter(spec::Program program, std::string_view image, std::string mount, const Inputs& inputs)
        : program_(program), version_(spec::imageVersion(image)), mount_(std::move(mount)), inputs_(inputs) {}

    /// The entries of `settings`, which is the value of the field `where`, and those of its `raw`.
    void entries(YamlWriter& yaml, const spec::Node& settings, std::string_view where);
    /// An item for each of `list`, the value of the field `where`. Writes nothing when it is empty.
    void items(YamlWriter& yaml, const std::vector<spec::Node>& list, std::string_view where);
    /// One entry, of the field `where`.
    void entry(YamlWriter& yaml, const std::string& field, const spec::Node& value, std::string_view where);
    /// A secret as the setting `field`: the name of its file, where the program reads one.
    void secret(YamlWriter& yaml, std::string_view where, std::string_view field, const std::string& name);

    /// The secrets that were written as names of files below `mount`/secrets so far.
    [[nodiscard]] const std::map<std::string, SecretValue>& secretFiles() const { return files_; }

private:
    void list(YamlWriter& yaml, const std::string& name, const spec::Node& value, std::string_view field);
    void headers(YamlWriter& yaml, const std::string& name, const spec::Node& value);
    [[nodiscard]] std::string secretPath(const std::string& name);
    [[nodiscard]] SecretValue valueOf(const std::string& name) const;

    spec::Program program_;
    std::optional<spec::ImageVersion> version_;
    std::string mount_;
    const Inputs& inputs_;
    std::map<std::string, SecretValue> files_;
};

/// Where a program's secrets lie, below its directory: a file for each, named like the secret.
constexpr const char* kSecretsDirectory = "secrets";

}  // namespace vigie::render
