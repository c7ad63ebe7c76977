"""Five other de-identifiers and dcmscrub on the benchmark in the manner of MIDI-B; writes the table of docs/comparison.md.

    python3 .ci/comparison.py --tool target/release/dcmscrub --shared SHARED --work WORK [--only dcmscrub]

The results are kept beside the page in comparison.json, and the table is made from them. Tools that `--only` does not name keep theirs.
"""
import argparse
import collections
import csv
import datetime
import hashlib
import json
import os
import platform
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys

# the package, as pip names it, and the version that is compared
PEERS = {"dcmanon": "dcmanon==0.3.1", "dicognito": "dicognito==0.19.0", "dicom-anonymizer": "dicom-anonymizer==2.1.0", "deid": "deid==0.4.13"}
# readers and scorer: the set is the same only with the same pydicom
BASE = ["pydicom==3.0.2", "numpy"]
TOOLS = ["dcmscrub", "dcmanon", "deid", "dicognito", "dicom-anonymizer", "gdcmanon"]
# the commands of these give every output a new name; those of the others keep the input's
RENAMES = {"dcmanon", "dicognito"}
HEAD = ["tool", "written", "held back", "removal %", "retention %", "consistency %", "H", "files without a miss (written)", "byte-scan hits (in names)", "CPU, s"]
MODES = {"basic": "Basic Profile", "research": "Research"}
START, END = "<!-- table: made by .ci/comparison.py -->", "<!-- end of the table -->"
SECONDS_A_FILE = 60


# What runs inside the venv, one process for all files of a tool: each maker gives clean(source, target).

def dcmanon():
    from dcmanon import Anonymizer
    anonymizer = Anonymizer()

    def clean(source, target):
        with open(target, "wb") as out:
            out.write(anonymizer.anonymize(source))
    return clean


def dicognito():
    import pydicom
    from dicognito.anonymizer import Anonymizer
    anonymizer = Anonymizer()

    def clean(source, target):
        with pydicom.dcmread(source, force=False) as dataset:
            anonymizer.anonymize(dataset)
            dataset.save_as(target, enforce_file_format=True)
    return clean


def dicom_anonymizer():
    from dicomanonymizer import anonymize_dicom_file
    return anonymize_dicom_file


def deid():
    from deid.dicom import replace_identifiers

    def clean(source, target):
        # it keeps the name, and without a recipe it takes the one that it ships
        replace_identifiers(dicom_files=[source], save=True, overwrite=True, output_folder=os.path.dirname(target), strip_sequences=True, remove_private=True)
    return clean


MAKERS = {"dcmanon": dcmanon, "dicognito": dicognito, "dicom-anonymizer": dicom_anonymizer, "deid": deid}


def overdue(*_):
    raise TimeoutError


def worker(name, data, out, links):
    """Cleans every file of DATA alone: where the tool fails there is no output, and the next file is tried."""
    clean, failed = MAKERS[name](), collections.Counter()
    signal.signal(signal.SIGALRM, overdue)
    scratch = out + ".now"
    with open(links, "w", newline="") as listing:
        rows = csv.writer(listing)
        for number, relative in enumerate(inputs(data)):
            shutil.rmtree(scratch, ignore_errors=True)
            os.makedirs(scratch)
            written = os.path.join(scratch, os.path.basename(relative))
            target = os.path.join(out, f"{number:06}.dcm" if name in RENAMES else relative)
            signal.alarm(SECONDS_A_FILE)
            try:
                clean(os.path.join(data, relative), written)
                if not os.path.isfile(written):
                    raise FileNotFoundError
            except KeyboardInterrupt:
                raise
            except BaseException as error:   # pyo3 panics and sys.exit() are no Exception
                failed[type(error).__name__] += 1
                continue
            finally:
                signal.alarm(0)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.replace(written, target)
            rows.writerow([relative, os.path.relpath(target, out)])
    shutil.rmtree(scratch, ignore_errors=True)
    with open(links + ".failed.json", "w") as record:
        json.dump(failed, record)


# What runs outside.

def inputs(data):
    return sorted(os.path.relpath(os.path.join(folder, name), data) for folder, _, names in os.walk(data) for name in names)


def quiet(command, log, **more):
    """Runs to the end, with everything that is said in a log; the exit code."""
    with open(log, "ab") as said:
        return subprocess.run(command, stdout=said, stderr=said, stdin=subprocess.DEVNULL, **more).returncode


def need(command, log, **more):
    if code := quiet(command, log, **more):
        sys.exit(f"exit {code} of {os.path.basename(command[0])} {os.path.basename(command[1])}: see {log}")


def spent():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Bench:
    def __init__(self, options):
        self.options = options
        self.work = os.path.abspath(options.work)
        self.midi = os.path.join(os.path.abspath(options.shared), "midi")
        self.venv = os.path.join(self.work, "venv")
        self.python = os.path.join(self.venv, "bin", "python")
        self.log = os.path.join(self.work, "log.txt")
        self.env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1", "MPLCONFIGDIR": os.path.join(self.work, "matplotlib")}
        os.makedirs(self.work, exist_ok=True)

    def install(self, tools):
        if not os.path.exists(self.python):
            need([sys.executable, "-m", "venv", self.venv], self.log)
        need([self.python, "-m", "pip", "install", "-q", *BASE, *(PEERS[tool] for tool in tools if tool in PEERS)], self.log)
        if "gdcmanon" in tools and not shutil.which("gdcmanon"):
            need(["apt-get", "install", "-y", "-q", "libgdcm-tools"], self.log)

    def version(self, tool):
        if tool in PEERS:
            return PEERS[tool].split("==")[1]
        said = subprocess.run([self.options.tool if tool == "dcmscrub" else tool, "--version"], capture_output=True, text=True).stdout
        return re.search(r"\d+\.\d+\.\d+", said)[0]

    def generate(self, seed):
        """The set of one seed: its folder, and a digest of its files, of the key and of the scorer."""
        made = os.path.join(self.work, f"set-{seed}-{self.options.size}")
        shutil.rmtree(made, ignore_errors=True)
        corpus = os.path.join(os.path.abspath(self.options.shared), "corpus")
        command = [self.python, "generate.py", "--corpus", corpus, "--out", made, "--seed", str(seed), "--size", str(self.options.size)]
        need(command, self.log, cwd=self.midi, env=self.env)
        data, digest = os.path.join(made, "data"), hashlib.sha256()
        for relative in inputs(data):
            with open(os.path.join(data, relative), "rb") as one:
                digest.update(relative.encode() + b"\0" + hashlib.sha256(one.read()).digest())
        with sqlite3.connect(os.path.join(made, "key.sqlite")) as key:
            digest.update(repr(key.execute("select * from checks order by cid").fetchall()).encode())
        for name in ("score.py", "rawdcm.py", "standard_2026d.json"):
            with open(os.path.join(self.midi, name), "rb") as one:
                digest.update(one.read())
        return made, digest.hexdigest()[:16]

    def modes(self, tool):
        """Which profiles a tool has: of the peers none has one like research."""
        listed = subprocess.run([self.options.tool, "profile", "list"], capture_output=True, text=True).stdout.split() if tool == "dcmscrub" else []
        return [mode for mode in MODES if mode == "basic" or mode in listed]

    def run(self, tool, mode, made):
        """Cleans one set and scores what came of it."""
        data, base = os.path.join(made, "data"), os.path.join(made, f"{tool}-{mode}")
        out, links, log = base + ".out", base + ".csv", base + ".log"
        for old in (links, log, base + ".json"):
            if os.path.exists(old):
                os.remove(old)
        shutil.rmtree(out, ignore_errors=True)
        if tool == "gdcmanon":
            seconds = self.gdcmanon(data, out, links, log)
        elif tool == "dcmscrub":
            seconds = self.dcmscrub(data, out, links, log, mode)
        else:
            before = spent()
            need([self.python, os.path.abspath(__file__), "--worker", tool, data, out, links], log, env=self.env)
            seconds = spent() - before
        score = [self.python, "score.py", "--truth", os.path.join(made, "key.sqlite"), "--original", data, "--output", out, "--mode", mode, "--map", links]
        score += ["--json", base + ".json"]
        need(score, base + ".score.txt", cwd=self.midi, env=self.env)
        with open(base + ".json") as result:
            return taken(json.load(result), seconds)

    def dcmscrub(self, data, out, links, log, mode):
        before = spent()
        code = quiet([self.options.tool, "clean", data, "-o", out, "-q", "-p", mode, "--links", links], log)
        if code not in (0, 3):   # 3: some files could not be read
            sys.exit(f"dcmscrub ends with exit code {code}: see {log}")
        return spent() - before

    def gdcmanon(self, data, out, links, log):
        """It stops at the first file that it refuses, and gives new UIDs in every process. So each file is tried alone, and
        those that it takes are then cleaned by one process, which is what the CPU time is of."""
        certificate, accepted, tried = out + ".pem", out + ".in", out + ".now"
        need(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", out + ".key", "-out", certificate, "-subj", "/CN=comparison"], log)
        shutil.rmtree(accepted, ignore_errors=True)
        command = ["gdcmanon", "-e", "-c", certificate]
        for relative in inputs(data):
            if os.path.exists(tried):
                os.remove(tried)
            try:
                code = quiet([*command, "-i", os.path.join(data, relative), "-o", tried], log, timeout=SECONDS_A_FILE)
            except subprocess.TimeoutExpired:
                continue
            if code == 0 and os.path.exists(tried):
                copy = os.path.join(accepted, relative)
                os.makedirs(os.path.dirname(copy), exist_ok=True)
                shutil.copyfile(os.path.join(data, relative), copy)
        before = spent()
        need([*command, "-r", "-i", accepted, "-o", out], log)
        seconds = spent() - before
        with open(links, "w", newline="") as listing:
            csv.writer(listing).writerows([relative, relative] for relative in inputs(out))
        return seconds


def taken(score, seconds):
    """What is kept of the scorer's JSON: counts, so that seeds can be added up."""
    kept = {side: {"passed": score[side]["pass"], "of": score[side]["total"]} for side in ("removal", "retention", "consistency")}
    missed = score["files"] - score["files_without_any_removal_miss"]
    kinds = collections.Counter(score["bytescan"]["kinds"]) + collections.Counter(score["bytescan"]["kinds_in_review"])
    return {"files": score["files"], "written": score["files_matched"], "held": score["held"]["files"], **kept, "h": score["H"],
            "without_miss": score["files_without_any_removal_miss"], "written_without_miss": score["files_matched"] - missed, "scan_hits": sum(kinds.values()),
            "scan_hits_in_names": sum(count for kind, count in kinds.items() if kind.startswith("filename:")), "cpu_seconds": round(seconds, 2)}


def machine():
    with open("/proc/cpuinfo") as about:
        model = re.search(r"model name\s*: (.*)", about.read())
    with open("/etc/os-release") as about:
        system = re.search(r'PRETTY_NAME="(.*)"', about.read())
    name = re.sub(r"\s+", " ", re.sub(r"\(R\)|\(TM\)|CPU|Processor", "", model[1])).split("@")[0].strip() if model else platform.machine()
    return f"{os.cpu_count()} cores ({name}), {system[1] if system else platform.system()}, Python {platform.python_version()}"


def row(tool, runs):
    """One line of a table; the counts of all seeds are added up, and H is their mean."""
    add = lambda key: sum(run[key] for run in runs)
    share = lambda side: f"{100 * sum(run[side]['passed'] for run in runs) / sum(run[side]['of'] for run in runs):.2f}"
    cells = [f"{add('written')} of {add('files')}", f"{add('held')}", share("removal"), share("retention"), share("consistency"), f"{add('h') / len(runs):.1f}",
             f"{add('without_miss')} ({add('written_without_miss')})", f"{add('scan_hits')} ({add('scan_hits_in_names')})", f"{add('cpu_seconds'):.1f}"]
    return f"| {tool} | " + " | ".join(cells) + " |"


def table(results):
    seeds, tools = results["seeds"], results["tools"]
    named = f"Seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}, {results['size']} files each"
    lines = [f"{named}; digest of set and scorer `{' '.join(results['digests'])}`.", "",
             "| tool | version | measured | machine |", "|---|---|---|---|"]
    lines += [f"| {tool} | {tools[tool]['version']} | {tools[tool]['date']} | {tools[tool]['machine']} |" for tool in TOOLS if tool in tools]
    for mode, title in MODES.items():
        lines += ["", f"### {title}", "", f"| {' | '.join(HEAD)} |", "|---" * len(HEAD) + "|"]
        for tool in TOOLS:
            runs = tools.get(tool, {}).get("modes", {}).get(mode)
            lines.append(row(tool, runs) if runs else f"| {tool} |" + " - |" * (len(HEAD) - 1))
    return "\n".join(lines)


def render(page, results):
    with open(page, encoding="utf-8") as old:
        text = old.read()
    if text.count(START) != 1 or text.count(END) != 1:
        sys.exit(f"{page} needs the two lines between which the table stands: {START} and {END}")
    before, after = text.split(START)[0], text.split(END)[1]
    with open(page, "w", encoding="utf-8") as new:
        new.write(f"{before}{START}\n\n{table(results)}\n\n{END}{after}")


def main():
    parser = argparse.ArgumentParser(description="Compares dcmscrub with five other de-identifiers.")
    parser.add_argument("--tool", required=True, help="the dcmscrub program")
    parser.add_argument("--shared", required=True, help="the folder of shared checks, with midi/ and corpus/")
    parser.add_argument("--work", required=True, help="a folder for the venv, the sets and the outputs")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--size", type=int, default=200)
    parser.add_argument("--out", default="docs/comparison.md", help="the page; the results are beside it, in a .json of the same name")
    parser.add_argument("--only", nargs="+", choices=TOOLS, default=TOOLS, help="run only these; the others keep their results")
    options = parser.parse_args()
    options.tool = os.path.abspath(options.tool)
    kept = os.path.splitext(options.out)[0] + ".json"
    bench = Bench(options)
    bench.install(options.only)
    sets = [bench.generate(seed) for seed in options.seeds]
    results = {"seeds": options.seeds, "size": options.size, "digests": [digest for _, digest in sets], "tools": {}}
    if os.path.exists(kept):
        with open(kept) as old:
            old = json.load(old)
        others = {tool: of for tool, of in old["tools"].items() if tool not in options.only}
        if others and any(old[key] != results[key] for key in ("seeds", "size", "digests")):
            sys.exit(f"the results in {kept} are of other seeds, sizes, files or checks: run all tools")
        results["tools"] = others
    for tool in options.only:
        modes = {}
        for mode in bench.modes(tool):
            modes[mode] = [bench.run(tool, mode, made) for made, _ in sets]
            print(row(f"{tool} {mode}", modes[mode]), flush=True)
        results["tools"][tool] = {"version": bench.version(tool), "date": datetime.date.today().isoformat(), "machine": machine(), "modes": modes}
    results["tools"] = {tool: results["tools"][tool] for tool in TOOLS if tool in results["tools"]}
    with open(kept, "w") as new:
        json.dump(results, new, indent=1)
        new.write("\n")
    render(options.out, results)


if sys.argv[1:2] == ["--worker"]:
    worker(*sys.argv[2:])
else:
    main()
