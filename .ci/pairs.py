"""Each option of PS3.15 alone and with each other one: no new error of dciodvfy, and the codes of what was asked for.

    pairs.py TOOL CORPUS KEY WORK

Of CORPUS the smallest file of each SOP Class and transfer syntax is taken. A line for each failure, then the counts."""
import csv
import itertools
import os
import re
import shutil
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import pydicom

warnings.simplefilter("ignore")
TOOL, CORPUS, KEY, WORK = sys.argv[1:5]
BASIC = "113100"
# CID 7050
CODES = {"retain-safe-private": "113111", "retain-uids": "113110", "retain-device-identity": "113109", "retain-institution-identity": "113112",
         "retain-patient-characteristics": "113108", "retain-longitudinal-full-dates": "113106", "retain-longitudinal-modified-dates": "113107",
         "clean-descriptors": "113105", "clean-structured-content": "113104", "clean-graphics": "113103"}
EXCLUDE_EACH_OTHER = {"retain-longitudinal-full-dates", "retain-longitudinal-modified-dates"}
DISC_INDEX = "1.2.840.10008.1.3.10"
DEFLATED = {"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.8.1"}
# as in gates.py: dciodvfy stops reading these inputs at group 0001 and so does not see the wrong length of Pixel Data behind it
UNSEEN = {"nested_priv_SQ.dcm": "PixelData has incorrect value length", "meta_missing_tsyntax.dcm": "PixelData has incorrect value length"}
# (0002,0003) is written anew, from the SOP Instance UID: what is wrong with that one is wrong with both, where UIDs are retained
COPY, COPIED = "/MediaStorageSOPInstanceUID(0002,0003)", "/SOPInstanceUID(0008,0018)"
MOST_SECONDS = 60


def smallest(corpus):
    """(SOP Class, transfer syntax) -> the smallest file of them."""
    found = {}
    for folder, _, names in os.walk(corpus):
        for name in sorted(names):
            path = os.path.join(folder, name)
            try:
                read = pydicom.dcmread(path, stop_before_pixels=True, force=True, specific_tags=["SOPClassUID", "Rows", "Modality"])
                sop_class, syntax = str(read.get("SOPClassUID", "")), str(read.file_meta.get("TransferSyntaxUID", ""))
            except Exception:
                continue
            # without a SOP Class it may be no DICOM file at all
            if sop_class and sop_class != DISC_INDEX:
                found.setdefault((sop_class, syntax), []).append((os.path.getsize(path), path))
    return {kind: min(paths)[1] for kind, paths in sorted(found.items())}


def kinds(path, syntax):
    """What dciodvfy calls an error, without values, items and numbers, so that two files can be compared."""
    if syntax in DEFLATED:
        # as in gates.py: dciodvfy does not inflate; it is given an inflated copy, where dcmconv can make one
        copy = os.path.join(WORK, f"inflated-{threading.get_ident()}")
        if subprocess.run(["dcmconv", "+te", path, copy], capture_output=True).returncode:
            return {"dcmconv cannot inflate it"}
        path = copy
    try:
        run = subprocess.run(["dciodvfy", "-new", path], capture_output=True, timeout=MOST_SECONDS)
    except subprocess.TimeoutExpired:
        return {f"dciodvfy takes more than {MOST_SECONDS} seconds"}
    return {kind(line) for line in (run.stdout + run.stderr).decode("utf-8", "replace").splitlines() if line.startswith("Error")}


def kind(line):
    place, words = "", line
    named = re.match(r"Error - <(/.*?)> - (.*)", line)
    if named:
        place, words = re.sub(r"\[\d+\]", "", named[1]), named[2]
    if words.startswith("Tag read failed"):
        # the whole file is written in another encoding than it says, and so is what is added to it
        place = ""
    # what stands in brackets is a value, unless it is the name of a module
    words = re.sub(r"(?<!Module)(?<!Element)=? *<[^>]*>|= '.*?' \(0x[0-9a-f]+\)", "", words)
    return f"{place} {re.sub(r'-?[0-9.]*[0-9]', 'N', words)}".strip()


def codes(path):
    read = pydicom.dcmread(path, stop_before_pixels=True, force=True, specific_tags=["DeidentificationMethodCodeSequence"])
    return sorted(str(item.get("CodeValue", "")) for item in read.get("DeidentificationMethodCodeSequence") or [])


def clean(options):
    """input -> output, as one run with these options made them; None for what failed."""
    name = "+".join(options) or "none"
    out, links = os.path.join(WORK, "out", name), os.path.join(WORK, "out", name + ".csv")
    chosen = [word for option in options for word in ("--option", option)]
    run = subprocess.run([TOOL, "clean", os.path.join(WORK, "in"), "-o", out, "--key-file", KEY, "--links", links, "-j1", "-q", *chosen], capture_output=True, text=True)
    if run.returncode not in (0, 3):
        return out, None, run
    return out, {row["input"]: row["output"] for row in csv.DictReader(open(links))}, run


def is_excused(new, origin, before):
    unseen = UNSEEN.get(os.path.basename(origin))
    return bool(unseen and unseen in new) or new.startswith(COPY) and new.replace(COPY, COPIED, 1) in before


def check(options, inputs, before, expected):
    """One run: its failures, the inputs that it cleaned, how many errors were excused. An input that is expected has to have an output."""
    out, made, run = clean(options)
    said = " ".join(options) or "no option"
    if made is None:
        return [f"{said}: exit {run.returncode}: {run.stderr.strip()[:300]}"], set(), 0
    wrong, done, excused = [], set(), 0
    for path, (origin, syntax) in inputs.items():
        output = made.get(path)
        if not output or not os.path.isfile(output):
            if path in expected:
                wrong.append(f"{origin}: {said}: no output")
            continue
        done.add(path)
        errors, had = before[path]
        for new in sorted(kinds(output, syntax) - errors):
            if is_excused(new, origin, errors):
                excused += 1
            else:
                wrong.append(f"{origin}: {said}: new error: {new}")
        # a code that the input has already is not written a second time
        wanted = sorted([*had, *({BASIC, *(CODES[option] for option in options)} - set(had))])
        if codes(output) != wanted:
            wrong.append(f"{origin}: {said}: codes {codes(output)}, not {wanted}")
    shutil.rmtree(out)
    return wrong, done, excused


def main():
    os.makedirs(os.path.join(WORK, "out"))
    inputs = {}
    for number, ((_, syntax), origin) in enumerate(smallest(CORPUS).items()):
        path = os.path.join(WORK, "in", f"{number:03}.dcm")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copyfile(origin, path)
        inputs[path] = (os.path.relpath(origin, CORPUS), syntax)
    sets = [(option,) for option in CODES] + [pair for pair in itertools.combinations(CODES, 2) if set(pair) != EXCLUDE_EACH_OTHER]
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        before = dict(zip(inputs, pool.map(lambda path: (kinds(path, inputs[path][1]), codes(path)), inputs)))
        # an input that the Basic Profile cannot clean either is no matter of options
        wrong, cleaned, excused = check((), inputs, before, set())
        outputs = len(cleaned)
        for found, done, passed in pool.map(lambda options: check(options, inputs, before, cleaned), sets):
            wrong += found
            outputs += len(done)
            excused += passed
    print("\n".join(wrong + [f"{len(inputs)} inputs, {len(inputs) - len(cleaned)} of them not cleaned by the Basic Profile either; {len(sets)} sets of options, "
                             f"{outputs} outputs, {excused} errors excused, {len(wrong)} failures"]))
    return bool(wrong)


sys.exit(main())
