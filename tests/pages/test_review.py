"""Review: no score that nobody gave, nothing typed is lost, a correction is a new revision."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sora_compare.domain.reviews import Evidence, Marker, Score, counted, current
from sora_compare.domain.takes import ArmLabel
from sora_compare.ui.components.sides import Sides, drawn_left
from tests.pages import filling

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from sora_compare.domain.clips import Clip
    from sora_compare.domain.comparisons import Comparison
    from sora_compare.services import Services
    from tests.pages.conftest import OpenPage

CRITERIA = ("physics", "motion", "faces", "clarity", "consistency")
ASKED = CRITERIA[:3]


@pytest.fixture
def pair(app: Services) -> Comparison:
    return filling.fill_pair(app.store, lambda words: filling.clip(app.files, words), "A ball", at=filling.START)[0]


def field(page: AppTest, name: str, who: str = "Ana") -> Any:  # noqa: ANN401  # AppTest's element
    """The widget of a field; `physics_A` is that of the side on which this reviewer sees arm A."""
    (found,) = [
        one
        for one in (*page.get("button_group"), *page.text_area)
        if one.key and one.key.startswith(f"review:{who}:") and one.key.endswith(f"/{_by_side(one.key, name, who)}")
    ]
    return found


def _by_side(key: str, name: str, who: str) -> str:
    criterion, _, arm = name.rpartition("_")
    if not criterion:
        return name
    shown = Sides(drawn_left(who, key.removeprefix(f"review:{who}:").partition("/")[0]))
    return f"{criterion}_{shown.side(ArmLabel(arm))}"


def sides_of(pair: Comparison, who: str = "Ana") -> Sides:
    return Sides(drawn_left(who, f"{pair.id}.1"))


def score(page: AppTest, **values: int | str) -> None:
    for name, value in values.items():
        field(page, name).set_value(value).run()


def score_all_asked(page: AppTest, a: int, b: int) -> None:
    score(page, **{f"{one}_A": a for one in ASKED}, **{f"{one}_B": b for one in ASKED})


def save(page: AppTest) -> AppTest:
    next(button for button in page.button if button.label == "Save scores").click().run()
    assert not page.exception
    return page


def test_nothing_is_chosen_beforehand(app: Services, pair: Comparison, open_page: OpenPage) -> None:
    page = open_page("review", reviewer="Ana")
    groups = [one for one in page.get("button_group") if "review:Ana:" in (one.key or "")]
    assert len(groups) == len(CRITERIA) * 2 + 1
    assert [one.value for one in groups] == [None] * len(groups)
    assert list(app.store.reviews.of(pair.id)) == []


def test_scores_are_saved_at_once_with_what_was_not_applicable(
    app: Services, pair: Comparison, open_page: OpenPage
) -> None:
    page = open_page("review", reviewer="Ana")
    score(page, physics_A=4, physics_B=9, motion_A=5, motion_B=8, faces_A="n/a", faces_B="n/a")
    score(page, preference=sides_of(pair).turned(2) or 0)
    field(page, "note").set_value(filling.HOSTILE).run()
    page = save(page)
    assert page.success[0].value.startswith("Saved")
    (kept,) = app.store.reviews.of(pair.id)
    a, b = ArmLabel
    assert set(kept.scores) == {
        Score("physics", a, 4), Score("physics", b, 9), Score("motion", a, 5), Score("motion", b, 8),
        Score("faces", a, None), Score("faces", b, None),
    }  # fmt: skip
    assert (kept.reviewer, kept.preference, kept.note, kept.revision) == ("Ana", 2, filling.HOSTILE.strip(), 0)
    takes = {take.arm: take.id for take in app.store.takes.of(pair.id)}
    assert kept.takes == (takes[a], takes[b])


def test_what_is_still_to_score_is_said_and_nothing_is_lost(
    app: Services, pair: Comparison, open_page: OpenPage
) -> None:
    page = open_page("review", reviewer="Ana")
    score(page, physics_A=4, physics_B=9)
    page = save(page)
    assert page.error[0].value == "Still to score for both clips: motion, faces\\."
    assert list(app.store.reviews.of(pair.id)) == []
    assert field(page, "physics_A").value == 4


def test_half_given_scores_are_there_in_a_new_session(pair: Comparison, open_page: OpenPage) -> None:
    page = open_page("review", reviewer="Ana", pair=f"{pair.id}.1")
    score(page, physics_A=4, faces_B="n/a")
    field(page, "note").set_value("half a note").run()
    again = open_page("review", reviewer="Ana", pair=f"{pair.id}.1")
    assert field(again, "physics_A").value == 4
    assert field(again, "faces_B").value == "n/a"
    assert field(again, "note").value == "half a note"


def test_reviewers_do_not_see_each_others_scores(pair: Comparison, open_page: OpenPage) -> None:
    page = open_page("review", reviewer="Ana", pair=f"{pair.id}.1")
    score(page, physics_A=4)
    other = open_page("review", reviewer="Ben", pair=f"{pair.id}.1")
    assert field(other, "physics_A", "Ben").value is None


def test_a_correction_starts_from_the_scores_before_and_becomes_a_revision(
    app: Services, pair: Comparison, open_page: OpenPage
) -> None:
    page = open_page("review", reviewer="Ana")
    score_all_asked(page, 4, 9)
    save(page)
    page = open_page("review", reviewer="Ana", pair=f"{pair.id}.1")
    assert field(page, "physics_A").value == 4
    score(page, physics_A=6)
    page = save(page)
    assert "revision 2" in page.success[0].value
    kept = app.store.reviews.of(pair.id)
    assert [one.revision for one in kept] == [0, 1]
    (counting,) = current(kept)
    assert Score("physics", ArmLabel.A, 6) in counting.scores


def test_after_a_save_comes_the_newest_pair_not_yet_scored(app: Services, open_page: OpenPage) -> None:
    made = [
        filling.fill_pair(app.store, lambda words: filling.clip(app.files, words), f"Prompt {n}", at=filling.START + n)[
            0
        ]
        for n in range(3)
    ]
    page = open_page("review", reviewer="Ana")
    seen = []
    for _ in made:
        seen.append(page.query_params["pair"] if "pair" in page.query_params else f"{made[2].id}.1")
        score_all_asked(page, 5, 6)
        save(page)
    assert seen == [f"{one.id}.1" for one in reversed(made)]
    assert "All 3 pairs are scored." in [one.value for one in page.caption]


def test_two_pairs_of_one_prompt_can_both_be_chosen(app: Services, open_page: OpenPage) -> None:
    """A list tells its options apart by their words, and both have the same."""
    for number in range(2):
        filling.fill_pair(
            app.store, lambda words: filling.clip(app.files, words), "The same prompt", at=filling.START + number
        )
    page = open_page("review", reviewer="Ana")
    (chooser,) = [one for one in page.selectbox if one.key == "review/pair"]
    assert len(set(chooser.options)) == 2
    shown = {chooser.value}
    chooser.select(chooser.options[1]).run()
    shown.add(next(one for one in page.selectbox if one.key == "review/pair").value)
    assert len(shown) == 2


def test_a_name_is_asked_first_and_remembered(app: Services, pair: Comparison, open_page: OpenPage) -> None:
    page = open_page("review")
    assert not [one for one in page.button if one.label == "Save scores"]
    page.text_input(key="identity/review").set_value("  Ana ").run()
    assert [one for one in page.button if one.label == "Save scores"]
    again = open_page("review")
    score_all_asked(again, 5, 5)
    save(again)
    assert [one.reviewer for one in app.store.reviews.of(pair.id)] == ["Ana"]


def test_markers_of_the_player_go_into_the_review_and_come_back(
    app: Services, pair: Comparison, open_page: OpenPage
) -> None:
    page = open_page("review", reviewer="Ana", pair=f"{pair.id}.1")
    page.session_state[f"review/player/{pair.id}.1"] = filling.player_report(
        [
            {
                "id": "m1",
                "side": sides_of(pair).side(ArmLabel.B),
                "time_s": 1.5,
                "kind": "physics",
                "note": "through the rim",
            }
        ]
    )
    score_all_asked(page, 4, 9)
    save(page)
    (kept,) = app.store.reviews.of(pair.id)
    assert kept.markers == (Marker(ArmLabel.B, 1.5, "physics: through the rim"),)
    assert kept.drift is not None
    assert kept.drift.p95_ms == 4.0


def test_markers_outlive_the_session_in_which_they_were_set(
    app: Services, pair: Comparison, open_page: OpenPage
) -> None:
    page = open_page("review", reviewer="Ana", pair=f"{pair.id}.1")
    page.session_state[f"review/player/{pair.id}.1"] = filling.player_report(
        [{"id": "m1", "side": sides_of(pair).side(ArmLabel.A), "time_s": 0.5, "kind": "other", "note": "flicker"}]
    )
    page.run()
    again = open_page("review", reviewer="Ana", pair=f"{pair.id}.1")
    score_all_asked(again, 4, 9)
    save(again)
    (kept,) = app.store.reviews.of(pair.id)
    assert kept.markers == (Marker(ArmLabel.A, 0.5, "other: flicker"),)


def test_a_pair_that_cannot_be_played_is_a_sentence(app: Services, open_page: OpenPage) -> None:
    made = filling.comparison("Only one clip")
    app.store.comparisons.add(made, (filling.take(made, ArmLabel.A, filling.TakeState.FAILED),))
    page = open_page("review", reviewer="Ana", pair=f"{made.id}.1")
    assert "There is no pair that can be played" in page.error[0].value


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    return "\n".join(str(one.value) for one in (*page.markdown, *page.caption, *page.info)).replace("\\", "")


def test_a_review_is_blind_until_its_reviewer_asks_which_is_which(
    app: Services, pair: Comparison, open_page: OpenPage
) -> None:
    page = open_page("review", reviewer="Ana", pair=f"{pair.id}.1")
    assert not any(arm.model in words(page) for arm in pair.arms)
    labels = {one.label for one in page.get("button_group")}
    assert {"Physics, clip Left", "Physics, clip Right"} <= labels
    score_all_asked(page, 4, 9)
    save(page)
    (kept,) = app.store.reviews.of(pair.id)
    assert (kept.is_independent, kept.left) == (True, sides_of(pair).left)
    assert Score("physics", ArmLabel.A, 4) in kept.scores


def test_a_correction_after_the_names_were_shown_does_not_replace_the_independent_review(
    app: Services, pair: Comparison, open_page: OpenPage
) -> None:
    page = open_page("review", reviewer="Ana", pair=f"{pair.id}.1")
    score_all_asked(page, 4, 9)
    save(page)
    page = press(open_page("review", reviewer="Ana", pair=f"{pair.id}.1"), "Show which is which")
    assert all(arm.model in words(page) for arm in pair.arms)
    again = open_page("review", reviewer="Ana", pair=f"{pair.id}.1")
    assert all(arm.model in words(again) for arm in pair.arms), "another tab knows that this reviewer knows"
    assert "stays the one that decides" in words(again)
    score(again, physics_A=9)
    save(again)
    first, second = sorted(app.store.reviews.of(pair.id), key=lambda one: one.revision)
    assert (first.is_independent, second.is_blind, second.is_after_reveal) == (True, False, True)
    assert counted(app.store.reviews.of(pair.id)) == [first]
    assert counted(app.store.reviews.of(pair.id), Evidence.ALL) == [second]
    page = open_page("results")
    assert "1 review does not decide, since it is not independent: 1 not blind." in words(page)


def test_clips_that_differ_by_themselves_are_not_called_blind(app: Services, open_page: OpenPage) -> None:
    def clip_of(name: str) -> Clip:
        made = filling.clip(app.files, name)
        return replace(made, width=made.width * 2) if name == "b" else made

    made, _ = filling.fill_pair(app.store, clip_of, "A ball", at=filling.START)
    page = open_page("review", reviewer="Ana", pair=f"{made.id}.1")
    assert "differ in size" in words(page)
    score_all_asked(page, 4, 9)
    save(page)
    (kept,) = app.store.reviews.of(made.id)
    assert not kept.is_blind
    assert counted([kept]) == []
