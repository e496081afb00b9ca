# One interface target carries the warnings and hardening of our own code.
add_library(vigie_flags INTERFACE)
target_include_directories(vigie_flags INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_compile_options(vigie_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wcast-qual -Wformat=2 -fstack-protector-strong)
# GCC 12 warns of copies inside std::string that overlap or leave it where none do (GCC bugs 105651 and 105329, mended in
# 13), and with sanitizers of members of an empty std::optional.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(vigie_flags INTERFACE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  if(VIGIE_SANITIZE)
    target_compile_options(vigie_flags INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
if(CMAKE_BUILD_TYPE MATCHES "Rel")
  target_compile_options(vigie_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  # Start-up is a fifth of a plan: shared libraries that nothing of ours needs are not loaded.
  target_link_options(vigie_flags INTERFACE -Wl,--as-needed -Wl,-z,relro)
endif()
if(VIGIE_SANITIZE)
  target_compile_options(vigie_flags INTERFACE -fsanitize=${VIGIE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(vigie_flags INTERFACE -fsanitize=${VIGIE_SANITIZE})
endif()
if(VIGIE_TIDY)
  find_program(VIGIE_CLANG_TIDY clang-tidy REQUIRED)
  set(CMAKE_CXX_CLANG_TIDY ${VIGIE_CLANG_TIDY} --quiet)
endif()

# The distribution's linker takes four times as long for the tests.
find_program(VIGIE_LLD ld.lld)
if(VIGIE_LLD)
  target_link_options(vigie_flags INTERFACE -fuse-ld=lld)
endif()

# A cache of compilations that also serves other checkouts of the same source, and files with a precompiled header.
find_program(VIGIE_CCACHE ccache)
if(VIGIE_CCACHE AND NOT VIGIE_TIDY)
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_NOHASHDIR=1
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${VIGIE_CCACHE})
endif()
