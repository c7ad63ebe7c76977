"""Other threads of Python run while a file is cleaned."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from dcmscrub import Cleaner


@pytest.fixture(scope="module")
def large(picture: bytes) -> bytes:
    """A file whose headers take a while: many private data elements behind the others."""
    from io import BytesIO

    import pydicom

    data = pydicom.dcmread(BytesIO(picture))
    del data.PixelData
    out = BytesIO()
    data.save_as(out)
    private = b"".join(
        struct.pack("<HH2sH", group, 0x10, b"LO", 4) + b"OURS" + b"".join(
            struct.pack("<HH2sH", group, 0x1000 | low, b"LO", 16) + b"a word or two   " for low in range(256)
        )
        for group in range(0x7001, 0x7F01, 2)
    )
    return out.getvalue() + private


def test_threads_share_a_cleaner(picture: bytes) -> None:
    cleaner = Cleaner()
    expected = cleaner.clean(picture)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(cleaner.clean, [picture] * 200)) == {expected}


@pytest.mark.parametrize(("work", "bound"), [("clean", 0.5), ("plan", 0.8)])
def test_another_thread_runs_meanwhile(large: bytes, work: str, bound: float) -> None:
    """While the interpreter's lock is held another thread stands still: never shorter than the whole call. A plan's list is made
    with the lock held, so its bound is wider. Other programs may take the cores for a while, so it is tried again."""
    do = getattr(Cleaner(), work)
    parts = [still(lambda: do(large)) for _ in range(5)]
    assert min(parts) < bound, parts


def still(call: Callable[[], object]) -> float:
    """The longest time for which another thread stood still, as a part of the call's."""
    times: list[float] = []

    def run() -> None:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)

    thread = threading.Thread(target=run)
    longest, last = 0.0, time.perf_counter()
    thread.start()
    while thread.is_alive():
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
        time.sleep(0)
    longest = max(longest, time.perf_counter() - last)
    return longest / times[0]
