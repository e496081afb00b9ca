# What a source compiled with a precompiled header needs for ccache, which compares what went into the header, not when.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  set(VIGIE_PCH_OPTIONS "SHELL:-Xclang -fno-pch-timestamp")
else()
  set(VIGIE_PCH_OPTIONS -fpch-preprocess)
endif()

# vigie_precompile(TARGET HEADER…): the standard library's containers, and these headers, are a third of what a source of ours
# costs to compile; they are read once for TARGET. A source still includes what it uses: the presets `release` and `tidy` build
# without this.
function(vigie_precompile target)
  target_precompile_headers(${target} PRIVATE <algorithm> <array> <charconv> <cstdint> <functional> <map> <memory> <optional>
    <set> <span> <stdexcept> <string> <string_view> <tuple> <utility> <variant> <vector> ${ARGN})
  target_compile_options(${target} PRIVATE ${VIGIE_PCH_OPTIONS})
endfunction()
