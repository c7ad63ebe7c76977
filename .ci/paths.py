"""Compares the paths that our walk visits (a list of JSON Lines) with those that pydicom sees: paths.py DIR LIST."""
import json
import os
import sys
import warnings

import pydicom

warnings.simplefilter("ignore")
# bytes of UN stay bytes, as they stand in the file
pydicom.config.replace_un_with_known_vr = False


def seen(dataset):
    paths, open_ = set(), [("", dataset)]
    while open_:
        prefix, item = open_.pop()
        for tag in item.keys():
            path = f"{prefix}({tag.group:04X},{tag.elem:04X})"
            paths.add(path)
            element = item[tag]
            if element.VR == "SQ":
                open_ += [(f"{path}[{n}].", child) for n, child in enumerate(element.value or [])]
    return paths


def has_items(paths):
    return {path[:at] for path in paths for at, sign in enumerate(path) if sign == "["}


def main(folder, listed):
    equal = different = unread = 0
    for line in open(listed):
        name, ours = json.loads(line)
        ours = set(ours)
        try:
            theirs = seen(pydicom.dcmread(os.path.join(folder, name), force=True))
        except Exception:
            unread += 1
            continue
        # what lies below something that pydicom takes for bytes is no difference
        inside = has_items(theirs)
        unseen = {path for path in ours if any(path[:at] in theirs and path[:at] not in inside for at, sign in enumerate(path) if sign == "[")}
        wrong = sorted((ours - theirs - unseen) | (theirs - ours))
        if wrong:
            different += 1
            print(name, wrong[:6], len(ours), len(theirs))
        else:
            equal += 1
    print(f"pydicom: {equal} equal, {different} different; {unread} not read by pydicom")
    return different > 0


sys.exit(main(*sys.argv[1:3]))
