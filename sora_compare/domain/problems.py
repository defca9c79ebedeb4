"""Kinds of problems: what went wrong with a take, told from error codes and words of servers in the wild.

Codes and words come from the answers listed in docs/endpoints.md; a server's code is compared without regard to case,
blanks, hyphens and underscores.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ProblemKind(StrEnum):
    """What kind of thing went wrong; the value is what people read."""

    CONTENT = "refused for its content"
    FAILED = "job failed"
    REFUSED = "request refused"
    SERVER_ERROR = "server error"
    GONE = "job gone at the server"
    OVERDUE = "not done within the watch limit"
    NO_FILE = "file not given by the server"
    KEY = "key refused"
    QUOTA = "quota used up"
    RATE_LIMIT = "rate limit"
    UNREACHABLE = "server not reached"
    NO_ANSWER = "no answer"
    NOT_THE_API = "not the Videos API"
    CONFIGURATION = "settings not usable"
    REFERENCE_IMAGE = "reference image missing or not usable"
    DISK_FULL = "disk full"
    TOO_LARGE = "clip larger than accepted here"
    CANCELLED = "cancelled"


CONTENT_WORDS = (
    "moderation",
    "content policy",
    "content filter",
    "content management policy",
    "policy violation",
    "safety",
    "sensitive content",
    "sentinel block",
)
NOT_CONTENT = ("safety identifier",)
"""A parameter of the API, whose name would read like one of the words."""
WORDS_OF_OURS: dict[ProblemKind, tuple[str, ...]] = {
    ProblemKind.KEY: (
        "api key",
        "apikey",
        "authentication error",
        "unauthorized",
        "permission denied",
        "account deactivated",
    ),
    ProblemKind.QUOTA: (
        "quota",
        "billing",
        "no credit",
        "insufficient credit",
        "insufficient balance",
        "balance is too low",
        "insufficient funds",
        "payment required",
    ),
    ProblemKind.RATE_LIMIT: ("rate limit", "ratelimit", "too many requests"),
    ProblemKind.REFERENCE_IMAGE: ("invalid image", "image not found", "invalid input reference"),
}
KIND_OF_STATUS = {401: ProblemKind.KEY, 402: ProblemKind.QUOTA, 403: ProblemKind.KEY, 429: ProblemKind.RATE_LIMIT}
SERVER_ERROR = 500


def kind_in_words(*words: str | None) -> ProblemKind | None:
    """Content, key, quota, rate limit or image, where codes or messages say so; content comes first."""
    text = _plain(words)
    for not_meant in NOT_CONTENT:
        text = text.replace(not_meant, "")
    if any(mark in text for mark in CONTENT_WORDS):
        return ProblemKind.CONTENT
    return next((kind for kind, marks in WORDS_OF_OURS.items() if any(mark in text for mark in marks)), None)


def kind_of_refusal(status: int, *words: str | None) -> ProblemKind:
    """What an HTTP error says of a request: by its words, then by its status."""
    by_status = ProblemKind.SERVER_ERROR if status >= SERVER_ERROR else ProblemKind.REFUSED
    return kind_in_words(*words) or KIND_OF_STATUS.get(status, by_status)


def _plain(words: Iterable[str | None]) -> str:
    """Without hyphens and underscores, and with a blank where a capital follows a small letter."""
    text = " ".join(word for word in words if word)
    return re.sub(r"[\s_-]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)).casefold()


def kind_of_sentence(sentence: str) -> ProblemKind | None:
    """The kind by our own sentences: how takes are read that were kept before kinds were."""
    return next((kind for pattern, kind in OWN_SENTENCES if re.search(pattern, sentence)), None)


OWN_SENTENCES = (
    (r"cannot be reached \(it asks to slow down", ProblemKind.RATE_LIMIT),
    (r"cannot be reached \(", ProblemKind.UNREACHABLE),
    (r"did not answer the request \(error 5", ProblemKind.SERVER_ERROR),
    (r"did not answer the request \(", ProblemKind.NO_ANSWER),
    (r"instead of the Videos API", ProblemKind.NOT_THE_API),
    (r"refused the request \(40[13]\)", ProblemKind.KEY),
    (r"refused the request \(402\)", ProblemKind.QUOTA),
    (r"The disk that holds", ProblemKind.DISK_FULL),
    (r"MB accepted for one clip", ProblemKind.TOO_LARGE),
    (r"cannot cancel a job: watching stopped", ProblemKind.CANCELLED),
    (r"^No endpoint is called|^The key of “|^The built-in simulator did not start", ProblemKind.CONFIGURATION),
)
