#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs what is missing of the named groups: build, test, demo, ci. On Debian and Ubuntu, as root or through sudo;
# elsewhere it says what to install, and fails. Silent when all is there.
#
#     scripts/install-deps.sh build test
[ "${1-}" != --help ] || { sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"; exit; }
set -euo pipefail

packages_of() {
    case $1 in
    build) echo gcc libc6-dev meson ninja-build pkg-config zlib1g-dev libpng-dev ;;
    test) echo check graphviz python3 g++ ;;
    demo) echo dataset-fashion-mnist graphviz ;;
    ci) echo clang-14 libclang-rt-14-dev ;;
    *) echo "install-deps.sh: no group \"$1\"; there are build, test, demo, ci" >&2 && return 1 ;;
    esac
}

# Compiles an empty program: compiler and flags in, 0 when it links.
links() {
    local out=$scratch/program
    echo 'int main(void) { return 0; }' | "$@" -x c - -o "$out"
}

# Whether the thing itself works, wherever it comes from.
works() {
    case $1 in
    libc6-dev) echo '#include <stdio.h>' | cc -E -x c - ;;
    meson) meson --version ;;
    ninja-build) ninja --version ;;
    pkg-config) pkg-config --version ;;
    zlib1g-dev) pkg-config --exists zlib ;;
    libpng-dev) pkg-config --exists libpng ;;
    check) pkg-config --exists check ;;
    graphviz) dot -V ;;
    python3) python3 -c 'import json' ;;
    clang-14) links clang-14 || links clang ;;
    libclang-rt-14-dev) links clang-14 -fsanitize=thread || links clang -fsanitize=thread ;;
    dataset-*) dpkg -s "$1" ;;
    *) "$1" --version ;;
    esac >"$scratch/log" 2>&1
}

missing_of() {
    local group package
    for group in "$@"; do
        for package in $(packages_of "$group"); do
            works "$package" || echo "$package"
        done
    done | sort -u | tr '\n' ' '
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

for group in "$@"; do packages_of "$group" >"$scratch/log"; done
missing=$(missing_of "$@")
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then as_root=(env)
elif sudo -n true 2>"$scratch/log"; then as_root=(sudo -n env)
else as_root=()
fi
if [ ${#as_root[@]} = 0 ] || ! command -v apt-get >"$scratch/log"; then
    echo "Please install (Debian's names): $missing" >&2
    exit 1
fi

apt=("${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120)
echo "== installing $missing"
{
    "${apt[@]}" update || echo "apt-get update failed; trying with the lists that are there"
    # shellcheck disable=SC2086 # one word for each package
    "${apt[@]}" install -y --no-install-recommends $missing
} </dev/null >"$scratch/log" 2>&1 || {
    tail -n 20 "$scratch/log" >&2
    echo "apt-get failed; please install (Debian's names): $missing" >&2
    exit 1
}

still=$(missing_of "$@")
[ -z "$still" ] || { echo "installed, but not working: $still" >&2 && exit 1; }
