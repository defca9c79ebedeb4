"""Every feature over a real socket into a real clip: what was asked is seen in its frames."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from PIL import Image

from sora_compare.clips.images import fitted, save_image
from sora_compare.domain.comparisons import Arm
from sora_compare.domain.endpoints import Capabilities
from sora_compare.domain.requests import Cameo, ClipSettings, Scene
from sora_compare.domain.takes import ArmLabel
from sora_compare.endpoints.protocol import Timeouts
from sora_compare.generation.limits import RetryPolicy
from sora_compare.simulator.process import SimulatorProcess
from tests.simulation import endpoint_at, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sora_compare.domain.requests import StoredImage
    from sora_compare.domain.takes import Take
    from sora_compare.services import Services
    from tests.conftest import OpenServices

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(600)]
SIZE = "320x176"
SECONDS = 4
FPS = 30
DECEMBER = "sora-2-2025-12-08"
GREEN = (30, 200, 60)
Frames = np.ndarray[Any, Any]


@pytest.fixture(scope="module")
def drawing() -> Iterator[str]:
    process = SimulatorProcess("--lenient", "--stability", "off", speed=100)
    yield process.base_url
    process.close()


@pytest.fixture
def services(opened: OpenServices, drawing: str) -> Services:
    takes_all = Capabilities(
        styles=("noir",), takes_tuning=True, takes_storyboard=True, takes_cameos=True, takes_image=True
    )
    retry_policy = RetryPolicy(lease_s=1.5, renew_s=0.3, inbox_s=0.05)
    return opened(endpoint_at(drawing, models={"*": takes_all}), retry_policy=retry_policy, timeouts=Timeouts())


def picture(services: Services, size: tuple[int, int] = (320, 176)) -> StoredImage:
    target = io.BytesIO()
    Image.new("RGB", size, GREEN).save(target, "PNG")
    return save_image(services.files, target.getvalue())


def made(services: Services, prompt: str, **asked: Any) -> tuple[Frames, Take]:  # noqa: ANN401  # settings
    """The frames of arm B's clip, and its take."""
    settings = ClipSettings(SECONDS, SIZE, seed=5, **asked)
    arms = (Arm(ArmLabel.A, "lab", DECEMBER), Arm(ArmLabel.B, "lab", DECEMBER))
    comparison = services.send(services.planner.plan(prompt, settings, arms))
    wait_until(lambda: all(take.is_ended for take in services.store.takes.of(comparison.id)), limit_s=300)
    take = next(take for take in services.store.takes.of(comparison.id) if take.arm is ArmLabel.B)
    assert take.clip is not None, take.problem
    with av.open(str(services.files.path(take.clip.sha256))) as file:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]), take


def change(frames: Frames, before: int, after: int) -> float:
    return float(np.abs(frames[after].astype(float) - frames[before]).mean())


def greenness(frame: Frames) -> float:
    """Share of pixels that have the picture's colour."""
    return float((np.abs(frame.astype(int) - GREEN).max(axis=-1) < 40).mean())


def test_the_scene_changes_at_its_second(services: Services) -> None:
    board = (Scene(0, 1.5, "A flag waves in the wind"), Scene(1.5, 4, "Coffee is poured into a cup"))
    frames, _ = made(services, "Two scenes", storyboard=board)
    cut = round(1.5 * FPS)
    assert change(frames, cut - 1, cut) > 5 * max(change(frames, cut - 2, cut - 1), change(frames, cut, cut + 1))


def test_the_cameos_picture_plays(services: Services) -> None:
    cameo = Cameo("mia", "Green all over", (picture(services, (64, 64)),))
    without, _ = made(services, "A flag waves in the wind")
    frames, take = made(services, "A flag waves in the wind before @mia", cameos=(cameo,))
    assert take.request.settings.cameos == (cameo,)
    assert greenness(frames[60]) > greenness(without[60]) + 0.005


def test_the_picture_opens_the_clip(services: Services) -> None:
    frames, _ = made(services, "A flag waves in the wind", image=picture(services))
    assert greenness(frames[0]) > 0.9
    assert greenness(frames[-1]) < 0.3


def test_preset_and_dials_change_the_look(services: Services) -> None:
    def saturation(frames: Frames) -> float:
        return float(np.ptp(frames[60].astype(int), axis=-1).mean())

    def warmth(frames: Frames) -> float:
        return float(frames[60, ..., 0].mean() - frames[60, ..., 2].mean())

    plain, _ = made(services, "A flag waves in the wind")
    noir, _ = made(services, "A flag waves in the wind", style="noir")
    warm, _ = made(services, "A flag waves in the wind", tuning={"warmth": 1.0})
    assert saturation(noir) < saturation(plain) / 2
    assert warmth(warm) > warmth(plain) + 10


def test_a_cropped_photograph_is_taken(services: Services) -> None:
    target = io.BytesIO()
    Image.new("RGB", (900, 600), GREEN).save(target, "JPEG")
    image = save_image(services.files, fitted(target.getvalue(), SIZE))
    frames, _ = made(services, "A flag waves in the wind", image=image)
    assert greenness(frames[0]) > 0.9
