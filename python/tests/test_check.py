"""check(path) finds what the command finds."""

from __future__ import annotations

import json
import pickle
import subprocess
from pathlib import Path

import pytest
from conftest import FIXTURES
from dcmscrub import Cleaner, DcmscrubError, Finding, NotChecked, NotDicom, check


def by_command(command: Path, path: Path) -> tuple[int, list[dict[str, object]]]:
    said = subprocess.run([command, "check", path, "--format", "json"], capture_output=True)
    return said.returncode, [json.loads(line) for line in said.stdout.splitlines()]


def test_findings_are_those_of_the_command_and_hold_no_value(command: Path, canaries: list[bytes]) -> None:
    found = check(FIXTURES / "disc/DICOM")
    code, _ = by_command(command, FIXTURES / "disc/DICOM")
    assert code == 1 and found
    rules = {finding.rule for finding in found}
    assert {"patient-name", "patient-id", "birth-date"} <= rules
    names = [finding for finding in found if finding.rule == "patient-name"]
    assert ("(0010,0010)", "PatientName", "certain") in [(f.place, f.keyword, f.confidence) for f in names]
    said = repr(found).encode()
    # paths are those that were asked for
    assert not [canary for canary in canaries if canary in said.replace(str(FIXTURES).encode(), b"")]
    assert pickle.loads(pickle.dumps(found)) == found


def test_one_file_gives_the_same_rules_and_places(command: Path) -> None:
    path = FIXTURES / "disc/DICOM/ANNA/CT1"
    _, lines = by_command(command, path)
    text = json.dumps(lines)
    found = check(str(path))
    assert found
    for finding in found:
        assert isinstance(finding, Finding) and finding.path == str(path)
        assert finding.rule in text and finding.place in text


def test_what_was_cleaned_passes(command: Path, key: Path, tmp_path: Path) -> None:
    subprocess.run([command, "clean", FIXTURES / "disc", "-o", tmp_path / "out", "--key-file", key], check=True, capture_output=True)
    assert check(tmp_path / "out/clean", no_ignore=True) == []
    one = tmp_path / "one.dcm"
    one.write_bytes(Cleaner(key=key).clean((FIXTURES / "disc/DICOM/ANNA/CT1").read_bytes()))
    assert check(one) == []


def test_what_cannot_be_looked_at_never_passes(tmp_path: Path, picture: bytes) -> None:
    with pytest.raises(FileNotFoundError):
        check(tmp_path / "none")
    with pytest.raises(NotDicom):
        check(tmp_path)
    (tmp_path / "letter.txt").write_text("a letter")
    with pytest.raises(NotDicom):
        check(tmp_path)
    (tmp_path / "cut.dcm").write_bytes(picture[:-10])
    with pytest.raises(NotChecked) as e:
        check(tmp_path)
    assert [failure.code for failure in e.value.failures] == ["length-beyond-end"]
    assert "patient-name" in {finding.rule for finding in e.value.findings}
    copy = pickle.loads(pickle.dumps(e.value))
    assert (copy.failures, copy.findings) == (e.value.failures, e.value.findings)


def test_a_configuration_is_heeded(tmp_path: Path, picture: bytes) -> None:
    (tmp_path / "one.dcm").write_bytes(picture)
    (tmp_path / ".dcmscrub.toml").write_text("no-such-key = 1\n")
    with pytest.raises(DcmscrubError):
        check(tmp_path)
    (tmp_path / "fine.toml").write_text('[check]\nmin-confidence = "certain"\n')
    found = check(tmp_path, config=tmp_path / "fine.toml")
    assert {finding.confidence for finding in found} == {"certain"}
