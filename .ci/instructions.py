#!/usr/bin/env python3
"""Counts the instructions of the program for one file and for its start, and compares them with what is stored in instructions.json.

    .ci/instructions.py TOOL            fails when a count is more than 5 % away from the stored one, in either direction
    .ci/instructions.py TOOL --bless    stores what is counted

TOOL is the release binary. Counted is by valgrind (cachegrind without its caches), as many runs at a time as there are cores: a count does not
depend on what else the machine does. Each command runs over a set and over one twice as large: the difference is what the files cost, and what
is left of a run without them is its start and its end. The set is made of fixtures/, with other numbers in each copy; key, names, environment
and order are always the same.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
STORED = ROOT / ".ci/instructions.json"
MOST = 0.05
# copies of every fixture in the small set; the large one has twice as many
COPIES = 2
# an inflated copy could not be told from its neighbours by other numbers
LEFT_OUT = {"deflated.dcm"}
RENEW = "if it is meant to be so: .ci/instructions.py target/release/dcmscrub --bless"
COMMANDS = {
    "clean basic": ["clean", "{set}", "-o", "{out}", "-p", "basic", "--key-file", "key", "-j1", "-q"],
    "clean research": ["clean", "{set}", "-o", "{out}", "-p", "research", "--key-file", "key", "-j1", "-q"],
    "check": ["check", "{set}", "--no-ignore", "-j1", "--exit-zero"],
    "verify": ["verify", "{set}-cleaned", "--key-file", "key", "--against", "{set}", "--links", "{set}.csv", "-j1"],
}


def make_set(folder, copies):
    """Copies of the fixtures, each of them another person's and another study's, of the same length."""
    fixtures = sorted((ROOT / "fixtures/disc/DICOM").rglob("*")) + sorted((ROOT / "fixtures/files").iterdir())
    fixtures = [path for path in fixtures if path.is_file() and path.name not in LEFT_OUT]
    for copy in range(copies):
        into = folder / f"{copy:02}"
        into.mkdir(parents=True)
        for path in fixtures:
            data = path.read_bytes().replace(b"1.2.999.", b"1.2.9%02d." % (10 + copy))
            (into / path.name).write_bytes(data.replace(b"CANARY-ID-", b"CANARY-%02d-" % copy))
    return len(fixtures) * copies


def make_key(path):
    """The key of 32 bytes that count from 0: it is nobody's."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

    def base32(data, chars):
        bits = "".join(f"{byte:08b}" for byte in data).ljust(chars * 5, "0")
        return "".join(alphabet[int(bits[at * 5:at * 5 + 5], 2)] for at in range(chars))

    key = bytes(range(32))
    total = hashlib.sha256(b"dcmscrub/v1 key checksum" + key).digest()
    path.write_text(f"dcmscrub-key-v1 {base32(key, 52)} {base32(total, 7)}\n")
    path.chmod(0o600)


def environment():
    return {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC", "HOME": "/nonexistent"}


def count(tool, arguments, work, name):
    log = work / f"{name}.log".replace(" ", "-")
    valgrind = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", f"--log-file={log}"]
    run = subprocess.run([*valgrind, tool, *arguments], cwd=work, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    found = re.search(r"I +refs: +([\d,]+)", log.read_text())
    if run.returncode or not found:
        sys.exit(f"{name}: exit code {run.returncode}\n{run.stderr}")
    return int(found.group(1).replace(",", ""))


def counts(tool, work):
    small, large = make_set(work / "small", COPIES), make_set(work / "large", 2 * COPIES)
    make_key(work / "key")
    # valgrind reads debug information before it starts, for seconds
    bare = work / "dcmscrub"
    if not shutil.which("strip") or subprocess.run(["strip", "-o", bare, tool]).returncode:
        shutil.copy(tool, bare)
    for name in ("small", "large"):
        clean = ["clean", name, "-o", f"{name}-cleaned", "--key-file", "key", "--links", f"{name}.csv", "-q"]
        subprocess.run([bare, *clean], cwd=work, env=environment(), check=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {"--version": pool.submit(count, bare, ["--version"], work, "version")}
        for case, command in COMMANDS.items():
            for name in ("large", "small"):
                arguments = [word.format(set=name, out=f"out-{case}-{name}".replace(" ", "-")) for word in command]
                jobs[case, name] = pool.submit(count, bare, arguments, work, f"{case}-{name}")
        done = {job: counted.result() for job, counted in jobs.items()}
    counted = {"--version": done["--version"]}
    for case in COMMANDS:
        per_file = (done[case, "large"] - done[case, "small"]) / (large - small)
        counted[f"{case}, a file"] = round(per_file)
        counted[f"{case}, start and end"] = round(done[case, "small"] - per_file * small)
    return counted


def versions():
    def first_line(*command):
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]

    return {"valgrind": first_line("valgrind", "--version"), "rustc": first_line("rustc", "--version"), "libc": " ".join(platform.libc_ver()),
            "machine": platform.machine() + (" with avx2" if has_avx2() else "")}


def has_avx2():
    """Copying, searching and hashing have other instructions with it."""
    cpuinfo = pathlib.Path("/proc/cpuinfo")
    return cpuinfo.exists() and " avx2 " in cpuinfo.read_text()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tool", type=pathlib.Path)
    parser.add_argument("--bless", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        counted = counts(asked.tool.resolve(), pathlib.Path(work))
    with_what = versions()
    if asked.bless:
        STORED.write_text(json.dumps({"counted with": with_what, "instructions": counted}, indent=2) + "\n")
    stored = json.loads(STORED.read_text())
    wrong = []
    for case, now in counted.items():
        before = stored["instructions"].get(case)
        if not before:
            wrong.append(f"{case}: {now:,} instructions, none are stored; {RENEW}")
            continue
        change = now / before - 1
        print(f"{case:30} {now:>12,} instructions, stored {before:>12,} ({change:+.2%})")
        if abs(change) > MOST:
            wrong.append(f"{case}: {now:,} instructions, stored {before:,}: {change:+.1%}, at most {MOST:.0%}; {RENEW}")
    others = [f"{name} {with_what[name]}, stored with {of}" for name, of in stored["counted with"].items() if with_what.get(name) != of]
    if others:
        print("counted with other tools:", "; ".join(others))
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
