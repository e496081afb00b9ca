// What somebody meant who wrote a field that does not exist.
#pragma once

#include "spec/schema.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What somebody meant who wrote a field that is not there: by a slip of the pen, by other programs' words,
/// by a part of the name, or in the wrong mapping.
namespace vigie::spec {

struct Guess {
    std::string hint;                ///< never empty
    std::vector<std::string> meant;  ///< the fields of this mapping that it stands for; nothing: none of them
    bool secret = false;             ///< a secret was meant, which may stand there in plain
};

/// A mapping around the one at hand.
struct Around {
    std::string name;
    const Schema* schema = nullptr;
};

/// `free` are the fields of `schema` that the mapping does not have yet. `around` goes from the document
/// inwards, without the mapping itself.
Guess guessField(std::string_view key, const Schema& schema, const std::vector<std::string>& free,
                 const std::vector<Around>& around);

}  // namespace vigie::spec
