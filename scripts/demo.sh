#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the library and runs the demo: a convolutional network learns Fashion-MNIST, its gradients are checked and
# its graph is drawn. At most three minutes on two cores.
#
#     scripts/demo.sh [SEED]
[ "${1-}" != --help ] || { sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0"; exit; }
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-deps.sh build
scripts/install-deps.sh demo || echo "== going on without; the demo says what it does instead"

echo "== configuring build-demo"
again=()
if [ -f build-demo/build.ninja ]; then again=(--reconfigure); fi
meson setup build-demo -Dtests=disabled -Dbench=false "${again[@]}" </dev/null

echo "== building"
ninja -C build-demo

echo "== running"
exec build-demo/examples/demo "$@"
