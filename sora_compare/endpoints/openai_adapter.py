"""Any server that speaks /v1/videos, through the openai SDK: the only file that imports it.

The SDK's own retries are off, since it sends the same paid POST again after a timeout; its poll helper is not
used, since it takes unknown status words for "done". Both were measured (docs/endpoints.md).
"""

from __future__ import annotations

import dataclasses
import json
import time
import warnings
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import httpx2
import openai

from sora_compare.endpoints import failures
from sora_compare.endpoints.dialects import job_in_error, jobs_in_list, read_job
from sora_compare.endpoints.downloads import chunks_of, open_location
from sora_compare.endpoints.profiles import profile_of
from sora_compare.endpoints.protocol import Content, Reachability
from sora_compare.endpoints.wire import CreateCall, cameo_form, create_call
from sora_compare.errors import Ambiguous, JobGone, NotReady, PollFailed, Unreadable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sora_compare.domain.endpoints import Endpoint
    from sora_compare.domain.requests import Cameo, ClipRequest, StoredImage
    from sora_compare.endpoints.dialects import Job
    from sora_compare.settings import Secret

warnings.filterwarnings(
    "ignore", message="The Sora API is scheduled to permanently shut down", category=DeprecationWarning
)

TIMEOUT = httpx2.Timeout(30.0, connect=5.0)
CREATE_TIMEOUT = httpx2.Timeout(120.0, connect=10.0)
CHECK_TIMEOUT = httpx2.Timeout(5.0)
CLOCK_SLACK_S = 120.0
"""Seconds by which a server's clock may be behind ours when a job is looked for."""
LIST_PAGES = 5
NOT_FOUND = 404


class OpenAIEndpoint:
    """One server that speaks /v1/videos."""

    def __init__(self, endpoint: Endpoint, key: Secret, images: Callable[[StoredImage], bytes]) -> None:
        self.name = endpoint.name
        self._profile = profile_of(endpoint)
        self._images = images
        self._has_key = bool(key)
        self._base_url = endpoint.base_url
        self._auth = {"Authorization": f"Bearer {key.reveal()}"} if key else {}
        self._cameo_ids: dict[Cameo, str] = {}
        is_local = httpx2.URL(endpoint.base_url).host in {"127.0.0.1", "localhost", "::1"}
        self._web = httpx2.AsyncClient(timeout=TIMEOUT, follow_redirects=True, trust_env=not is_local)
        self._client = openai.AsyncOpenAI(
            base_url=endpoint.base_url,
            api_key=key.reveal() or "none",
            max_retries=0,
            timeout=TIMEOUT,
            http_client=self._web,
            default_headers=None if key else cast("dict[str, str]", {"Authorization": openai.Omit()}),
        )

    async def submit(self, request: ClipRequest) -> Job:
        """Ask for a clip, once. See `VideoEndpoint.submit`."""
        cameo_ids = [await self._cameo_id(cameo) for cameo in request.settings.cameos]
        image = request.settings.image
        call = create_call(request, self._profile, cameo_ids, self._images(image) if image else None)
        try:
            answer = await self._create(call)
        except openai.APIError as error:
            raise failures.of_create(self.name, error, has_key=self._has_key) from error
        job = read_job(_json(answer))
        if job is None:
            raise Unreadable(self.name, failures.described(answer), request_id=answer.headers.get("x-request-id"))
        if not job.id:
            raise Ambiguous(self.name, "its answer holds no job id")
        return _with_headers(job, answer)

    async def _create(self, call: CreateCall) -> httpx2.Response:
        raw = await self._client.videos.with_raw_response.create(
            **call.arguments, extra_body=call.extra_body, extra_headers=call.headers, timeout=CREATE_TIMEOUT
        )
        return raw.http_response

    async def poll(self, job_id: str) -> Job:
        """How the job stands. See `VideoEndpoint.poll`."""
        try:
            raw = await self._client.videos.with_raw_response.retrieve(job_id)
        except openai.APIStatusError as error:
            job = job_in_error(_json(error.response), job_id)
            if job:
                return _with_headers(job, error.response)
            if error.status_code == NOT_FOUND:
                raise JobGone(self.name, job_id) from error
            raise failures.of_poll(self.name, error, has_key=self._has_key) from error
        except openai.APIError as error:
            raise failures.of_poll(self.name, error, has_key=self._has_key) from error
        job = read_job(_json(raw.http_response))
        if job is None or not job.word:
            raise PollFailed(self.name, f"it answered {failures.described(raw.http_response)}")
        return _with_headers(job, raw.http_response)

    @asynccontextmanager
    async def content(self, job: Job) -> AsyncIterator[Content]:
        """The finished clip's bytes: from the places the job names, else from its content route."""
        for location in job.locations:
            try:
                async with open_location(self.name, location, self._base_url, self._auth, self._web) as content:
                    yield content
                    return
            except NotReady:
                continue
        try:
            async with self._client.videos.with_streaming_response.download_content(job.id) as response:
                yield Content(chunks_of(self.name, response.http_response), failures.content_length(response.headers))
        except openai.APIStatusError as error:
            raise NotReady(self.name, failures.told(error)) from error
        except openai.APIError as error:
            raise failures.of_poll(self.name, error, has_key=self._has_key) from error

    async def find(self, request: ClipRequest, since: float) -> list[Job]:
        """Jobs of the same model and prompt created after `since`. See `VideoEndpoint.find`."""
        jobs = [job async for job in self._listed(since - CLOCK_SLACK_S)]
        return [
            job
            for job in jobs
            if job.prompt == request.prompt and (job.model is None or _may_be(job.model, request.model))
        ]

    async def _listed(self, since: float) -> AsyncIterator[Job]:
        after: str | None = None
        for _ in range(LIST_PAGES):
            body = await self._list_page(after)
            jobs = jobs_in_list(body)
            for job in jobs:
                if job.created is None or job.created >= since:
                    yield job
            is_older = bool(jobs) and jobs[-1].created is not None and jobs[-1].created < since
            if is_older or not jobs or not (isinstance(body, dict) and body.get("has_more") is True):
                return
            after = jobs[-1].id

    async def _list_page(self, after: str | None) -> object:
        try:
            raw = await self._client.videos.with_raw_response.list(limit=100, order="desc", after=after or openai.omit)
        except openai.APIError as error:
            raise failures.of_poll(self.name, error, has_key=self._has_key) from error
        return _json(raw.http_response)

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
            raw = await self._client.videos.with_raw_response.list(limit=1, timeout=CHECK_TIMEOUT)
            body = _json(raw.http_response)
        except openai.APIError as error:
            problem = failures.of_poll(self.name, error, has_key=self._has_key)
            return Reachability(is_usable=False, sentence=str(problem))
        if not isinstance(body, dict | list):
            unreadable = Unreadable(self.name, failures.described(raw.http_response))
            return Reachability(is_usable=False, sentence=str(unreadable))
        latency = time.monotonic() - started
        said = f"{self.name} answers in {latency * 1000:.0f} ms."
        return Reachability(is_usable=True, sentence=said, latency_s=latency)

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
                raise failures.of_side_call(self.name, error, has_key=self._has_key) from error
            job = read_job(_json(answer))
            if job is None or not job.id:
                raise Unreadable(self.name, failures.described(answer))
            self._cameo_ids[cameo] = job.id
        return self._cameo_ids[cameo]

    async def aclose(self) -> None:
        """Release connections."""
        await self._client.close()


def _may_be(echoed: str, asked: str) -> bool:
    """Whether a listed job's model can be the one asked for: the same, or the snapshot behind an alias."""
    return echoed == asked or echoed.startswith(f"{asked}-")


def _json(answer: httpx2.Response) -> object:
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError):
        return None


def _with_headers(job: Job, answer: httpx2.Response) -> Job:
    return dataclasses.replace(
        job,
        request_id=answer.headers.get("x-request-id"),
        poll_after_s=failures.wait_asked(answer.headers),
        is_simulated=job.is_simulated or "x-simulated" in answer.headers,
    )
