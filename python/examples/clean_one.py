"""Cleans one file: python clean_one.py IN OUT [KEY]"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from dcmscrub import Cleaner, DcmscrubError


def main(source: str, out: str, key: str | None = None) -> int:
    cleaner = Cleaner("basic", key)
    data = Path(source).read_bytes()
    try:
        cleaned = cleaner.clean(data)
        actions = Counter(step.action for step in cleaner.plan(data))
    except DcmscrubError as e:
        print(f"not cleaned: {e}", file=sys.stderr)
        return 3
    Path(out).write_bytes(cleaned)
    print(", ".join(f"{n} {action}" for action, n in actions.most_common()))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
