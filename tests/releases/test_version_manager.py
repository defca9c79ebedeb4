"""`SoraVersionManager` as production code uses it, against a real server."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from sora_compare import SoraVersionManager
from sora_compare.domain.policies import Author, default_policy
from sora_compare.domain.snapshots import ALIAS, DEFAULT_A, DEFAULT_B
from sora_compare.domain.takes import Origin
from sora_compare.errors import ConfigurationError
from sora_compare.releases.policy.changes import Releases
from sora_compare.releases.policy.file import policy_text
from sora_compare.releases.policy.repository import PolicyInStore
from sora_compare.releases.refusals import CanaryRuns, UnknownEnvironment
from sora_compare.settings import Settings, load
from sora_compare.store.store import open_store
from tests.releases.conftest import WHY
from tests.simulation import KEY, Simulation, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LISTINGS = Path(__file__).parent / "listings"
PROJECT = Path(__file__).resolve().parents[2]
PROMPT = "Time-lapse d'un coucher de soleil en ville, gratte-ciels et nuages en mouvement"
Opening = "Callable[..., SoraVersionManager]"


@pytest.fixture
def manager_of(settings: Settings) -> Iterator[Callable[..., SoraVersionManager]]:
    made: list[SoraVersionManager] = []

    def open_one(*arguments: Any, **named: Any) -> SoraVersionManager:  # noqa: ANN401  # as the class takes them
        made.append(SoraVersionManager(*arguments, **{"settings": settings, **named}))
        return made[-1]

    yield open_one
    for one in made:
        one.close()


def run_listing(name: str, home: Path, **environment: str) -> list[str]:
    """The lines that an article's listing prints in a process of its own."""
    inherited = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    record = {**inherited, "PYTHONPATH": str(PROJECT), "SORA_COMPARE_HOME": str(home), "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, LISTINGS / name], env={**record, **environment}, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("environment", "model"),
    [("production", DEFAULT_A), ("staging", DEFAULT_B), ("qa", ALIAS)],
)
def test_the_articles_first_listing_runs_with_its_import_changed(home: Path, environment: str, model: str) -> None:
    printed = run_listing("listing_1.py", home, DEPLOY_ENV=environment)
    assert printed == [environment, f"{DEFAULT_A} {DEFAULT_B} {ALIAS}", model, DEFAULT_A]


def test_the_articles_second_listing_runs_with_its_import_changed(home: Path, simulation: Simulation) -> None:
    """The listing's default address is a reseller's; ours is the configured endpoint."""
    printed = run_listing("listing_2.py", home, OPENAI_BASE_URL=simulation.base_url, OPENAI_API_KEY=KEY)
    assert printed == [f"Génération réussie, version utilisée : {ALIAS}"]
    job = simulation.jobs()[0]
    assert (job["prompt"], job["seconds"], job["model"]) == (PROMPT, "10", DEFAULT_B)


def test_without_any_configuration_the_simulator_answers(home: Path) -> None:
    assert run_listing("listing_2.py", home) == [f"Génération réussie, version utilisée : {ALIAS}"]
    store = open_store(home)
    assert [one.facts["is_simulated"] for one in store.audit_log.of_event("use answered")] == [True]
    store.close()


def test_importing_the_package_and_the_class_stays_light() -> None:
    code = (
        "import sys, sora_compare; assert 'sora_compare.releases' not in sys.modules; "
        "from sora_compare import SoraVersionManager; "
        "print([name for name in ('streamlit', 'av', 'cv2', 'openai', 'pandas', 'plotly') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_video_has_the_articles_answer_and_its_use_is_logged(
    manager_of: Callable[..., SoraVersionManager], simulation: Simulation
) -> None:
    manager = manager_of(api_key=KEY, base_url=simulation.base_url, environment="staging")
    result = manager.generate_video(PROMPT, seconds=10, seed=7)
    assert set(result) == {"success", "response", "model_version", "timestamp"}
    assert (result["success"], result["model_version"]) == (True, DEFAULT_B)
    assert datetime.fromisoformat(result["timestamp"])
    response = result["response"]
    assert response.id == simulation.jobs()[0]["id"]
    assert response.status in {"queued", "running"}, "on a busy machine the job has begun before the answer is written"
    assert simulation.jobs_created == 1
    asked, answered = manager.releases.log.entries()
    assert (asked.event, asked.facts["model"], asked.facts["environment"]) == ("use", DEFAULT_B, "staging")
    assert asked.facts["parameters"] == {"seconds": 10, "seed": 7}
    assert asked.facts["prompt"] == PROMPT
    assert "was retired on 2026-09-24" in asked.facts["retirement"]
    assert (answered.event, answered.facts["use"], answered.facts["job_id"]) == (
        "use answered",
        asked.number,
        response.id,
    )


def test_what_is_not_said_is_asked_for_as_the_api_would(
    manager_of: Callable[..., SoraVersionManager], simulation: Simulation
) -> None:
    assert manager_of(KEY, simulation.base_url).generate_video(PROMPT)["success"]
    assert (simulation.jobs()[0]["seconds"], simulation.jobs()[0]["size"]) == ("4", "720x1280")


def picture(size: tuple[int, int] = (1280, 720)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size).save(out, "PNG")
    return out.getvalue()


def test_everything_the_article_passes_is_sent(
    manager_of: Callable[..., SoraVersionManager], simulation: Simulation, tmp_path: Path
) -> None:
    cat = tmp_path / "cat_front.png"
    cat.write_bytes(picture((64, 64)))
    found = manager_of(KEY, simulation.base_url, profile="simulator", environment="test").generate_video(
        "@Minou chases a butterfly",
        seconds="10",
        size="1280x720",
        extra_body={"seed": 3, "style": "cinematic"},
        style_tuning={"contrast": 0.5},
        storyboard={"scenes": [{"start": 0, "end": 5, "prompt": "dawn"}, {"start": 5, "end": 10, "prompt": "noon"}]},
        cameos=[{"name": "Minou", "description": "orange", "reference_images": [str(cat)]}],
        input_reference=("first.png", picture(), "image/png"),
        timeout=30,
    )
    assert found.get("error") is None
    assert simulation.jobs()[0]["seed"] == 3


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ({"seconds": "ten"}, "seconds is 'ten': give a number"),
        ({"seconds": 2.5}, "seconds is 2.5: give a whole number"),
        ({"seconds": None}, "seconds is None"),
        ({"seconds": 0}, "cannot make 0 s clips"),
        ({"prompt": "  "}, "The prompt is empty"),
        ({"prompt": None}, "The prompt must be a text"),
        ({"n": 4}, "generate_video takes no “n”: use seconds, size"),
        ({"extra_headers": {"Authorization": f"Bearer {KEY}"}}, "takes no “extra_headers”"),
        ({"storyboard": ["dawn"]}, "Give each scene as"),
        ({"cameos": ["cameo_123"]}, "Give each cameo as"),
        ({"input_reference": b"not a picture"}, "no picture that can be read"),
        ({"input_reference": "/nowhere/cat.png"}, "cannot be read"),
        ({"input_reference": 3}, "as a path, as bytes"),
        ({"timeout": "soon"}, "timeout is 'soon'"),
    ],
)
def test_what_cannot_be_sent_is_said_and_nothing_is_sent(
    manager_of: Callable[..., SoraVersionManager], simulation: Simulation, named: dict[str, Any], sentence: str
) -> None:
    manager = manager_of(KEY, simulation.base_url, environment="production")
    result = manager.generate_video(**{"prompt": PROMPT, **named})
    assert set(result) == {"success", "error", "model_version"}
    assert result["success"] is False
    assert sentence in result["error"]
    assert simulation.jobs_created == 0
    assert manager.releases.log.latest(1)[0].event == "use failed"
    assert KEY not in str(list(manager.releases.log.entries()))


def test_a_lost_answer_is_told_and_never_sent_again(
    manager_of: Callable[..., SoraVersionManager], simulation: Simulation
) -> None:
    simulation.faults({"on": "create", "fault": "accept_then_drop", "times": 9})
    result = manager_of(KEY, simulation.base_url).generate_video(PROMPT)
    assert "may or may not exist" in result["error"]
    assert simulation.jobs_created == 1


def test_no_server_is_a_sentence(manager_of: Callable[..., SoraVersionManager]) -> None:
    result = manager_of(KEY, "http://127.0.0.1:9/v1").generate_video(PROMPT)
    assert "cannot be reached" in result["error"]
    assert KEY not in result["error"]


def test_it_works_inside_a_running_event_loop(
    manager_of: Callable[..., SoraVersionManager], simulation: Simulation
) -> None:
    async def serve() -> dict[str, Any]:
        return manager_of(KEY, simulation.base_url).generate_video(PROMPT)

    assert asyncio.run(serve())["success"]


def test_switch_and_rollback_hold_for_every_manager_of_the_environment(
    manager_of: Callable[..., SoraVersionManager],
) -> None:
    one, other = manager_of(environment="production"), manager_of(environment="production")
    assert other.current_version == DEFAULT_A
    assert one.switch_version("latest") is True
    assert one.current_version == one.model_for() == DEFAULT_B
    wait_until(lambda: other.model_for("production") == DEFAULT_B)
    assert one.switch_version("newest") is False
    assert other.rollback_to_stable(by="on call", reason="faces melt") == DEFAULT_A
    wait_until(lambda: one.current_version == DEFAULT_A)
    assert one.model_for("staging") == DEFAULT_B
    assert [entry.event for entry in one.releases.log.entries()] == ["switch", "rollback"]


def test_a_canary_routes_by_key_and_a_broken_rail_ends_it_by_itself(
    manager_of: Callable[..., SoraVersionManager], caplog: pytest.LogCaptureFixture
) -> None:
    manager = manager_of(environment="production")
    manager.releases.start_canary("production", DEFAULT_B, force=True, author=Author("maria", "December"))
    wait_until(lambda: DEFAULT_B in {manager.model_for(key=str(n)) for n in range(200)})
    assert manager.model_for() == manager.get_model_version() == DEFAULT_A
    with pytest.raises(CanaryRuns):
        manager.switch_version("latest")
    for number in range(30):
        manager.report_outcome(DEFAULT_A, is_completed=True, total_s=40.0, score=9, origin=Origin.LIVE)
        manager.report_outcome(DEFAULT_B, is_completed=number % 2 == 0, total_s=40.0, origin=Origin.LIVE)
    assert manager.check_canary() is True
    assert {manager.model_for(key=str(n)) for n in range(200)} == {DEFAULT_A}
    assert manager.check_canary() is False
    last = manager.releases.log.latest(1)[0]
    assert last.event == "canary rolled back"
    assert "15 of 30 takes of the candidate failed, 0 of 30 of the base" in last.facts["reason"]
    assert "canary rolled back in production" in caplog.text


def test_a_rail_that_may_only_tell_does_not_roll_back(manager_of: Callable[..., SoraVersionManager]) -> None:
    manager = manager_of(environment="production")
    manager.releases.start_canary("production", DEFAULT_B, force=True, is_automatic=False, author=WHY)
    for _ in range(30):
        manager.report_outcome(DEFAULT_A, is_completed=True, origin=Origin.LIVE)
        manager.report_outcome(DEFAULT_B, is_completed=False, origin=Origin.LIVE)
    assert manager.check_canary() is False
    assert manager.releases.environment("production").canary is not None


def test_simulated_outcomes_never_end_a_canary_that_has_live_ones(
    manager_of: Callable[..., SoraVersionManager],
) -> None:
    manager = manager_of(environment="production")
    manager.releases.start_canary("production", DEFAULT_B, force=True, author=WHY)
    manager.report_outcome(DEFAULT_B, is_completed=True, origin=Origin.LIVE)
    for _ in range(30):
        manager.report_outcome(DEFAULT_A, is_completed=True, origin=Origin.SIMULATED)
        manager.report_outcome(DEFAULT_B, is_completed=False, origin=Origin.SIMULATED)
    assert manager.check_canary() is False


def test_a_policy_file_decides_and_the_environment_variable_names_it(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(policy_text(default_policy()).replace(f'model = "{ALIAS}"', f'model = "{DEFAULT_A}"'), "utf-8")
    record = {"SORA_COMPARE_POLICY": str(path), "SORA_COMPARE_HOME": str(home), "DEPLOY_ENV": "development"}
    with SoraVersionManager(settings=load(record, tmp_path / "no-secrets.toml")) as manager:
        assert manager.get_model_version() == DEFAULT_A
        manager.switch_version("latest")
    assert DEFAULT_B in path.read_text("utf-8").partition("[environments.development]")[2].partition("[")[0]


def test_an_unlisted_deploy_env_follows_the_alias_with_a_warning(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    misspelt = Settings(home=settings.home, endpoints=settings.endpoints, deploy_environment="prodution")
    with SoraVersionManager(settings=misspelt) as manager:
        assert manager.get_model_version() == ALIAS
        assert "“prodution”, which the policy does not list" in caplog.text
        with pytest.raises(UnknownEnvironment, match=r"“prodution”\. There are: development"):
            manager.model_for()


def test_an_unknown_environment_that_was_asked_for_is_refused(manager_of: Callable[..., SoraVersionManager]) -> None:
    with pytest.raises(UnknownEnvironment, match="There are: development, test, staging, production"):
        manager_of(environment="prod")


def test_an_address_that_is_none_is_refused(manager_of: Callable[..., SoraVersionManager]) -> None:
    with pytest.raises(ConfigurationError, match="is not an address"):
        manager_of(base_url="api.example.com")


def test_threads_share_one_manager(manager_of: Callable[..., SoraVersionManager]) -> None:
    manager = manager_of(environment="production")
    seen: set[str] = set()
    failures: list[BaseException] = []

    def work(mine: str) -> None:
        try:
            for number in range(10):
                manager.rollback_to_stable() if number % 2 else manager.releases.rollback("production", to=mine)
                seen.update(manager.model_for("production", str(n)) for n in range(50))
        except BaseException as error:  # noqa: BLE001  # a thread's failure must reach the test
            failures.append(error)

    threads = [threading.Thread(target=work, args=(model,)) for model in (DEFAULT_A, DEFAULT_B, ALIAS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not failures
    assert seen <= {DEFAULT_A, DEFAULT_B, ALIAS}
    assert manager.releases.policy.revision == 30
    assert manager.releases.log.verify().is_intact


def test_a_store_shared_with_the_app_shows_the_same_policy(settings: Settings) -> None:
    store = open_store(settings.home)
    page = Releases(PolicyInStore(store, settings.home), store.audit_log)
    with SoraVersionManager(environment="staging", settings=settings) as manager:
        page.lock("staging", DEFAULT_A, force=True)
        wait_until(lambda: manager.current_version == DEFAULT_A)
    store.close()
