"""What the tests share. They run against the installed wheel, never against the sources beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"


@pytest.fixture(scope="session")
def command() -> Path:
    """The command that the wheel brought."""
    name = "dcmscrub.exe" if os.name == "nt" else "dcmscrub"
    path = Path(sys.executable).parent / name
    assert path.exists(), "the wheel is not installed beside this Python"
    return path


@pytest.fixture(scope="session")
def key(command: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "trial.key"
    subprocess.run([command, "key", "new", path], check=True, capture_output=True)
    return path


@pytest.fixture(scope="session")
def files() -> list[Path]:
    """All files of the fixtures."""
    found = [path for folder in ("disc", "files") for path in sorted((FIXTURES / folder).rglob("*")) if path.is_file()]
    assert len(found) >= 20
    return found


@pytest.fixture(scope="session")
def canaries() -> list[bytes]:
    """What must not be found in a message."""
    lines = (FIXTURES / "canaries.txt").read_text(encoding="utf-8").splitlines()
    return [line.encode() for line in lines if line]


@pytest.fixture(scope="session")
def picture() -> bytes:
    return (FIXTURES / "disc/DICOM/ANNA/CT1").read_bytes()
