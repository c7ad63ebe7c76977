"""dcmscrub removes the identity of people from DICOM files, as the command of this name does.

    from dcmscrub import Cleaner
    cleaned = Cleaner("basic", "trial.key").clean(data)

No message, error or repr holds a value of a patient's element or a key.
"""

from ._native import Cleaner, __version__, check
from ._types import (
    Bug,
    DcmscrubError,
    Failure,
    Finding,
    Held,
    KeyRefused,
    NotChecked,
    NotDicom,
    ProfileError,
    Reason,
    Refused,
    Step,
)

__all__ = [
    "Bug",
    "Cleaner",
    "DcmscrubError",
    "Failure",
    "Finding",
    "Held",
    "KeyRefused",
    "NotChecked",
    "NotDicom",
    "ProfileError",
    "Reason",
    "Refused",
    "Step",
    "__version__",
    "check",
]
