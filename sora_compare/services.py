"""The composition root: opens everything once, hands it out, closes it."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from sora_compare import settings as settings_module
from sora_compare.archive.importing import Archive
from sora_compare.clips.decoding.worker import ClipWorker
from sora_compare.clips.files import ClipFiles
from sora_compare.domain.endpoints import SIMULATOR
from sora_compare.endpoints.client_pool import ClientPool
from sora_compare.endpoints.endpoint_registry import EndpointRegistry
from sora_compare.errors import ReferenceImageMissing, UnknownRecord
from sora_compare.evidence.opening import Evidence
from sora_compare.generation import budget
from sora_compare.generation.actions import Actions
from sora_compare.generation.budget import Budget
from sora_compare.generation.planning import Planner
from sora_compare.generation.postprocessor import Postprocessor
from sora_compare.generation.runner import Runner
from sora_compare.generation.take_repository import TakeRepository
from sora_compare.releases.drift.watch import DriftWatch
from sora_compare.releases.policy.opening import Governance, open_governance
from sora_compare.releases.scheduler import Scheduler
from sora_compare.sessions.opening import Sessions, open_sessions
from sora_compare.simulator.process import SimulatorProcess
from sora_compare.store.cache import LocalCache
from sora_compare.store.coordination import Coordination
from sora_compare.store.home import Home
from sora_compare.store.store import open_store
from sora_compare.suites.running import Suites

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.domain.comparisons import Comparison
    from sora_compare.domain.requests import StoredImage
    from sora_compare.evidence.findings import Results
    from sora_compare.generation.planning import Plan
    from sora_compare.settings import Settings
    from sora_compare.store.store import Store


BUDGET = "budget"


class BuiltInSimulator:
    """The simulator of this process: started when first needed, ended with it."""

    def __init__(self, state: Path, speed: float) -> None:
        self._state = state
        self._speed = speed
        self._lock = threading.Lock()
        self._process: SimulatorProcess | None = None

    def base_url(self) -> str:
        """Its address; starts it when it does not run.

        Raises:
            SimulatorFailed: it does not start.
        """
        with self._lock:
            if self._process is None or not self._process.is_alive:
                self._process = SimulatorProcess(state=self._state, speed=self._speed)
            return self._process.base_url

    def close(self) -> None:
        """End it, if it runs."""
        with self._lock:
            if self._process:
                self._process.close()
            self._process = None


@dataclass(slots=True)
class Services:
    """Everything pages and commands work with."""

    settings: Settings
    store: Store
    coordination: Coordination
    files: ClipFiles
    worker: ClipWorker
    client_pool: ClientPool
    endpoint_registry: EndpointRegistry
    planner: Planner
    runner: Runner
    scheduler: Scheduler
    actions: Actions
    suites: Suites
    sessions: Sessions
    archive: Archive
    evidence: Evidence
    governance: Governance
    drift: DriftWatch
    simulator: BuiltInSimulator
    closing: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        """Carry takes, and look after canaries and the drift watch, from now on."""
        self.runner.start()
        self.scheduler.start()

    def prepare(self, plan: Plan) -> None:
        """Make sure that the built-in simulator runs, when an arm of the plan uses it.

        Raises:
            SimulatorFailed: it does not start.
        """
        if any(arm.endpoint == SIMULATOR for arm in plan.comparison.arms):
            self.simulator.base_url()

    def send(self, plan: Plan) -> Comparison:
        """Keep the plan and let the runner know: both arms start at once.

        Raises:
            OverBudget: it would pass a budget; nothing was kept or sent.
        """
        with self.store.transaction():
            budget.check(self.store, self.budget, plan.takes)
            self.store.comparisons.add(plan.comparison, plan.takes)
        self.runner.wake()
        return plan.comparison

    @property
    def budget(self) -> Budget:
        """The budget as set on the Settings page."""
        return Budget(**self.store.settings.get(BUDGET))

    def set_budget(self, chosen: Budget) -> None:
        """Set the budget from now on."""
        self.store.settings.save(BUDGET, asdict(chosen))

    @property
    def results(self) -> Results:
        """Scores, timings and verdicts of the store."""
        return self.evidence.results()

    def close(self) -> None:
        """Stop the runner, then everything it used. Takes under way go on at the next start."""
        self.closing.close()


def open_services(settings: Settings | None = None, *, with_runner: bool = True) -> Services:
    """Open the data folder and everything above it.

    Args:
        settings: where everything is; read from the environment when left out.
        with_runner: whether takes are carried by this process.

    Raises:
        ConfigurationError: settings or folders are not usable.
    """
    chosen = settings or settings_module.load()
    with ExitStack() as opening:
        found = _opened(chosen, opening)
        if with_runner:
            found.start()
        found.closing = opening.pop_all()
        return found


def _opened(chosen: Settings, opening: ExitStack) -> Services:
    """Open everything; what has to be closed again is noted in `opening` as it comes."""
    home = Home(chosen.home)
    store = open_store(home.root, chosen.database_url.reveal())
    opening.callback(store.close)
    coordination, endpoint_registry = Coordination(store), EndpointRegistry(chosen, store)
    evidence = Evidence(store, LocalCache(home.cache, chosen.cache_bytes))
    opening.callback(evidence.close)
    files, worker = ClipFiles(home.clips), ClipWorker()
    opening.callback(worker.close)
    simulator = BuiltInSimulator(home.simulator, chosen.simulator_speed)
    opening.callback(simulator.close)

    client_pool = ClientPool(endpoint_registry, simulator.base_url, partial(_image_bytes, files))
    runner = Runner(store, coordination, files, worker, client_pool)
    opening.callback(runner.stop)
    planner = Planner(endpoint_registry)

    def current_budget() -> Budget:
        return Budget(**store.settings.get(BUDGET))

    actions = Actions(store, coordination, planner, runner, current_budget)
    suites = Suites(store, planner, current_budget, runner.wake, actions.pause)
    governance = open_governance(chosen, store=store, verdicts=evidence.verdicts, pairs=evidence.pairs)
    drift = DriftWatch(store, suites, governance.releases)
    scheduler = Scheduler(governance.monitor.check_all, drift.follow_schedule)
    opening.callback(scheduler.stop)
    return Services(
        settings=chosen,
        store=store,
        coordination=coordination,
        files=files,
        worker=worker,
        client_pool=client_pool,
        endpoint_registry=endpoint_registry,
        planner=planner,
        runner=runner,
        scheduler=scheduler,
        actions=actions,
        suites=suites,
        sessions=open_sessions(store, home.root, chosen, files, worker),
        archive=Archive(store, files, worker, Postprocessor(TakeRepository(store), files, worker)),
        evidence=evidence,
        governance=governance,
        drift=drift,
        simulator=simulator,
    )


_lock = threading.Lock()
_current: Services | None = None


def services() -> Services:
    """The services of this process; opened at first use, since a hot reload forgets what the lifespan opened.

    A second copy is harmless: its runner waits for the lease of the first.
    """
    global _current  # noqa: PLW0603  # the one singleton of the process
    with _lock:
        if _current is None:
            _current = open_services()
        return _current


def close_services() -> None:
    """Close what `services` opened."""
    global _current  # noqa: PLW0603  # the one singleton of the process
    with _lock:
        if _current:
            _current.close()
        _current = None


def _image_bytes(files: ClipFiles, stored: StoredImage) -> bytes:
    """The bytes of a reference image.

    Raises:
        ReferenceImageMissing: they cannot be read.
    """
    try:
        return files.path(stored.sha256).read_bytes()
    except UnknownRecord as error:
        raise ReferenceImageMissing("its file is gone from the data folder") from error
    except OSError as error:
        raise ReferenceImageMissing(error.strerror or "its file cannot be opened") from error
