#!/usr/bin/env bash
# Builds the wheel: the module, and the command beside it.
#
#   python/build.sh [OUT]         for this machine, into OUT (python/dist without it)
#
# From the environment:
#   TARGET   a target of Rust to build for
#   BINARY   a command that is built already, to carry instead of one built here (the static one, for Linux)
#   MATURIN  maturin, where it is not on the path
#   MATURIN_ARGS  further arguments for it
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
mkdir -p "${1:-$here/dist}"
out=$(cd "${1:-$here/dist}" && pwd)
[ -z "${BINARY:-}" ] || BINARY=$(cd "$(dirname "$BINARY")" && pwd)/$(basename "$BINARY")
target=${TARGET:+--target=$TARGET}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}

if [ -z "${BINARY:-}" ]; then
    # shellcheck disable=SC2086
    (cd "$root" && cargo build --release --locked $target)
    BINARY=$CARGO_TARGET_DIR/${TARGET:+$TARGET/}release/dcmscrub
    [ -e "$BINARY" ] || BINARY=$BINARY.exe
fi
name=dcmscrub
[ "${BINARY%.exe}" = "$BINARY" ] || name=dcmscrub.exe
rm -rf "$here/wheel-data"
mkdir -p "$here/wheel-data/scripts"
cp "$BINARY" "$here/wheel-data/scripts/$name"
# strip may be missing for another machine's program: it is carried as it is then
strip "$here/wheel-data/scripts/$name" 2>/dev/null || true
cp "$root/LICENSE-MIT" "$root/LICENSE-APACHE" "$root/NOTICE" "$here/"

cd "$here"
# shellcheck disable=SC2086
"${MATURIN:-maturin}" build --release --locked $target --out "$out" ${MATURIN_ARGS:-}
