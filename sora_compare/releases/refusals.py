"""What governance refuses, each with its sentence. They join the error tree of `sora_compare.errors`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.errors import Conflict, SoraCompareError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sora_compare.domain.snapshots import Lifecycle

UNDECIDED = 3


class UnknownEnvironment(UsageError):
    """The policy has no such environment."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"The policy has no environment “{name}”. There are: {', '.join(known)}.")


class UnknownSnapshot(UsageError):
    """The registry has no such snapshot or alias."""

    def __init__(self, model: str, known: Iterable[str]) -> None:
        super().__init__(
            f"The registry has no snapshot “{model}”. There are: {', '.join(known)}. Add your own in snapshots.toml."
        )


class RetiredSnapshot(UsageError):
    """A lock on a snapshot that is, or will be, switched off needs to be forced."""

    def __init__(self, found: Lifecycle) -> None:
        super().__init__(f"{found.sentence} Choose another snapshot, or force it where a server of yours serves it.")


class CanaryRuns(UsageError):
    """The environment cannot be changed while a canary runs there."""

    def __init__(self, environment: str, candidate: str) -> None:
        super().__init__(f"A canary of {candidate} runs in {environment}: stop it, or roll back, before this change.")


class ReasonMissing(UsageError):
    """The environment wants to know why."""

    def __init__(self, environment: str) -> None:
        super().__init__(
            f"Say why: {environment} wants a reason for this change, for the log (--reason on the command line)."
        )


class NothingToUndo(UsageError):
    """The environment was never on another model."""

    def __init__(self, environment: str) -> None:
        super().__init__(f"There is nothing to undo in {environment}: its model was never changed.")


class NoCanary(UsageError):
    """There is no canary to step or stop."""

    def __init__(self, environment: str) -> None:
        super().__init__(f"No canary runs in {environment}: start one first.")


class CandidateUseless(UsageError):
    """A canary of what the environment uses already, or of an alias, shows nothing."""

    def __init__(self, candidate: str, reason: str) -> None:
        super().__init__(f"{candidate} cannot be the candidate: {reason}. Name a dated snapshot.")


class WindowRefused(UsageError):
    """A window outside of what the method allows."""

    def __init__(self, hours: float, shortest: float, longest: float) -> None:
        super().__init__(f"A window of {hours:g} h is not allowed: give {shortest:g} to {longest:g} h.")


class StepRefused(SoraCompareError):
    """The canary may not go on yet."""

    exit_code = UNDECIDED

    def __init__(self, environment: str, missing: Iterable[str]) -> None:
        self.missing = tuple(missing)
        super().__init__(f"The canary in {environment} stays where it is. {' '.join(self.missing)}")


class RailBroken(SoraCompareError):
    """The canary may not go on: a guard rail is broken."""

    def __init__(self, environment: str, broken: Iterable[str]) -> None:
        self.broken = tuple(broken)
        super().__init__(f"A guard rail of the canary in {environment} is broken: roll back. {' '.join(self.broken)}")


class ChangedMeanwhile(Conflict):
    """Somebody else changed the policy first; nothing was changed here."""

    def __init__(self, mine: int, theirs: int) -> None:
        self.theirs = theirs
        super().__init__("The version policy", f"(revision {mine}, now {theirs})")
