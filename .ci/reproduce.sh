#!/usr/bin/env bash
# Builds the program twice, from copies of what is committed in two folders of different depth, with two target folders and two
# names of the cargo home, and compares the bytes. Prints the digest of the binary.
#
#   .ci/reproduce.sh            the release as it ships: some minutes
#   .ci/reproduce.sh --quick    the same, not optimised: what makes builds differ (paths, order, time) is in both
#   .ci/reproduce.sh --once     one build, to compare its digest with that of a release
set -euo pipefail
cd "$(dirname "$0")/.."
arguments=() places=(a b/of/another/depth)
for argument in "$@"; do
    case "$argument" in
        --quick) arguments+=(--config 'profile.release.opt-level=0' --config 'profile.release.lto="off"') ;;
        --once) places=(a) ;;
        *) sed -n '2,8s/^# \?//p' "$0"; exit 2 ;;
    esac
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
home=$(realpath "${CARGO_HOME:-$HOME/.cargo}")
sysroot=$(rustc --print sysroot)
commit=$(rustc -vV | sed -n 's/^commit-hash: //p')
for place in "${places[@]}"; do
    at="$work/$place"
    mkdir -p "$at/source" "$at/home"
    git archive HEAD | tar -x -C "$at/source"
    # the registry is the same one under another name
    mkdir -p "$home/registry"
    ln -s "$home/registry" "$at/home/registry"
    flags=(
        "--remap-path-prefix=$at/source=/dcmscrub"
        "--remap-path-prefix=$at/target=/target"
        "--remap-path-prefix=$at/home/registry/src=/registry"
        "--remap-path-prefix=$home/registry/src=/registry"
        "--remap-path-prefix=$sysroot/lib/rustlib/src/rust=/rustc/$commit"
    )
    encoded=$(IFS=$'\x1f'; printf '%s' "${flags[*]}")
    (
        cd "$at/source"
        env -u RUSTFLAGS CARGO_ENCODED_RUSTFLAGS="$encoded" CARGO_HOME="$at/home" CARGO_TARGET_DIR="$at/target" SOURCE_DATE_EPOCH=0 \
            cargo build --release --locked --quiet "${arguments[@]}"
    )
    binary="$at/target/release/dcmscrub"
    if grep -qaF "$work" "$binary"; then echo "the binary names the folder in which it was built"; exit 1; fi
    sha256sum "$binary" | cut -d' ' -f1
    # what is not compared is not kept: two target folders are large
    mv "$binary" "$at/dcmscrub"
    rm -rf "$at/target"
done
if [ "${#places[@]}" = 2 ]; then
    cmp "$work/${places[0]}/dcmscrub" "$work/${places[1]}/dcmscrub"
    echo "both builds are the same, byte for byte"
fi
