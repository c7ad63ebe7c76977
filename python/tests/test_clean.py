"""The module does what the command does, and raises where the command refuses."""

from __future__ import annotations

import io
import json
import os
import pickle
import subprocess
from pathlib import Path
from typing import Any

import dcmscrub
import pydicom
import pytest
from conftest import FIXTURES
from dcmscrub import Cleaner, Held, KeyRefused, NotDicom, ProfileError, Refused


def by_command(command: Path, data: bytes, *args: Any) -> subprocess.CompletedProcess[bytes]:
    env = {name: value for name, value in os.environ.items() if name != "DCMSCRUB_KEY_FILE"}
    return subprocess.run([command, "clean", "-", *map(str, args)], input=data, capture_output=True, env=env)


@pytest.mark.parametrize("profile", ["basic", "research"])
@pytest.mark.parametrize("accept_held", [False, True])
def test_every_fixture_ends_as_with_the_command(
    command: Path, key: Path, files: list[Path], canaries: list[bytes], profile: str, accept_held: bool
) -> None:
    cleaner = Cleaner(profile, key, project="trial", accept_held=accept_held)
    cleaned = 0
    for path in files:
        data = path.read_bytes()
        args = ["-p", profile, "--key-file", key, "--project", "trial"] + ["--accept-held"] * accept_held
        expected = by_command(command, data, *args)
        try:
            assert cleaner.clean(data) == expected.stdout, path
            cleaned += 1
        except dcmscrub.DcmscrubError as e:
            assert (expected.returncode, expected.stdout) == (3, b""), path
            first = expected.stderr.decode().splitlines()[0].removeprefix("error: stdin: ")
            assert first in str(e), path
            said = f"{e} {e!r} {e.args}".encode()
            assert not [canary for canary in canaries if canary in said], path
        else:
            assert expected.returncode == 0, path
    assert cleaned >= 15


def test_pydicom_reads_what_comes_back(key: Path, picture: bytes) -> None:
    before = pydicom.dcmread(io.BytesIO(picture))
    after = pydicom.dcmread(io.BytesIO(Cleaner(key=key).clean(picture)))
    assert after.PatientIdentityRemoved == "YES"
    assert after.PatientID != before.PatientID
    assert after.SOPInstanceUID != before.SOPInstanceUID
    assert after.file_meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID
    assert after.PixelData == before.PixelData


def test_a_key_by_its_path_as_text_or_as_its_content_gives_the_same_bytes(key: Path, picture: bytes) -> None:
    expected = Cleaner(key=key).clean(picture)
    assert Cleaner(key=str(key)).clean(picture) == expected
    assert Cleaner(key=key.read_bytes()).clean(picture) == expected
    assert Cleaner(key=key, project="other").clean(picture) != expected
    random = Cleaner()
    assert random.clean(picture) == random.clean(picture)
    assert random.clean(picture) != Cleaner().clean(picture)


def test_options_are_those_of_the_command(command: Path, key: Path, picture: bytes) -> None:
    options = ["retain-uids", "clean-descriptors"]
    expected = by_command(command, picture, "--key-file", key, "--option", options[0], "--option", options[1]).stdout
    assert Cleaner(key=key, options=options).clean(picture) == expected
    assert Cleaner(key=key).clean(picture) != expected


def test_what_a_person_has_to_look_at_is_held_back(key: Path) -> None:
    data = (FIXTURES / "disc/DICOM/ANNA/US1").read_bytes()
    with pytest.raises(Held) as held:
        Cleaner(key=key).clean(data)
    assert [reason.code for reason in held.value.reasons] == ["ultrasound"]
    assert held.value.reasons[0].reason in str(held.value)
    assert pydicom.dcmread(io.BytesIO(Cleaner(key=key, accept_held=True).clean(data))).PatientIdentityRemoved
    last = Cleaner(key=key).plan(data)[-1]
    assert (last.action, last.rule.partition(":")[0]) == ("hold-back", "ultrasound")


def test_a_plan_is_that_of_the_command(command: Path, key: Path, picture: bytes, tmp_path: Path) -> None:
    file = tmp_path / "one.dcm"
    file.write_bytes(picture)
    said = subprocess.run([command, "plan", file, "--key-file", key, "--format", "json"], check=True, capture_output=True)
    expected = [dcmscrub.Step(**json.loads(line)) for line in said.stdout.splitlines()]
    assert Cleaner(key=key).plan(picture) == expected
    assert ("(0010,0010)", "PatientName") in [(step.path, step.keyword) for step in expected]


@pytest.mark.parametrize("data", [b"", b"x", b"%PDF-1.7 letter", bytes(1000)])
def test_what_is_not_dicom_is_said_to_be_none(data: bytes) -> None:
    for work in (Cleaner().clean, Cleaner().plan):
        with pytest.raises(NotDicom):
            work(data)


def test_damage_and_disc_indexes_are_refused(picture: bytes) -> None:
    with pytest.raises(Refused) as cut:
        Cleaner().clean(picture[:-10])
    assert cut.value.code == "length-beyond-end"
    with pytest.raises(Refused) as index:
        Cleaner().clean((FIXTURES / "disc/DICOMDIR").read_bytes())
    assert index.value.code == "disc-index"


def test_key_files_that_cannot_be_used(key: Path, tmp_path: Path) -> None:
    secret = key.read_text().split()[-2]
    damaged = tmp_path / "damaged.key"
    other = "0" if secret[0] != "0" else "1"
    damaged.write_text(key.read_text().replace(secret, other + secret[1:]))
    damaged.chmod(0o600)
    open_to_all = tmp_path / "open.key"
    open_to_all.write_bytes(key.read_bytes())
    open_to_all.chmod(0o644)
    refused: list[Any] = [damaged, tmp_path / "none.key", tmp_path, b"", b"\xff\xfe", damaged.read_bytes()]
    if os.name != "nt":
        refused.append(open_to_all)
    for given in refused:
        with pytest.raises(KeyRefused) as e:
            Cleaner(key=given)
        assert secret[1:] not in f"{e.value} {e.value!r}"
    with pytest.raises(TypeError):
        Cleaner(key=4711)  # type: ignore[arg-type]


def test_profiles_and_options_that_are_refused(key: Path, tmp_path: Path, picture: bytes) -> None:
    for profile, options in [("no-such-profile", []), ("basic", ["no-such-option"]), (str(tmp_path / "none.toml"), [])]:
        with pytest.raises(ProfileError) as e:
            Cleaner(profile, options=options)
        assert e.value.messages and str(e.value)
    own = tmp_path / "own.toml"
    own.write_text('extends = "basic"\nkey = "required"\n[[rule]]\ntag = "BodyPartExamined"\naction = "keep"\nwhy = "test"\n')
    with pytest.raises(KeyRefused, match="asks for a key"):
        Cleaner(own)
    assert Cleaner(own, key).clean(picture)
    own.write_text('extends = "basic"\n[[rule]]\ntag = "PatientNam"\naction = "keep"\nwhy = "test"\n')
    with pytest.raises(ProfileError, match="PatientName"):
        Cleaner(own, key)


def test_nothing_shows_the_key(key: Path) -> None:
    secret = key.read_text().split()[-2]
    cleaner = Cleaner(key=key)
    assert repr(cleaner) == "Cleaner(profile='basic')" and cleaner.profile == "basic"
    assert secret not in f"{cleaner!r} {cleaner} {dir(cleaner)}"
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(cleaner)


def test_what_is_raised_travels_between_processes() -> None:
    raised = [Held([dcmscrub.Reason("a", "b")]), Refused("c", "d"), ProfileError(["e"]), NotDicom("f"), KeyRefused("g")]
    for e in raised:
        copy = pickle.loads(pickle.dumps(e))
        assert (type(copy), copy.args, str(copy)) == (type(e), e.args, str(e))


def test_only_bytes_are_cleaned(picture: bytes) -> None:
    for data in (None, "text", 1):
        with pytest.raises(TypeError):
            Cleaner().clean(data)  # type: ignore[arg-type]


def test_versions_agree(command: Path) -> None:
    said = subprocess.run([command, "--version"], check=True, capture_output=True, text=True).stdout
    assert said.split()[1] == dcmscrub.__version__
