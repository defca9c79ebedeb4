"""The manager's way to an endpoint: the article's keyword arguments become a checked request, sent once."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
import weakref
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from sora_compare.domain.endpoints import Endpoint, validate_request
from sora_compare.domain.features import validate_features
from sora_compare.domain.requests import ClipRequest, ClipSettings, Scene
from sora_compare.endpoints.profiles import capabilities_of, profile_of
from sora_compare.endpoints.protocol import Timeouts
from sora_compare.errors import RequestRefusedHere, UsageError
from sora_compare.settings import Secret, checked_base_url
from sora_compare.simulator.process import SimulatorProcess
from sora_compare.store.home import Home

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from sora_compare.domain.endpoints import Capabilities
    from sora_compare.endpoints.dialects import Job
    from sora_compare.releases.attachments import Attachments
    from sora_compare.settings import Settings

API_SECONDS, API_SIZE = 4, "720x1280"
"""What the Videos API makes when nothing is said; here it is said, so that the whole request is on record."""
GIVEN = "given endpoint"
SIMULATOR_KEY = Secret("simulator")
KEY_SOURCE = "env:OPENAI_API_KEY"
TAKEN = (
    "seconds", "size", "seed", "style", "style_tuning", "storyboard", "cameos", "input_reference", "extra_body",
    "timeout",
)  # fmt: skip
Answer = TypeVar("Answer")


class Asking:
    """One endpoint as the manager uses it: given by address, or the configured one."""

    def __init__(self, settings: Settings, api_key: str | None, base_url: str | None, profile: str = "") -> None:
        """Open nothing yet.

        Raises:
            ConfigurationError: the address cannot be used, or there is no such profile.
        """
        self._settings = settings
        self._lock = threading.Lock()
        self._simulator: SimulatorProcess | None = None
        if base_url:
            self.endpoint = _given(settings, checked_base_url(base_url), profile)
        else:
            self.endpoint = settings.endpoints[settings.default_endpoint]
        profile_of(self.endpoint)
        own = SIMULATOR_KEY if self.endpoint.is_simulator else settings.key_for(self.endpoint)
        self._key = Secret(api_key) if api_key and not self.endpoint.is_simulator else own

    def create(self, model: str, prompt: str, data: dict[str, Any]) -> Job:
        """Ask for one clip, once, and wait until the server took the job.

        Raises:
            UsageError: the request cannot be sent as it is; nothing was sent.
            EndpointError: what the server did.
            SimulatorFailed: the built-in simulator does not start.
        """
        from sora_compare.endpoints.openai_adapter import OpenAIEndpoint  # noqa: PLC0415  # half a second of openai
        from sora_compare.releases.attachments import Attachments  # noqa: PLC0415  # pillow, for pictures only

        attached = Attachments()
        request, timeouts = self._request(model, prompt, data, attached)
        endpoint = self._resolved()

        async def send() -> Job:
            connection = OpenAIEndpoint(endpoint, self._key, attached.content, timeouts)
            try:
                return await connection.submit(request)
            finally:
                await connection.aclose()

        return _waited(send())

    def _request(
        self, model: str, prompt: str, data: dict[str, Any], attached: Attachments
    ) -> tuple[ClipRequest, Timeouts]:
        asked = {**data.get("extra_body", {}), **{name: value for name, value in data.items() if name != "extra_body"}}
        strange = [name for name in asked if name not in TAKEN]
        if strange:
            raise UsageError(f"generate_video takes no “{strange[0]}”: use {', '.join(TAKEN)}.")
        if not isinstance(prompt, str):
            raise UsageError("The prompt must be a text.")
        known = capabilities_of(self.endpoint, model)
        timeout = asked.pop("timeout", None)
        request = ClipRequest(model, prompt, _settings(asked, known, attached))
        found = [*validate_request(request, known), *validate_features(request)]
        if found:
            raise RequestRefusedHere({model: found})
        return request, Timeouts() if timeout is None else Timeouts(create_s=_number("timeout", timeout))

    def _resolved(self) -> Endpoint:
        if not self.endpoint.is_simulator:
            return self.endpoint
        with self._lock:
            if self._simulator is None or not self._simulator.is_alive:
                state = Home(self._settings.home).simulator
                self._simulator = SimulatorProcess(state=state, speed=self._settings.simulator_speed)
                weakref.finalize(self, self._simulator.close)
            return dataclasses.replace(self.endpoint, base_url=self._simulator.base_url)

    def close(self) -> None:
        """End the simulator, if this started one."""
        with self._lock:
            if self._simulator:
                self._simulator.close()
            self._simulator = None


def _given(settings: Settings, base_url: str, profile: str) -> Endpoint:
    """The endpoint at an address: the configured one there is, or a new one."""
    known = next((one for one in settings.endpoints.values() if one.base_url == base_url), None)
    found = known or Endpoint(GIVEN, base_url, key_source=KEY_SOURCE)
    return dataclasses.replace(found, profile=profile) if profile else found


def _settings(asked: dict[str, Any], known: Capabilities, attached: Attachments) -> ClipSettings:
    image = asked.get("input_reference")
    return ClipSettings(
        seconds=_whole("seconds", asked.get("seconds", _usual(API_SECONDS, known.seconds))),
        size=str(asked.get("size", _usual(API_SIZE, known.sizes))),
        seed=None if asked.get("seed") is None else _whole("seed", asked["seed"]),
        style=asked.get("style"),
        tuning={str(name): _number(name, value) for name, value in (asked.get("style_tuning") or {}).items()},
        storyboard=tuple(_scene(one) for one in _scenes(asked.get("storyboard") or ())),
        cameos=tuple(attached.cameo(one) for one in asked.get("cameos") or ()),
        image=None if image is None else attached.add(image),
    )


def _usual(standard: Any, allowed: tuple[Any, ...]) -> Any:  # noqa: ANN401  # seconds or a size
    return standard if not allowed or standard in allowed else allowed[0]


def _whole(name: str, data: Any) -> int:  # noqa: ANN401  # whatever a caller passed
    number = _number(name, data)
    if number != int(number):
        raise UsageError(f"{name} is {data!r}: give a whole number.")
    return int(number)


def _number(name: str, data: Any) -> float:  # noqa: ANN401  # whatever a caller passed
    try:
        number = float(data)
    except (TypeError, ValueError):
        number = float("nan")
    if number != number or abs(number) == float("inf"):  # noqa: PLR0124  # only NaN is unequal to itself
        raise UsageError(f"{name} is {data!r}: give a number.")
    return number


def _scenes(data: Any) -> Any:  # noqa: ANN401  # whatever a caller passed
    return data.get("scenes", ()) if isinstance(data, dict) else data


def _scene(data: Any) -> Scene:  # noqa: ANN401  # whatever a caller passed
    if not isinstance(data, dict) or not {"start", "end", "prompt"} <= set(data):
        raise UsageError('Give each scene as {"start": seconds, "end": seconds, "prompt": text}.')
    return Scene(_number("start", data["start"]), _number("end", data["end"]), str(data["prompt"]))


def _waited(work: Coroutine[Any, Any, Answer]) -> Answer:
    """The result of a coroutine, also where this thread runs an event loop already."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    done: Future[Answer] = Future()

    def run() -> None:
        try:
            done.set_result(asyncio.run(work))
        except BaseException as error:  # noqa: BLE001  # handed to who waits
            done.set_exception(error)

    threading.Thread(target=run, name="sora-compare-request").start()
    return done.result()
