// The pages of docs/codes, compiled in.
#pragma once

#include <span>
#include <string_view>

namespace vigie::cli {

/// A page of docs/codes/, compiled into the program.
struct Page {
    std::string_view code;
    std::string_view text;
};

std::span<const Page> pages();

}  // namespace vigie::cli
