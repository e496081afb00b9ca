// The document: text → tree → checks → what hosts become.
#include "base/error.hpp"
#include "lint/lint.hpp"
#include "render/host.hpp"
#include "render/places.hpp"
#include "spec/codec.hpp"
#include "spec/load.hpp"
#include "tests/fuzz/target.hpp"

namespace vigie::fuzz {
namespace {

void renderAllHosts(const spec::Stack& stack) {
    constexpr std::size_t kMost = 4;
    for (std::size_t i = 0; i < stack.hosts.size() && i < kMost; ++i) {
        try {
            for (const auto& resource : render::renderHost(stack, stack.hosts[i], {})) {
                static_cast<void>(render::digestOf(resource));
                if (const auto* file = std::get_if<render::File>(&resource.what)) {
                    static_cast<void>(file->content.masked());
                }
            }
        } catch (const Error& error) {  // a valid document is rendered
            demand(false, error.what());
        }
    }
}

}  // namespace

void document(std::string_view bytes) {
    const std::string name = "stack.yaml";
    spec::Diagnostics diagnostics;
    const auto loaded = spec::loadStack(bytes, name, "0.2.0", diagnostics);
    if (loaded && diagnostics.errors() <= spec::kMostTold) {
        const spec::Reporter report(diagnostics, name, &loaded->root);
        lint::lint(loaded->stack, report);
        if (!diagnostics.hasErrors()) {
            render::checkPlaces(loaded->stack, report);
        }
        if (!diagnostics.hasErrors()) {
            renderAllHosts(loaded->stack);
            demand(spec::decode(spec::encode(loaded->stack)) == loaded->stack,
                   "what is written is what was read");
        }
    }
    demand(loaded || diagnostics.hasErrors(), "a document that is not read has mistakes");
    diagnostics.sort();
    static_cast<void>(spec::formatTold(diagnostics, {{name, std::string(bytes)}}, false));
}

}  // namespace vigie::fuzz
