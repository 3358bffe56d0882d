#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fuzzes each parser with libFuzzer under the address and undefined behaviour sanitizers, all at once, each for so many
# seconds (60). An input that breaks one is kept in build-fuzz. The last line is "N passed, M failed", one a parser.
#
#     scripts/fuzz.sh [SECONDS]
[ "${1-}" != --help ] || { sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"; exit; }
set -euo pipefail
cd "$(dirname "$0")/.."
trap 'echo "0 passed, 1 failed"' ERR # what is not even built

seconds=${1-60} build=build-fuzz parsers=(checkpoint csv idx npy safetensors)
scripts/install-deps.sh build test ci
compiler=$(command -v clang-14 || echo clang)
flags=(-std=c11 -g -O1 -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -DWG__INSIDE -Iinclude
    -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined)
sources=(src/tensor/*.c src/train/{history,position}.c tests/fuzz/fuzz.c tests/support/failing.c tests/support/expect.c)
packages=(check)
for file in src/formats/*.c; do
    case $file in
    */params.c | */picture.c | */weights.c) ;; # of a tape
    */no_*.c | */npz.c | */zip.c | */png.c) ;; # with or without a library
    *) sources+=("$file") ;;
    esac
done
if pkg-config --exists zlib; then
    parsers+=(npz) packages+=(zlib) flags+=(-DWG_HAVE_ZLIB) sources+=(src/formats/npz.c src/formats/zip.c)
else
    sources+=(src/formats/no_npz.c)
fi
if pkg-config --exists libpng; then
    parsers+=(png) packages+=(libpng) sources+=(src/formats/png.c)
else
    sources+=(src/formats/no_png.c)
fi
read -ra libraries <<<"$(pkg-config --cflags --libs "${packages[@]}") -lm -lpthread"

# Builds one parser's fuzzer and runs it from all samples, with what it found in earlier runs.
fuzz() {
    local program=$build/fuzz_$1
    mkdir -p "$build/$1"
    "$compiler" "${flags[@]}" "tests/fuzz/fuzz_$1.c" "${sources[@]}" "${libraries[@]}" -o "$program" &&
        "$program" -max_total_time="$seconds" -max_len=16384 -rss_limit_mb=4096 -artifact_prefix="$build/" \
            "$build/$1" tests/formats/data
}

mkdir -p "$build"
running=() passed=0 failed=0
for parser in "${parsers[@]}"; do
    fuzz "$parser" </dev/null >"$build/$parser.log" 2>&1 &
    running+=($!)
done
for i in "${!running[@]}"; do
    log=$build/${parsers[i]}.log
    if wait "${running[i]}"; then
        echo "${parsers[i]}: $(grep -a '^Done' "$log")"
        passed=$((passed + 1))
    else
        tail -n 30 "$log"
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
((failed == 0))
