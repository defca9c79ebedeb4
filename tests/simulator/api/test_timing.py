"""What the two snapshots allow, how long they take, how often they fail."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from sora_compare.simulator.api import timing
from sora_compare.simulator.api.catalogue import DECEMBER, MODELS, OCTOBER
from sora_compare.simulator.api.contract import Rules, checked_request
from sora_compare.simulator.api.forms import Form
from sora_compare.simulator.api.problems import Problem

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.simulator.api.catalogue import Model
    from sora_compare.simulator.api.jobs import Request


def ask(**fields: object) -> Request:
    return checked_request(Form({"prompt": "a cat", "size": "1280x720", **fields}), Rules(), {})[0]


@pytest.mark.parametrize("seconds", [4, 8, 10, 12, 15, 16, 20])
@pytest.mark.parametrize("model", [OCTOBER.name, DECEMBER.name])
def test_both_take_the_common_lengths(model: str, seconds: int) -> None:
    assert ask(model=model, seconds=str(seconds)).seconds == seconds


def test_only_december_takes_25_seconds() -> None:
    assert ask(model=DECEMBER.name, seconds=25).seconds == 25
    with pytest.raises(Problem, match="'20'") as refused:
        ask(model=OCTOBER.name, seconds=25)
    assert "'25'." not in str(refused.value).partition("Supported")[2]


@pytest.mark.parametrize(("field", "value"), [
    ("storyboard", {"scenes": [{"start": 0, "end": 4, "prompt": "x"}]}),
    ("cameos", ["cameo_1"]),
    ("style_tuning", {"contrast": 0.5}),
])  # fmt: skip
def test_october_says_what_it_does_not_take(field: str, value: object) -> None:
    with pytest.raises(Problem) as refused:
        ask(model=OCTOBER.name, **{field: value})
    assert refused.value.body["error"]["code"] == "unsupported_parameter"
    assert refused.value.body["error"]["param"] == field


@pytest.mark.parametrize(("model", "latency_s", "total_s"), [(OCTOBER, 8.0, 45.0), (DECEMBER, 6.0, 40.0)])
def test_ten_seconds_take_what_is_published_divided_by_the_speed(
    model: object, latency_s: float, total_s: float
) -> None:
    plans = [timing.schedule(model, 10, 10.0, seed) for seed in range(400)]
    assert sum(plan.due_s for plan in plans) / 400 == pytest.approx(total_s / 10, rel=0.01)
    assert sum(plan.starts_s for plan in plans) / 400 == pytest.approx(latency_s / 10, rel=0.01)
    spread = [plan.due_s / (total_s / 10) for plan in plans]
    assert 1 - timing.JITTER <= min(spread) < 0.96
    assert 1.04 < max(spread) <= 1 + timing.JITTER


@pytest.mark.parametrize("model", [OCTOBER, DECEMBER])
def test_as_many_requests_fail_as_published(model: Model) -> None:
    failed = sum(timing.fails(model, seed) for seed in range(20_000))
    assert failed / 20_000 == pytest.approx(1 - model.success_share, abs=0.002)


def test_the_same_request_fares_alike_each_time() -> None:
    assert timing.schedule(OCTOBER, 8, 10, 5, "x") == timing.schedule(OCTOBER, 8, 10, 5, "x")
    assert len({timing.schedule(OCTOBER, 8, 10, seed).due_s for seed in range(50)}) > 40


def test_a_request_without_a_seed_gets_the_same_one_for_both_models() -> None:
    assert ask(model=OCTOBER.name).seed == ask(model=DECEMBER.name).seed
    assert ask(prompt="a dog").seed != ask(prompt="a cat").seed


def test_the_model_decides_nothing_of_an_order_but_its_realism(tmp_path: Path) -> None:
    first, second = (ask(model=name).order(tmp_path, ()) for name in (OCTOBER.name, DECEMBER.name))
    assert first != second
    assert dataclasses.replace(first, realism=second.realism) == second


def test_the_alias_means_the_newest() -> None:
    assert MODELS["sora-2"] is DECEMBER
