#!/usr/bin/env bash
# Tries a built wheel as a user would: a fresh environment, the command, the example, then the tests of the module.
#
#   packaging/try-wheel.sh DIR [--quick]        DIR holds the wheel; --quick: no tests
set -euo pipefail
dist=$(cd "$1" && pwd)
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

begin=$SECONDS
python3 -m venv "$work/venv"
bin=$work/venv/bin
[ -d "$bin" ] || bin=$work/venv/Scripts
"$bin/python" -m pip install --quiet --disable-pip-version-check --no-index --find-links "$dist" dcmscrub
"$bin/dcmscrub" --version
"$bin/python" "$root/python/examples/clean_one.py" "$root/fixtures/disc/DICOM/ANNA/CT1" "$work/one.dcm"
"$bin/dcmscrub" check "$work/one.dcm" --no-config
echo "from a wheel to a cleaned file: $((SECONDS - begin)) s"
[ "$((SECONDS - begin))" -lt 60 ]
[ "${2:-}" != --quick ] || exit 0

"$bin/python" -m pip install --quiet --disable-pip-version-check pytest pydicom mypy
cd "$root/python"
"$bin/python" -m mypy --cache-dir "$work/mypy"
PYTHONDONTWRITEBYTECODE=1 "$bin/python" -m pytest -q -p no:cacheprovider
