"""The Versions page: every state of a policy, every refusal as its sentence, and what was typed stays."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from sora_compare import services as composition
from sora_compare.domain.canaries import HOUR_S
from sora_compare.domain.policies import Author
from sora_compare.domain.snapshots import DEFAULT_A, DEFAULT_B
from sora_compare.domain.takes import TakeState
from sora_compare.evidence.observations import OUTCOME
from sora_compare.releases.drift.schedule import Schedule
from sora_compare.services import open_services
from sora_compare.store.codec import from_json, to_json
from sora_compare.store.tables import audit_entries
from sora_compare.ui.shell import pages
from tests.pages.conftest import PAGES
from tests.releases.evidence import add_pair

if TYPE_CHECKING:
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from sora_compare.releases.policy.changes import Releases
    from sora_compare.services import Services
    from tests.pages.conftest import OpenPage

pytestmark = pytest.mark.usefixtures("app")
WHY = "versions:{}:{}/reason"
ONE_FAILED = (TakeState.COMPLETED, TakeState.FAILED)


@pytest.fixture(autouse=True)
def _page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PAGES, "versions", pages.VERSIONS)


def said(page: AppTest) -> str:
    kinds = ("markdown", "error", "warning", "info", "success", "caption", "toast")
    words = " ".join(str(one.value) for kind in kinds for one in page.get(kind))
    return words.replace("\\", "")


def errors(page: AppTest) -> str:
    return " ".join(one.value for one in page.error).replace("\\", "")


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=f"versions/{key}").click().run()
    assert not page.exception
    return page


def keys(page: AppTest) -> set[str]:
    return {str(one.key).removeprefix("versions/") for one in page.button if one.key}


def start(releases: Releases, ago_h: float = 6.0, **options: bool) -> None:
    """A canary of December in production, that long ago."""
    began = time.time() - ago_h * HOUR_S
    clock, releases.clock, releases._writer.clock = releases.clock, lambda: began, lambda: began
    releases.start_canary("production", DEFAULT_B, force=True, author=Author("Ana", "first step"), **options)
    releases.clock = releases._writer.clock = clock


def fail(services: Services, count: int = 40) -> None:
    """Outcomes reported by a service, in turn: the candidate fails every time."""
    for _ in range(count):
        for model, is_completed in ((DEFAULT_A, True), (DEFAULT_B, False)):
            details = {"environment": "production", "model": model, "is_completed": is_completed, "origin": "live"}
            services.store.audit(OUTCOME, **details)


def test_the_policy_that_nobody_set_shows_each_environment_and_that_its_snapshot_is_retired(
    open_page: OpenPage,
) -> None:
    page = open_page("versions")
    found = said(page)
    for name in ("development", "test", "staging", "production"):
        assert f"**{name}**" in found
    assert f"Locked to **{DEFAULT_A}**" in found
    assert f"Follows the alias **sora-2**, today {DEFAULT_B}" in found
    assert f"{DEFAULT_A} was retired on 2026-09-24: its maker serves it no more." in found
    assert page.button(key="versions/rollback/production").disabled
    assert not page.error


def test_a_retired_snapshot_is_locked_only_with_a_tick_and_a_reason(app: Services, open_page: OpenPage) -> None:
    page = press(open_page("versions"), "lock/production")
    tick, why = "versions:lock:production/force", WHY.format("lock", "production")
    assert page.button(key="versions/confirm").disabled
    assert "(required)" in page.checkbox(key=tick).label
    assert "(required)" in page.text_input(key=why).label
    assert "Needed before this can be done: the tick for a retired snapshot; a reason." in said(page)
    page.checkbox(key=tick).check().run()
    assert page.button(key="versions/confirm").disabled
    assert "Needed before this can be done: a reason." in said(page)
    page.text_input(key=why).set_value("   ").run()
    assert page.button(key="versions/confirm").disabled, "blanks are no reason"
    page.text_input(key=why).set_value("our gateway serves it").run()
    assert "Needed before" not in said(page)
    press(page, "confirm")
    there = app.governance.releases.environment("production")
    assert (there.model, there.previous) == (DEFAULT_B, DEFAULT_A)
    last = app.governance.releases.policy.history[-1]
    assert (last.by, last.reason) == ("owner", "our gateway serves it")
    assert "confirm" not in keys(page)
    (entry,) = app.store.audit_log.of_event("lock")
    assert entry.facts["evidence"].startswith("0 of 14 items, too few prompts")


@pytest.mark.parametrize("action", ["lock", "start"])
def test_a_dialog_says_what_the_checklist_misses(app: Services, open_page: OpenPage, action: str) -> None:
    for number in range(20):
        add_pair(app.store, f"p{number}", time.time() + number, scores=(7, 8), note="sharper")
    page = press(open_page("versions"), f"{action}/production")
    found = said(page)
    assert "Evidence: 5 of 14 items" in found
    assert "physics undecided" in found or "physics without a verdict" in found
    assert "no sign-off" in found
    assert "too few prompts" not in found
    assert ("more come with the change itself" in found) is (action == "start")


def test_where_no_reason_is_wanted_the_field_says_so(app: Services, open_page: OpenPage) -> None:
    start(app.governance.releases)
    page = press(open_page("versions"), "canary/rollback/production")
    assert page.text_input(key=WHY.format("rollback", "production")).label == "Why (optional)"
    assert not page.button(key="versions/confirm").disabled
    page = press(open_page("versions"), "lock/staging")
    assert "(required)" in page.text_input(key=WHY.format("lock", "staging")).label, "a forced change says why"
    app.governance.releases.rule_reason("development", needs_reason=True)
    page = press(open_page("versions"), "lock/development")
    assert "(required)" in page.text_input(key=WHY.format("lock", "development")).label


def test_of_two_owners_the_second_is_told_and_keeps_what_was_typed(app: Services, open_page: OpenPage) -> None:
    page = press(open_page("versions"), "lock/staging")
    page.text_input(key=WHY.format("lock", "staging")).set_value("second thoughts").run()
    page.checkbox(key="versions:lock:staging/force").check().run()
    app.governance.releases.lock("test", DEFAULT_A, force=True, author=Author("Ben"))
    press(page, "confirm")
    assert "was changed by somebody else in the meantime" in errors(page)
    assert app.governance.releases.environment("staging").model == DEFAULT_B
    press(page, "again")
    assert page.text_input(key=WHY.format("lock", "staging")).value == "second thoughts"
    press(page, "confirm")
    assert app.governance.releases.environment("staging").model == DEFAULT_A


def test_a_rollback_takes_two_clicks_and_says_from_what_to_what(app: Services, open_page: OpenPage) -> None:
    page = press(open_page("versions"), "rollback/staging")
    assert f"From **{DEFAULT_B}** to **{DEFAULT_A}**" in said(page)
    app.governance.releases.lock("test", DEFAULT_A, force=True)  # elsewhere: no reason to hold an emergency up
    press(page, "confirm")
    assert app.governance.releases.environment("staging").model == DEFAULT_A
    assert app.governance.releases.policy.history[-1].event == "rollback"


def test_undo_goes_to_the_value_before_and_reset_to_stable(app: Services, open_page: OpenPage) -> None:
    page = open_page("versions")
    assert page.button(key="versions/undo/staging").disabled
    app.governance.releases.lock("staging", "sora-2", force=True)
    app.governance.releases.lock("staging", DEFAULT_B, force=True)
    page = press(open_page("versions"), "undo/staging")
    assert f"From **{DEFAULT_B}** back to **sora-2**" in said(page)
    app.governance.releases.lock("test", DEFAULT_A, force=True)  # elsewhere: no reason to hold it up
    press(page, "confirm")
    assert app.governance.releases.environment("staging").model == "sora-2"
    assert app.governance.releases.policy.history[-1].event == "undo"
    labels = {one.label for one in page.button}
    assert {"Undo", "Reset to stable"} <= labels
    press(press(page, "rollback/staging"), "confirm")
    assert app.governance.releases.environment("staging").model == DEFAULT_A
    assert "Undone: staging is back from" in " ".join(
        one.label for one in open_page("versions", view="History").expander
    ).replace("\\", "")


def test_of_two_who_undo_at_once_the_second_is_told(app: Services, open_page: OpenPage) -> None:
    app.governance.releases.lock("staging", "sora-2", force=True)
    page = press(open_page("versions"), "undo/staging")
    app.governance.releases.undo("staging")
    press(page, "confirm")
    assert "in the meantime" in errors(page)
    assert app.governance.releases.environment("staging").model == DEFAULT_B


def test_a_rollback_of_what_somebody_changed_meanwhile_is_told_first(app: Services, open_page: OpenPage) -> None:
    page = press(open_page("versions"), "rollback/staging")
    app.governance.releases.lock("staging", "sora-2", force=True)
    press(page, "confirm")
    assert "in the meantime" in errors(page)
    press(page, "again")
    assert f"From **sora-2** to **{DEFAULT_A}**" in said(page)
    press(page, "confirm")
    assert app.governance.releases.environment("staging").model == DEFAULT_A


def test_a_canary_is_started_with_window_rails_and_without_rollback_by_itself(
    app: Services, open_page: OpenPage
) -> None:
    page = press(open_page("versions"), "start/production")
    form = "versions:start:production/"
    assert "At 10 % of keys: A doubled failure rate, 5 to 10 %, is noticed after about" in said(page)
    page.checkbox(key=f"{form}force").check().run()
    page.slider(key=f"{form}window_h").set_value(36).run()
    page.toggle(key=f"{form}is_automatic").set_value(False).run()  # the value
    page.number_input(key=f"{form}failure_points").set_value(3.0).run()
    page.number_input(key=f"{form}slowdown").set_value(None).run()
    page.toggle(key=f"{form}is_model_checked").set_value(True).run()
    page.text_input(key=f"{form}reason").set_value("December").run()
    press(page, "confirm")
    canary = app.governance.releases.environment("production").canary
    assert canary is not None
    assert (canary.candidate, canary.share, canary.window_s) == (DEFAULT_B, 10, 36 * HOUR_S)
    assert (canary.is_automatic, canary.rails.slowdown, canary.rails.is_model_checked) == (False, None, True)
    assert canary.rails.failure_rise == pytest.approx(0.03)
    assert "Canary in production" in said(page)


def test_rails_are_given_again_to_a_browser_that_draws_them_late(app: Services, open_page: OpenPage) -> None:
    """A second run before the first was drawn: without the value the browser would send "off" for every rail."""
    page = press(open_page("versions"), "start/production")
    form = "versions:start:production/"
    page.checkbox(key=f"{form}force").check().run()
    for field in ("failure_points", "slowdown", "score_drop"):
        rail = page.number_input(key=f"{form}{field}")
        assert rail.proto.set_value
        assert rail.proto.value == rail.value > 0
    page.number_input(key=f"{form}slowdown").set_value(None).run()
    assert page.number_input(key=f"{form}slowdown").value is None
    assert app.governance.releases.environment("production").canary is None


def test_a_running_canary_says_how_it_stands_and_what_is_missing(app: Services, open_page: OpenPage) -> None:
    start(app.governance.releases)
    for number in range(22):
        add_pair(app.store, f"p{number}", time.time() - HOUR_S + number)
    page = open_page("versions")
    found = said(page)
    assert "10 % of keys use" in found
    assert "Outcomes: holds." in found
    assert "A slowdown of 1.5 is noticed after about" in found
    assert "Timings: holds." in found
    assert "Scores: too early." in found
    assert "The window is 24 h, 6.0 h are over: wait 18.0 h." in found
    assert "There is no verdict on physics" in found
    assert {"canary/step/production", "canary/stop/production", "canary/rollback/production"} <= keys(page)
    assert "lock/production" not in keys(page)


def test_a_step_without_its_window_is_refused_until_it_is_forced_with_a_reason(
    app: Services, open_page: OpenPage
) -> None:
    start(app.governance.releases)
    page = press(open_page("versions"), "canary/step/production")
    assert page.button(key="versions/confirm").disabled
    assert "Needed before this can be done: the tick to go on without what is missing; a reason." in said(page)
    assert "Evidence: " in said(page)
    page.checkbox(key="versions:step:production/force").check().run()
    assert page.button(key="versions/confirm").disabled
    page.text_input(key=WHY.format("step", "production")).set_value("agreed").run()
    press(page, "confirm")
    canary = app.governance.releases.environment("production").canary
    assert canary is not None
    assert canary.share == 25


def test_no_force_goes_past_a_rail_that_breaks_meanwhile(app: Services, open_page: OpenPage) -> None:
    start(app.governance.releases, is_automatic=False)
    page = press(open_page("versions"), "canary/step/production")
    page.checkbox(key="versions:step:production/force").check().run()
    page.text_input(key=WHY.format("step", "production")).set_value("in a hurry").run()
    fail(app)
    press(page, "confirm")
    assert "A guard rail of the canary in production is broken: roll back." in errors(page)
    canary = app.governance.releases.environment("production").canary
    assert canary is not None
    assert canary.share == 10


def test_a_broken_rail_that_is_only_told_leaves_the_rollback_to_two_clicks(app: Services, open_page: OpenPage) -> None:
    start(app.governance.releases, is_automatic=False)
    fail(app)
    page = open_page("versions")
    assert "40 of 40 takes of the candidate failed" in errors(page)
    assert "canary/step/production" not in keys(page)
    press(press(page, "canary/rollback/production"), "confirm")
    there = app.governance.releases.environment("production")
    assert (there.model, there.canary) == (DEFAULT_A, None)


def test_a_broken_rail_rolls_back_by_itself_and_the_card_says_so(app: Services, open_page: OpenPage) -> None:
    start(app.governance.releases)
    fail(app)
    page = open_page("versions")
    assert app.governance.releases.environment("production").canary is None
    assert "40 of 40 takes of the candidate failed" in errors(page)
    assert "canary/stop/production" not in keys(page)


def test_a_canary_is_stopped(app: Services, open_page: OpenPage) -> None:
    start(app.governance.releases)
    press(press(open_page("versions"), "canary/stop/production"), "confirm")
    assert app.governance.releases.environment("production").canary is None


def test_the_history_is_newest_first_with_who_and_why(app: Services, open_page: OpenPage) -> None:
    start(app.governance.releases)
    app.governance.releases.stop_canary("production", author=Author("Ben", "too early"))
    page = open_page("versions", view="History")
    lines = [one.label.replace("\\", "") for one in page.expander]
    assert lines[0].startswith(f"Canary of {DEFAULT_B} in production stopped")
    assert "by Ben" in lines[0]
    assert lines[1].startswith(f"Canary of {DEFAULT_B} started in production")
    assert "too early" in said(page)
    table = page.dataframe[0].value
    assert list(table["Event"])[:2] == ["canary stop", "canary start"]


def test_the_log_is_shown_a_page_at_a_time(app: Services, open_page: OpenPage) -> None:
    for number in range(450):
        app.store.audit("something", n=number)
    page = open_page("versions", view="History")
    shown = [list(page.dataframe[0].value["No."])]
    while not (older := page.button(key="versions/log/on")).disabled:
        older.click().run()
        shown.append(list(page.dataframe[0].value["No."]))
    last = app.store.audit_log.count
    assert [len(one) for one in shown] == [200, 200, last - 400]
    assert [*chain.from_iterable(shown)] == list(range(last, 0, -1))


def test_the_chain_is_verified_and_a_break_is_located(app: Services, open_page: OpenPage) -> None:
    start(app.governance.releases)
    page = open_page("versions", view="History")
    verify = next(one for one in page.button if one.label == "Verify")
    verify.click().run()
    log = app.store.audit_log
    assert f"{log.count:,} entries, all as they were written" in said(page)
    assert page.code[0].value == f"{log.count}:{log.verify().head}"
    first = audit_entries.c.number == 1
    value = from_json(app.store.database.value(select(audit_entries.c.entry).where(first)))
    app.store.database.run(audit_entries.update().where(first), {"entry": to_json({**value, "at": 1.0})})
    next(one for one in page.button if one.label == "Verify").click().run()
    assert "Entry 1 was changed" in errors(page)
    next(one for one in page.text_input if "noted earlier" in one.label).set_value("12")
    next(one for one in page.button if one.label == "Verify").click().run()
    assert "A noted entry is NUMBER:" in errors(page)


def test_the_checklist_fills_itself_and_says_what_is_missing(app: Services, open_page: OpenPage) -> None:
    for number in range(3):
        add_pair(app.store, f"p{number}", time.time() + number, scores=(7, 8), note="sharper")
    page = open_page("versions")
    found = said(page)
    assert "3 prompts, 3 pairs." in found
    assert "Compare 17 more prompts." in found
    assert "Ask the product team to sign off." in found
    assert next(one.label.split("**")[1] for one in page.expander) == "1. Prompts work on both snapshots"


def test_the_questions_of_the_guide_lead_to_a_recommendation_and_its_plan(open_page: OpenPage) -> None:
    page = open_page("versions", view="Guide")
    (table,) = page.table
    assert len(table.value) == 7
    page.radio(key="versions/guide/features").set_value("No").run()
    page.radio(key="versions/guide/stability").set_value("Yes").run()
    assert f"leads to **{DEFAULT_A}**" in said(page)
    assert "Prepare a rollback." in said(page)


def test_the_drift_watch_is_off_until_somebody_switches_it_on(app: Services, open_page: OpenPage) -> None:
    page = open_page("versions", view="Drift")
    assert app.drift.schedule is None
    assert {one.label: one.value for one in page.metric}["Together"].startswith("\\$")
    next(one for one in page.button if "by itself" in one.label).click().run()
    assert not page.exception
    assert app.drift.schedule is not None
    assert app.drift.schedule.every_s == 24 * HOUR_S
    press(page, "drift/off")
    assert app.drift.schedule is None


def test_a_stale_tab_starts_no_second_run_and_switches_no_unseen_schedule_off(
    app: Services, open_page: OpenPage
) -> None:
    first, second = open_page("versions", view="Drift"), open_page("versions", view="Drift")
    looks = [next(one for one in page.button if "Look now" in one.label) for page in (first, second)]
    for look in looks:
        look.click().run()
    assert not second.exception
    (run,) = app.store.suite_runs.list()
    assert "0 of 16 clips" in " ".join(str(one.proto.text) for one in second.get("progress"))
    assert app.drift.open_run("sora-2", "simulator") == run

    app.drift.set_schedule(Schedule("sora-2", "simulator"))
    stale = open_page("versions", view="Drift")
    app.drift.set_schedule(Schedule(DEFAULT_B, "simulator"))
    press(stale, "drift/off")
    assert "was changed by somebody else" in errors(stale)
    assert app.drift.schedule == Schedule(DEFAULT_B, "simulator")


def test_a_dated_snapshot_can_be_watched_from_the_page(app: Services, open_page: OpenPage) -> None:
    page = open_page("versions", view="Drift")
    page.selectbox(key="versions/drift/alias").set_value(DEFAULT_A).run()
    assert f"{DEFAULT_A} was never looked at" in said(page)
    next(one for one in page.button if "by itself" in one.label).click().run()
    assert app.drift.schedule == Schedule(DEFAULT_A, "simulator")


def test_the_calendar_names_who_uses_a_retired_snapshot(open_page: OpenPage) -> None:
    page = open_page("versions", view="Retirements")
    rows = page.table[0].value
    assert list(rows["Used by"]) == ["production", "development, test, staging"]


def test_other_pages_flag_a_retired_lock(open_page: OpenPage) -> None:
    for name in ("compare", "settings"):
        assert f"{DEFAULT_A} was retired on 2026-09-24: its maker serves it no more. Used by production." in said(
            open_page(name)
        ), name


def test_a_broken_policy_file_is_told_with_line_and_column(app: Services, open_page: OpenPage, tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('format = 1\n\n[versions]\nstable = "sora-9"\n\n[environments.production]\nmodel = "sora-2"\n')
    settings = replace(app.settings, policy_file=path)
    app.close()
    composition._current = open_services(settings)
    page = open_page("versions", view="History")
    assert "line 4, column" in errors(page)
    assert "sora-9" in errors(page)
    assert any(one.label == "Verify" for one in page.button), "the log can be read all the same"
    assert not open_page("compare").error
