"""Pictures and measurements of both clips are there once a command has ended, and after a crash at the next start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sora_compare.clips.files import POSTER, SPRITE
from sora_compare.domain.takes import TakeState
from sora_compare.services import open_services
from sora_compare.settings import Settings
from tests.clips.conftest import write_clip
from tests.commands.terminal import run
from tests.generation.asking import ask, takes_of
from tests.generation.test_crashes import Carrier
from tests.pages import filling
from tests.simulation import KEY, Simulation, endpoint_at, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.domain.takes import Take
    from sora_compare.services import Services
    from tests.conftest import OpenServices

SMALL = ("--seconds", "2", "--size", "96x64")


def at(base_url: str) -> dict[str, str]:
    return {"OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": KEY, "SORA_COMPARE_POLL_S": "0.05"}


def is_postprocessed(opened: Services, take: Take) -> bool:
    assert take.clip is not None
    has_pictures = all(opened.files.beside(take.clip.sha256, kind).is_file() for kind in (POSTER, SPRITE))
    return has_pictures and take.clip.has_flashes is not None


@pytest.mark.parametrize("folder", ["first", "second"])
def test_both_clips_of_a_compared_pair_have_pictures_and_measurements(
    folder: str, simulation: Simulation, tmp_path: Path
) -> None:
    home = tmp_path / folder
    assert run("compare", f"a ball, {folder}", *SMALL, home=home, **at(simulation.base_url)).code == 0
    opened = open_services(Settings(home=home, endpoints={}), with_runner=False)
    takes = list(opened.store.takes.list())
    found = {take.arm: is_postprocessed(opened, take) for take in takes}
    opened.close()
    assert found == {"A": True, "B": True}


def test_a_killed_process_is_followed_by_a_runner_that_catches_up(
    simulation: Simulation, tmp_path: Path, opened: OpenServices
) -> None:
    home = tmp_path / "home"
    planner = opened(endpoint_at(simulation.base_url), home=home, with_runner=False)
    comparison = ask(planner)
    with Carrier(home, simulation.base_url) as carrier:
        wait_until(lambda: any(one.state is TakeState.COMPLETED for one in takes_of(planner, comparison)))
        carrier.kill()
    for take in takes_of(planner, comparison):
        if take.clip:
            planner.files.beside(take.clip.sha256, POSTER).unlink(missing_ok=True)
    with Carrier(home, simulation.base_url):
        wait_until(lambda: all(one.is_ended for one in takes_of(planner, comparison)))
        wait_until(lambda: all(is_postprocessed(planner, one) for one in takes_of(planner, comparison)))


def test_an_imported_clip_is_caught_up_and_one_that_resists_is_tried_once(tmp_path: Path, opened: OpenServices) -> None:
    services = opened(endpoint_at("http://127.0.0.1:9/v1"), with_runner=False)
    path = write_clip(tmp_path / "one.mp4", amplitude=0.1)
    incoming = services.files.incoming("one")
    incoming.write(path.read_bytes())
    clip = services.worker.probe_now(incoming.path, incoming.sha256)
    incoming.save(".mp4")
    broken = filling.clip(services.files, "no video")
    filling.fill_pair(services.store, lambda arm: clip if arm == "a" else broken, "A ball drops", at=filling.START)
    whole, resisting = list(services.store.takes.list())
    services.runner.start()
    wait_until(lambda: is_postprocessed(services, services.store.takes.get(whole.id)))
    wait_until(lambda: not services.runner.postprocessor.is_due(services.store.takes.get(resisting.id)))
    assert not services.files.beside(broken.sha256, POSTER).exists()
