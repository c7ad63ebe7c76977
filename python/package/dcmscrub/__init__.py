"""dcmscrub removes the identity of people from DICOM files, as the command of this name does.

    from dcmscrub import Cleaner
    cleaned = Cleaner("basic", "trial.key").clean(data)

No message, error or repr holds a value of a patient's element or a key.
"""

from ._native import Cleaner, __version__
from ._types import (
    Bug,
    DcmscrubError,
    Held,
    KeyRefused,
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
    "Held",
    "KeyRefused",
    "NotDicom",
    "ProfileError",
    "Reason",
    "Refused",
    "Step",
    "__version__",
]
