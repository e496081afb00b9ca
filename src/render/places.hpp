// Where the resources of a host lie: no two in one place, none where somebody else's things are.

#pragma once

#include "spec/diagnostics.hpp"
#include "spec/stack.hpp"

#include <string>
#include <vector>

namespace vigie::render {

class Builder;

/// Two parts of a document that want different things at one place.
struct Clash {
    std::string place;  ///< a resource's id, or a path
    spec::FieldPath first;
    spec::FieldPath second;
};

/// All clashes of what was added: one id, one path for a file and a directory, a file above other paths.
std::vector<Clash> clashesOf(const Builder& builder);

/// Reports what no host must become: two things at one place (VG0473), a file of vigie's in the place of
/// one of the user's (VG0408), anything in a place that vigie never writes (VG0474). The document must be
/// without errors.
void checkPlaces(const spec::Stack& stack, const spec::Reporter& report);

}  // namespace vigie::render
