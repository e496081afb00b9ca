// Catch2 v2's main, the slowest translation unit of all, alone in its file. With v3 there is nothing to do
// here.
#if !__has_include(<catch2/catch_all.hpp>)
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
