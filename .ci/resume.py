"""Ten kills -9 and a resumed run, four shards apart and together: the same bytes as one run that nobody disturbed."""
import os
import random
import signal
import subprocess
import sys
import time

TOOL, SOURCE, KEY, WORK = sys.argv[1:5]
os.makedirs(WORK)


def command(out, *more):
    return [TOOL, "clean", SOURCE, "-o", os.path.join(WORK, out), "--key-file", KEY, "-q", *more]


def run(*arguments):
    return subprocess.run(command(*arguments), stderr=subprocess.DEVNULL).returncode


def same(out):
    diff = subprocess.run(["diff", "-r", os.path.join(WORK, "whole"), os.path.join(WORK, out)], capture_output=True, text=True)
    if diff.returncode:
        sys.exit(f"{out} is not what one run gives: {diff.stdout[:400]}")


def merge(*outs, to=None):
    paths = [os.path.join(WORK, out) for out in outs]
    merged = subprocess.run([TOOL, "report", "merge", *paths, "--key-file", KEY, "-q", *(["-o", os.path.join(WORK, to)] if to else [])])
    if merged.returncode != code:
        sys.exit(f"report merge: exit {merged.returncode}")


began = time.time()
code = run("whole")
takes = time.time() - began
chance, kills = random.Random(7), 0
for number in range(10):
    process = subprocess.Popen(command("killed", *(["--resume"] if number else [])), stderr=subprocess.DEVNULL, start_new_session=True)
    time.sleep(chance.uniform(0.02, 0.6) * takes)
    process.send_signal(signal.SIGKILL)
    kills += process.wait() == -signal.SIGKILL
if run("killed", "--resume") != code:
    sys.exit("the resumed run ends otherwise")
same("killed")
for shard in range(1, 5):
    run(f"shard{shard}", "--shard", f"{shard}/4")
merge(*[f"shard{shard}" for shard in range(1, 5)], to="merged")
same("merged")
together = [subprocess.Popen(command("together", "--shard", f"{shard}/4"), stderr=subprocess.DEVNULL) for shard in range(1, 5)]
[process.wait() for process in together]
merge("together")
same("together")
if subprocess.run([TOOL, "verify", os.path.join(WORK, "together"), "--key-file", KEY], stdout=subprocess.DEVNULL).returncode:
    sys.exit("verify finds something")
print(f"{kills} of 10 kills hit; resumed, merged and shared outputs equal one run's")
