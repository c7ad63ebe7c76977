"""What comes back, and what is raised. All of it can be pickled, so that it travels between processes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One decision about one data element."""

    #: The place, as ``(0040,A730)[2].(0010,0010)``; empty where it is about the whole file.
    path: str
    #: The attribute's keyword; empty where the standard has none.
    keyword: str
    #: VR by which it was decided; empty where it is about the whole file.
    vr: str
    #: ``remove``, ``empty``, ``dummy``, ``keep``, ``hold-back``...
    action: str
    #: The rule that asked for it.
    rule: str
    #: What the rule's author says of it, where there is something.
    why: str | None = None


@dataclass(frozen=True)
class Reason:
    """Why a person has to look at a file first."""

    #: A stable word, as reports have it.
    code: str
    #: The same in plain words.
    reason: str


@dataclass(frozen=True)
class Finding:
    """Something in a file that may identify somebody. It holds no value."""

    #: The file, as it was asked for.
    path: str
    #: A stable word, such as ``patient-name``; ``dcmscrub explain`` tells more of it.
    rule: str
    #: ``certain``, ``likely`` or ``possible``.
    confidence: str
    #: Where: a data element as in a :class:`Step`, or ``preamble``, ``file name``...
    place: str
    #: The attribute's keyword; empty for other places.
    keyword: str
    #: What is there, in a few words.
    title: str
    #: In how many places of this attribute.
    count: int


@dataclass(frozen=True)
class Failure:
    """A file that could not be looked at, or not to its end."""

    #: The file, as it was asked for.
    path: str
    #: A stable word.
    code: str
    #: The same in plain words.
    message: str


class DcmscrubError(Exception):
    """Anything that dcmscrub refuses."""


class NotDicom(DcmscrubError):
    """The bytes are no DICOM file."""


class Refused(DcmscrubError):
    """A DICOM file that is not cleaned: damaged, beyond a bound, a disc index, or not accepted by the last look."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message, code)
        #: A stable word, as reports have it.
        self.code = code

    def __str__(self) -> str:
        return str(self.args[0])


class Held(DcmscrubError):
    """A file that a person has to look at first. With ``accept_held=True`` it is cleaned all the same."""

    def __init__(self, reasons: list[Reason]) -> None:
        super().__init__(reasons)
        #: Why, the most telling reason first.
        self.reasons = reasons

    def __str__(self) -> str:
        return "held back: " + "; ".join(reason.reason for reason in self.reasons)


class NotChecked(DcmscrubError):
    """Some files could not be looked at to their end: nobody knows whether they identify somebody."""

    def __init__(self, findings: list[Finding], failures: list[Failure]) -> None:
        super().__init__(findings, failures)
        #: What was found all the same.
        self.findings = findings
        #: What could not be looked at.
        self.failures = failures

    def __str__(self) -> str:
        return "; ".join(f"{failure.path}: {failure.message}" for failure in self.failures)


class ProfileError(DcmscrubError):
    """The profile, or an option, is refused."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__(messages)
        #: All that is wrong, each with its place.
        self.messages = messages

    def __str__(self) -> str:
        return "\n".join(self.messages)


class KeyRefused(DcmscrubError):
    """The key file cannot be used, or the profile asks for one."""


class Bug(DcmscrubError):
    """A bug of dcmscrub."""
