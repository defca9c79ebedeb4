"""Compare: what is typed stays, what cannot be sent is said, what is sent is sent once."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from sora_compare.access.signing import token_hash
from sora_compare.domain.endpoints import SIMULATOR
from sora_compare.domain.problems import ProblemKind
from sora_compare.domain.requests import PROMPT_LIMIT
from sora_compare.domain.takes import Problem, TakeState
from sora_compare.errors import SimulatorFailed
from sora_compare.generation.budget import Budget
from tests.pages import filling
from tests.pages.conftest import ONE_BROWSER

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from sora_compare.domain.comparisons import Comparison
    from sora_compare.domain.takes import Take
    from sora_compare.services import Services
    from tests.pages.conftest import OpenPage

PROMPT = "Two billiard balls collide"


pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def _no_simulator(app: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is carried in these tests, so that nothing has to be started either."""
    monkeypatch.setattr(app.simulator, "base_url", lambda: "http://127.0.0.1:9/v1")


def typed(page: AppTest, words: str) -> AppTest:
    page.text_area[0].set_value(words).run()
    return page


def send(page: AppTest) -> AppTest:
    next(button for button in page.button if button.label == "Send to both").click().run()
    assert not page.exception
    return page


def prompts(app: Services) -> list[str]:
    return [one.prompt for one in app.store.comparisons.list()]


def takes_of(app: Services, made: Comparison) -> list[Take]:
    """In the order of arms: takes of one instant have ids in any order."""
    return sorted(app.store.takes.of(made.id), key=lambda take: (take.arm, take.attempt))


def captions(page: AppTest) -> str:
    return " ".join(one.value for one in page.caption)


def test_sends_one_comparison_with_both_takes_and_names_it_in_the_address(app: Services, open_page: OpenPage) -> None:
    page = send(typed(open_page("compare"), f"  {PROMPT} "))
    (made,) = app.store.comparisons.list()
    assert made.prompt == PROMPT
    assert [(str(take.arm), take.request.model) for take in takes_of(app, made)] == [
        ("A", "sora-2-2025-10-06"),
        ("B", "sora-2-2025-12-08"),
    ]
    assert page.query_params["comparison"] == made.id
    assert [one.text.rpartition(" · ")[0] for one in page.progress] == [
        ":material/hourglass_top: Waiting for its turn"
    ] * 2


def test_the_button_of_a_sent_comparison_is_another_one(app: Services, open_page: OpenPage) -> None:
    """The second half of a double click names a button that is no longer there, so that it sends nothing."""
    page = typed(open_page("compare"), PROMPT)
    first = next(button.key for button in page.button if button.label == "Send to both")
    send(page)
    assert first not in [button.key for button in page.button]
    assert prompts(app) == [PROMPT]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [("", "The prompt is empty"), ("   ", "The prompt is empty"), ("x" * (PROMPT_LIMIT + 1), "1 more than the 4,000")],
)
def test_a_prompt_that_cannot_be_sent_is_said_and_kept(
    words: str, sentence: str, app: Services, open_page: OpenPage
) -> None:
    page = send(typed(open_page("compare"), words))
    assert sentence in page.error[0].value
    assert page.text_area[0].value == words
    assert prompts(app) == []


def test_what_is_typed_is_there_in_a_new_session(open_page: OpenPage) -> None:
    """A reload, a crash and a restart all come back as a new session."""
    page = typed(open_page("compare"), filling.HOSTILE)
    page.selectbox(key="compare:form/seconds").select(20).run()
    page.number_input(key="compare:form/seed").set_value(7).run()
    again = open_page("compare")
    assert again.text_area[0].value == filling.HOSTILE
    assert again.selectbox(key="compare:form/seconds").value == 20
    assert again.number_input(key="compare:form/seed").value == 7


def test_what_is_typed_outlives_an_error_while_sending(
    app: Services, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> str:
        raise SimulatorFailed("no room")

    monkeypatch.setattr(app.simulator, "base_url", fails)
    page = send(typed(open_page("compare"), PROMPT))
    assert page.error[0].value.startswith("The built\\-in simulator did not start")
    assert page.text_area[0].value == PROMPT
    assert prompts(app) == []


def test_a_budget_that_would_be_passed_stops_the_sending(app: Services, open_page: OpenPage) -> None:
    app.set_budget(Budget(run_dollars=0.5))
    page = send(typed(open_page("compare"), PROMPT))
    assert "more than the budget" in page.error[0].value
    assert prompts(app) == []


def test_a_length_that_one_arm_does_not_take_is_said_before_sending(app: Services, open_page: OpenPage) -> None:
    page = typed(open_page("compare"), PROMPT)
    page.selectbox(key="compare:form/seconds").select(25).run()
    sentences = [one.value for one in page.markdown if "25 s clips" in one.value]
    assert len(sentences) == 1
    assert "blue-badge[A]" in sentences[0]
    send(page)
    assert "cannot make 25 s clips" in page.error[0].value.replace("\\", "")
    assert prompts(app) == []


@pytest.mark.parametrize(
    ("length", "sentence"), [("abc", "no whole number"), ("0", "no whole number"), ("4.5", "no whole")]
)
def test_a_length_that_is_no_number_is_said(length: str, sentence: str, app: Services, open_page: OpenPage) -> None:
    app.store.drafts.save(f"compare:form:{token_hash(ONE_BROWSER)}", {"seconds": length})
    page = typed(open_page("compare"), PROMPT)
    assert sentence in page.warning[0].value
    send(page)
    assert sentence in page.error[0].value
    assert prompts(app) == []


def test_a_size_that_is_none_is_said(app: Services, open_page: OpenPage) -> None:
    app.store.drafts.save(f"compare:form:{token_hash(ONE_BROWSER)}", {"size": "large"})
    page = open_page("compare")
    assert "not WIDTHxHEIGHT" in page.warning[0].value


def test_a_setting_can_be_left_out_for_one_arm(app: Services, open_page: OpenPage) -> None:
    """An endpoint without seeds objects; with the switch on, only that arm goes without."""
    app.endpoint_registry.save(filling.without_seeds("plainlab"))
    page = typed(open_page("compare"), PROMPT)
    page.selectbox(key="compare:form/endpoint_B").select("plainlab").run()
    page.number_input(key="compare:form/seed").set_value(11).run()
    toggle = page.toggle(key="compare:form/drop_B_seed")
    assert toggle.label == "Send arm B without the seed"
    send(page)
    assert prompts(app) == []
    page.toggle(key="compare:form/drop_B_seed").set_value(True).run()  # the switch is on
    send(page)
    (made,) = app.store.comparisons.list()
    assert [(take.request.settings.seed, take.dropped) for take in takes_of(app, made)] == [
        (11, ()),
        (None, ("seed",)),
    ]


def test_the_estimate_follows_length_and_pairs(open_page: OpenPage) -> None:
    page = open_page("compare")
    assert "2 clips" in captions(page)
    assert "\\$1.60" in captions(page)
    page.number_input(key="compare:form/repeats").set_value(3).run()
    assert "6 clips" in captions(page)
    assert "\\$4.80" in captions(page)
    assert "Quota 4.8x" in captions(page)


def test_the_cost_at_an_endpoint_without_a_price_is_unknown(open_page: OpenPage) -> None:
    page = open_page("compare")
    page.selectbox(key="compare:form/endpoint_A").select("lab").run()
    assert "the cost is unknown" in captions(page)


def test_clips_that_are_there_already_are_announced(app: Services, open_page: OpenPage) -> None:
    page = send(typed(open_page("compare"), PROMPT))
    (made,) = app.store.comparisons.list()
    for take in takes_of(app, made):
        app.store.takes.save(filling.completed(take, filling.clip(app.files, str(take.arm))))
    page.run()
    assert "2 of 2 clips are there from an identical request" in captions(page)
    page.toggle(key="compare:form/is_fresh").set_value(True).run()  # the switch is on
    assert "identical request" not in captions(page)


def test_an_unknown_comparison_in_the_address_leaves_a_page_that_works(app: Services, open_page: OpenPage) -> None:
    page = open_page("compare", comparison="cmp_<b>nowhere</b>")
    assert "There is no comparison" in page.error[0].value
    assert "<b>" not in page.error[0].value
    send(typed(page, PROMPT))
    assert prompts(app) == [PROMPT]


def test_retry_makes_a_new_attempt_and_keeps_the_old_one(app: Services, open_page: OpenPage) -> None:
    made = filling.comparison(PROMPT)
    failed = filling.take(made, filling.ArmLabel.A, TakeState.FAILED)
    app.store.comparisons.add(made, (failed,))
    page = open_page("compare", comparison=made.id)
    next(button for button in page.button if button.label == "Retry").click().run()
    attempts = [(take.attempt, take.state) for take in takes_of(app, made)]
    assert attempts == [(0, TakeState.FAILED), (1, TakeState.PLANNED)]
    assert "Attempt 2" in captions(page)


@pytest.mark.parametrize(
    ("state", "button", "then"),
    [
        (TakeState.NOT_SAVED, "Fetch again", TakeState.FETCHING),
        (TakeState.STOPPED_POLLING, "Watch again", TakeState.QUEUED),
        (TakeState.AMBIGUOUS, "Look for it", TakeState.SUBMITTING),
    ],
)
def test_the_same_job_is_taken_up_again_at_no_cost(
    state: TakeState, button: str, then: TakeState, app: Services, open_page: OpenPage
) -> None:
    made = filling.comparison(PROMPT)
    app.store.comparisons.add(made, (filling.take(made, filling.ArmLabel.A, state),))
    page = open_page("compare", comparison=made.id)
    next(one for one in page.button if one.label == button).click().run()
    assert [take.state for take in takes_of(app, made)] == [then]


def test_cancel_leaves_a_signal_for_the_runner(app: Services, open_page: OpenPage) -> None:
    made = filling.comparison(PROMPT)
    take = filling.take(made, filling.ArmLabel.A, TakeState.RUNNING)
    app.store.comparisons.add(made, (take,))
    page = open_page("compare", comparison=made.id)
    next(one for one in page.button if one.label == "Cancel").click().run()
    assert app.coordination.take_signal(take.id) == "cancel"


def unreached(app: Services) -> Comparison:
    """A comparison of which arm A was tried in vain at an endpoint that cannot be reached."""
    asked = filling.comparison(PROMPT)
    made = dataclasses.replace(asked, arms=tuple(dataclasses.replace(arm, endpoint="lab") for arm in asked.arms))  # type: ignore[arg-type]
    a, b = (filling.take(made, label, TakeState.PLANNED) for label in filling.ArmLabel)
    problem = Problem("lab cannot be reached.", kind=ProblemKind.UNREACHABLE)
    notice = "lab cannot be reached. Try 2 of 6 comes at 10:00:00 UTC."
    app.store.comparisons.add(made, (dataclasses.replace(a, problem=problem, notice=notice, retries=1), b))
    return made


def test_an_endpoint_that_cannot_be_reached_is_said_once_with_the_ways_out(app: Services, open_page: OpenPage) -> None:
    made = unreached(app)
    page = open_page("compare", comparison=made.id)
    (error,) = page.error
    assert "Try 2 of 6 comes at 10:00:00 UTC" in error.value
    assert {"Change endpoint", "Use the simulator", "Stop"} <= {one.label for one in page.button}
    next(one for one in page.button if one.label == "Stop").click().run()
    assert [app.coordination.take_signal(take.id) for take in takes_of(app, made)] == ["cancel"] * 2


def test_the_simulator_takes_over_what_its_endpoint_could_not_be_asked(app: Services, open_page: OpenPage) -> None:
    made = unreached(app)
    page = open_page("compare", comparison=made.id)
    next(one for one in page.button if one.label == "Use the simulator").click().run()
    assert [app.coordination.take_signal(take.id) for take in takes_of(app, made)] == ["cancel"] * 2
    (other,) = [one for one in app.store.comparisons.list() if one.id != made.id]
    assert (other.prompt, other.settings, {arm.endpoint for arm in other.arms}) == (PROMPT, made.settings, {SIMULATOR})
    assert page.query_params["comparison"] == other.id


def test_a_model_that_was_not_asked_for_is_flagged_on_its_take(app: Services, open_page: OpenPage) -> None:
    made = filling.comparison("a ball")
    kept = filling.clip(app.files, "a")
    a, b = (filling.take(made, label, TakeState.COMPLETED, kept) for label in filling.ArmLabel)
    b = dataclasses.replace(b, echoed_model="sora-2-2099-01-01")
    app.store.comparisons.add(made, (dataclasses.replace(a, echoed_model=a.request.model), b))
    page = open_page("compare", comparison=made.id)
    lines = [one.value.replace("\\", "") for one in page.warning]
    assert [one for one in lines if "used sora-2-2099-01-01, not sora-2-2025-12-08" in one]
    assert not [one for one in lines if "not sora-2-2025-10-06" in one]
    assert "sora-2-2099-01-01: not the one asked for" in str(page.table[0].value)
