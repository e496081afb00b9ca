// What commands need that write a part of a document's text.
#pragma once

#include "spec/address.hpp"

#include <string>

namespace vigie::cli {

/// A scalar that every reader takes for a text: in quotes unless it is plainly one.
std::string scalar(const std::string& text);

/// The next address; behind the last one comes the first.
spec::IpAddress following(spec::IpAddress address);

}  // namespace vigie::cli
