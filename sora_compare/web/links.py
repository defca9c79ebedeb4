"""Routes that open by a link: the owner's token, invitations, personal links, clips of a blind reviewer."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, to_thread
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sora_compare.access.limits import network
from sora_compare.access.people import (
    COOKIE_AGE_S,
    ENTERED,
    OWNER_COOKIE,
    REVIEWER_COOKIE,
    Role,
)
from sora_compare.access.signing import same
from sora_compare.clips.files import MEDIA_TYPES
from sora_compare.errors import SoraCompareError
from sora_compare.services import services
from sora_compare.sessions.errors import TooManyGuesses, TryLater
from sora_compare.sessions.media import MediaAddress
from sora_compare.web.base_path import BASE_PATH
from sora_compare.web.gate import LEAVE_SESSION, PEOPLE, PERSON, identity
from sora_compare.web.padded_response import padded_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from sora_compare.access.people import People
    from sora_compare.domain.sessions import Invitation, ReviewSession

SESSION_PAGE = "/session"
FORM_LIMIT = 4096
"""Bytes of the join form; a name and a passphrase need far less."""
NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
PARTS = ("clip.mp4", "poster.jpg")
PAGES = Environment(loader=PackageLoader("sora_compare.web", "."), autoescape=True, undefined=StrictUndefined)
_MEDIA_THREADS = CapacityLimiter(32)


def _address(request: Request) -> str:
    return network(request.client.host) if request.client else "unknown"


def _remember(response: Response, name: str, value: str, request: Request) -> Response:
    is_secure = request.url.scheme == "https"
    response.set_cookie(name, value, max_age=COOKIE_AGE_S, httponly=True, samesite="lax", secure=is_secure)
    return response


def _redirect(request: Request, path: str) -> Response:
    return RedirectResponse(f"{request.scope[BASE_PATH]}{path}", status_code=303, headers=NO_STORE)


def owner(request: Request) -> Response:
    """`/api/owner?token=…`: the owner's link that is printed at start; the token leaves the address at once."""
    repository = services().sessions
    if not same(request.query_params.get("token", ""), repository.owner_token):
        wait_s = repository.guesses.count(_address(request))
        if wait_s:
            return _refused(TooManyGuesses(wait_s))
        return _page("This link does not open the app", "Copy the owner's link from where the app was started.", 403)
    people: People = request.scope[PEOPLE]
    response = _redirect(request, "/")
    return _remember(response, OWNER_COOKIE, people.owner_cookie(), request)


def enter(request: Request) -> Response:
    """`/api/enter?ticket=…`: after a login, the cookie that opens routes as well as pages."""
    people: People = request.scope[PEOPLE]
    cookie = people.cookie_for(request.query_params.get("ticket", ""))
    if cookie is None:
        return _page("The login has run out", "Open the app again, and log in once more.", 403)
    back = _redirect(request, f"/?{ENTERED}=1")
    return _remember(back, OWNER_COOKIE, cookie, request)


def leave(request: Request) -> Response:
    """`/api/leave?login=…`: end the owner's cookie and the login, every copy of them, then forget them here."""
    people: People = request.scope[PEOPLE]
    login_id = people.login_of(request.query_params.get("login", ""))
    for ended in (request.scope[PERSON].cookie_id, login_id):
        if ended:
            services().sessions.ended_cookies.add(ended)
    response = _redirect(request, "/auth/logout")
    response.delete_cookie(OWNER_COOKIE)
    return response


async def join(request: Request) -> Response:
    """`/join/<token>`: a form for a name; what it posts lets the guest in."""
    fields = await _fields(request) if request.method == "POST" else None
    return await run_in_threadpool(_join, request, fields)


def _join(request: Request, fields: dict[str, str] | None) -> Response:
    """The form, or what comes of its fields; the store and slow hashes are no work for the event loop."""
    token, admission = request.path_params["token"], services().sessions.admission
    try:
        invitation, session = admission.invitation(token, _address(request))
    except SoraCompareError as error:
        return _refused(error)
    if fields is None:
        return _form(invitation, session)
    name = fields.get("name", "")
    try:
        reviewer = admission.join(token, name, _address(request), fields.get("passphrase", ""))
    except SoraCompareError as error:
        return _form(invitation, session, name=name, problem=error)
    return _to_session(request, admission.personal_token(reviewer))


def _refused(error: SoraCompareError) -> Response:
    return _page("Review session", str(error), _status(error, 403), _headers(error))


def _status(error: SoraCompareError | None, otherwise: int) -> int:
    return 429 if isinstance(error, TryLater) else otherwise


def _headers(error: SoraCompareError | None) -> dict[str, str]:
    return {"Retry-After": str(math.ceil(error.wait_s))} if isinstance(error, TryLater) else {}


def _to_session(request: Request, token: str) -> Response:
    """For a reviewer the session is the first page; for an owner who takes part, one of several."""
    people: People = request.scope[PEOPLE]
    now = identity(request)
    person = people.who(replace(now, cookies={**now.cookies, REVIEWER_COOKIE: token}))
    place = SESSION_PAGE if person.role is Role.OWNER else "/"
    return _remember(_redirect(request, place), REVIEWER_COOKIE, token, request)


def leave_session(request: Request) -> Response:
    """`/api/sessions/leave`: asks first; then the browser is no reviewer's any more. Scores and the list stay."""
    if request.method != "POST":
        body = PAGES.get_template("leave_form.html").render(
            title="Leave the review session?",
            sentence="Your scores are kept, and what you have not scored yet waits: your own link brings you back.",
            stay=f"{request.scope[BASE_PATH]}/",
        )
        # A form on a page without a referrer names no origin, and the gate would refuse it.
        headers = {**NO_STORE, "Referrer-Policy": "same-origin"}
        return HTMLResponse(body, headers=headers)
    response = _redirect(request, "/")
    response.delete_cookie(REVIEWER_COOKIE)
    return response


async def _fields(request: Request) -> dict[str, str]:
    if int(request.headers.get("content-length", FORM_LIMIT + 1)) > FORM_LIMIT:
        return {}
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


def personal(request: Request) -> Response:
    """`/r/<token>`: a reviewer goes on, here or on another device."""
    admission = services().sessions.admission
    token = request.path_params["token"]
    try:
        admission.come_back(token, _address(request))
    except SoraCompareError as error:
        return _refused(error)
    return _to_session(request, token)


async def media(request: Request) -> Response:
    """`/m/…`: one side of one item, for the reviewer it was drawn for.

    A copy that has to be made first takes long: its threads are its own, so that nobody else waits for one.
    """
    return await to_thread.run_sync(_media, request, limiter=_MEDIA_THREADS)


def _media(request: Request) -> Response:
    opened, found = services(), request.path_params
    person = request.scope[PERSON]
    address = MediaAddress(*(found[name] for name in ("reviewer", "item", "side", "expires", "mac")))
    if found["part"] not in PARTS or found["side"] not in {"left", "right"}:
        return JSONResponse({"error": "There is no such file."}, status_code=404)
    try:
        file = opened.sessions.media.file(
            address, found["part"], None if person.role is Role.OWNER else person.reviewer_id
        )
    except SoraCompareError:
        return JSONResponse({"error": "This address has expired. Load the page again."}, status_code=404)
    # The tag is of the address, not of the content: equal content must not show.
    tag = f"{address.mac}-{found['part']}-{file.length}"
    return padded_response(request, file, media_type=MEDIA_TYPES[file.path.suffix], tag=tag)


async def alive(_: Request) -> Response:
    """`/api/alive`: for a load balancer; tells nothing, and waits for nothing."""
    return JSONResponse({"status": "ok"})


def _page(title: str, sentence: str, status: int, headers: Mapping[str, str] = MappingProxyType({})) -> Response:
    body = PAGES.get_template("link_page.html").render(title=title, sentence=sentence)
    return HTMLResponse(body, status_code=status, headers={**NO_STORE, **headers})


def _form(
    invitation: Invitation, session: ReviewSession, *, name: str = "", problem: SoraCompareError | None = None
) -> Response:
    body = PAGES.get_template("join_form.html").render(
        title=session.title,
        sentence=f"You are asked to compare {len(session.pairs)} pairs of short clips. You need no account.",
        problem=problem,
        name=name,
        has_passphrase=bool(invitation.passphrase_hash),
    )
    status = _status(problem, 400) if problem else 200
    return HTMLResponse(body, status_code=status, headers={**NO_STORE, **_headers(problem)})


LINK_ROUTES = [
    Route("/api/owner", owner),
    Route("/api/enter", enter),
    Route("/api/leave", leave),
    Route("/api/alive", alive),
    Route(LEAVE_SESSION, leave_session, methods=["GET", "POST"]),
    Route("/join/{token}", join, methods=["GET", "POST"]),
    Route("/r/{token}", personal),
    Route("/m/{reviewer}/{item}/{side}/{expires}/{mac}/{part}", media),
]
