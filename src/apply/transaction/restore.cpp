// Restores the before-images of a transaction.

#include "apply/transaction/restore.hpp"

#include "base/error.hpp"
#include "kinds/hosts.hpp"
#include "secrets/storage.hpp"

#include <algorithm>

namespace vigie::apply {
namespace {

using kinds::Direction;
using kinds::Undoing;
using kinds::UndoStep;

/// An error of one does not keep the others from being put back.
template <class Function>
void guarded(Undoing& undoing, Function function) {
    try {
        function();
    } catch (const system::WayChanged& error) {
        undoing.out.abandoned.emplace_back(error.what());
    } catch (const Error& error) {
        undoing.out.problems.emplace_back(error.what());
    }
}

void one(const UndoStep& step, const state::BeforeImage& image, const SecureBytes& key, Undoing& undoing) {
    if (image.kind == step.image) {
        guarded(undoing, [&] {
            const auto data = secrets::decrypt(image.data, key);
            step.one(undoing, image.id, view(data));
        });
    }
}

}  // namespace

Restored restore(const std::vector<state::BeforeImage>& images, const SecureBytes& key,
                 std::chrono::milliseconds reloadTimeout, const system::System& system) {
    Restored out;
    Undoing undoing{.system = system, .timeout = reloadTimeout, .out = out};
    for (const auto& step : kinds::undoSteps()) {
        switch (step.direction) {
            case Direction::forward:
                std::for_each(images.begin(), images.end(),
                              [&](const auto& image) { one(step, image, key, undoing); });
                break;
            case Direction::backward:
                std::for_each(images.rbegin(), images.rend(),
                              [&](const auto& image) { one(step, image, key, undoing); });
                break;
            case Direction::once:
                guarded(undoing, [&] { step.one(undoing, {}, {}); });
                break;
        }
    }
    return out;
}

bool lasting(const std::string& image) {
    const auto steps = kinds::undoSteps();
    return std::all_of(steps.begin(), steps.end(),
                       [&](const UndoStep& step) { return step.image != image || step.lasting; });
}

}  // namespace vigie::apply
