"""Results: the verdict first, what can and cannot be concluded from little, and nothing mixed unsaid."""

from __future__ import annotations

import dataclasses
import random
import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.comparisons import Arm
from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.reviews import ASKED, Score
from sora_compare.domain.takes import ArmLabel, Origin, Problem, TakeState
from sora_compare.statistics.rules import Rules
from sora_compare.ui.results.parts import PARTS
from tests.pages import filling
from tests.releases.evidence import add_pair

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamlit.testing.v1 import AppTest

    from sora_compare.domain.comparisons import Comparison
    from sora_compare.domain.takes import Take
    from sora_compare.services import Services
    from tests.pages.conftest import OpenPage

NO_FIGURE = re.compile(r"\b(nan|none|inf|null)\b", re.IGNORECASE)
WHO = ("Ana", "Ben", "Chiara", "Daniel")
DAY = 86_400.0


def pair(
    app: Services,
    prompt: str,
    *,
    origin: Origin = Origin.LIVE,
    arms: tuple[Arm, Arm] = filling.ARMS,
    b_state: TakeState = TakeState.COMPLETED,
    tags: tuple[str, ...] = ("demo",),
    at: float = filling.START,
    echoed: str | None = None,
) -> tuple[Comparison, tuple[Take, Take]]:
    made = dataclasses.replace(filling.comparison(prompt, arms=arms, at=at), tags=tags)
    kept = filling.clip(app.files, "a")
    a = filling.take(made, ArmLabel.A, TakeState.COMPLETED, kept, origin=origin, total_s=14.0)
    b = filling.take(made, ArmLabel.B, b_state, kept, origin=origin)
    b = dataclasses.replace(b, echoed_model=echoed or b.echoed_model)
    app.store.comparisons.add(made, (a, b))
    return made, (a, b)


def score(
    app: Services,
    of: tuple[Comparison, tuple[Take, Take]],
    who: str,
    a: int | None,
    b: int | None,
    *,
    session: str | None = None,
) -> None:
    made, takes = of
    review = filling.review(made, takes, who, a or 5, b or 5)
    scores = tuple(Score(one, arm, value) for one in ASKED for arm, value in zip(ArmLabel, (a, b), strict=True))
    app.store.reviews.add(
        dataclasses.replace(review, id=new_identifier("rev"), scores=scores, session=session, note="")
    )


def scored(app: Services, prompts: int, who: Sequence[str], gain: int, **details: object) -> None:
    for number in range(prompts):
        of = pair(app, f"Prompt {number}", at=filling.START + number, **details)  # type: ignore[arg-type]  # facts of `pair`
        for place, name in enumerate(who):
            start = 2 + (number + place) % 3
            score(app, of, name, start, start + gain + (number + place) % 2)


def words(page: AppTest) -> list[str]:
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error", "text", "metric")
    lines = [str(one.value) for kind in kinds for one in getattr(page, kind)]
    charts = [one.proto.alt for one in page.get("plotly_chart")]
    cells = [str(cell) for table in page.dataframe for cell in table.value.dropna(axis=1).to_numpy().ravel()]
    return lines + charts + cells


def said(page: AppTest) -> str:
    return "\n".join(words(page)).replace("\\", "")


def part(page: AppTest, name: str) -> AppTest:
    page.get_by_key("part").set_value(name).run()
    assert not page.exception
    assert not page.error, page.error
    return page


# Little evidence


def nothing(app: Services) -> None:
    assert not list(app.store.comparisons.list())


def no_review(app: Services) -> None:
    pair(app, "A ball falls")


def one_reviewer(app: Services) -> None:
    scored(app, 8, WHO[:1], 2)


def one_prompt(app: Services) -> None:
    scored(app, 1, WHO, 2)


def all_equal(app: Services) -> None:
    for number in range(8):
        of = pair(app, f"Prompt {number}")
        for name in WHO:
            score(app, of, name, 5, 5)


def one_arm_failed(app: Services) -> None:
    for number in range(8):
        pair(app, f"Prompt {number}", b_state=TakeState.FAILED)


def not_applicable(app: Services) -> None:
    for number in range(8):
        of = pair(app, f"Prompt {number}")
        for name in WHO:
            score(app, of, name, None, None)


def one_side_scored(app: Services) -> None:
    for number in range(8):
        score(app, pair(app, f"Prompt {number}"), WHO[0], 5, None)


LITTLE: dict[Callable[[Services], None], str] = {
    nothing: "There is nothing to show yet",
    no_review: "Nothing can be concluded about quality yet: there is no independent review.",
    one_reviewer: "One reviewer says nothing about other people: ask at least one more, better four.",
    one_prompt: "1 of at least 7 prompts: with fewer even a unanimous result may be chance.",
    all_equal: "Every difference is the same: nothing varied",
    one_arm_failed: "Nothing can be concluded about quality yet: there is no independent review.",
    not_applicable: "Every answer is “not applicable”: nothing can be concluded.",
    one_side_scored: "Only arm A has scores: they are described, nothing is compared.",
}


@pytest.mark.parametrize(("fill", "expected"), LITTLE.items(), ids=[one.__name__ for one in LITTLE])
def test_from_little_the_page_says_what_can_and_cannot_be_concluded(
    fill: Callable[[Services], None], expected: str, app: Services, open_page: OpenPage
) -> None:
    fill(app)
    page = open_page("results")
    assert expected in said(page)
    assert not page.error
    assert not NO_FIGURE.search(said(page)), said(page)


@pytest.mark.parametrize("fill", [one for one in LITTLE if one is not nothing], ids=lambda one: one.__name__)
def test_every_part_opens_on_little_evidence(
    fill: Callable[[Services], None], app: Services, open_page: OpenPage
) -> None:
    fill(app)
    page = open_page("results")
    for name in PARTS:
        part(page, name)
        assert not NO_FIGURE.search(said(page)), (name, said(page))
        assert all(one.proto.placeholder == "not known" for one in page.dataframe), name


def test_an_arm_without_a_clip_is_said_where_outcomes_are(app: Services, open_page: OpenPage) -> None:
    one_arm_failed(app)
    page = part(open_page("results"), "Outcomes")
    assert "No take of arm B completed: its quality cannot be compared." in said(page)


# The first screen


def test_the_verdict_stands_first_in_words_with_what_it_rests_on(app: Services, open_page: OpenPage) -> None:
    scored(app, 12, WHO, 2)
    page = open_page("results")
    assert page.header[0].value == "B is better on physics, motion and faces."
    assert "12 prompts · 4 reviewers · 48 reviews" in said(page)
    assert [one.value for one in page.subheader if "better" in one.value] == [
        ":green[:material/check_circle: B is better]"
    ] * 3
    assert not page.warning


def test_what_it_takes_is_said_when_undecided(app: Services, open_page: OpenPage) -> None:
    for number in range(10):
        of = pair(app, f"Prompt {number}")
        for name in WHO:
            score(app, of, name, 3 + number % 5, 3 + (number * 3) % 7)
    page = open_page("results")
    assert page.header[0].value.startswith("Undecided:")
    assert re.search(r"about \d+ more prompts", said(page))


def test_too_little_agreement_greys_the_verdict_and_says_why(app: Services, open_page: OpenPage) -> None:
    draw = random.Random(5)  # noqa: S311  # a repeatable draw, no secret
    for number in range(12):
        of = pair(app, f"Prompt {number}")
        for name in WHO:
            score(app, of, name, draw.randint(1, 10), draw.randint(1, 10))
    page = open_page("results")
    assert page.header[0].value == "Too little agreement: physics, motion and faces."
    assert "Not to be relied on. Reviewers agree too little" in said(page)
    assert any(":gray[:material/visibility_off:" in one.value for one in page.subheader)


def test_simulated_and_live_are_apart_unless_asked_and_then_it_is_said(app: Services, open_page: OpenPage) -> None:
    scored(app, 2, WHO[:1], 0, origin=Origin.SIMULATED)
    scored(app, 3, WHO[:1], 4)
    page = open_page("results")
    assert not page.warning
    assert "3 reviews" in said(page), "the live ones are the more telling"
    choice = page.get_by_key("results/origin")
    choice.set_value("all together").run()
    assert page.warning[0].value == "These figures mix live and simulated clips: they say nothing about one of them."
    assert "5 reviews" in said(page)
    choice.set_value("simulated").run()
    assert "2 reviews" in said(page)
    assert "Simulated data" in said(page)


def test_other_arms_are_other_figures(app: Services, open_page: OpenPage) -> None:
    scored(app, 2, WHO[:1], 1)
    other = (filling.ARMS[0], Arm(ArmLabel.B, "lab", "some-model"))
    scored(app, 3, WHO[:1], 1, arms=other)
    page = open_page("results")
    choice = page.selectbox(key="results/arms")
    assert len(choice.options) == 2
    before = said(page)
    choice.select_index(1).run()
    assert {"2 reviews" in before, "2 reviews" in said(page)} == {True, False}


def test_filters_narrow_what_counts(app: Services, open_page: OpenPage) -> None:
    score(app, pair(app, "Water", tags=("fluids",)), "Ana", 3, 8, session="ses_1")
    score(app, pair(app, "A face", tags=("faces",), at=filling.START + 3 * DAY), "Ana", 3, 8)
    page = open_page("results")
    assert "2 reviews" in said(page)
    page.selectbox(key="results/tag").set_value("fluids").run()
    assert "1 review" in said(page)
    assert "tag: fluids" in said(page)
    page.selectbox(key="results/tag").set_value(None).run()
    page.selectbox(key="results/session").set_value("ses_1").run()
    assert "1 review" in said(page)
    page.selectbox(key="results/session").set_value(None).run()
    page.date_input(key="results/since").set_value(date(2035, 1, 1)).run()
    assert "there is no independent review" in said(page)


def test_a_later_change_of_the_rules_is_shown(app: Services, open_page: OpenPage) -> None:
    scored(app, 12, WHO, 2)
    app.results.rules.change(Rules(margin=0.5), by="Eve")
    assert not open_page("results").warning
    app.results.rules.change(Rules(margin=2.0), by="Eve")
    page = open_page("results")
    assert "The rules were changed after 48 reviews, by Eve: margin 0.5 to 2" in said(page)
    assert "margin 2 points" in said(page)


def test_the_owner_can_set_the_rules_here(app: Services, open_page: OpenPage) -> None:
    scored(app, 2, WHO, 2)
    page = open_page("results")
    next(one for one in page.number_input if one.label == "Margin in points").set_value(1.5)
    next(one for one in page.button if one.label == "Set these rules").click().run()
    assert app.results.rules.current().margin == 1.5
    assert "margin 1.5 points" in said(page)


# What is behind it


def test_every_chart_has_words_for_those_who_cannot_see_it(app: Services, open_page: OpenPage) -> None:
    scored(app, 12, WHO, 2)
    page = open_page("results")
    drawn = 0
    for name in PARTS:
        charts = part(page, name).get("plotly_chart")
        drawn += len(charts) - 1
        assert all(len(one.proto.alt) > 20 for one in charts), name
    assert drawn >= 9


def test_the_means_are_those_of_the_store(app: Services, open_page: OpenPage) -> None:
    of = pair(app, "A ball falls")
    score(app, of, "Ana", 4, 9)
    score(app, of, "Ben", 5, 8)
    table = next(one for one in part(open_page("results"), "Criteria").dataframe if "Mean" in one.value).value
    physics = table[table["Criterion"] == "Physics"].set_index("Arm")
    assert physics["Mean"].to_dict() == {"A": 4.5, "B": 8.5}
    assert physics["Reviews"].to_dict() == {"A": 2, "B": 2}


def test_a_disagreement_leads_to_its_pair(app: Services, open_page: OpenPage) -> None:
    of = pair(app, "A ball falls")
    score(app, of, "Ana", 2, 9)
    score(app, of, "Ben", 9, 2)
    score(app, pair(app, "Another"), "Ana", 5, 5)
    page = part(open_page("results"), "Disagreements")
    assert "Spread 9.9 points: Ben -7, Ana +7" in said(page)
    links = [one for one in page.get("page_link") if one.proto.label == "Play this pair"]
    assert [one.proto.query_string for one in links] == [f"pair={of[0].id}.1"]


def test_outcomes_count_what_was_asked_and_has_ended(app: Services, open_page: OpenPage) -> None:
    filling.fill(app.store, lambda words: filling.clip(app.files, words))
    page = part(open_page("results"), "Outcomes")
    table = next(one for one in page.dataframe if "Completed" in one.value).value.set_index("Arm")
    assert "failed 1" in table.loc["A", "Counts"]
    assert "failed" not in table.loc["B", "Counts"]


def test_takes_of_another_model_are_left_out_with_a_warning_until_somebody_counts_them(
    app: Services, open_page: OpenPage
) -> None:
    scored(app, 3, WHO[:1], 0)
    score(app, pair(app, "odd", echoed="sora-2-2099-01-01"), WHO[0], 1, 10)
    page = open_page("results")
    assert "1 take of arm B is left out: the server says that it used sora-2-2099-01-01" in said(page)
    assert "3 reviews" in said(page)
    page.toggle(key="results/other_models").set_value(True).run()
    assert "1 take of arm B is counted all the same" in said(page)
    assert "4 reviews" in said(page)


def test_what_is_our_own_doing_is_left_out_and_said_also_where_nothing_else_is(
    app: Services, open_page: OpenPage
) -> None:
    made, (a, b) = pair(app, "one")
    del made
    refused = Problem("lab refused the request (401).", "invalid_api_key")
    for take in (a, b):
        app.store.takes.save(
            dataclasses.replace(app.store.takes.get(take.id), state=TakeState.FAILED, clip=None, problem=refused)
        )
    page = part(open_page("results"), "Outcomes")
    assert "1 take is left out: 1 by our own doing" in said(page)


def test_reviews_of_another_origin_are_counted_beside(app: Services, open_page: OpenPage) -> None:
    for origin, count in ((filling.Origin.LIVE, 2), (filling.Origin.SIMULATED, 3)):
        for number in range(count):
            add_pair(app.store, f"{origin} {number}", filling.START + number, origin=origin, scores=(5, 6))
    assert "Not counted: 3 simulated reviews." in said(open_page("results")).replace("\\", "")
