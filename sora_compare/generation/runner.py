"""The runner: carries every open take of a store, whatever browser or command planned it.

There is one runner per store, by a lease in the store. A second one waits; were both to run for a moment,
every step is written with a version check first, so that a paid request still goes out once.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.problems import ProblemKind
from sora_compare.domain.takes import Problem, TakeState
from sora_compare.errors import ConfigurationError, Conflict, SoraCompareError, StoreUnusable
from sora_compare.generation.clip_downloader import ClipDownloader
from sora_compare.generation.health import Health
from sora_compare.generation.job_poller import JobPoller
from sora_compare.generation.limits import RateLimiter, RetryPolicy
from sora_compare.generation.planning import in_sending_order
from sora_compare.generation.postprocessor import PostprocessingBacklog, Postprocessor
from sora_compare.generation.submitter import Submitter
from sora_compare.generation.take_repository import TakeRepository
from sora_compare.generation.work import TakeWork

if TYPE_CHECKING:
    from sora_compare.clips.decoding.worker import ClipWorker
    from sora_compare.clips.files import ClipFiles
    from sora_compare.domain.endpoints import Endpoint
    from sora_compare.domain.takes import Take
    from sora_compare.endpoints.client_pool import ClientPool
    from sora_compare.endpoints.protocol import VideoEndpoint
    from sora_compare.store.coordination import Coordination
    from sora_compare.store.store import Store

LEASE = "runner"
STOP_LIMIT_S = 10.0
SUBMIT_GRACE_S = 6.0
"""A stop waits this long for creates that are on their way, so that they do not become ambiguous."""
SUBMIT_LOOK_S = 0.05

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Connection:
    """An endpoint as it was opened: its settings then, the connection, and its limits."""

    settings: Endpoint
    endpoint: VideoEndpoint
    limiter: RateLimiter


class Runner:
    """Runs in a thread of its own with its own event loop, so that a page's or route's loop is never blocked."""

    def __init__(
        self,
        store: Store,
        coordination: Coordination,
        files: ClipFiles,
        worker: ClipWorker,
        client_pool: ClientPool,
        *,
        retry_policy: RetryPolicy | None = None,
    ) -> None:
        self._store = store
        self._coordination = coordination
        self._client_pool = client_pool
        self._retry_policy = retry_policy or RetryPolicy()
        self._repository = TakeRepository(store)
        self._downloader = ClipDownloader(self._repository, files, worker, self._retry_policy)
        self.postprocessor = Postprocessor(self._repository, files, worker, self._downloader)
        self._postprocessing_backlog = PostprocessingBacklog(store, self.postprocessor, lambda: not self._under_way)
        self._files = files
        self._worker = worker
        self._owner = new_identifier("run")
        self._connections: dict[str, Connection] = {}
        self._opened: list[Connection] = []
        self._opening = asyncio.Lock()
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._works: dict[str, TakeWork] = {}
        self._resting: dict[str, float] = {}
        self._is_holder = False
        self._fault: str | None = None
        self._waits_for: str | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._inbox = asyncio.Event()
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._main, name="sora-compare-runner", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def wake(self) -> None:
        """Say that there are new takes or signals; callable from any thread."""
        if self._loop and not self._loop.is_closed():
            try:
                self._loop.call_soon_threadsafe(self._inbox.set)
            except RuntimeError:
                log.debug("the runner ended while it was being woken")

    def stop(self) -> None:
        """End; takes under way stay as they are in the store and go on at the next start."""
        self._is_stopping.set()
        self.wake()
        if self._thread.is_alive():
            self._thread.join(STOP_LIMIT_S)

    @property
    def health(self) -> Health:
        """How the runner is."""
        under_way = len(self._under_way)
        return Health(self._thread.is_alive(), self._is_holder, under_way, self._fault, self._down(), self._waits_for)

    def _down(self) -> dict[str, float]:
        circuits = {name: one.limiter.breaker for name, one in list(self._connections.items())}
        return {name: breaker.until or 0.0 for name, breaker in circuits.items() if breaker.is_open}

    def _main(self) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        renewed = 0.0
        try:
            while not self._is_stopping.is_set():
                try:
                    if time.monotonic() - renewed > self._retry_policy.renew_s:
                        renewed = time.monotonic()
                        self._renew()
                        self._waits_for = None
                    if self._is_holder:
                        self._pick_up()
                        self._deliver_signals()
                        self._postprocessing_backlog.continue_when_idle()
                except StoreUnusable as error:
                    if self._waits_for != str(error):
                        log.warning("the runner waits: %s", error)
                    self._waits_for = str(error)
                # The runner must outlive whatever goes wrong in one round: a full disk, a busy database.
                except Exception as error:  # noqa: BLE001  # the boundary described above
                    self._failed("the runner's round", error)
                await self._pause()
        finally:
            await self._wind_down()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._retry_policy.inbox_s):
                await self._inbox.wait()
        except TimeoutError:
            return
        self._inbox.clear()

    def _renew(self) -> None:
        held = self._coordination.acquire_lease(LEASE, self._owner, self._retry_policy.lease_s)
        if self._is_holder and not held:
            log.warning("another runner holds the lease; this one waits")
            for task in self._under_way.values():
                task.cancel()
        if held and not self._is_holder:
            self._files.sweep()
        self._is_holder = held

    def _pick_up(self) -> None:
        now = time.monotonic()
        waiting = [one for one in self._store.takes.open() if one not in self._under_way]
        takes = [take for one in waiting if self._resting.get(one, 0.0) <= now for take in self._readable(one)]
        if takes:
            # It starts while the jobs are made, so that the first clip does not wait for it.
            self._worker.warm()
        for take in in_sending_order(takes):
            self._under_way[take.id] = asyncio.create_task(self._carry(take))

    def _readable(self, take_id: str) -> list[Take]:
        """The take, or nothing when its record cannot be read: one bad record must not hold up the others."""
        try:
            return [self._store.takes.get(take_id)]
        except SoraCompareError as error:
            self._rest(take_id, error)
            return []

    def _deliver_signals(self) -> None:
        for take_id in self._coordination.signalled():
            if take_id in self._works:
                self._works[take_id].notice_signal()
            elif any(take.is_ended for take in self._readable(take_id)):
                # Signalled too late: it must not strike when the take is gone on with.
                self._coordination.take_signal(take_id)

    async def _carry(self, take: Take) -> None:
        try:
            work = await self._work_for(take)
            if work:
                self._works[take.id] = work
                await self._finish(await work.run(take))
        except Conflict:
            log.info("take %s is carried by another runner", take.id)
        except SoraCompareError as error:
            self._rest(take.id, error)
        # A fault in one take must neither stop the others nor lose this one: it rests and is taken up again.
        except Exception as error:  # noqa: BLE001  # the boundary described above
            self._failed(f"take {take.id}", error)
            self._rest(take.id, error)
        finally:
            self._under_way.pop(take.id, None)
            self._works.pop(take.id, None)

    async def _finish(self, take: Take) -> None:
        """After the outcome is written: what the pages show beside a clip, such as its poster."""
        if take.state is TakeState.COMPLETED:
            await self.postprocessor.postprocess(take)

    def _unserved(self, take: Take, error: ConfigurationError) -> None:
        """Nothing was sent: say why. A job that was made goes on once the settings are right again."""
        if take.state is TakeState.PLANNED and not isinstance(error, StoreUnusable):
            self._repository.end(take, TakeState.FAILED, Problem(str(error), kind=ProblemKind.CONFIGURATION))
        else:
            self._rest(take.id, error)

    def _rest(self, take_id: str, error: Exception) -> None:
        self._fault = f"{take_id}: {error}"
        self._resting[take_id] = time.monotonic() + self._retry_policy.pause_s

    def _failed(self, what: str, error: Exception) -> None:
        self._fault = f"{what}: {type(error).__name__}: {error}"
        log.error("%s failed", what, exc_info=error)

    async def _work_for(self, take: Take) -> TakeWork | None:
        try:
            connection = await self._connection(take.endpoint)
        except ConfigurationError as error:
            self._unserved(take, error)
            return None
        settings, endpoint, limiter = connection.settings, connection.endpoint, connection.limiter
        return TakeWork(
            repository=self._repository,
            coordination=self._coordination,
            endpoint=endpoint,
            limiter=limiter,
            submitter=Submitter(
                repository=self._repository,
                coordination=self._coordination,
                settings=settings,
                endpoint=endpoint,
                limiter=limiter,
                retry_policy=self._retry_policy,
            ),
            job_poller=JobPoller(self._repository, self._coordination, settings, endpoint, self._retry_policy),
            downloader=self._downloader,
        )

    async def _connection(self, name: str) -> Connection:
        """The connection to an endpoint; a new one when its settings changed since."""
        async with self._opening:
            settings = await self._client_pool.resolved(name)
            current = self._connections.get(name)
            if current is None or current.settings != settings:
                current = Connection(settings, await self._client_pool.open(name), RateLimiter(settings))
                self._connections[name] = current
                self._opened.append(current)
            return current

    async def _wind_down(self) -> None:
        self._postprocessing_backlog.stop()
        await self._let_submits_end()
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection in self._opened:
            await connection.endpoint.aclose()
        with suppress(StoreUnusable):  # the lease ends by itself
            self._coordination.release_lease(LEASE, self._owner)

    async def _let_submits_end(self) -> None:
        end = time.monotonic() + SUBMIT_GRACE_S
        # A rare, bounded wait over many flags: an event for each would cost more than it saves.
        while time.monotonic() < end and any(work.is_sending for work in self._works.values()):  # noqa: ASYNC110  # see above
            await asyncio.sleep(SUBMIT_LOOK_S)
