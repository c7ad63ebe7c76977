"""Compressed pictures decode to the same pixels before and after, by decoders that are not ours."""
import csv
import logging
import sys
import warnings

import numpy
import pydicom

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
same, differ, undecoded = 0, 0, 0
for row in csv.DictReader(open(sys.argv[1], newline="", errors="surrogateescape")):
    if not row["output"]:
        continue
    before = pydicom.dcmread(row["input"], force=True)
    syntax = getattr(getattr(before, "file_meta", None), "TransferSyntaxUID", None)
    if not str(syntax).startswith("1.2.840.10008.1.2.4."):
        continue
    after = pydicom.dcmread(row["output"], force=True)
    try:
        one = before.pixel_array
    except Exception:
        undecoded += 1
        continue
    try:
        equal = numpy.array_equal(one, after.pixel_array)
    except Exception as e:
        print(row["input"], type(e).__name__)
        equal = False
    same += equal
    differ += not equal
    if not equal:
        print("differs:", row["input"])
print(f"decoded pictures: {same} same, {differ} different, {undecoded} that the decoder does not decode")
sys.exit(differ > 0)
