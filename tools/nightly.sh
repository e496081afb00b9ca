#!/usr/bin/env bash
# Everything that the gate leaves out. Goes on after a failure, and tells all of them at the end.
set -uo pipefail
cd "$(dirname "$0")/.."
export CI=1
jobs=${JOBS:-$(nproc)}
tools/install-packages.sh test || exit 2

failed=()
part() {
    local start=$SECONDS
    echo "== $1"
    if "${@:2}"; then
        echo "== $1: held, $((SECONDS - start)) s"
    else
        echo "== $1: FAILED, $((SECONDS - start)) s"
        failed+=("$1")
    fi
}

build_dev() {
    cmake --preset dev -DVIGIE_TESTS=ON >/dev/null && cmake --build --preset dev -j "$jobs"
}
sanitized_lab() {
    VIGIE_BIN=build/asan/bin/vigie /usr/bin/python3 tests/lab/lab.py run bootstrap changes repair
}
part "build" build_dev
part "labs, the browser, the package, long faults" ctest --preset dev -L nightly
part "agreement" make agreement
part "everything sanitized" make test-asan
part "sanitized lab" sanitized_lab
part "threads" make test-tsan
part "fuzzing" make fuzz SECONDS=60

cat build/dev/*-summary.txt
echo "== the night: $SECONDS s"
[ ${#failed[@]} -eq 0 ] || { printf 'FAILED: %s\n' "${failed[@]}" >&2; exit 1; }
