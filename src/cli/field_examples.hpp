// The examples of docs/spec.md, compiled in.
#pragma once

#include <span>
#include <string_view>

namespace vigie::cli {

/// An example of docs/spec.md, compiled into the program by tools/spec_reference.cpp.
struct FieldExample {
    std::string_view path;  ///< of the section, such as `spec.hosts[].vpn`
    std::string_view text;  ///< YAML from the document's beginning
};

std::span<const FieldExample> fieldExamples();

}  // namespace vigie::cli
