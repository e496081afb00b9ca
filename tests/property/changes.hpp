// Changes of a document, as people make them.
#pragma once

#include "tests/support/model_stack.hpp"

#include <rapidcheck.h>

#include <string>

namespace vigie::tests {

/// `document` after one to three random edits by its author; `host` is the machine that will apply it.
ModelStack edited(const ModelStack& document, const std::string& host);

/// Somebody changes something by hand that vigie made on this machine; returns what, in words.
std::string managedEdit(ModelHost& machine, const state::Inventory& inventory);

}  // namespace vigie::tests
