// Catch2, and how values of ours are printed.
#pragma once

// Catch2 v2 and v3 keep their headers in different places. Tests include this file only.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
