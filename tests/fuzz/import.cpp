// The files of a host that was set up by hand: everything that `vigie import` reads.
#include "base/error.hpp"
#include "import/collect.hpp"
#include "import/emit.hpp"
#include "import/join.hpp"
#include "spec/load.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <map>

namespace vigie::fuzz {
namespace {

imports::HostFiles hostFiles(const std::map<std::string, std::string>& texts) {
    imports::HostFiles out;
    out.read = [&texts](const std::string& path) -> std::optional<SecureBytes> {
        const auto it = texts.find(path);
        return it == texts.end() ? std::nullopt
                                 : std::optional(SecureBytes(it->second.begin(), it->second.end()));
    };
    out.list = [&texts](const std::string& path) {
        std::vector<std::string> names;
        for (const auto& [each, text] : texts) {
            if (each.compare(0, path.size() + 1, path + "/") == 0) {
                const auto rest = each.substr(path.size() + 1);
                names.push_back(rest.substr(0, rest.find('/')));
            }
        }
        names.erase(std::unique(names.begin(), names.end()), names.end());
        return names;
    };
    return out;
}

}  // namespace

void importedHost(std::string_view bytes) {
    std::map<std::string, std::string> texts;
    for (auto& [name, text] : partsOf(bytes)) {
        texts[name] = std::move(text);
    }
    imports::CollectOptions options;
    options.host = "vm";
    options.seal = [](const std::string& /*name*/, std::string_view /*value*/) {
        return std::string(88, 'A');  // of the length that a sealed value has at least
    };
    std::vector<std::string> mistakes;
    auto found = imports::collect(hostFiles(texts), options, mistakes);
    if (!mistakes.empty()) {
        return;
    }
    const auto draft = imports::join({std::move(found.seen)}, "vm");
    const auto text = imports::emit(draft.stack, draft.comments);
    spec::Diagnostics diagnostics;
    demand(spec::loadStack(text, "stack.yaml", "0.2.0", diagnostics).has_value(),
           "what is written is a document");
}

}  // namespace vigie::fuzz
