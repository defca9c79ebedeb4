"""`SoraVersionManager`: the version policy as a library for production code. No Streamlit, no video libraries."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from sora_compare import settings as settings_module
from sora_compare.domain.policies import DEFAULT_VERSIONS, Author
from sora_compare.domain.snapshots import ALIAS
from sora_compare.errors import SoraCompareError
from sora_compare.evidence.observations import OUTCOME
from sora_compare.releases.manager_requests import Asking
from sora_compare.releases.policy.reconnecting import AWAY, ReconnectingGovernance
from sora_compare.releases.refusals import UnknownEnvironment
from sora_compare.releases.routing import Router

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from sora_compare.domain.takes import Origin
    from sora_compare.releases.policy.changes import Releases
    from sora_compare.settings import Settings

PROGRAM = "Switched by a program."
CHECK_EVERY_S = 5.0
"""A canary is looked at when outcomes are reported, at most this often; the worker looks at it too."""


class SoraVersionManager:
    """Which snapshot each environment uses, with switch, rollback, canary and a tamper-evident usage log.

    The names and results are those of the article's class, so that code written for it runs with its import changed:

        from sora_compare import SoraVersionManager

        manager = SoraVersionManager()
        result = manager.generate_video(prompt="Sunset over a city", seconds=8)
        if result["success"]:
            print(result["model_version"], result["response"].id)

    Unlike the article's, a switch or rollback holds for the whole environment: it is written to the policy, and every
    thread and process that reads the same policy follows it within 0.2 s.

    Safe to share between threads, and to open in several processes on the same data folder or policy file.
    """

    VERSIONS: Mapping[str, str] = MappingProxyType(DEFAULT_VERSIONS)
    """Snapshots by role; an instance has those of its policy."""

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        profile: str = "",
        policy: str | Path | None = None,
        environment: str | None = None,
        settings: Settings | None = None,
    ) -> None:
        """Open the policy and its log; no connection is made and nothing is sent.

        Args:
            api_key: for the endpoint; OPENAI_API_KEY, or the configured key, when left out.
            base_url: of an OpenAI-compatible server; the configured endpoint when left out.
            profile: how a server at `base_url` is spoken to and what its models take (docs/endpoints.md); "generic"
                when left out.
            policy: a TOML policy file; SORA_COMPARE_POLICY, or the policy in the data folder, when left out.
            environment: this process's; DEPLOY_ENV when left out.
            settings: read from the environment when left out.

        Raises:
            ConfigurationError: the data folder, the policy file (with line and column) or the address is not usable.
            UnknownEnvironment: `environment` is not in the policy. An unlisted DEPLOY_ENV follows the alias, with a
                warning, as in the article.
        """
        chosen = settings or settings_module.load()
        self.logger = logging.getLogger("sora_compare.releases")
        self._asking = Asking(chosen, api_key, base_url, profile)
        self._source = ReconnectingGovernance(chosen, Path(policy) if policy else None)
        self._router = Router(self._source)
        self.env = environment or chosen.deploy_environment
        now = self._source.read_cached()
        self.VERSIONS = dict(now.versions)
        if self.env not in now.environments:
            if environment:
                self.close()
                raise UnknownEnvironment(environment, now.environments)
            self.logger.warning("DEPLOY_ENV is “%s”, which the policy does not list: the alias is used.", self.env)
        self._lock = threading.Lock()
        self._checked = 0.0

    @property
    def releases(self) -> Releases:
        """Where the policy is changed, and its log.

        Raises:
            ConfigurationError, StoreError: the store is away; `model_for` goes on, a change cannot be made.
        """
        return self._source.governance.releases

    @property
    def base_url(self) -> str:
        """Where requests go; empty until the built-in simulator was started."""
        return self._asking.endpoint.base_url

    @property
    def current_version(self) -> str:
        """The model that this process's environment uses now."""
        return self.get_model_version()

    def get_model_version(self) -> str:
        """The model that this process's environment uses; the alias when the policy does not list it."""
        try:
            return self._router.model_for(self.env)
        except UnknownEnvironment:
            return self.VERSIONS.get("alias", ALIAS)

    def model_for(self, environment: str | None = None, key: str | None = None) -> str:
        """The model to use, for one user or job where a canary runs.

        Args:
            environment: such as "production"; this process's when left out.
            key: an id that stays the same for a user or a job. The same key always gets the same answer, and a
                widening canary never takes one back. Without a key the answer is what the environment is locked to.

        Raises:
            UnknownEnvironment: the policy has none of that name.
        """
        return self._router.model_for(self.env if environment is None else environment, key)

    def switch_version(self, version_key: str, *, by: str = "library", reason: str = "") -> bool:
        """Let this process's environment use another of the VERSIONS; True when it does, False for an unknown key.

        A program that gives no reason is logged as such: the reason that an environment may want is asked of people.

        Raises:
            CanaryRuns: a canary runs in the environment.
            ChangedMeanwhile: another process changed the policy at the same moment; nothing was changed here.
        """
        if version_key not in self.releases.policy.versions:
            return False
        self.releases.switch(self.env, version_key, author=Author(by, reason or PROGRAM))
        self._router.look()
        return True

    def rollback_to_stable(self, *, by: str = "library", reason: str = "") -> str:
        """Emergency: this process's environment uses the stable version from now on; ends a canary. Returns it."""
        policy = self.releases.rollback(self.env, author=Author(by, reason))
        self._router.look()
        return policy.environments[self.env].model

    def generate_video(self, prompt: str, *, key: str | None = None, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401  # as the SDK's create
        """Ask for a clip with the environment's model and log it; returns when the server took the job.

        It is sent once: a lost answer is told as such and never sent again by itself.

        Args:
            prompt: what the clip should show.
            key: of the canary, see `model_for`.
            kwargs: as for the SDK's `videos.create`: seconds, size, input_reference, timeout, extra_body; and where
                the endpoint takes them seed, style, style_tuning, storyboard, cameos.

        Returns:
            {"success": True, "response": the job (id, status, model, created, …), "model_version", "timestamp"}, or
            {"success": False, "error": a sentence, "model_version"}. Nothing that the server does raises.
        """
        started, begin = datetime.now(UTC), time.monotonic()
        model, use = self._model(key), 0
        try:
            use = self._log_use(model, prompt, kwargs, key)
            job = self._asking.create(model, prompt, kwargs)
        except SoraCompareError as error:
            self._answered(use, "use failed", model, begin, error=str(error))
            self.logger.error("No video: %s", error)  # noqa: TRY400  # the sentence says it all
            return {"success": False, "error": str(error), "model_version": model}
        details = {"job_id": job.id, "request_id": job.request_id, "echoed_model": job.model}
        self._answered(use, "use answered", model, begin, **details, is_simulated=self._is_simulated(job.is_simulated))
        self.logger.info("Video asked for: version %s, job %s", model, job.id)
        return {"success": True, "response": job, "model_version": model, "timestamp": started.isoformat()}

    def _model(self, key: str | None) -> str:
        return self.get_model_version() if key is None else self.model_for(key=key)

    def _is_simulated(self, is_declared: bool) -> bool:  # noqa: FBT001  # one meaning
        return is_declared or self._asking.endpoint.is_simulator

    def _log_use(self, model: str, prompt: str, parameters: dict[str, Any], key: str | None) -> int:
        def write(releases: Releases) -> int:
            life = releases.lifecycle(model)
            flags = {"retirement": life.sentence} if life.is_flagged else {}
            details = {
                "environment": self.env,
                "model": model,
                "snapshot": life.snapshot,
                "endpoint": self._asking.endpoint.name,
                "base_url": self.base_url,
                "prompt": prompt,
                "parameters": parameters,
                "has_key": key is not None,
                **flags,
            }
            return releases.log.append("use", details).number

        return self._source.record(write)

    def _answered(self, use: int, event: str, model: str, begin: float, **details: Any) -> None:  # noqa: ANN401  # JSON
        took = round(time.monotonic() - begin, 3)
        self._log(event, {"use": use, "environment": self.env, "model": model, "took_s": took, **details})

    def _log(self, event: str, details: dict[str, Any]) -> None:
        self._source.record(lambda releases: releases.log.append(event, details).number)

    def report_outcome(
        self,
        model: str,
        *,
        is_completed: bool,
        total_s: float | None = None,
        score: float | None = None,
        code: str | None = None,
        echoed_model: str | None = None,
        origin: Origin | None = None,
    ) -> None:
        """Tell how one of your own jobs ended: what guard rails of a running canary watch.

        Args:
            model: which it used, as `model_for` told.
            is_completed: whether there is a clip.
            total_s: from the request to the clip.
            score: 1 to 10, where somebody gave one.
            code: the server's error code where there is no clip, or "ours" for a job that your own side lost: a key,
                quota or rate limit, your network or a cancel counts against no model.
            echoed_model: which model the server said it used; a canary's rail can watch it.
            origin: live, or simulated; by the endpoint when left out.
        """
        simulated = self._asking.endpoint.origin
        messages = {name: one for name, one in (("code", code), ("echoed_model", echoed_model)) if one}
        record = {"is_completed": is_completed, "total_s": total_s, "score": score, "origin": str(origin or simulated)}
        self._log(OUTCOME, {"environment": self.env, "model": model, **record, **messages})
        with self._lock:
            is_due = time.monotonic() - self._checked >= CHECK_EVERY_S
            self._checked = time.monotonic() if is_due else self._checked
        if is_due:
            self.check_canary()

    def check_canary(self) -> bool:
        """Look at the canary of this process's environment; True when a broken guard rail ended it just now.

        False too while the store is away: there is nothing to look at.
        """
        try:
            is_ended = self._check_canary()
        except AWAY as error:
            self.logger.debug("The canary cannot be looked at now. %s", error)
            return False
        self._router.look()
        return is_ended

    def _check_canary(self) -> bool:
        governance = self._source.governance
        environment = governance.releases.policy.environments.get(self.env)
        if environment is None or environment.canary is None:
            return False
        found = governance.monitor.check(self.env)
        return bool(found.broken) and environment.canary.is_automatic

    def close(self) -> None:
        """Release files, and end the simulator if this started one."""
        self._asking.close()
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
