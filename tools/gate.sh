#!/usr/bin/env bash
# The gate: programs and tests are built, tried, and tried under sanitizers. `make test` calls this.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=${JOBS:-$(nproc)}
mkdir -p build

began=$SECONDS
timed() {
    local start=$SECONDS
    "${@:2}"
    echo "== $1: $((SECONDS - start)) s"
}

configure() {
    cmake --preset dev -DVIGIE_TESTS=ON >/dev/null
    cmake --preset sanitize >/dev/null
}
timed configured configure
timed "built the programs" cmake --build --preset dev -j "$jobs" --target gate

# Tests mostly wait: what they leave of the machine compiles the sanitized ones. The kernel shares the processors among sessions
# first, where it groups them by session: an idle process of a session of its own would have half of them.
setsid sh -c 'echo 19 2>/dev/null >/proc/self/autogroup; exec chrt --idle 0 "$@"' idle cmake --build --preset sanitize -j "$jobs" --target sanitized >build/sanitize.log 2>&1 &
build=$!
trap 'kill -- -$build 2>/dev/null || true' EXIT
timed "tests" ctest --preset dev -LE 'nightly|sanitized'

finish_build() {
    wait $build && return
    cat build/sanitize.log >&2
    return 1
}
timed "built the sanitized tests, the rest of it" finish_build
trap - EXIT
timed "sanitized tests" ctest --preset sanitize -L sanitized

cat build/dev/*-summary.txt
/usr/bin/python3 tools/programs.py versions
echo "== the gate: $((SECONDS - began)) s"
