"""One command on hospital discs made by mkdisc.py: buckets, sums, leaks, the new index by two other readers."""
import csv
import json
import os
import re
import stat
import subprocess
import sys

TOOL, SHARED, WORK = sys.argv[1:4]
BUCKETS = {"CT": "cleaned", "MR": "cleaned", "CR": "cleaned", "SR": "cleaned", "US": "held-back", "SC": "held-back", "SC burned in": "held-back",
           "encapsulated PDF": "held-back", "corrupt": "failed"}
FILE_SET = """
import sys, warnings
warnings.simplefilter("ignore")
from pydicom.fileset import FileSet
found = sorted(str(one.path) for one in FileSet(sys.argv[1]))
[one.load() for one in FileSet(sys.argv[1])]
print("\\n".join(found))
"""


def tokens(people):
    """What is planted, whole and in words; numbers of four digits stand in every UID and prove nothing."""
    out = set()
    for person in people:
        for key, value in person.items():
            if key not in ("sex", "study_time", "study_date"):
                out |= {value, *re.split(r"[\^, ]+", value)}
    common = {"Mill", "Rise", "Lane", "Quarry", "Hospital", "Street", "Ines"}
    return {t for t in out if len(t) >= 4 and t not in common and not (t.isdigit() and len(t) < 6)}


def fail(disc, message):
    sys.exit(f"{disc}: {message}")


def check(seed, patients, form, with_corrupt):
    disc = os.path.join(WORK, f"disc-{seed}-{patients}-{form or 'plain'}-{with_corrupt}")
    made = [sys.executable, os.path.join(SHARED, "tools/mkdisc.py"), "--from", os.path.join(SHARED, "corpus"), "--out", disc, "--seed", str(seed), "--patients", str(patients)]
    subprocess.run(made + ([form] if form else []), check=True, stdout=subprocess.DEVNULL)
    truth = json.load(open(disc + ".truth.json"))
    if not with_corrupt:
        bad = [name for name, what in truth["files"].items() if what["kind"] == "corrupt"]
        for name in bad:
            os.remove(os.path.join(disc, name))
            del truth["files"][name]
    out, links, source = disc + ".out", disc + ".links.csv", disc + (".zip" if form == "--zip" else "")
    run = subprocess.run([TOOL, source, "-o", out, "--links", links], capture_output=True, text=True)
    wanted = 3 if with_corrupt else 0
    if run.returncode != wanted:
        fail(disc, f"exit {run.returncode}, not {wanted}: {run.stderr}")
    rows = list(csv.DictReader(open(links)))
    if len(rows) != len(truth["files"]):
        fail(disc, f"{len(rows)} rows for {len(truth['files'])} files")
    for row in rows:
        name = row["input"].split("!/", 1)[1].split("/", 1)[1] if form == "--zip" else os.path.relpath(row["input"], disc)
        kind = truth["files"][name]["kind"]
        if row["bucket"] != BUCKETS.get(kind, "left-behind"):
            fail(disc, f"a {kind} is {row['bucket']}")
    report = json.load(open(os.path.join(out, "report.json")))
    if sum(report["buckets"].values()) != len(truth["files"]) or sum(report["reasons"].values()) != report["inputs"]["files"]:
        fail(disc, "the sums of the report are not right")
    planted = [(t, form) for t in tokens(truth["patients"]) for form in {t.lower().encode(c, "ignore") for c in ("utf-8", "latin-1", "utf-16-le", "utf-16-be")}]
    for folder, _, files in os.walk(out):
        for name in files:
            path = os.path.join(folder, name)
            hay = open(path, "rb").read().lower() + os.path.relpath(path, out).lower().encode()
            hits = {token for token, form_ in planted if form_ and form_ in hay}
            if hits:
                fail(disc, f"{len(hits)} planted tokens in {os.path.relpath(path, out)}")
    for hay in (run.stdout.lower(), re.sub(r"(?m)^error: .*$", "", run.stderr).lower()):
        if any(token.lower() in hay for token, _ in planted):
            fail(disc, "a planted token on the terminal")
    clean = os.path.join(out, "clean")
    there = sorted(os.path.join(folder, name) for folder, _, files in os.walk(clean) for name in files if name != "DICOMDIR")
    index = os.path.join(clean, "DICOMDIR")
    found = subprocess.run([sys.executable, "-c", FILE_SET, index], capture_output=True, text=True)
    if [os.path.realpath(path) for path in found.stdout.split()] != [os.path.realpath(path) for path in there]:
        fail(disc, f"pydicom's FileSet finds {len(found.stdout.split())} of {len(there)}: {found.stderr[-300:]}")
    dump = subprocess.run(["dcmdump", "+P", "0004,1500", index], capture_output=True, text=True)
    if dump.returncode or dump.stderr.strip() or dump.stdout.count("(0004,1500)") != len(there):
        fail(disc, f"dcmdump finds {dump.stdout.count('(0004,1500)')} of {len(there)}: {dump.stderr[:300]}")
    if subprocess.run([TOOL, "verify", out], stdout=subprocess.DEVNULL).returncode:
        fail(disc, "verify finds something")
    print(f"{os.path.basename(disc)}: exit {run.returncode}, {report['buckets']}, index of {len(there)}")


def writable(folder):
    for at, _, _ in os.walk(folder):
        os.chmod(at, stat.S_IRWXU)


for seed, patients, form, with_corrupt in [(1, 1, "", False), (2, 1, "", True), (3, 2, "--readonly", True), (4, 1, "--zip", True), (5, 2, "--zip", True)]:
    check(seed, patients, form, with_corrupt)
writable(WORK)
