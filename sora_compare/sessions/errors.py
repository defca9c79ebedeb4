"""What can be wrong with an invitation or an answer, each as a sentence for a guest."""

from __future__ import annotations

import math

from sora_compare.errors import UsageError
from sora_compare.store.repositories.sessions import SessionOver


class InvitationRefused(UsageError):
    """The link does not open a session; the reason tells a guest what to do, and a forger nothing."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason} Ask whoever invited you for a new link.")


class NameTaken(UsageError):
    """Somebody in this session has that name already."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Somebody called {name} is in this session already. If that is you, open your personal link; otherwise "
            "add an initial to your name."
        )


class InvalidPassphrase(UsageError):
    """The passphrase is not the one that was set."""

    def __init__(self) -> None:
        super().__init__("That is not the passphrase of this invitation. Check it with whoever invited you.")


class TryLater(UsageError):
    """Too much of something from one address; `wait_s` seconds from now it goes on."""

    def __init__(self, reason: str, wait_s: float) -> None:
        minutes = max(1, math.ceil(wait_s / 60))
        super().__init__(f"{reason} Try again in {minutes} {'minute' if minutes == 1 else 'minutes'}.")
        self.wait_s = wait_s


class TooManyGuesses(TryLater):
    """Too many wrong links or passphrases."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("There were too many wrong tries.", wait_s)


class TooManyJoins(TryLater):
    """Too many people joined by a link in a short time."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("Many people have just joined from your network.", wait_s)


class SessionPaused(SessionOver):
    """The session takes no answers for now."""

    def __init__(self) -> None:
        super().__init__("This review session is paused. Your page goes on by itself when its owner resumes it.")


class AnswerRefused(UsageError):
    """An answer that breaks the protocol, such as one for somebody else's item."""
