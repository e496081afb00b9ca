// Decodes the facts of a host.

#include "base/hash.hpp"
#include "base/redact.hpp"
#include "base/text.hpp"
#include "facts/describe.hpp"
#include "spec/check_schema.hpp"
#include "spec/fields.hpp"
#include "spec/read_yaml.hpp"
#include "spec/schema.hpp"

#include <algorithm>
#include <charconv>

namespace vigie::facts {
namespace {

using spec::Entry;
using spec::Node;

constexpr std::size_t kLargest = 4U << 20U;

void dropNulls(Node& node) {
    auto& entries = node.entries;
    entries.erase(std::remove_if(entries.begin(), entries.end(),
                                 [](const Entry& entry) { return entry.value.kind == Node::Kind::null; }),
                  entries.end());
    for (auto& entry : entries) {
        dropNulls(entry.value);
    }
    for (auto& item : node.items) {
        dropNulls(item);
    }
}

std::int64_t number(std::string_view digits) {
    std::int64_t out = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return out;
}

}  // namespace

void setPublished(PortFacts& port, const std::string& published) {
    if (port.address.find('$') != std::string::npos) {
        port.expression = port.address;
    } else if (published.find_first_not_of("0123456789-") != std::string::npos || published.size() > 11) {
        port.expression = published;
    }
    if (published.find_first_not_of("0123456789-") == std::string::npos && published.size() <= 11) {
        const auto dash = published.find('-');
        port.first = static_cast<int>(number(published));
        port.last =
            static_cast<int>(number(dash == std::string::npos ? published : published.substr(dash + 1)));
    }
}

std::optional<HostFacts> loadFacts(std::string_view text, const std::string& file,
                                   spec::Diagnostics& diagnostics) {
    const auto before = diagnostics.errors();
    spec::YamlLimits limits;
    limits.bytes = kLargest;
    limits.aliasNodes = 0;  // JSON has no aliases
    auto root = spec::readYaml(text, file, diagnostics, limits);
    if (!root) {
        return std::nullopt;
    }
    dropNulls(*root);
    spec::checkSchema(*root, spec::factsSchema(), spec::Reporter(diagnostics, file, &*root));
    if (diagnostics.errors() != before) {
        return std::nullopt;
    }
    HostFacts out;
    const spec::NodeReader io(*root);
    describe(io, out);
    return out;
}

std::string composeFileDigest(std::string_view text) {
    std::string masked;
    for (const auto line : splitLines(text)) {
        masked += redactLine(line) + "\n";
    }
    return sha256Hex(masked);
}

}  // namespace vigie::facts
