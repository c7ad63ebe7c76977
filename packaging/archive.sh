#!/usr/bin/env bash
# Packs a command that is built: with completions, manual pages, licences and the first page.
#
#   packaging/archive.sh TARGET OUT       OUT/dcmscrub-VERSION-TARGET.tar.gz (.zip for Windows)
set -euo pipefail
target=$1
out=$2
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
suffix=""
case "$target" in *-windows-*) suffix=.exe ;; esac
built=${CARGO_TARGET_DIR:-target}/$target/release/dcmscrub$suffix
mkdir -p "$out"
out=$(cd "$out" && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
name=dcmscrub-$version-$target
mkdir -p "$work/$name/completions"
cp "$built" "$work/$name/dcmscrub$suffix"
# line tables are for whoever debugs; where strip is missing they stay
strip "$work/$name/dcmscrub$suffix" 2>/dev/null || true
cp README.md CHANGELOG.md SECURITY.md LICENSE-MIT LICENSE-APACHE NOTICE "$work/$name/"
"$built" completions bash >"$work/$name/completions/dcmscrub.bash"
"$built" completions zsh >"$work/$name/completions/_dcmscrub"
"$built" completions fish >"$work/$name/completions/dcmscrub.fish"
"$built" completions powershell >"$work/$name/completions/_dcmscrub.ps1"
"$built" completions elvish >"$work/$name/completions/dcmscrub.elv"
"$built" man "$work/$name/man"

# it does its work: the synthetic disc, and the gate before and after
"$work/$name/dcmscrub$suffix" clean fixtures/disc -o "$work/cleaned" -q
"$work/$name/dcmscrub$suffix" check "$work/cleaned/clean" --no-config -q
if "$work/$name/dcmscrub$suffix" check fixtures/disc --no-config -q >/dev/null; then echo "the gate lets everything pass"; exit 1; fi

cd "$work"
if [ -n "$suffix" ]; then
    7z a -bso0 "$out/$name.zip" "$name"
else
    # the same archive whenever and by whomever it is packed, where tar can
    tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -czf "$out/$name.tar.gz" "$name" 2>/dev/null ||
        tar -czf "$out/$name.tar.gz" "$name"
fi
