#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds and runs the tests. The last line is "N passed, M failed", counted in single checks.
#
#     scripts/test.sh              with the default compiler, warnings are errors
#     scripts/test.sh --clang      the same with clang
#     scripts/test.sh --sanitize   under the address, undefined behaviour and leak sanitizers
#     scripts/test.sh --threads    the tests of threads under clang's thread sanitizer
#
# What follows on the command line goes to `meson setup`: scripts/test.sh -Dzlib=disabled
[ "${1-}" != --help ] || { sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"; exit; }
set -euo pipefail
cd "$(dirname "$0")/.."
trap 'echo "0 passed, 1 failed"' ERR # what is not even built

build=build-test groups="build test" select=() alone=()
setup=(-Dtests=enabled -Dwerror=true)

use_clang() {
    groups+=" ci"
    compiler=clang-14
}

# Sanitizers make a compiler warn of what is not there, so warnings are no errors then. Their shadow memory has a
# fixed place, which a random layout of the address space may already have taken.
use_sanitizer() {
    setup=(-Dtests=enabled -Dbuildtype=debugoptimized -Db_lundef=false -Db_sanitize="$1")
    if setarch -R true 2>/dev/null; then alone=(setarch -R); fi
}

case ${1-} in
--clang) shift && build+=-clang && use_clang ;;
--sanitize) shift && build+=-sanitize && select=(--no-suite repo) && use_sanitizer address,undefined ;;
--threads) shift && build+=-threads && select=(--suite threads) && use_clang && use_sanitizer thread ;;
esac
# Storage of threads in libraries that are opened late (oneDNN's OpenMP) would end the search for leaks: its
# interceptor reads the blocks of another C library's layout.
export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:intercept_tls_get_addr=0
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1

# shellcheck disable=SC2086 # one word for each group
scripts/install-deps.sh $groups
if [ -n "${compiler-}" ]; then CC=$(command -v "$compiler" || echo clang) && export CC; fi

echo "== configuring $build"
if [ -f "$build/build.ninja" ]; then setup+=(--reconfigure); fi
meson setup "$build" "${setup[@]}" "$@" </dev/null

echo "== building"
ninja -C "$build"

echo "== testing"
rm -f "$build/meson-logs/testlog.json"
status=0
"${alone[@]}" meson test -C "$build" --no-rebuild --print-errorlogs "${select[@]}" </dev/null || status=$?

python3 scripts/count_checks.py "$build/meson-logs/testlog.json" || status=1
exit $status
