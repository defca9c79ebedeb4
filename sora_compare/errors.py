"""The error tree. Every message is a sentence a person can act on; constructors take facts.

SoraCompareError
├── UsageError                     what was asked cannot be done as asked (exit code 2)
│   ├── RequestRefusedHere         a capability or prompt rule, before anything is sent
│   └── UnknownRecord              no such comparison, take, review …
├── ConfigurationError             settings or folders are not usable (exit code 2)
│   ├── StoreUnusable
│   ├── EndpointUnknown
│   └── SimulatorFailed
├── StoreError
│   ├── Conflict                   somebody else wrote first
│   └── TamperedRecord             a row that we did not write
├── EndpointError                  what a server did
│   ├── NotSent                    surely not received: may be sent again
│   │   └── RateLimited
│   ├── Refused                    the server said no: nothing was made
│   │   ├── KeyRefused
│   │   └── ContentRefused         for what the prompt or the clip shows
│   ├── ReferenceImageMissing      nothing was sent: our own file is gone
│   ├── Ambiguous                  received or not, nobody knows: never sent again by itself
│   ├── Unreadable                 an answer that is not the Videos API
│   ├── PollFailed                 a status request that may succeed next time
│   ├── JobGone                    the server does not know the job any more
│   └── NotReady                   the content is not there yet
└── ClipError                      a file that is not what it should be
    ├── NotAVideo
    ├── Truncated
    ├── ClipTooLarge
    └── NoRoom                     the disk is full
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.domain.problems import ProblemKind

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.domain.endpoints import ValidationProblem

MEGABYTE = 1_000_000
ANOTHER_FOLDER = "Set SORA_COMPARE_HOME to a folder of your own that is empty or was made by Sora Compare."


class SoraCompareError(Exception):
    """Root of every error that people see; `exit_code` is what the command line ends with."""

    exit_code = 1


class UsageError(SoraCompareError):
    """What was asked cannot be done as asked."""

    exit_code = 2


class RequestRefusedHere(UsageError):
    """An arm cannot take the request; nothing was sent. `problems` by arm label."""

    def __init__(self, problems: dict[str, list[ValidationProblem]]) -> None:
        self.problems = problems
        sentences = dict.fromkeys(one.sentence for found in problems.values() for one in found)
        super().__init__(" ".join(sentences))


class UnknownRecord(UsageError):
    """No record of that kind has that id."""

    def __init__(self, kind: str, identifier: str) -> None:
        super().__init__(f"There is no {kind} “{identifier}”. The Library lists what there is.")


class ConfigurationError(SoraCompareError):
    """Settings or folders are not usable."""

    exit_code = 2


class StoreUnusable(ConfigurationError):
    """The data folder cannot be used."""

    def __init__(self, path: Path, reason: str, advice: str = ANOTHER_FOLDER, state: str = "cannot be used") -> None:
        super().__init__(f"The data folder {path} {state}: {reason}. {advice}")


class EndpointUnknown(ConfigurationError):
    """An arm names an endpoint that is not configured."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"No endpoint is called “{name}”. Configured: {', '.join(known)}.")


class SimulatorFailed(ConfigurationError):
    """The built-in simulator did not start."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The built-in simulator did not start: {reason}.")


class StoreError(SoraCompareError):
    """The store could not do what was asked."""


class Conflict(StoreError):
    """Somebody else changed the record first."""

    def __init__(self, table: str, key: str) -> None:
        super().__init__(f"{table} {key} was changed by somebody else in the meantime: load it again.")


class TamperedRecord(StoreError):
    """A row in the store that Sora Compare did not write; it is refused, never run."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"The store holds a row that Sora Compare did not write ({where}). It was not read. Restore the "
            "data folder from a copy, or move it away and start with a new one."
        )


class EndpointError(SoraCompareError):
    """What a server did; `code` and `request_id` as it gave them, `kind` what that is (`domain/outcomes.py`)."""

    kind = ProblemKind.REFUSED

    def __init__(self, sentence: str, *, code: str | None = None, request_id: str | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.request_id = request_id


class NotSent(EndpointError):
    """The request surely did not reach the endpoint, so that it may be sent again."""

    kind = ProblemKind.UNREACHABLE

    def __init__(self, endpoint: str, reason: str) -> None:
        super().__init__(
            f"{endpoint} cannot be reached ({reason}). Check its base URL in Settings and that the server runs."
        )


class RateLimited(NotSent):
    """The endpoint refused for now; `retry_after_s` as it asked, or None."""

    kind = ProblemKind.RATE_LIMIT

    def __init__(self, endpoint: str, retry_after_s: float | None, request_id: str | None = None) -> None:
        EndpointError.__init__(self, f"{endpoint} asks to slow down (429) and has not taken the request.")
        self.retry_after_s = retry_after_s
        self.request_id = request_id


class Refused(EndpointError):
    """The endpoint refused the request: no job was made, nothing is billed.

    `parameter` is the name of the field that it refused, where the answer names one.
    """

    def __init__(
        self,
        endpoint: str,
        status: int,
        message: str,
        *,
        code: str | None = None,
        request_id: str | None = None,
        kind: ProblemKind = ProblemKind.REFUSED,
        parameter: str | None = None,
    ) -> None:
        self.status = status
        self.kind = kind
        self.parameter = parameter
        text = message.strip().rstrip(".") or "it gave no reason"
        super().__init__(f"{endpoint} refused the request ({status}): {text}.", code=code, request_id=request_id)


class KeyRefused(Refused):
    """The endpoint does not accept the key."""

    def __init__(self, endpoint: str, status: int, *, has_key: bool, request_id: str | None = None) -> None:
        why = "the key is not accepted" if has_key else "no key was sent"
        what = f"{why}. Set the right key in the environment or in .streamlit/secrets.toml and start again"
        code, kind = "invalid_api_key", ProblemKind.KEY
        super().__init__(endpoint, status, what, code=code, request_id=request_id, kind=kind)


class ContentRefused(Refused):
    """The endpoint refused what the prompt asks for, or what the finished clip shows."""


class ReferenceImageMissing(EndpointError):
    """The request's picture cannot be read here; nothing was sent."""

    kind = ProblemKind.REFERENCE_IMAGE

    def __init__(self, reason: str) -> None:
        super().__init__(f"Nothing was sent: the reference image cannot be read ({reason}). Choose the picture again.")


class Ambiguous(EndpointError):
    """The connection ended before the answer: a job may exist and may be billed."""

    def __init__(self, endpoint: str, reason: str, *, kind: ProblemKind = ProblemKind.NO_ANSWER) -> None:
        self.kind = kind
        super().__init__(
            f"{endpoint} did not answer the request ({reason}), so a job may or may not exist and may be billed. "
            "Look for it, or submit again if you accept a second charge."
        )


class Unreadable(EndpointError):
    """The answer is not the Videos API, such as an HTML page."""

    kind = ProblemKind.NOT_THE_API

    def __init__(self, endpoint: str, what: str, *, request_id: str | None = None) -> None:
        super().__init__(
            f"{endpoint} answered {what} instead of the Videos API. Check that its base URL ends in /v1.",
            request_id=request_id,
        )


class PollFailed(EndpointError):
    """A status request failed in a way that may pass; `status` as the server answered, or None."""

    status: int | None = None

    def __init__(
        self,
        endpoint: str,
        reason: str,
        *,
        retry_after_s: float | None = None,
        kind: ProblemKind = ProblemKind.NO_ANSWER,
    ) -> None:
        super().__init__(f"{endpoint} did not tell how the job stands ({reason}); asking again.")
        self.kind = kind
        self.retry_after_s = retry_after_s


class JobGone(EndpointError):
    """The endpoint does not know the job (any more)."""

    kind = ProblemKind.GONE

    def __init__(self, endpoint: str, job_id: str) -> None:
        super().__init__(
            f"{endpoint} no longer knows the job {job_id}: it was deleted or its time ran out. Retry this arm "
            "to make a new one."
        )


class NotReady(EndpointError):
    """The job is done but its file cannot be had yet: it is still being made, is not found, or something else."""

    def __init__(self, endpoint: str, reason: str, *, kind: ProblemKind = ProblemKind.NO_FILE) -> None:
        self.kind = kind
        self.is_being_made = self.is_not_found = False
        super().__init__(f"{endpoint} has no file yet ({reason}).")


class ClipError(SoraCompareError):
    """A file that is not what it should be."""


class NotAVideo(ClipError):
    """The bytes are no video."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The file is not a video that can be read ({what}).")


class Truncated(ClipError):
    """The file ends before its video does."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"The clip arrived incomplete ({detail}).")


class ClipTooLarge(ClipError):
    """The file is larger than accepted."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"The file is larger than the {limit_bytes // MEGABYTE:,} MB accepted for one clip.")


class NoRoom(ClipError):
    """The disk has no room for the file."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The disk that holds {path} is full: the clip could not be saved. Free some space, then fetch it again."
        )
