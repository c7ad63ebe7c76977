import os
from collections.abc import Sequence
from typing import Union, final

from ._types import Finding, Step

__version__: str

@final
class Cleaner:
    """Cleans files in memory, by one profile and one key. May be used by several threads at once."""

    def __new__(
        cls,
        profile: Union[str, os.PathLike[str]] = "basic",
        key: Union[str, os.PathLike[str], bytes, None] = None,
        *,
        options: Sequence[str] = (),
        project: str = "",
        accept_held: bool = False,
    ) -> Cleaner: ...
    def clean(self, data: bytes) -> bytes: ...
    def plan(self, data: bytes) -> list[Step]: ...
    @property
    def profile(self) -> str: ...

def check(
    path: Union[str, os.PathLike[str]],
    *,
    no_ignore: bool = False,
    config: Union[str, os.PathLike[str], None] = None,
) -> list[Finding]: ...
