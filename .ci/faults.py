"""Faults on purpose: each system call of a run fails once, or is the last one, and what is there afterwards is looked at.

usage: faults.py TOOL [--quick] [--only WORD]

strace makes the n-th call of a class fail (n = 1, 2, ... until no call is hit), for each form in which dcmscrub writes.
Calls are counted for each thread, so each class is tried twice: in all threads, and in the first thread alone. `--quick`
tries a few n of each class. Prints one line a class; exit 1 when a promise was broken.
"""
import argparse
import csv
import json
import os
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
HANGS = 20  # seconds
MOST = 5000  # calls of one class
SAMPLES = 3  # of each class, form and thread, with --quick

Tree = dict[str, bytes]


@dataclass(frozen=True)
class Fault:
    """A class of system calls, and the errors that they end with."""
    name: str
    calls: str
    errors: tuple[str, ...]
    # the fault itself can keep a temporary file from going
    leaves_temp: bool = False
    # without memory the allocator ends the program, or the loader does before its first line: a death like any other, after
    # which what it left is looked at as after SIGKILL
    may_abort: bool = False
    # where Rust's own library panics, for an error that no kernel gives, or for want of memory before a thread begins: the
    # exit code is that of a bug, all else must hold
    panics_at: str = "nowhere"


FAULTS = (
    Fault("write", "write,pwrite64,writev", ("ENOSPC", "EIO")),
    # with EXDEV and ENOSYS the copy goes another way
    Fault("copy", "copy_file_range,sendfile,splice", ("ENOSPC", "EIO", "EXDEV", "ENOSYS")),
    Fault("sync", "fsync,fdatasync,syncfs", ("EIO", "ENOSPC")),
    Fault("close", "close", ("EIO",), panics_at="library/std/src/sys/fs/unix.rs"),
    # with EINVAL (no way to rename without replacing) a hard link is tried
    Fault("rename", "rename,renameat,renameat2,link,linkat", ("EIO", "ENOSPC", "EINVAL")),
    Fault("open", "open,openat", ("EMFILE", "EACCES", "ENOSPC", "EIO")),
    Fault("mkdir", "mkdir,mkdirat", ("ENOSPC", "EIO")),
    Fault("unlink", "unlink,unlinkat", ("EIO",), leaves_temp=True),
    Fault("read", "read,pread64", ("EIO",)),
    Fault("look", "stat,lstat,fstat,newfstatat,statx,lseek", ("EIO",)),
    Fault("list", "getdents64", ("EIO",)),
    Fault("length", "ftruncate", ("EIO", "ENOSPC")),
    Fault("lock", "flock", ("ENOLCK", "EIO")),
    Fault("descriptor", "fcntl,dup,dup3", ("EMFILE",)),
    Fault("random", "getrandom", ("ENOSYS", "EPERM", "EIO"), panics_at="library/std/src/sys/random/linux.rs"),
    Fault("thread", "clone,clone3", ("EAGAIN",)),
    Fault("memory", "mmap,mremap,brk", ("ENOMEM",), leaves_temp=True, may_abort=True,
          panics_at="library/std/src/sys/pal/unix/stack_overflow.rs"),
)
NONE = Fault("none", "", ())
KILL = Fault("kill", "", (), leaves_temp=True)
KILLED = ("rename", "write", "sync", "open", "copy", "mkdir", "unlink", "length")
# exit codes of panics and crashes: our own, that of Rust, SIGABRT, SIGSEGV
CRASHES = {70, 101, 134, 139, -6, -11}
ABORTS = {134, 139, -6, -11}
BUG = b"a bug of dcmscrub"


@dataclass(frozen=True)
class Ended:
    """How a command ended; `None` for one that did not."""
    code: int | None
    stdout: bytes
    stderr: bytes


@dataclass(frozen=True)
class Form:
    """One way in which dcmscrub writes. Commands run in a folder of their own, which begins as a copy of `start`."""
    name: str
    command: tuple[str, ...]
    # how it ends when nothing fails
    code: int = 0
    start: Path | None = None
    stdin: Path | None = None
    # commands that have to bring everything about after the fault, and what the last one may end with besides `code`
    again: tuple[tuple[str, ...], ...] = ()
    again_codes: frozenset[int] = frozenset()
    # it writes into a folder of the user's, where nobody can tell the temporary file of a killed run from that of a living one
    keeps_rubbish: bool = False
    # what it writes differs from run to run, and is right when it looks like this
    looks: re.Pattern[bytes] | None = None


@dataclass
class Undisturbed:
    """What a form does when nothing fails."""
    form: Form
    stdout: bytes
    before: Tree
    after: Tree
    calls: Counter[str] = field(default_factory=Counter)


# --- inputs ---------------------------------------------------------------------------------------------------------

def element(group: int, number: int, vr: str, value: bytes | str | int) -> bytes:
    """A data element in Explicit VR Little Endian."""
    if isinstance(value, int):
        value = struct.pack("<L" if vr == "UL" else "<H", value)
    if isinstance(value, str):
        value = value.encode()
    value += (b"\0" if vr in ("UI", "OB", "OW") else b" ") * (len(value) % 2)
    length = struct.pack("<2xL", len(value)) if vr in ("OB", "OW") else struct.pack("<H", len(value))
    return struct.pack("<HH", group, number) + vr.encode() + length + value


def picture(number: int, rows: int = 8) -> bytes:
    """A CT image of 512 bytes a row, whose identifiers are canaries."""
    ct, uid = "1.2.840.10008.5.1.4.1.1.2", f"1.2.999.50.{number}"
    meta = b"".join((element(2, 1, "OB", b"\0\1"), element(2, 2, "UI", ct), element(2, 3, "UI", uid),
                     element(2, 0x10, "UI", "1.2.840.10008.1.2.1"), element(2, 0x12, "UI", "1.2.999.51")))
    data_set = b"".join((
        element(8, 8, "CS", "ORIGINAL\\PRIMARY\\AXIAL"), element(8, 0x16, "UI", ct), element(8, 0x18, "UI", uid), element(8, 0x20, "DA", "19430217"),
        element(8, 0x50, "SH", "CANARY-ACC-51"), element(8, 0x60, "CS", "CT"), element(0x10, 0x10, "PN", "CANARY-PN-51^Fault"),
        element(0x10, 0x20, "LO", "CANARY-ID-0051"), element(0x10, 0x30, "DA", "19430217"),
        element(0x18, 0x50, "DS", "5"), element(0x18, 0x60, "DS", "120"), element(0x20, 0xD, "UI", "1.2.999.52.1"), element(0x20, 0xE, "UI", "1.2.999.52.2"), element(0x28, 2, "US", 1),
        element(0x28, 4, "CS", "MONOCHROME2"), element(0x28, 0x10, "US", rows), element(0x28, 0x11, "US", 256),
        element(0x28, 0x100, "US", 16), element(0x28, 0x101, "US", 16), element(0x28, 0x102, "US", 15),
        element(0x28, 0x103, "US", 0), element(0x7FE0, 0x10, "OW", bytes((number + at) % 251 for at in range(256)) * 2 * rows)))
    return b"\0" * 128 + b"DICM" + element(2, 0, "UL", len(meta)) + meta + data_set


def make_inputs(at: Path) -> None:
    """`folder` holds a file of each fate, `disc` a disc, `failing` also a file that cannot be cleaned, `many` pictures."""
    for name in ("folder", "failing", "many"):
        (at / name).mkdir()
    for name in ("nested.dcm", "private.dcm"):  # the second one is held back
        shutil.copy(FIXTURES / "files" / name, at / "folder" / name)
    (at / "folder" / "large.dcm").write_bytes(picture(1, 800))
    (at / "folder" / "letter.txt").write_text("a letter\n")
    shutil.copytree(FIXTURES / "disc", at / "disc")
    (next((at / "disc").glob("*.PDF"))).rename(at / "disc" / "REPORT.PDF")  # messages may name an input's path
    for number in range(2, 6):
        (at / "failing" / f"{number}.dcm").write_bytes(picture(number))
    (at / "failing" / "cut.dcm").write_bytes(picture(6)[:700])
    for number in range(10, 50):
        (at / "many" / f"{number}.dcm").write_bytes(picture(number, 40))


def tree(folder: Path) -> Tree:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def stamps(folder: Path) -> list[tuple[str, int, int, int]]:
    """What changes when anything below a folder does."""
    found = ((path, path.stat()) for path in sorted(folder.rglob("*")))
    return [(str(path), stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns) for path, stat in found]


# --- promises -------------------------------------------------------------------------------------------------------

def is_temporary(name: str) -> bool:
    return Path(name).name.startswith(".dcmscrub-")


def is_output(name: str) -> bool:
    """True for files whose bytes are the same in every run."""
    return not is_temporary(name) and Path(name).name != "DICOMDIR" and not Path(name).name.startswith(("report.", "links."))


def broken_report(found: Tree, text: bytes) -> Iterator[str]:
    """A report says no more than what is there."""
    try:
        report = json.loads(text)
    except ValueError:
        yield "report.json is not whole"
        return
    buckets, folder = report["buckets"], Counter(name.split("/")[1] for name in found if is_output(name) and name.count("/") > 1)
    if sum(buckets.values()) != report["inputs"]["files"]:
        yield "the sums of report.json do not add up"
    for bucket, place in (("cleaned", "clean"), ("held-back", "review")):
        if buckets[bucket] > folder[place]:
            yield f"report.json says {buckets[bucket]} {bucket}, there are {folder[place]}"


def broken_files(was: Undisturbed, found: Tree) -> Iterator[str]:
    """What stands under a final name is whole."""
    for name, content in found.items():
        if is_temporary(name):
            continue
        if is_output(name):
            whole = was.form.looks.fullmatch(content) if was.form.looks else content in (was.before.get(name), was.after.get(name))
            if not whole:
                yield f"not whole, or foreign: {name} ({len(content)} bytes)"
        elif name.endswith("DICOMDIR"):
            instances = sum(is_output(other) for other in found if other.startswith("out/clean/"))
            if content[128:132] != b"DICM" or content.count(b"\4\0\0\x15") > instances:
                yield "the disc index names more than what is there"
        elif name.endswith("report.json") and content != was.before.get(name):
            yield from broken_report(found, content)
        elif name.endswith("report.html") and not content.rstrip().endswith(b"</html>"):
            yield "report.html is not whole"
        elif name.endswith("links.csv"):
            rows = list(csv.reader(content.decode("utf-8", "surrogateescape").splitlines()))[1:]
            lost = [row for row in rows if len(row) == 4 and row[1] and not Path(row[1]).is_file()]
            if lost:
                yield f"the list of links names {len(lost)} outputs that are not there"


def is_complete(was: Undisturbed, found: Tree) -> bool:
    """Every output of an undisturbed run is there, and all that it says of them."""
    if was.form.keeps_rubbish:
        found = {name: content for name, content in found.items() if not is_temporary(name)}
    if was.form.looks:
        return was.after.keys() == found.keys() and not any(broken_files(was, found))
    without = [{name: content for name, content in one.items() if not name.endswith("links.csv")} for one in (was.after, found)]
    return without[0] == without[1]


class Judge:
    """Looks at what a run left."""

    def __init__(self, tool: str, work: Path) -> None:
        self.tool, self.work = tool, work
        listed = (FIXTURES / "canaries.txt").read_text().splitlines()
        self.canaries = re.compile(b"|".join(re.escape(canary.lower().encode()) for canary in listed))
        self.inputs = work / "inputs"
        self.inputs.mkdir()
        make_inputs(self.inputs)
        self.key = work / "key"
        subprocess.run([tool, "key", "new", self.key], check=True, capture_output=True)
        self.stamps = stamps(self.inputs)
        self.secret = self.key.read_bytes().split()[-2].lower()

    def run(self, folder: Path, form: Form, command: tuple[str, ...] | None = None, before: tuple[str, ...] = (), **more: object) -> Ended:
        words = [word.format(inputs=self.inputs, key=self.key) for word in command or form.command]
        stdin = form.stdin.open("rb") if form.stdin else subprocess.DEVNULL
        environment = {name: value for name, value in os.environ.items() if name != "DCMSCRUB_KEY_FILE"}
        try:
            ran = subprocess.run([*before, self.tool, *words], cwd=folder, stdin=stdin, timeout=HANGS, env=environment,
                                 **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more))
        except subprocess.TimeoutExpired:
            return Ended(None, b"", b"")
        finally:
            if form.stdin:
                stdin.close()
        if b"strace: " in ran.stderr:
            raise RuntimeError(ran.stderr.decode(errors="replace"))
        return Ended(ran.returncode, ran.stdout or b"", ran.stderr)

    def undisturbed(self, form: Form) -> Undisturbed:
        with self.case(form) as folder:
            before, ended = tree(folder), self.run(folder, form)
            after = tree(folder)
            was = Undisturbed(form, ended.stdout, before, after)
            broken = list(self.broken(was, folder, ended))
        if broken or ended.code != form.code or not (after or form.stdin):
            raise RuntimeError(f"{form.name} undisturbed: exit {ended.code}, {broken}, {ended.stderr!r}")
        with self.case(form) as folder, tempfile.NamedTemporaryFile(dir=self.work) as log:
            self.run(folder, form, before=("strace", "-f", "-qq", "-o", log.name))
            made = Counter(re.findall(rb"^(\d+) +([a-z0-9_]+)\(", Path(log.name).read_bytes(), re.M))
        for fault in FAULTS:
            threads: Counter[bytes] = Counter()
            for (thread, call), times in made.items():
                threads[thread] += times if call.decode() in fault.calls.split(",") else 0
            was.calls[fault.name] = max(threads.values(), default=0)
        return was

    @contextmanager
    def case(self, form: Form) -> Iterator[Path]:
        """A folder for one run."""
        with tempfile.TemporaryDirectory(dir=self.work, prefix="case-", ignore_cleanup_errors=True) as name:
            if form.start:
                shutil.copytree(form.start, name, dirs_exist_ok=True)
            yield Path(name)

    def broken(self, was: Undisturbed, folder: Path, ended: Ended, fault: Fault = NONE) -> Iterator[str]:
        """The promises that a run broke."""
        if ended.code is None:
            yield f"hangs for {HANGS} s"
        aborted = fault.may_abort and ended.code in ABORTS
        is_bug = BUG in ended.stderr and fault.panics_at.encode() not in ended.stderr
        if is_bug or ended.code in CRASHES and not aborted and BUG not in ended.stderr:
            yield f"crash, exit {ended.code}: {ended.stderr[-200:]!r}"
        found = tree(folder)
        told = {"stdout": b"" if was.form.stdin else ended.stdout, "stderr": ended.stderr}
        for name, content in (told | found).items():
            hit = self.canaries.search(content.lower())
            if hit:
                yield f"{hit[0]!r} in {name}"
            if self.secret in content.lower() and not was.form.looks:
                yield f"the key in {name}"
        if not was.stdout.startswith(ended.stdout) and was.form.stdin:
            yield "stdout is not the beginning of the output"
        temporary = [name for name in found.keys() - was.before.keys() if is_temporary(name)]
        if temporary and not fault.leaves_temp and not aborted:
            yield f"left behind: {temporary}"
        yield from broken_files(was, found)
        if ended.code == 0 and (not is_complete(was, found) or was.form.stdin and ended.stdout != was.stdout):
            missing = sorted(was.after.keys() - found.keys())
            yield f"exit 0, but not all is there: {missing[:3] or 'other content'}; {ended.stderr[-200:]!r}"
        if stamps(self.inputs) != self.stamps:
            yield "the input was changed"

    def converges(self, was: Undisturbed, folder: Path, resumes: bool = False) -> Iterator[str]:
        """What a second run, that nothing disturbs, does not bring about."""
        ended, form = Ended(None, b"", b""), was.form
        for command in form.again or (form.command,):
            ended = self.run(folder, form, (*command, "--resume") if resumes else command)
        found = tree(folder)
        if ended.code not in {form.code} | form.again_codes:
            yield f"the second run ends with {ended.code}: {ended.stderr[-300:]!r}"
        elif not is_complete(was, found):
            differ = sorted(name for name in was.after.keys() | found.keys() if was.after.get(name) != found.get(name))
            yield f"the second run does not converge: {differ[:4]}"


# --- the loops ------------------------------------------------------------------------------------------------------

@dataclass
class Tally:
    """Cases and failures of one class."""
    cases: int = 0
    hit: int = 0
    failures: list[str] = field(default_factory=list)


def strace(log: str, calls: str, what: str, number: int, all_threads: bool) -> tuple[str, ...]:
    # a question mark: the machine may not have the call
    calls = ",".join(f"?{call}" for call in calls.split(","))
    # faster, but signals would come with the first call only
    fast = () if what.startswith("signal") else ("--seccomp-bpf",)
    follow = ("-f", *fast) if all_threads else ()
    return ("strace", *follow, "-qq", "-o", log, "-e", f"trace={calls}", "-e", f"inject={calls}:{what}:when={number}")


def injected(judge: Judge, was: Undisturbed, fault: Fault, error: str, number: int, all_threads: bool) -> tuple[bool, list[str]]:
    """One run with one fault: whether it was met, and what was broken."""
    with judge.case(was.form) as folder, tempfile.NamedTemporaryFile(dir=judge.work) as log:
        ended = judge.run(folder, was.form, before=strace(log.name, fault.calls, f"error={error}", number, all_threads))
        if b"(INJECTED)" not in Path(log.name).read_bytes():
            return False, []
        broken = list(judge.broken(was, folder, ended, fault))
        return True, broken + list(judge.converges(was, folder))


def killed(judge: Judge, was: Undisturbed, fault: Fault, number: int) -> tuple[bool, list[str]]:
    """One run that ends at once with one call, then the same command, and on a copy a resumed one."""
    with judge.case(was.form) as folder, tempfile.NamedTemporaryFile(dir=judge.work) as log:
        ended = judge.run(folder, was.form, before=strace(log.name, fault.calls, "signal=KILL", number, True))
        if ended.code not in (-9, 137):
            return False, []
        broken = list(judge.broken(was, folder, ended, KILL))
        can_resume = "clean" in was.form.command and any((folder / "out").glob("report.journal*"))
        if can_resume:
            copy = Form(was.form.name, was.form.command, start=folder)
            with judge.case(copy) as resumed:
                broken += [f"--resume: {line}" for line in judge.converges(was, resumed, resumes=True)]
        return True, broken + list(judge.converges(was, folder))


def numbers(was: Undisturbed, fault: Fault, quick: bool, turn: int) -> list[int] | Iterator[int]:
    """Which calls are hit: each one, or some that differ from form to form."""
    if not quick:
        return count(1)
    most = was.calls[fault.name]
    return sorted({1 + (most * (2 * step + 1) // (2 * SAMPLES) + turn) % most for step in range(SAMPLES)}) if most else []


def sequence(judge: Judge, was: Undisturbed, fault: Fault, error: str | None, all_threads: bool, quick: bool, turn: int) -> Tally:
    """All cases of one class, error, form and thread."""
    tally = Tally()
    for number in numbers(was, fault, quick, turn):
        if error is None:
            hit, broken = killed(judge, was, fault, number)
        else:
            hit, broken = injected(judge, was, fault, error, number, all_threads)
        tally.cases += 1
        tally.hit += hit
        threads = "all threads" if all_threads else "the first thread"
        tally.failures += [f"{was.form.name}, {error or 'SIGKILL'} at n={number} of {threads}: {line}" for line in broken]
        if number > MOST or not hit and not quick:
            break
    return tally


def forms(judge: Judge) -> list[Form]:
    """The ways in which dcmscrub writes."""
    started, key = judge.work / "started", ("--key-file", "{key}")
    folder = ("clean", "{inputs}/folder", "-o", "out", "-j1", *key)
    failing = ("clean", "{inputs}/failing", "-o", "out", "-j1", "-q", *key)
    disc = ("clean", "{inputs}/disc", "-o", "out", "-j1", *key)
    one, two = ((*failing, "--shard", f"{share}/2") for share in (1, 2))
    release = ("review", "out", "--release", "all", "--by", "R. Reader", "--why", "seen, shows nobody", *key)
    merge = ("report", "merge", "out", "-q", *key)
    for name, commands in (("released", [disc]), ("shards", [one, two])):
        (started / name).mkdir(parents=True)
        for command in commands:
            judge.run(started / name, Form(name, command))
    # a run that was killed at its third file
    half = started / "half"
    half.mkdir()
    judge.run(half, Form("half", failing, start=None), before=strace("/dev/null", "renameat2", "signal=KILL", 3, True))
    key_text = rb"(#[^\n]*\n)?dcmscrub-key-v1 [0-9A-Z]{52} [0-9A-Z]{7}\n"
    return [
        Form("folder", (*folder, "--links", "links.csv", "--fsync")),
        Form("disc", disc),
        Form("single", ("clean", "{inputs}/folder/large.dcm", "-o", "one.dcm", *key), keeps_rubbish=True),
        Form("stream", ("clean", "-", *key), stdin=judge.inputs / "folder" / "large.dcm"),
        Form("key", ("key", "new", "made.key"), again_codes=frozenset({2}), keeps_rubbish=True, looks=re.compile(key_text)),
        Form("resume", (*failing, "--resume"), code=3, start=half, again=(failing,)),
        Form("release", release, start=started / "released"),
        Form("merge", merge, code=3, start=started / "shards"),
    ]


def syscalls(judge: Judge, quick: bool, only: str) -> Iterator[tuple[str, Tally]]:
    """One line for each class of calls, and one for kills at them."""
    written = [judge.undisturbed(form) for form in forms(judge)]
    jobs: list[tuple[str, tuple[Fault, str | None]]] = []
    for fault in FAULTS:
        jobs += [(fault.name, (fault, error)) for error in (fault.errors[:1] if quick else fault.errors)]
    jobs += [(f"kill at {fault.name}", (fault, None)) for fault in FAULTS if fault.name in KILLED]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting: dict[str, list] = {}
        for label, (fault, error) in jobs:
            for turn, was in enumerate(written):
                if only and only not in (label, was.form.name) or error is None and not was.after:
                    continue
                for all_threads in (True, False) if error else (True,):
                    # with --quick each form meets another one of the errors
                    met = fault.errors[turn % len(fault.errors)] if quick and error else error
                    waiting.setdefault(label, []).append(pool.submit(sequence, judge, was, fault, met, all_threads, quick, turn))
        for label, futures in waiting.items():
            tallies = [future.result() for future in futures]
            yield label, Tally(sum(t.cases for t in tallies), sum(t.hit for t in tallies), [line for t in tallies for line in t.failures])


# --- places ---------------------------------------------------------------------------------------------------------

def streams(judge: Judge) -> Tally:
    """Results that cannot be told are no success, and no crash."""
    key, tally = ("--key-file", "{key}"), Tally()
    started = judge.work / "started" / "released"
    commands = (
        ("clean", "{inputs}/folder", "-o", "new", *key), ("clean", "{inputs}/folder", "-o", "new", "--format", "json", *key),
        ("clean", "{inputs}/folder", "--dry-run"), ("clean", "{inputs}/folder", "--dry-run", "--format", "json"), ("clean", "-", *key),
        ("plan", "{inputs}/folder/nested.dcm"), ("explain", "PatientName"), ("key", "id", "{key}"), ("profile", "list"),
        ("profile", "show", "basic"), ("profile", "show", "basic", "--conformance"), ("lookup", "1", *key), ("review", "out"),
        ("review", "out", "--format", "json"), ("verify", "out", *key), ("verify", "out", "--format", "json", *key),
        ("--help",), ("--version",))
    for command in commands:
        for kind in ("full", "closed"):
            form = Form("stream", command, start=started, stdin=judge.inputs / "folder" / "large.dcm")
            with judge.case(form) as folder:
                end, to = os.pipe() if kind == "closed" else (None, os.open("/dev/full", os.O_WRONLY))
                if end is not None:
                    os.close(end)
                ended = judge.run(folder, form, stdout=to)
                os.close(to)
            tally.cases += 1
            tally.hit += 1
            if ended.code in (0, None) or ended.code in CRASHES or ended.code < 0 or b"a bug of" in ended.stderr:
                tally.failures.append(f"stdout {kind}: {' '.join(command)}: exit {ended.code}, {ended.stderr[-160:]!r}")
    return tally


def judged(judge: Judge, was: Undisturbed, folder: Path, tally: Tally, label: str, again: Callable[[], object] | None, **more: object) -> Ended:
    """Runs in a place, then mends the place with `again` and runs once more."""
    before = more.pop("before", ())
    ended = judge.run(folder, was.form, before=before, **more)
    tally.cases += 1
    tally.hit += ended.code != 0
    broken = list(judge.broken(was, folder, ended))
    if again:
        again()
        broken += judge.converges(was, folder)
    tally.failures += [f"{label}: {line}" for line in broken]
    return ended


def descriptors(judge: Judge) -> Tally:
    """With few file descriptors it is slower or fails, and with 24 all is done."""
    tally = Tally()
    was = judge.undisturbed(Form("descriptors", ("clean", "{inputs}/many", "-o", "out", "-j4", "-q", "--key-file", "{key}")))
    for limit in (*range(4, 24, 2), 24):
        with judge.case(was.form) as folder:
            ended = judged(judge, was, folder, tally, f"ulimit -n {limit}", lambda: None,
                           preexec_fn=lambda most=limit: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most)))
            if limit == 24 and ended.code != 0:
                tally.failures.append(f"ulimit -n 24: exit {ended.code}, {ended.stderr[-200:]!r}")
    return tally


def removed(judge: Judge) -> Tally:
    """The output folder goes while files are written: the call waits, and meanwhile the folder is removed."""
    tally = Tally()
    was = judge.undisturbed(Form("removed", ("clean", "{inputs}/disc", "-o", "out", "-j1", "-q", "--key-file", "{key}")))
    for calls, number in (("renameat2", 1), ("renameat2", 4), ("mkdir", 3), ("syncfs", 1), ("fsync", 2), ("renameat", 1)):
        with judge.case(was.form) as folder, ThreadPoolExecutor(1) as pool:
            slow = strace("/dev/null", calls, "delay_enter=400000", number, True)
            running = pool.submit(judge.run, folder, was.form, None, slow)
            wait_until_still(folder / "out")
            shutil.rmtree(folder / "out", ignore_errors=True)
            ended = running.result()
            tally.cases += 1
            tally.hit += ended.code != 0
            broken = [*judge.broken(was, folder, ended), *judge.converges(was, folder)]
            tally.failures += [f"removed at {calls} {number}: {line}" for line in broken]
    return tally


def wait_until_still(folder: Path) -> None:
    """Waits until a folder is there and nothing in it has changed for a tenth of a second."""
    last, until = None, time.monotonic() + 5
    while time.monotonic() < until:
        now = sorted(str(path) for path in folder.rglob("*")) if folder.exists() else None
        if now is not None and now == last:
            return
        last = now
        time.sleep(0.1)


@contextmanager
def mounted(at: Path, *options: str, what: str = "tmpfs") -> Iterator[None]:
    at.mkdir(exist_ok=True)
    subprocess.run(["mount", *options, what, at], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["umount", at], check=True, capture_output=True)


def full_disks(judge: Judge) -> Tally:
    """A file system of every size between nothing and enough, by bytes and by inodes; afterwards there is room."""
    tally = Tally()
    was = judge.undisturbed(Form("full", ("clean", "{inputs}/disc", "-o", "out", "-j1", "-q", "--key-file", "{key}")))
    sizes = [f"size={4 * pages}k" for pages in range(1, 40, 3)] + [f"nr_inodes={most}" for most in range(2, 30, 3)]
    for size in sizes:
        with judge.case(was.form) as folder, mounted(folder / "out", "-t", "tmpfs", "-o", size):
            grow = ["mount", "-o", "remount,size=64m,nr_inodes=1000", folder / "out"]
            judged(judge, was, folder, tally, f"tmpfs with {size}", lambda: subprocess.run(grow, check=True, capture_output=True))
    return tally


def read_only(judge: Judge) -> Tally:
    """An output that cannot be written to is refused or fails, and nothing is there."""
    tally = Tally()
    was = judge.undisturbed(Form("read-only", ("clean", "{inputs}/disc", "-o", "out", "-j1", "-q", "--key-file", "{key}")))
    with judge.case(was.form) as folder, mounted(folder / "out", "-t", "tmpfs", "-o", "ro"):
        more = ["mount", "-o", "remount,rw", folder / "out"]
        ended = judged(judge, was, folder, tally, "read-only", lambda: subprocess.run(more, check=True, capture_output=True))
        if ended.code in (0, None):
            tally.failures.append(f"read-only: exit {ended.code}")
    return tally


def folding(judge: Judge, kind: str, make: tuple[str, ...], flag: tuple[str, ...]) -> Tally | None:
    """A file system where `a` and `A` are one name; `None` where this machine has none of the kind."""
    tally = Tally()
    image = judge.work / f"{kind}.img"
    with image.open("wb") as file:
        file.truncate(32 << 20)
    at = judge.work / kind
    at.mkdir()
    if shutil.which(make[0]) is None or subprocess.run([*make, image], capture_output=True).returncode:
        return None
    if subprocess.run(["mount", "-o", "loop", image, at], capture_output=True).returncode:
        return None
    try:
        place = at / "folded"
        place.mkdir()
        if flag and subprocess.run([*flag, place], capture_output=True).returncode:
            return None
        (place / "probe").touch()
        if not (place / "PROBE").exists():
            return None
        folded(judge, place, tally)
    finally:
        subprocess.run(["umount", at], capture_output=True)
    return tally


def folded(judge: Judge, place: Path, tally: Tally) -> None:
    twins = judge.work / f"twins-{place.parent.name}"
    names = ("a/1.dcm", "A/1.dcm", "A/1.DCM", "caf\u00e9/1.dcm", "cafe\u0301/1.dcm")
    for number, name in enumerate(names, 60):
        (twins / name).parent.mkdir(parents=True, exist_ok=True)
        (twins / name).write_bytes(picture(number))
    for layout in ("named", "media", "mirror"):
        form = Form(layout, ("clean", str(twins), "-o", f"{place}/{layout}", "--layout", layout, "--key-file", "{key}"))
        ended = judge.run(place, form)
        outputs = [path for path in (place / layout / "clean").rglob("*") if path.is_file() and path.name != "DICOMDIR"]
        report = json.loads((place / layout / "report.json").read_bytes())["buckets"]
        tally.cases += 1
        tally.hit += 1
        if ended.code in CRASHES or report["cleaned"] != len(outputs) or report["failed"] + len(outputs) != len(names):
            tally.failures.append(f"{layout}: exit {ended.code}, {report}, {len(outputs)} outputs")
        if (ended.code == 0) != (len(outputs) == len(names)) or layout != "mirror" and ended.code != 0:
            tally.failures.append(f"{layout}: exit {ended.code} with {len(outputs)} of {len(names)} outputs: {ended.stderr[-200:]!r}")


def places(judge: Judge, only: str) -> Iterator[tuple[str, Tally | None]]:
    """Streams, limits and file systems."""
    is_root = os.geteuid() == 0
    every: tuple[tuple[str, bool, Callable[[], Tally | None]], ...] = (
        ("stdout full or closed", False, lambda: streams(judge)),
        ("few descriptors", False, lambda: descriptors(judge)),
        ("output removed", False, lambda: removed(judge)),
        ("full disk", True, lambda: full_disks(judge)),
        ("read-only output", True, lambda: read_only(judge)),
        ("ext4 with casefold", True, lambda: folding(judge, "ext4", ("mkfs.ext4", "-q", "-O", "casefold", "-E", "encoding=utf8"), ("chattr", "+F"))),
        ("vfat", True, lambda: folding(judge, "vfat", ("mkfs.vfat",), ())),
    )
    for label, needs_root, check in every:
        if not only or only == label:
            yield label, check() if is_root or not needs_root else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tool", type=Path)
    parser.add_argument("--quick", action="store_true", help="a few calls of each class")
    parser.add_argument("--only", default="", metavar="WORD", help="one class, form or place")
    arguments = parser.parse_args()
    began, failed, cases = time.monotonic(), 0, 0
    shared = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=shared, prefix="faults-") as work:
        judge = Judge(str(arguments.tool.resolve()), Path(work))
        checks = [syscalls(judge, arguments.quick, arguments.only), places(judge, arguments.only)]
        for label, tally in (line for check in checks for line in check):
            if tally is None:
                print(f"{label:22} skipped: not on this machine, or not without root", flush=True)
                continue
            print(f"{label:22} {tally.cases:5} cases, {tally.hit:5} met, {len(tally.failures):3} failures", flush=True)
            for line in tally.failures[:40]:
                print(f"    FAIL {line}", flush=True)
            failed += len(tally.failures)
            cases += tally.cases
    print(f"{cases} cases, {failed} failures, {time.monotonic() - began:.0f} s")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
