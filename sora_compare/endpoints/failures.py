"""What an SDK exception means for money: surely not received, refused, or nobody knows."""

from __future__ import annotations

import json
import re
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import httpx2

from sora_compare.domain.problems import ProblemKind, kind_in_words, kind_of_refusal
from sora_compare.domain.requests import PROMPT_LIMIT
from sora_compare.endpoints.connecting import reason_of
from sora_compare.endpoints.dialects import read_error, refusal_in
from sora_compare.endpoints.error_codes import error_codes
from sora_compare.endpoints.parameters import refused_parameter
from sora_compare.errors import (
    Ambiguous,
    ContentRefused,
    EndpointError,
    KeyRefused,
    NotReady,
    NotSent,
    PollFailed,
    RateLimited,
    Refused,
    Unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sora_compare.settings import Secret

UNAUTHORISED, TIMEOUT_STATUS, CONFLICT, TOO_MANY, SERVER_ERROR, UNAVAILABLE = 401, 408, 409, 429, 500, 503
NOT_FOUND, TOO_EARLY = 404, 425
BEING_MADE = re.compile(
    r"not (yet )?(ready|available|finished|complete)|still (being )?(process|generat|prepar|upload)|in progress"
)
NO_SUCH_ROUTE = (404, 405)
BAD_REQUEST = (400, 413, 422)
QUOTA_CODES = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
NEVER_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
)
LONGEST_WAIT_S = 300.0
PLAIN_WORDS = {
    "ConnectError": "no connection",
    "ConnectTimeout": "no connection in time",
    "ReadTimeout": "no answer in time",
}
HTML_MARKS = (b"<!doctype", b"<html", b"<head")
AN_HTML_PAGE = "an HTML page"
HIDDEN = "[key]"


def redacted(text: str, key: Secret) -> str:
    """The text without the key: servers and proxies do repeat what they were sent."""
    return text.replace(key.reveal(), HIDDEN) if key else text


def of_create(name: str, error: Exception, *, key: Secret) -> EndpointError:
    """A failed create: may it be sent again?"""
    answer = getattr(error, "response", None)
    if not isinstance(answer, httpx2.Response):
        cause = error.__cause__
        if isinstance(cause, NEVER_SENT):
            return NotSent(name, _short(cause, key))
        return Ambiguous(name, _short(cause or error, key))
    status, message, code, request_id = _parse_error(answer, key)
    wait = requested_wait(answer.headers)
    if status == UNAUTHORISED:
        return KeyRefused(name, status, has_key=bool(key), request_id=request_id)
    if status == TOO_MANY and code not in QUOTA_CODES:
        return RateLimited(name, wait, request_id)
    if status == UNAVAILABLE and wait is not None:
        return RateLimited(name, wait, request_id)
    if status in {TIMEOUT_STATUS, CONFLICT} or status >= SERVER_ERROR:
        kind = ProblemKind.SERVER_ERROR if status >= SERVER_ERROR else ProblemKind.NO_ANSWER
        return Ambiguous(name, f"error {status}: {message or describe_answer(answer)}", kind=kind)
    if status in NO_SUCH_ROUTE and describe_answer(answer) == AN_HTML_PAGE:
        return Unreadable(name, f"error {status} with {AN_HTML_PAGE}", request_id=request_id)
    return _refused(name, answer, message or describe_answer(answer), code=code)


def _refused(name: str, answer: httpx2.Response, message: str, *, code: str | None) -> Refused:
    """A refusal as what it is: for the content, or for another reason, which may be our own doing."""
    request_id, status = answer.headers.get("x-request-id"), answer.status_code
    kind = kind_of_refusal(status, code, message, *error_codes(_body(answer)))
    refusal = ContentRefused if kind is ProblemKind.CONTENT else Refused
    parameter = _parameter(answer, code)
    return refusal(name, status, message, code=code, request_id=request_id, kind=kind, parameter=parameter)


def of_odd_create(name: str, answer: httpx2.Response, *, key: Secret) -> EndpointError:
    """A create that was answered well, but without a job: only a page or a stated error says that none was made."""
    request_id = answer.headers.get("x-request-id")
    if answer.request.method != "POST":
        return Unreadable(name, f"by leading to {answer.request.url.host}", request_id=request_id)
    if describe_answer(answer) == AN_HTML_PAGE:
        return Unreadable(name, AN_HTML_PAGE, request_id=request_id)
    message, code = refusal_in(_body(answer))
    if message:
        return _refused(name, answer, redacted(message, key), code=code)
    return Ambiguous(name, "its answer holds no job id" if answer.content else "its answer is empty")


def _parameter(answer: httpx2.Response, code: str | None) -> str | None:
    """The refused field, where the answer is about the request and not about a quota or a right."""
    is_about_request = answer.is_success or answer.status_code in BAD_REQUEST
    return refused_parameter(_body(answer)) if is_about_request and code not in QUOTA_CODES else None


def of_side_call(name: str, error: Exception, *, key: Secret) -> EndpointError:
    """A failed call before the create: no job was made, whatever happened."""
    failure = of_create(name, error, key=key)
    if not isinstance(failure, Ambiguous):
        return failure
    not_sent = NotSent(name, "a cameo could not be made")
    not_sent.kind = failure.kind
    return not_sent


def of_poll(name: str, error: Exception, *, key: Secret) -> EndpointError:
    """A failed status request, listing or download: it may succeed next time."""
    answer = getattr(error, "response", None)
    if not isinstance(answer, httpx2.Response):
        cause = error.__cause__ or error
        return PollFailed(name, _short(cause, key), kind=kind_of_broken(cause))
    status, message, code, request_id = _parse_error(answer, key)
    if status == UNAUTHORISED:
        return KeyRefused(name, status, has_key=bool(key), request_id=request_id)
    refused = _refused(name, answer, message or describe_answer(answer), code=code)
    if isinstance(refused, ContentRefused) and status < SERVER_ERROR:
        return refused
    reason = f"error {status}: {message or describe_answer(answer)}"
    return PollFailed(name, reason, retry_after_s=requested_wait(answer.headers), kind=refused.kind)


def kind_of_broken(cause: BaseException) -> ProblemKind:
    """What a request without an answer is: the server was not reached, or nobody knows why it did not answer."""
    return ProblemKind.UNREACHABLE if isinstance(cause, NEVER_SENT) else ProblemKind.NO_ANSWER


def of_download(name: str, host: str, answer: httpx2.Response, key: Secret) -> EndpointError:
    """An answer that is no clip: refused for what the clip shows, or not there (yet)."""
    status, message, code, _ = _parse_error(answer, key)
    kind = kind_in_words(code, message, *error_codes(_body(answer)))
    if kind is ProblemKind.CONTENT and answer.is_client_error:
        request_id = answer.headers.get("x-request-id")
        return ContentRefused(name, status, message, code=code, request_id=request_id, kind=kind)
    by_status = ProblemKind.KEY if status == UNAUTHORISED else ProblemKind.NO_FILE
    not_ready = NotReady(name, f"{host} gives {describe_error(answer, key)}", kind=kind or by_status)
    words = f"{code or ''} {message}".replace("_", " ").lower()
    not_ready.is_being_made = status in {CONFLICT, TOO_EARLY} or bool(BEING_MADE.search(words))
    not_ready.is_not_found = status == NOT_FOUND and "expired" not in words
    return not_ready


def of_check(name: str, error: Exception, *, key: Secret) -> EndpointError:
    """A failed look at an endpoint."""
    answer = getattr(error, "response", None)
    if not isinstance(answer, httpx2.Response):
        return NotSent(name, _short(error.__cause__ or error, key))
    status, message, code, request_id = _parse_error(answer, key)
    if status == UNAUTHORISED:
        return KeyRefused(name, status, has_key=bool(key), request_id=request_id)
    if describe_answer(answer) == AN_HTML_PAGE:
        return Unreadable(name, f"error {status} with {AN_HTML_PAGE}", request_id=request_id)
    return _refused(name, answer, message or describe_answer(answer), code=code)


def describe_error(answer: httpx2.Response, key: Secret) -> str:
    """What an HTTP error says, in a few words."""
    status, message, _, _ = _parse_error(answer, key)
    return f"error {status}: {message or describe_answer(answer)}"


def describe_answer(answer: httpx2.Response) -> str:
    """What kind of thing an unexpected answer is."""
    start = answer.content[:PROMPT_LIMIT].lstrip().lower()
    if start.startswith(HTML_MARKS):
        return AN_HTML_PAGE
    return "an empty answer" if not start else "something else"


def requested_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds the server asks to wait (`openai-poll-after-ms`, `Retry-After` as seconds or a date)."""
    milliseconds = headers.get("openai-poll-after-ms", "")
    if _is_number(milliseconds):
        return min(LONGEST_WAIT_S, int(milliseconds) / 1000)
    text = headers.get("retry-after", "")
    try:
        return min(LONGEST_WAIT_S, max(0.0, float(text)))
    except ValueError:
        return _until(text)


def _until(text: str) -> float | None:
    ahead = _ahead_s(text)
    return None if ahead is None else min(LONGEST_WAIT_S, max(0.0, ahead))


def clock_ahead_s(headers: Mapping[str, str]) -> float | None:
    """Seconds by which the server's clock is ahead of ours, by its `Date` header; None when it has none."""
    return _ahead_s(headers.get("date", ""))


def _ahead_s(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def content_length(headers: Mapping[str, str]) -> int | None:
    """Bytes to come; None when not said or when they are compressed on the way."""
    text = headers.get("content-length", "")
    return int(text) if _is_number(text) and not headers.get("content-encoding") else None


def _parse_error(answer: httpx2.Response, key: Secret) -> tuple[int, str, str | None, str | None]:
    message, code = read_error(_body(answer))
    hidden = None if code is None else redacted(code, key)
    return answer.status_code, redacted(message, key), hidden, answer.headers.get("x-request-id")


def _body(answer: httpx2.Response) -> object:
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError, httpx2.ResponseNotRead):
        return None


def _short(error: BaseException, key: Secret) -> str:
    reason = reason_of(error) if isinstance(error, httpx2.ConnectError) else None
    if reason:
        return reason
    words = redacted(str(error), key).strip().rstrip(".")
    return PLAIN_WORDS.get(type(error).__name__, words or type(error).__name__)
