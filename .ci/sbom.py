"""Writes what the program is made of as a CycloneDX 1.5 document, from `cargo tree` and Cargo.lock alone.

    python3 .ci/sbom.py >sbom.json      the crates that a build for this machine links, or runs while it builds; none of the tests
    python3 .ci/sbom.py --count         their number

Each component has its version, licence, package URL and the SHA-256 of the package as Cargo.lock has it.
`cargo metadata` is not asked: it counts features that only the tests turn on.
"""

import json
import re
import subprocess
import sys
import tomllib


def tree():
    """(depth, name, version, licence) of every line of the tree, each crate with all that is below it."""
    command = ["cargo", "tree", "--locked", "--edges", "normal", "--no-dedupe", "--prefix", "depth", "--format", "|{p}|{l}"]
    for line in subprocess.check_output(command, text=True).splitlines():
        depth, package, licence = line.split("|")
        name, version = re.match(r"(\S+) v(\S+)", package).groups()
        yield int(depth), name, version, licence


def main():
    with open("Cargo.lock", "rb") as file:
        locked = {(package["name"], package["version"]): package.get("checksum") for package in tomllib.load(file)["package"]}
    licences, below, path = {}, {}, []
    for depth, name, version, licence in tree():
        crate = (name, version)
        del path[depth:]
        if path:
            below[path[-1]].add(crate)
        path.append(crate)
        licences[crate] = licence
        below.setdefault(crate, set())
    root, *_ = licences
    others = sorted(set(licences) - {root})
    if sys.argv[1:] == ["--count"]:
        print(len(others))
        return

    def purl(crate):
        return "pkg:cargo/{}@{}".format(*crate)

    def component(crate, kind):
        out = {"type": kind, "bom-ref": purl(crate), "name": crate[0], "version": crate[1], "purl": purl(crate)}
        if licences[crate]:
            out["licenses"] = [{"expression": licences[crate].replace("/", " OR ")}]
        if locked[crate]:
            out["hashes"] = [{"alg": "SHA-256", "content": locked[crate]}]
        return out

    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": component(root, "application")},
        "components": [component(crate, "library") for crate in others],
        "dependencies": [{"ref": purl(crate), "dependsOn": sorted(map(purl, below[crate]))} for crate in sorted(below)],
    }
    json.dump(document, sys.stdout, indent=1, ensure_ascii=False)
    print()


main()
