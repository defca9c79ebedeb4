"""Any server that speaks /v1/videos, through the openai SDK: the only file that imports it.

The SDK's own retries are off, since it sends the same paid POST again after a timeout; its poll helper is not
used, since it takes unknown status words for "done". Both were measured (docs/endpoints.md). Errors are raised
"from None": what the SDK raised may repeat the key, and a logged traceback shows every cause.
"""

from __future__ import annotations

import dataclasses
import json
import time
import warnings
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

import httpx2
import openai

from sora_compare.endpoints import failures
from sora_compare.endpoints.bounds import PLAIN, bound_answer
from sora_compare.endpoints.dialects import job_in_error, jobs_in_list, read_job
from sora_compare.endpoints.downloads import open_location
from sora_compare.endpoints.profiles import profile_of
from sora_compare.endpoints.protocol import Reachability, Timeouts
from sora_compare.endpoints.wire import CreateCall, cameo_form, create_call, sendable_key
from sora_compare.errors import JobGone, KeyRefused, NotReady, PollFailed, Refused, Unreadable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sora_compare.domain.endpoints import Endpoint
    from sora_compare.domain.requests import Cameo, ClipRequest, StoredImage
    from sora_compare.endpoints.dialects import Job
    from sora_compare.endpoints.protocol import Content
    from sora_compare.errors import EndpointError
    from sora_compare.settings import Secret

warnings.filterwarnings(
    "ignore", message="The Sora API is scheduled to permanently shut down", category=DeprecationWarning
)

CONNECTIONS = httpx2.Limits(max_connections=1000, max_keepalive_connections=100)
"""As the SDK's own: each job under way may be asked for at the same moment."""
ENVIRONMENT_HEADERS = ("OpenAI-Organization", "OpenAI-Project")
CLOCK_SLACK_S = 120.0
"""Seconds by which the clock of a server that does not tell its time may be behind ours."""
DATE_SLACK_S = 2.0
"""Times in `Date` and `created_at` are whole seconds."""
LIST_PAGES = 5
NOT_FOUND = 404
NO_LIST = (404, 405, 501)


class OpenAIEndpoint:
    """One server that speaks /v1/videos."""

    def __init__(
        self,
        endpoint: Endpoint,
        key: Secret,
        images: Callable[[StoredImage], bytes],
        timeouts: Timeouts = Timeouts(),  # noqa: B008  # immutable
    ) -> None:
        """Open nothing yet; connections come with the first request.

        Raises:
            ConfigurationError: the key cannot be sent, or the profile does not exist.
        """
        self.name = endpoint.name
        self._profile = profile_of(endpoint)
        self._images = images
        self._key = sendable_key(endpoint.name, key)
        self._base_url = endpoint.base_url
        self._cameo_ids: dict[Cameo, str] = {}
        is_local = httpx2.URL(endpoint.base_url).host in {"127.0.0.1", "localhost", "::1"}
        timeout = httpx2.Timeout(timeouts.answer_s, connect=timeouts.connect_s)
        self._create_timeout = httpx2.Timeout(timeouts.create_s, connect=timeouts.connect_s)
        self._check_timeout = httpx2.Timeout(timeouts.check_s)
        self._web = httpx2.AsyncClient(
            timeout=timeout,
            limits=CONNECTIONS,
            follow_redirects=True,
            trust_env=not is_local,
            headers=PLAIN,
            event_hooks={"request": [self._strip], "response": [bound_answer]},
        )
        self._client = openai.AsyncOpenAI(
            base_url=endpoint.base_url,
            api_key=self._key.reveal() or "none",
            max_retries=0,
            timeout=timeout,
            http_client=self._web,
        )

    async def _strip(self, request: httpx2.Request) -> None:
        """Send nothing that was not meant for this server: the SDK wants some key and reads the environment."""
        unwanted = ENVIRONMENT_HEADERS if self._key else ("Authorization", *ENVIRONMENT_HEADERS)
        for name in unwanted:
            request.headers.pop(name, None)

    async def submit(self, request: ClipRequest) -> Job:
        """Ask for a clip, once. See `VideoEndpoint.submit`."""
        cameo_ids = [await self._cameo_id(cameo) for cameo in request.settings.cameos]
        image = request.settings.image
        call = create_call(request, self._profile, cameo_ids, self._images(image) if image else None)
        try:
            answer = await self._create(call)
        except openai.APIError as error:
            raise failures.of_create(self.name, error, key=self._key) from None
        job = self._job(answer)
        if job is None or not job.id:
            raise failures.of_odd_create(self.name, answer, key=self._key)
        return job

    def _job(self, answer: httpx2.Response) -> Job | None:
        """The job in an answer, with what its headers say, and without the key if the server repeated it."""
        job = read_job(_json(answer))
        return job and dataclasses.replace(
            job,
            message=failures.redacted(job.message, self._key),
            code=job.code and failures.redacted(job.code, self._key),
            request_id=answer.headers.get("x-request-id"),
            poll_after_s=failures.requested_wait(answer.headers),
            is_simulated=job.is_simulated or "x-simulated" in answer.headers,
        )

    async def _create(self, call: CreateCall) -> httpx2.Response:
        raw = await self._client.videos.with_raw_response.create(
            **call.arguments, extra_body=call.extra_body, extra_headers=call.headers, timeout=self._create_timeout
        )
        return raw.http_response

    async def poll(self, job_id: str) -> Job:
        """How the job stands. See `VideoEndpoint.poll`."""
        try:
            raw = await self._client.videos.with_raw_response.retrieve(job_id)
        except openai.APIStatusError as error:
            if job_in_error(_json(error.response), job_id):
                return cast("Job", self._job(error.response))
            if error.status_code == NOT_FOUND:
                raise JobGone(self.name, job_id) from None
            raise failures.of_poll(self.name, error, key=self._key) from None
        except openai.APIError as error:
            raise failures.of_poll(self.name, error, key=self._key) from None
        job = self._job(raw.http_response)
        if job is None or not job.word:
            raise PollFailed(self.name, f"it answered {failures.describe_answer(raw.http_response)}")
        # LiteLLM's status answers carry the id encoded anew, and only the one from the create is good for asking.
        return dataclasses.replace(job, id=job_id)

    @asynccontextmanager
    async def content(self, job: Job) -> AsyncIterator[Content]:
        """The finished clip's bytes: from the places the job names, else from its content route."""
        async with AsyncExitStack() as stack:
            yield await self._opened(stack, job)

    async def _opened(self, stack: AsyncExitStack, job: Job) -> Content:
        failure: NotReady | PollFailed = NotReady(self.name, "nothing was asked yet")
        for address in (*job.locations, f"{self._base_url}/videos/{quote(job.id, safe='')}/content"):
            try:
                return await stack.enter_async_context(
                    open_location(self.name, address, self._base_url, self._key, self._web)
                )
            except (NotReady, PollFailed) as error:
                failure = error
        raise failure

    async def find(self, request: ClipRequest, since: float) -> list[Job]:
        """Jobs of the same request created after `since`. See `VideoEndpoint.find`."""
        jobs = [job async for job in self._listed(since)]
        return [job for job in jobs if _may_be(job, request)]

    async def is_listed(self, job_id: str, since: float) -> bool:
        """Whether the job is in the list. See `VideoEndpoint.is_listed`."""
        try:
            return any([job.id == job_id async for job in self._listed(since)])
        except PollFailed as error:
            if error.status in NO_LIST:
                return False
            raise

    async def _listed(self, since: float) -> AsyncIterator[Job]:
        after: str | None = None
        for _ in range(LIST_PAGES):
            answer = await self._list_page(after)
            ahead = failures.clock_ahead_s(answer.headers)
            start = since - CLOCK_SLACK_S if ahead is None else since + ahead - DATE_SLACK_S
            body = _json(answer)
            jobs = jobs_in_list(body)
            for job in jobs:
                if job.created is None or job.created >= start:
                    yield job
            is_older = bool(jobs) and jobs[-1].created is not None and jobs[-1].created < start
            if is_older or not jobs or not (isinstance(body, dict) and body.get("has_more") is True):
                return
            after = jobs[-1].id

    async def _list_page(self, after: str | None) -> httpx2.Response:
        try:
            raw = await self._client.videos.with_raw_response.list(limit=100, order="desc", after=after or openai.omit)
        except openai.APIError as error:
            raise failures.of_poll(self.name, error, key=self._key) from None
        return raw.http_response

    async def cancel(self, job_id: str) -> bool:
        """DELETE the job where that stops it. See `VideoEndpoint.cancel`."""
        if not self._profile.cancels:
            return False
        try:
            await self._client.videos.with_raw_response.delete(job_id)
        except openai.APIError:
            return False
        return True

    async def check(self) -> Reachability:
        """List one job: free on every server. See `VideoEndpoint.check`."""
        started = time.monotonic()
        try:
            raw = await self._client.videos.with_raw_response.list(limit=1, timeout=self._check_timeout)
        except openai.APIError as error:
            return self._reach_of(failures.of_check(self.name, error, key=self._key))
        if not isinstance(_json(raw.http_response), dict | list):
            return self._reach_of(Unreadable(self.name, failures.describe_answer(raw.http_response)))
        latency = time.monotonic() - started
        sentence = f"{self.name} answers in {latency * 1000:.0f} ms."
        return Reachability(is_usable=True, sentence=sentence, latency_s=latency)

    def _reach_of(self, problem: EndpointError) -> Reachability:
        if isinstance(problem, Refused) and not isinstance(problem, KeyRefused) and problem.status in NO_LIST:
            sentence = f"{self.name} answers, but lists no jobs: one whose answer was lost could not be looked for."
            return Reachability(is_usable=True, sentence=sentence)
        return Reachability(is_usable=False, sentence=str(problem))

    async def _cameo_id(self, cameo: Cameo) -> str:
        if cameo not in self._cameo_ids:
            data, files = cameo_form(cameo, [self._images(image) for image in cameo.images])
            try:
                answer = await self._client.post(
                    "/videos/cameos",
                    cast_to=httpx2.Response,
                    body=data,
                    files=files,
                    options={"headers": {"Content-Type": "multipart/form-data"}},
                )
            except openai.APIError as error:
                raise failures.of_side_call(self.name, error, key=self._key) from None
            job = read_job(_json(answer))
            if job is None or not job.id:
                raise Unreadable(self.name, failures.describe_answer(answer))
            self._cameo_ids[cameo] = job.id
        return self._cameo_ids[cameo]

    async def aclose(self) -> None:
        """Release connections."""
        await self._client.close()


def _may_be(job: Job, request: ClipRequest) -> bool:
    """Whether a listed job can be this request's: nothing that the server tells about it may differ."""
    settings = request.settings
    is_model = job.model is None or job.model == request.model or job.model.startswith(f"{request.model}-")
    is_length = job.seconds is None or job.seconds == settings.seconds
    is_size = job.size is None or job.size == settings.size
    is_seed = job.seed is None or settings.seed is None or job.seed == settings.seed
    return job.prompt == request.prompt and is_model and is_length and is_size and is_seed


def _json(answer: httpx2.Response) -> object:
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError):
        return None
