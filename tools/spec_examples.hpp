// The examples of fields in docs/fields.
#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>
#include <vector>

/// Examples for the sections of docs/spec.md, cut out of whole documents.
namespace spec_examples {

struct Source {
    std::string file;
    YAML::Node document;
};

struct Example {
    std::string path;      ///< of the section, such as `spec.hosts[].vpn`
    std::string text;      ///< YAML from the document's beginning, with nothing but what leads to the section
    std::string document;  ///< the whole document with the section as the example has it
};

/// The `*.yaml` files of a directory, in the order of their names.
std::vector<Source> load(const std::string& directory);

/// The example of the section at `path` with the schema `schema`: of all places in all documents the one that
/// says most in a few lines. What is in it and has a section of its own is left away where it would be too
/// long.
std::optional<Example> find(const std::string& path, const YAML::Node& schema,
                            const std::vector<Source>& sources);

}  // namespace spec_examples
