"""Cleans a folder over workers of Dask, each a process of its own:

    pip install dcmscrub "dask[distributed]"
    dcmscrub key new trial.key
    python dask_folder.py IN OUT trial.key --workers 2

The key stays in its file: each worker reads it once, and no task, result or log of the scheduler holds it. Outputs are named by
their new SOP Instance UID and a digest, so no name of an input comes through. What a person has to look at first is counted, and not written.
For folders on one machine `dcmscrub clean` does more: report, journal, review folder, disc index.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pydicom
from dask.distributed import Client, LocalCluster, get_worker
from dcmscrub import Cleaner, DcmscrubError, Held, NotDicom, Refused


@cache
def cleaner(profile: str, key_file: str) -> Cleaner:
    """One for each process: a Cleaner holds the key, and is never sent anywhere."""
    return Cleaner(profile, key_file)


def clean_files(paths: list[str], out: str, profile: str, key_file: str) -> dict[str, object]:
    """Cleans some files; tells how many ended in which way, and in which process."""
    ends: Counter[str] = Counter()
    for path in paths:
        try:
            cleaned = cleaner(profile, key_file).clean(Path(path).read_bytes())
        except NotDicom:
            ends["left behind"] += 1
        except Held:
            ends["held back"] += 1
        except Refused as e:
            ends["left behind" if e.code == "disc-index" else "failed"] += 1
        except (DcmscrubError, OSError):
            ends["failed"] += 1
        else:
            ends[write(cleaned, Path(out))] += 1
    return {"ends": ends, "process": os.getpid(), "worker": get_worker().name}


def write(cleaned: bytes, out: Path) -> str:
    """A whole file under its final name, or none. The digest lets two contents of one instance stand beside each other."""
    uid = pydicom.dcmread(BytesIO(cleaned), specific_tags=["SOPInstanceUID"], stop_before_pixels=True, force=True).get("SOPInstanceUID")
    name = f"{uid or 'no-uid'}-{sha256(cleaned).hexdigest()[:16]}.dcm"
    temporary = out / f".{name}.{os.getpid()}.tmp"
    temporary.write_bytes(cleaned)
    os.replace(temporary, out / name)
    return "cleaned"


def batches(paths: list[str], size: int = 16) -> Iterator[list[str]]:
    """A task for several files: one for each would cost more than the cleaning."""
    for at in range(0, len(paths), size):
        yield paths[at : at + size]


def main() -> int:
    parser = argparse.ArgumentParser(description="Cleans a folder over workers of Dask.")
    parser.add_argument("source")
    parser.add_argument("out")
    parser.add_argument("key")
    parser.add_argument("--profile", default="basic")
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    # the profile and the key are looked at before anything is started
    Cleaner(args.profile, args.key)
    Path(args.out).mkdir()
    paths = sorted(str(path) for path in Path(args.source).rglob("*") if path.is_file() and not path.is_symlink())
    with (
        LocalCluster(n_workers=args.workers, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        start = time.perf_counter()
        tasks = client.map(clean_files, list(batches(paths)), out=args.out, profile=args.profile, key_file=args.key, pure=False)
        results = client.gather(tasks)
        seconds = time.perf_counter() - start
    ends: Counter[str] = sum((result["ends"] for result in results), Counter())
    files = Counter({result["worker"]: 0 for result in results})
    for result in results:
        files[result["worker"]] += sum(result["ends"].values())
    print(f"{len(paths)} files in {seconds:.2f} s: " + ", ".join(f"{n} {end}" for end, n in ends.most_common()))
    print("by worker: " + ", ".join(f"{n}" for _, n in sorted(files.items())))
    return 3 if ends["failed"] or not ends["cleaned"] else 0


if __name__ == "__main__":
    sys.exit(main())
